# about: a configuration on trial: what it would change is told before, and what is not confirmed in time goes back
# labels: kernel
# timeout: 120
# shellcheck shell=bash
#
#   alice ---+--- bob      one connection, and one that waits for a route; alice's files change

readonly files=/etc/netns/alice/xfrmd

spis() { on alice ip -oneline xfrm state list nokeys | grep -o 'spi 0x[0-9a-f]*' | sort; }
ike_spis() { xfrmctl alice list ike --json | grep -oE '"initiator_spi": ?"0x[0-9a-f]+"'; }
plan_is() {
    xfrmctl alice plan >/run/plan 2>&1 || fail "$(cat /run/plan)"
    sed 's/^/            /' /run/plan
    expect "$1" cat /run/plan
}

step "a connection"
host alice 10.0.0.1/24
host bob 10.0.0.2/24
start_xfrmd alice bob
xfrmctl alice up bob >/run/up
ping_ok alice bob
first=$(spis)

step "nothing would change"
plan_is '^nothing would change: 2 connections$'
xfrmctl alice plan --exit-code >/run/plan || fail "there is a difference"

step "another lifetime keeps the SAs"
sed -i 's/^mode .*/&\nliveness = "17s"/' $files/xfrmd.toml
plan_is '^~ bob +keeps its SAs'
expect 'liveness' cat /run/plan
status=0
xfrmctl alice plan --exit-code >/run/plan || status=$?
((status == 1)) || fail "the exit code is $status"
show xfrmctl alice apply
[[ $(spis) == "$first" ]] || fail "the SAs are not the same"
ok "the SAs are the same"
plan_is '^nothing would change'

step "a mistake is told, and nothing else happens"
cp $files/xfrmd.toml /run/good.toml
sed -i 's/^mode .*/mode = "transpord"/' $files/xfrmd.toml
must_fail '' xfrmctl alice plan
must_fail '' xfrmctl alice apply --confirm 5s
[[ $(spis) == "$first" ]] || fail "the SAs are not the same"
must_fail 'nothing waits to be confirmed' xfrmctl alice confirm

step "who cuts himself off: after the time what was there before comes back"
sed 's/10\.0\.0\.2/10.0.0.9/' /run/good.toml >$files/xfrmd.toml
plan_is '^~ bob +closes its SAs \(1 child\) and makes new ones'
show xfrmctl alice apply --confirm 3s
expect 'remote +10\.0\.0\.9' xfrmctl alice show bob
wait_until 8 on alice ping -n -c 1 -W 1 10.0.0.2
expect 'nobody has confirmed the configuration' cat "$(xfrmd_log alice)"
wait_until 8 xfrmctl alice status bob
ping_ok alice bob
assert_esp=$(spis)
[[ -n $assert_esp ]] || fail "no SAs"
expect 'not confirmed in time' xfrmctl alice status
must_fail 'xfrmctl plan' xfrmctl alice confirm
plan_is '^~ bob +closes its SAs'

step "a connection of what came back that waits for a route gets it at once"
expect 'away +waiting_for_address' xfrmctl alice list connections
on alice ip route add 203.0.113.0/24 via 10.0.0.2
wait_until 8 expect 'away +(waiting_for_traffic|connecting|retrying) .* 10\.0\.0\.1 ' xfrmctl alice list connections
expect 'not confirmed in time' xfrmctl alice status
expect 'remote +10\.0\.0\.2' xfrmctl alice show bob
ping_ok alice bob

step "what is confirmed stays"
cp /run/good.toml $files/xfrmd.toml
sed -i 's/^mode .*/&\nike_rekey = "2h"/' $files/xfrmd.toml
show xfrmctl alice apply --confirm 2s
show xfrmctl alice confirm
sleep 2.5
plan_is '^nothing would change'
ping_ok alice bob

step "a child that differs is made anew, and no packet of the other one is lost"
children_of() {   # HOST PEER WHICH-PORT
    cat >>"/etc/netns/$1/xfrmd/xfrmd.toml" <<TOML

[[connection.$2.child]]
name    = "echo"
protect = "icmp"

[[connection.$2.child]]
name    = "web"
protect = "$3"
TOML
}
children_of bob alice "tcp/80 here"
children_of alice bob "tcp/80"
show xfrmctl bob reload
show xfrmctl alice reload
show xfrmctl alice up bob
assert_sas alice 4
before=$(spis)
ike_sa=$(ike_spis)
ip netns exec alice ping -n -i 0.02 10.0.0.2 >/run/ping.log 2>&1 &
endless=$!
printf 'replay_window = 64\n' >>$files/xfrmd.toml
plan_is '^~ bob +closes the children that differ, and makes new ones; the others stay'
expect 'child web: replay_window' cat /run/plan
show xfrmctl alice apply
show xfrmctl alice up bob
wait_until 5 assert_sas alice 4
[[ $(comm -12 <(echo "$before") <(spis) | wc -l) == 2 ]] || fail "of $before two should have stayed: $(spis)"
[[ $(ike_spis) == "$ike_sa" ]] || fail "it is another IKE SA"
kill -INT "$endless"
wait "$endless" || true
expect ' 0% packet loss' tail -n 3 /run/ping.log
ok "one child has other SAs, the other one and the IKE SA are the same"
