# about: defence in depth: two hosts encrypt what they say to each other, inside the tunnel between their gateways
# labels: kernel setkey
# timeout: 120
# shellcheck shell=bash
#
#   wendy -- west --+-- east -- eric      ESP from host to host inside ESP from gateway to gateway

first_ping() {
    on "$1" ping -n -c 1 -W 10 "$2" >/dev/null || fail "$1 gets no answer from $2"
    ok "$1's first packet to $2 was answered"
}

step "hosts, gateways, daemons"
host west 10.0.0.11/24
host east 10.0.0.12/24
gateway west
gateway east
connect west lan1 10.1.0.1/24
connect east lan2 10.2.0.1/24
host_behind wendy west lan1 10.1.0.2/24
host_behind eric east lan2 10.2.0.2/24
on west ip route add 10.2.0.0/24 dev wan
on east ip route add 10.1.0.0/24 dev wan
for name in wendy west east eric; do on "$name" sysctl --quiet --write net.core.xfrm_larval_drop=0; done
start_xfrmd wendy west east eric

step "the first packet brings up both: the hosts' IKE goes through the gateways' tunnel"
capture west
capture wendy lan1
first_ping wendy 10.2.0.2
ping_ok wendy 10.2.0.2
ping_ok eric 10.1.0.2

step "between host and gateway: ESP of the hosts; between the gateways: theirs around it"
(($(count_packets wendy "$esp_filter") > 10)) || fail "no ESP between wendy and her gateway"
assert_no_clear wendy icmp
assert_esp_seen west
assert_no_clear west icmp
(($(count_packets west 'host 10.1.0.2 or host 10.2.0.2') == 0)) || fail "the hosts' addresses are seen between the gateways"
ok "the hosts' addresses are not seen between the gateways"
show_packets wendy "$esp_filter" 2
show_packets west "$esp_filter" 2
stop_capture west
stop_capture wendy

step "the gateways' tunnel goes down: the hosts' packets do not pass without it, nor in clear when it is back"
show xfrmctl west down east
ping_blocked wendy 10.2.0.2
show xfrmctl west up east
ping_ok wendy 10.2.0.2
