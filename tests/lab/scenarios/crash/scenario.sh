# about: one side is killed and comes back: quick crash detection, and initial contact without it
# labels: kernel
# timeout: 90
# shellcheck shell=bash
#
#   alice --- bob      pre-shared key, transport; alice sends all the time, bob is killed

ike_sas() { xfrmctl "$1" list ike --json | grep -c established || true; }
logged() { grep -qE -- "$2" "$(xfrmd_log "$1")"; }
answered() { on alice ping -n -c 1 -W 0.05 10.0.0.2; }

# await_recovery MILLISECONDS_MAX: from now until bob answers alice again.
await_recovery() {
    local start=${EPOCHREALTIME/./} took
    until answered >/dev/null 2>&1; do
        (($(ms_since "$start") < 10000)) || fail "no traffic 10 s after bob is back"
    done
    took=$(ms_since "$start")
    ((took <= $1)) || fail "bob's traffic is back after $took ms, $1 ms are allowed"
    ok "bob's traffic is back after $took ms"
}

# lose_everything: of bob, as a reboot would.
lose_everything() {
    kill_xfrmd bob
    on bob ip xfrm state flush
}

assert_nothing_stale() {
    for name in alice bob; do
        wait_until 5 assert_sas "$name" 2
        (($(ike_sas "$name") == 1)) || fail "$name has $(ike_sas "$name") IKE SAs"
        ok "$name has one IKE SA"
    done
}

step "two hosts, traffic from alice to bob"
host alice 10.0.0.1/24
host bob 10.0.0.2/24
start_xfrmd alice bob
capture alice
wait_until 10 on alice ping -c 1 -W 0.3 10.0.0.2
assert_nothing_stale
ip netns exec alice ping -n -i 0.1 10.0.0.2 >/run/ping.log 2>&1 &
endless=$!

step "bob is killed and comes back without his SAs: his token tells alice at her next message"
lose_everything
start_xfrmd bob
await_recovery 1500
expect 'IKE SA ended: .*has restarted and lost the IKE SA' cat "$(xfrmd_log alice)"
assert_nothing_stale

step "the same again: the secret is still the same"
lose_everything
start_xfrmd bob
await_recovery 1500
assert_nothing_stale
(($(grep -c 'has restarted and lost the IKE SA' "$(xfrmd_log alice)") == 2)) || fail "alice did not learn it by the token"
ok "alice has learnt it by the token twice"

step "without tokens, bob begins by himself: INITIAL_CONTACT replaces what he had"
lose_everything
cat >>/etc/netns/bob/xfrmd/xfrmd.toml <<TOML

[ike]
quick_crash_detection = false
TOML
sed -i 's/"passive"/"now"/' /etc/netns/bob/xfrmd/xfrmd.toml
start_xfrmd bob
wait_until 10 xfrmctl bob status alice
assert_nothing_stale
lose_everything
start_xfrmd bob
await_recovery 3000
assert_nothing_stale
expect 'IKE SA ended: .*(replaced|its only one)' cat "$(xfrmd_log alice)"

step "nothing has passed in clear"
kill -INT "$endless"
wait "$endless" || true
stop_capture alice
assert_no_clear alice icmp
take_down_xfrmd alice bob
