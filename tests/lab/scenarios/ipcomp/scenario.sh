# about: children that compress with IPComp, in both modes, with xfrmd and strongSwan as peers
# labels: kernel interop
# peers: strongswan
# timeout: 120
# shellcheck shell=bash
#
#   alice ---+--- bob      transport over IPv4; IPv4 networks in a tunnel over IPv6
#            +--- dave     strongSwan: tunnel; and one connection without compression

# inner_network HOST OWN_ADDRESS DESTINATION: the host has an address of a network inside it, and a way to the other network.
inner_network() {
    on "$1" ip address add "$2/32" dev lo
    on "$1" ip route add "$3" dev wan src "$2"
}

# ping_both_sizes FROM TO [SOURCE]: what becomes smaller by compression, and what does not.
ping_both_sizes() {
    # A packet that waited for its SA comes late, and ping does not wait for it once another was answered.
    on "$1" ping -n -c 1 -W 5 ${3:+-I "$3"} "$2" >/dev/null || fail "$1 gets no answer from $2"
    ping_ok "$@"
    local output
    output=$(on "$1" ping -n -c 5 -i 0.05 -W 2 -s 1200 -p 00 ${3:+-I "$3"} "$2" 2>&1) || true
    grep -q ' 5 received' <<<"$output" || fail "$1 gets no answers of 1200 octets from $2: $output"
    ok "ping $1 -> $2 with 1200 octets: 5 of 5 answered"
}

# compressed HOST: ESP is there, nothing is in clear, and no packet has the size of what was sent.
compressed() {
    assert_esp_seen "$1"
    assert_no_clear "$1" icmp
    (($(count_packets "$1" 'esp and greater 600') == 0)) || fail "packets of 1200 octets are as large on the wire"
    ok "on $1's wire: no ESP packet has 600 octets"
}

# assert_no_sas_between OURS THEIRS: in alice's kernel.
assert_no_sas_between() {
    ! on alice ip xfrm state list nokeys | grep -q "$1 dst $2\|$2 dst $1" || fail "SAs between $1 and $2"
    ok "no SA between $1 and $2"
}

step "hosts, networks, daemons"
host alice 10.0.0.1/24 fd00::1/64
host bob 10.0.0.2/24 fd00::2/64
host dave 10.0.0.4/24 fd00::4/64
inner_network alice 10.1.0.1 10.2.0.0/24
on alice ip route add 10.4.0.0/24 dev wan src 10.1.0.1
inner_network bob 10.2.0.1 10.1.0.0/24
inner_network dave 10.4.0.1 10.1.0.0/24
for name in alice bob; do on "$name" sysctl --quiet --write net.core.xfrm_larval_drop=0; done
start_xfrmd alice bob
start_strongswan dave

step "transport: the first packet brings it up"
capture alice
ping_both_sizes alice 10.0.0.2
ping_both_sizes bob 10.0.0.1
compressed alice
assert_sas alice 4
expect 'comp deflate' on alice ip -d xfrm state list nokeys
show xfrmctl alice status bob
stop_capture alice

step "rekeys, of the child and the IKE SA"
show xfrmctl bob rekey alice
ping_both_sizes alice 10.0.0.2

step "tunnel, IPv4 in IPv6"
capture alice
ping_both_sizes alice 10.2.0.1 10.1.0.1
ping_both_sizes bob 10.1.0.1 10.2.0.1
compressed alice
stop_capture alice

step "tunnel with strongSwan, either role"
capture alice
ping_both_sizes alice 10.4.0.1 10.1.0.1
compressed alice
show swanctl dave --list-sas
show swanctl dave --terminate --ike alice
show swanctl dave --initiate --child lan --loglevel 1
ping_both_sizes dave 10.1.0.1 10.4.0.1
compressed alice
stop_capture alice

step "a peer that does not compress is refused with the reason"
must_fail '' xfrmctl alice up dave-without
expect 'does not compress|does not offer compression' xfrmctl alice status dave-without
# Between the two alice may have tried again by herself, and tells of that then.
refused_as_responder() {
    ! swanctl dave --initiate --child hosts --loglevel 1 && { xfrmctl alice status dave-without || true; } | grep -q 'does not offer compression'
}
wait_until 20 refused_as_responder
assert_no_sas_between fd00::1 fd00::4

step "a clean stop leaves no SA of xfrmd's"
take_down_xfrmd bob
