# about: large certificates over a wire of 576 octets that loses fragments of IP: IKE cuts its messages itself, RFC 7383
# labels: kernel interop
# peers: strongswan
# timeout: 120
# shellcheck shell=bash
#
#   alice ---+--- bob      certificates with RSA keys, transport
#            +--- erin     strongSwan, the same

# RFC 7383 §2.5: an IKE message whose first payload is SKF (53). Next Payload is octet 16 of the header, behind UDP and,
# on port 4500, four octets of zero (RFC 3948 §2.2).
readonly fragment_of_ike='((udp port 500 and udp[24] == 53) or (udp port 4500 and udp[8:4] == 0 and udp[28] == 53))'
# The first fragment of an IP datagram that is no IKE_SA_INIT (34, octet 18 of the header): that one cannot be cut by IKE.
readonly fragment_of_ip='(udp and ip[6:2] & 0x3fff == 0x2000 and udp[26] != 34)'

# assert_fragments HOST PEER_ADDRESS: both sides have sent fragments of IKE, and nobody has sent a larger datagram.
assert_fragments() {
    local sent received
    sent=$(count_packets "$1" "$fragment_of_ike and dst host $2")
    received=$(count_packets "$1" "$fragment_of_ike and src host $2")
    ((sent >= 2 && received >= 2)) || fail "$sent fragments of IKE sent, $received received"
    ok "$sent fragments of IKE sent, $received received"
    (($(count_packets "$1" "$fragment_of_ip or greater 591") == 0)) || fail "something larger than 576 octets was sent"
    ok "no packet is larger than 576 octets, and IP has cut nothing after IKE_SA_INIT"
}

step "hosts, a narrow wire, certificates"
host alice 10.0.0.1/24
host bob 10.0.0.2/24
host erin 10.0.0.5/24
for name in alice bob erin; do on "$name" ip link set wan mtu 576; done
pki_ca fleet rsa
for name in alice bob erin; do pki_cert fleet "$name" rsa "DNS:$name.example.net"; done
start_xfrmd alice bob
start_strongswan erin

step "alice initiates to bob"
capture alice
show xfrmctl alice up bob
ping_ok alice bob
assert_fragments alice 10.0.0.2
stop_capture alice

step "alice initiates to erin, strongSwan"
capture alice
show xfrmctl alice up erin
ping_ok alice erin
assert_fragments alice 10.0.0.5
assert_no_clear alice icmp
show swanctl erin --terminate --ike alice
wait_until 5 assert_sas erin 0
stop_capture alice

step "erin, strongSwan, initiates to alice"
capture alice
show swanctl erin --initiate --child alice --loglevel 1
ping_ok erin alice
assert_fragments alice 10.0.0.5
assert_no_clear alice icmp
stop_capture alice
