# about: connections come up and carry traffic over a network that loses, delays, reorders and duplicates
# labels: kernel
# timeout: 120
# shellcheck shell=bash
#
#   alice ---+--- bob      a fifth of the packets is lost, either way
#            +--- carol
#            +--- dave

# most_answered FROM TO: of 50 echo requests; with a loss of a fifth either way 32 are to be expected.
most_answered() {
    local received
    received=$(on "$1" ping -n -q -c 50 -i 0.05 -W 1 "$(address_of "$2")" | sed -nE 's/.*, ([0-9]+) received.*/\1/p')
    ((received >= 15)) || fail "$2 has answered $received of 50"
    ok "ping $1 -> $2: $received of 50 answered"
}

step "hosts on a bad network"
host alice 10.0.0.1/24
host bob 10.0.0.2/24
host carol 10.0.0.3/24
host dave 10.0.0.4/24
for name in alice bob carol dave; do
    on "$name" tc qdisc add dev wan root netem loss 20% delay 20ms 15ms duplicate 20%
done
capture alice
start_xfrmd bob carol dave alice

step "all of them come up"
wait_until 60 expect '^3 of 3|"state": ?"up".*"state": ?"up".*"state": ?"up"' xfrmctl alice status --json
show xfrmctl alice status
for name in bob carol dave; do most_answered alice "$name"; done
assert_esp_seen alice
assert_no_clear alice icmp

step "exactly one pair of SAs each"
assert_sas alice 6
for name in bob carol dave; do
    wait_until 5 xfrmctl "$name" status alice
    assert_sas "$name" 2
done
(($(xfrmctl alice list ike --json | wc -l) == 3)) || fail "alice has more than one IKE SA for a peer"
ok "alice has 3 IKE SAs"
