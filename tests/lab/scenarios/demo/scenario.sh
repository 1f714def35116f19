# about: hosts and gateways that run xfrmd, and a host and a strongSwan peer, agree on keys and exchange ESP
# labels: kernel interop
# peers: strongswan
# timeout: 180
# shellcheck shell=bash
#
#   alice ---+--- bob      pre-shared key, transport           west --- wendy
#            +--- carol    certificates, transport, IPv6         |     tunnel between gateways
#            +--- dave     strongSwan, pre-shared key          east --- eric
#            +--- erin     strongSwan, certificates

# protected FROM TO GATEWAY: echo requests are answered, and the wire of GATEWAY has ESP and nothing in clear.
protected() {
    ping_ok "$1" "$2"
    assert_esp_seen "$3"
    assert_no_clear "$3" icmp
    show_packets "$3" "$esp_filter" 4
}

step "hosts, networks, certificates"
host alice 10.0.0.1/24 fd00::1/64
host bob 10.0.0.2/24
host carol fd00::3/64
host dave 10.0.0.4/24
host erin 10.0.0.5/24
host west 10.0.0.11/24
host east 10.0.0.12/24
gateway west
gateway east
connect west lan1 10.1.0.1/24 fd01::1/64
connect east lan2 10.2.0.1/24 fd02::1/64
host_behind wendy west lan1 10.1.0.2/24 fd01::2/64
host_behind eric east lan2 10.2.0.2/24 fd02::2/64
# A gateway has a way out for what it forwards; mostly it is the default route.
for prefix in 10.2.0.0/24 fd02::/64; do on west ip route add "$prefix" dev wan; done
for prefix in 10.1.0.0/24 fd01::/64; do on east ip route add "$prefix" dev wan; done
own_ca fleet
for name in alice carol erin; do
    own_cert fleet "$name" "$name.example.net"
done

step "the daemons"
start_xfrmd alice bob carol west east
start_strongswan dave erin

step "alice and bob, pre-shared key, transport: the first packet brings it up"
capture alice
wait_until 10 on alice ping -c 1 -W 0.3 10.0.0.2
protected alice bob alice
show xfrmctl alice status bob
show xfrmctl bob status alice
stop_capture alice

step "alice and carol, certificates, transport, IPv6"
capture alice
show xfrmctl alice up carol
protected alice fd00::3 alice
show xfrmctl alice status carol
show xfrmctl carol status alice
stop_capture alice

step "wendy and eric, through a tunnel between their gateways, IPv4 and IPv6 inside"
capture west
show xfrmctl west up east
protected wendy 10.2.0.2 west
protected wendy fd02::2 west
show xfrmctl west status east
show xfrmctl east status west
stop_capture west

for peer in dave erin; do
    step "alice initiates to $peer, strongSwan, $([[ $peer == dave ]] && echo pre-shared key || echo certificates)"
    capture alice
    show xfrmctl alice up "$peer"
    protected alice "$peer" alice
    show xfrmctl alice status "$peer"
    show swanctl "$peer" --list-sas
    show swanctl "$peer" --terminate --ike alice
    wait_until 5 assert_sas "$peer" 0
    stop_capture alice

    step "$peer, strongSwan, initiates to alice"
    capture alice
    show swanctl "$peer" --initiate --child alice --loglevel 1
    protected "$peer" alice alice
    show xfrmctl alice status "$peer"
    show swanctl "$peer" --list-sas
    stop_capture alice
done

step "a flush leaves nothing in the kernels"
show xfrmctl alice flush
expect 'nothing is protected' xfrmctl alice status
take_down_xfrmd alice bob carol west east
for name in alice bob carol west east; do
    [[ -z $(on "$name" ip xfrm policy list nosock) ]] || fail "$name still has policies"
done
ok "and no policy"
