# about: a daemon that is killed and started again, and reloads with good and with broken configurations
# labels: kernel
# timeout: 180
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

step "it starts again: what it finds carries on until there is a new SA, and bob drops the old one"
start_xfrmd alice
expect '4 SAs of a former run' cat "$(xfrmd_log alice)"
wait_until 15 xfrmctl alice status bob
wait_until 15 xfrmctl alice status carol
ping_ok alice bob
wait_until 10 assert_sas bob 2
[[ $(spis bob 10.0.0.1) != "$first_spis" ]] || fail "the SAs are those of before"
(($(ike_sas bob) == 1)) || fail "bob has $(ike_sas bob) IKE SAs"
ok "bob has one IKE SA"
expect 'IKE SA ended: .*has restarted' cat "$(xfrmd_log bob)"
wait_until 10 assert_sas carol 2

step "a stop and a start, as for an upgrade, and policies of what is gone from the files meanwhile"
stop_xfrmd alice
must_fail 'not running' xfrmctl alice status
ping_ok alice bob
mv "$configuration/carol.toml" /run/
start_xfrmd alice
wait_until 5 no_policies_for alice 10.0.0.3
expect 'removing 2 policies of a former run' cat "$(xfrmd_log alice)"
wait_until 15 xfrmctl alice status bob
[[ -z $(spis alice 10.0.0.3) ]] || fail "alice still has SAs with carol"
ok "nothing is left of the connection with carol"
mv /run/carol.toml "$configuration/"
show xfrmctl alice reload
wait_until 10 on alice ping -c 1 -W 1 10.0.0.3
wait_until 30 assert_sas alice 4   # the last packets that a peer could still send have come by then
wait_until 10 assert_sas bob 2
wait_until 10 assert_sas carol 2

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
read -r sent received <<<"$(sed -nE 's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\1 \2/p' /run/ping.log)"
((received + 1 >= sent)) || fail "of $sent packets to bob $received were answered"
ok "a kill, a start, a stop and reloads have cost no packet of $sent"
stop_capture alice
assert_no_clear alice 'icmp and host 10.0.0.2'
assert_no_clear alice 'icmp and src host 10.0.0.3'

step "without the daemon its record says what is to be taken out, and what others have installed stays"
on alice ip xfrm policy add dir out src 10.0.0.1 dst 10.0.0.77 proto tcp action block
stop_xfrmd alice
show xfrmctl alice flush
assert_sas alice 0
(($(on alice ip -oneline xfrm policy list nosock | wc -l) == 1)) || fail "not one policy is left, that of others"
ok "one policy is left, that of others"
take_down_xfrmd bob carol
