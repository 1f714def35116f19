# about: the first packet brings up what it needs, whatever it is: ping or TCP, AH or ESP, either family inside either family
# labels: kernel interop
# peers: strongswan
# timeout: 180
# shellcheck shell=bash
#
#   alice ---+--- bob      AH over IPv4; ESP for tcp/80 and echo over IPv6
#            +--- dave     strongSwan, AH
#   wendy -- west --+-- east -- eric      IPv6 in IPv4 with ESP, IPv4 in IPv6 with AH

readonly ah_filter='(ah or ip6[6] == 51)'
readonly inner_filter='(icmp or tcp or (icmp6 and (ip6[40] == 128 or ip6[40] == 129)))'

# serve HOST ADDRESS PORT: says "served" to whoever connects, one after the other, until the scenario ends.
serve() {
    while echo served | on "$1" nc -N -l "$2" "$3"; do :; done >/dev/null 2>&1 &
    wait_until 5 listens "$1" "$3"
}
listens() { on "$1" ss -Hltn "sport = :$2" | grep -q .; }

# connects FROM ADDRESS PORT: a TCP connection whose SYN is the first packet.
connects() {
    local answer
    answer=$(on "$1" nc -n -w 10 "$2" "$3" </dev/null 2>&1) || true
    [[ $answer == served ]] || fail "$1 does not reach $2 port $3: $answer"
    ok "$1 connects to $2 port $3"
}

# larval_states HOST: acquires that nothing has answered yet.
larval_states() { on "$1" ip -oneline xfrm state list nokeys | grep -c 'spi 0x00000000' || true; }
no_larval_state() {
    local count
    count=$(larval_states "$1")
    ((count == 0)) || fail "$1's kernel has $count larval states"
    ok "$1's kernel has no larval state"
}

# only HOST FILTER: that has passed on its wire, and no echo or TCP in clear.
only() {
    (($(count_packets "$1" "$2") > 1)) || fail "nothing that matches '$2' on $1's wire"
    ok "on $1's wire: $(captured "$1" "$2" | wc -l) packets that match '$2'"
    assert_no_clear "$1" "$inner_filter"
    show_packets "$1" "$2" 2
}

# sas HOST: what the SAs in its kernel say.
sas() { on "$1" ip -d xfrm state list nokeys; }

step "hosts, networks, daemons"
host alice 10.0.0.1/24 fd00::1/64
host bob 10.0.0.2/24 fd00::2/64
host dave 10.0.0.4/24
host west 10.0.0.11/24 fd00::11/64
host east 10.0.0.12/24 fd00::12/64
gateway west
gateway east
connect west lan1 10.1.0.1/24 fd01::1/64
connect east lan2 10.2.0.1/24 fd02::1/64
host_behind wendy west lan1 10.1.0.2/24 fd01::2/64
host_behind eric east lan2 10.2.0.2/24 fd02::2/64
for prefix in 10.2.0.0/24 fd02::/64; do on west ip route add "$prefix" dev wan; done
for prefix in 10.1.0.0/24 fd01::/64; do on east ip route add "$prefix" dev wan; done
for name in alice bob west east; do
    on "$name" sysctl --quiet --write net.core.xfrm_larval_drop=0
    start_xfrmd "$name"
done
start_strongswan dave
serve bob 10.0.0.2 22
serve bob fd00::2 80
serve eric 10.2.0.2 22
serve eric fd02::2 22

step "AH, transport, IPv4: a TCP connection is the first packet"
capture alice
connects alice 10.0.0.2 22
ping_ok bob 10.0.0.1
only alice "$ah_filter"
assert_sas alice 2
no_larval_state alice
no_larval_state bob
expect 'flag .*align4' sas alice
expect 'auth-trunc hmac\(sha256\)' sas alice
stop_capture alice

step "ESP, transport, IPv6, for one port and echo: a TCP connection is the first packet"
capture alice
connects alice fd00::2 80
ping_ok alice fd00::2
ping_ok bob fd00::1
only alice "$esp_filter"
no_larval_state alice
no_larval_state bob
for name in alice bob; do ip -n "$name" neigh flush dev wan; done
ping_ok alice fd00::2
ok "neighbour discovery passes beside policies for single ICMPv6 types"
stop_capture alice

step "what is not protected passes in clear: another port"
serve bob fd00::2 81
connects alice fd00::2 81

step "IPv6 in IPv4, ESP: ping is the first packet, from a host behind the gateway"
capture west
ping_ok wendy fd02::2
connects wendy fd02::2 22
ping_ok eric fd01::2
only west "$esp_filter and ip"
no_larval_state west
stop_capture west

step "IPv4 in IPv6, AH: a TCP connection is the first packet"
capture west
connects wendy 10.2.0.2 22
ping_ok wendy 10.2.0.2
only west "$ah_filter"
no_larval_state west
stop_capture west

step "AH with strongSwan, either role"
capture alice
ping_ok alice dave
only alice "$ah_filter"
expect 'replay_window 4096, bitmap-length 128' sas alice
show swanctl dave --list-sas
show swanctl dave --terminate --ike alice
wait_until 5 assert_sas dave 0
show swanctl dave --initiate --child alice --loglevel 1
ping_ok dave alice
stop_capture alice

step "a clean stop leaves nothing in the kernels"
for name in alice bob west east; do
    take_down_xfrmd "$name"
    no_larval_state "$name"
done
