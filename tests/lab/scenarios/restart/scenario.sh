# about: a daemon that is killed and started again, and reloads with good and with broken configurations
# labels: kernel
# timeout: 90
# shellcheck shell=bash
#
#   alice ---+--- bob      pre-shared keys, transport; alice is killed, and reloads
#            +--- carol

readonly configuration=/etc/netns/alice/xfrmd/conf.d

spis() { on "$1" ip -oneline xfrm state list nokeys | grep -oE "src $2 dst [^ ]*|src [^ ]* dst $2|spi 0x[0-9a-f]*" |
    grep -A 1 -E "$2\$" | grep spi | sort; }
policies_for() { on "$1" ip -oneline xfrm policy list nosock | grep -c "tmpl.*$2" || true; }
no_policies_for() { (($(policies_for "$1" "$2") == 0)); }
ike_sas() { xfrmctl "$1" list ike --json | grep -c established || true; }
logged() { grep -qE -- "$2" "$(xfrmd_log "$1")"; }

step "three hosts, traffic from alice to both others"
host alice 10.0.0.1/24
host bob 10.0.0.2/24
host carol 10.0.0.3/24
start_xfrmd alice bob carol
capture alice
wait_until 10 on alice ping -c 1 -W 1 10.0.0.2
wait_until 10 on alice ping -c 1 -W 1 10.0.0.3
assert_sas alice 4
ip netns exec alice ping -n -i 0.1 10.0.0.2 >/run/ping.log 2>&1 &
endless=$!
first_spis=$(spis alice 10.0.0.2)

step "alice's daemon is killed: policies and SAs stay, traffic flows on"
kill_xfrmd alice
must_fail 'not running' xfrmctl alice status
(($(policies_for alice 10.0.0.2) >= 2)) || fail "alice's policies are gone"
ping_ok alice bob

step "it starts again: leftovers are swept, traffic brings a new SA up, bob drops the old one"
start_xfrmd alice
wait_until 10 logged alice 'removing [0-9]+ SAs? that a former run left'
wait_until 15 xfrmctl alice status bob
ping_ok alice bob
wait_until 5 assert_sas bob 2
[[ $(spis alice 10.0.0.2) != "$first_spis" ]] || fail "the SAs are those of before"
(($(ike_sas bob) == 1)) || fail "bob has $(ike_sas bob) IKE SAs"
ok "bob has one IKE SA"
expect 'IKE SA ended: .*replaced' cat "$(xfrmd_log bob)"
wait_until 10 on alice ping -c 1 -W 1 10.0.0.3
assert_sas alice 4
assert_sas carol 2

step "a reload without changes, and one with a broken file, change nothing"
kept=$(spis alice 10.0.0.2)$(spis alice 10.0.0.3)
show xfrmctl alice reload
[[ $(spis alice 10.0.0.2)$(spis alice 10.0.0.3) == "$kept" ]] || fail "a reload changed SPIs"
ok "the SPIs are the same"
printf '[connection.dave]\nremote = 10.0.0.4\nmod = "transport"\n' >"$configuration/dave.toml"
must_fail . xfrmctl alice reload
expect 'dave.toml:2' xfrmctl alice reload
kill -HUP "${xfrmd_processes[alice]}"
wait_until 5 logged alice 'the configuration was not reloaded, the former one stays in force'
expect 'dave.toml:2' tail -n 5 "$(xfrmd_log alice)"
[[ $(spis alice 10.0.0.2)$(spis alice 10.0.0.3) == "$kept" ]] || fail "a refused reload changed SPIs"
ping_ok alice carol
ok "the SPIs are the same"

step "a reload that removes carol and adds dave: bob keeps its SAs"
cat >"$configuration/dave.toml" <<TOML
[connection.dave]
remote   = "10.0.0.4"
mode     = "transport"
local_id = "alice.example.net"
peer     = { id = "dave.example.net", psk = "/etc/xfrmd/bob.psk" }
TOML
rm "$configuration/carol.toml"
kept=$(spis alice 10.0.0.2)
kill -HUP "${xfrmd_processes[alice]}"
wait_until 5 no_policies_for alice 10.0.0.3
wait_until 5 assert_sas alice 2
wait_until 5 assert_sas carol 0
[[ $(spis alice 10.0.0.2) == "$kept" ]] || fail "the reload changed bob's SPIs"
ok "bob's SPIs are the same"
expect 'dave.*waiting_for_traffic' xfrmctl alice list connections
must_fail 'no connection "carol"' xfrmctl alice show carol
ping_blocked alice carol   # carol still protects

step "nothing has passed in clear, but what alice sent to carol without a policy"
kill -INT "$endless"
wait "$endless" || true
tail -n 3 /run/ping.log | sed 's/^/            /'
stop_capture alice
assert_no_clear alice 'icmp and host 10.0.0.2'
assert_no_clear alice 'icmp and src host 10.0.0.3'
for name in alice bob carol; do stop_xfrmd "$name"; assert_sas "$name" 0; done
