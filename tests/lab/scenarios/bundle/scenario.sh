# about: ESP and AH around every packet, by two children: set up by one packet, rekeyed apart, gone together, never one alone
# labels: kernel interop setkey
# peers: strongswan
# timeout: 150
# shellcheck shell=bash
#
#   alice ---+--- bob      transport, IPv4 and IPv6
#   carol ---+--- dave     strongSwan without AH: refused by alice, taken with ESP alone by carol
#   wendy -- west --+-- east -- eric      IPv6 in a tunnel over IPv4, with AH around it

# ESP behind an AH header (IPv4: its next header is the first octet behind 20 octets; IPv6: behind 40).
readonly both_filter='((ip[9] == 51 and ip[20] == 50) or (ip6[6] == 51 and ip6[40] == 50))'
readonly one_alone_filter='(esp or (ip[9] == 51 and ip[20] != 50) or (ip6[6] == 51 and ip6[40] != 50))'
readonly inner_filter='(icmp or tcp or (icmp6 and (ip6[40] == 128 or ip6[40] == 129)))'

# only_both HOST: packets with AH around ESP have passed, and nothing with one of them alone or in clear.
only_both() {
    local count
    count=$(count_packets "$1" "$both_filter")
    ((count > 1)) || fail "no AH around ESP on $1's wire"
    ok "on $1's wire: $count packets with AH around ESP"
    count=$(count_packets "$1" "$one_alone_filter")
    ((count == 0)) || fail "$count packets with ESP or AH alone on $1's wire"
    ok "on $1's wire: none with one of them alone"
    assert_no_clear "$1" "$inner_filter"
    captured "$1" "$both_filter" | tail -n 2 | sed 's/^/            /'
}

# first_ping FROM TO: the packet that brings everything up.
first_ping() {
    on "$1" ping -n -c 1 -W 10 "$2" >/dev/null || fail "$1 gets no answer from $2"
    ok "$1's first packet to $2 was answered"
}

step "hosts, networks, daemons"
host alice 10.0.0.1/24 fd00::1/64
host bob 10.0.0.2/24 fd00::2/64
host carol 10.0.0.3/24
host dave 10.0.0.4/24
host west 10.0.0.11/24
host east 10.0.0.12/24
gateway west
gateway east
connect west lan1 fd01::1/64
connect east lan2 fd02::1/64
host_behind wendy west lan1 fd01::2/64
host_behind eric east lan2 fd02::2/64
on west ip route add fd02::/64 dev wan
on east ip route add fd01::/64 dev wan
for name in alice bob carol west east; do on "$name" sysctl --quiet --write net.core.xfrm_larval_drop=0; done
start_xfrmd alice bob carol west east
start_strongswan dave

step "transport, IPv4: one packet brings both SAs up"
capture alice
first_ping alice 10.0.0.2
ping_ok alice 10.0.0.2
ping_ok bob 10.0.0.1
only_both alice
assert_sas alice 4
assert_sas bob 4
show xfrmctl alice status bob4
stop_capture alice

step "transport, IPv6"
capture alice
first_ping alice fd00::2
ping_ok alice fd00::2
ping_ok bob fd00::1
only_both alice
assert_sas alice 8
stop_capture alice

step "rekeys of both children and the IKE SA under ping: none is lost"
capture alice
on alice ping -n -q -i 0.01 -c 400 10.0.0.2 >/run/pings 2>&1 &
pings=$!
for ((round = 0; round < 3; ++round)); do
    xfrmctl alice rekey bob4 >/dev/null
    sleep 0.6
    xfrmctl bob rekey alice4 >/dev/null
    sleep 0.6
done
wait "$pings" || true
expect ' 400 received' cat /run/pings
only_both alice
stop_capture alice

step "one child is lost: both go, nothing passes with one alone, and the next packet makes both anew"
capture alice
on alice ip xfrm state deleteall src 10.0.0.1 dst 10.0.0.2 proto ah
on alice ping -n -c 3 -i 0.2 -W 1 10.0.0.2 >/dev/null 2>&1 || true
wait_until 45 on alice ping -n -c 1 -W 3 10.0.0.2
only_both alice
stop_capture alice

step "a peer without AH: no packet with ESP alone"
capture alice
ping_blocked alice 10.0.0.4
wait_until 10 expect 'NO_PROPOSAL_CHOSEN|no_proposal|bundle' xfrmctl alice status dave
(($(count_packets alice "$one_alone_filter") == 0)) || fail "ESP alone left alice"
assert_no_clear alice "$inner_filter"
stop_capture alice

step "where carol's configuration says so, ESP alone will do"
first_ping carol 10.0.0.4
ping_ok carol 10.0.0.4
ping_ok dave 10.0.0.3

step "a tunnel with AH around it, IPv6 in IPv4"
capture west
first_ping wendy fd02::2
ping_ok wendy fd02::2
ping_ok eric fd01::2
only_both west
stop_capture west
