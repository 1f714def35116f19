# about: a host behind a NAT has tunnels to xfrmd and to strongSwan: ESP in UDP, nothing in clear
# labels: kernel interop setkey
# peers: strongswan
# timeout: 120
# shellcheck shell=bash
#
#   alice --- box (NAT) ---+--- bob      xfrmd
#                                 +--- dave     strongSwan

# nat_on BOX OFFSET: for alice, addresses and ports. By tc, since the guest's kernel has no nftables for IPv4. Again with
# another offset: the NAT has forgotten its mappings.
nat_on() {
    local inside outside
    on "$1" tc qdisc replace dev wan clsact
    on "$1" tc filter del dev wan egress
    on "$1" tc filter del dev wan ingress
    for inside in 500 4500; do
        outside=$(($2 + inside))
        on "$1" tc filter add dev wan egress protocol ip flower src_ip 192.168.1.2 ip_proto udp src_port "$inside" \
            action pedit ex munge udp sport set "$outside" pipe \
            action csum udp pipe action nat egress 192.168.1.2/32 10.0.0.254
        on "$1" tc filter add dev wan ingress protocol ip flower dst_ip 10.0.0.254 ip_proto udp dst_port "$outside" \
            action pedit ex munge udp dport set "$inside" pipe \
            action csum udp pipe action nat ingress 10.0.0.254/32 192.168.1.2
    done
}

step "hosts, a NAT, the daemons"
host box 10.0.0.254/24
gateway box
connect box home 192.168.1.1/24
host_behind alice box home 192.168.1.2/24
host bob 10.0.0.2/24
host dave 10.0.0.4/24
nat_on box 10000
# What the tunnels join.
ip -n alice address add 10.1.0.1/32 dev lo
ip -n bob address add 10.2.0.1/24 dev lo
ip -n dave address add 10.4.0.1/24 dev lo
for name in bob dave; do route "$name" 10.1.0.1/32 10.0.0.254; done
start_xfrmd alice bob
start_strongswan dave

# in_udp PEER ADDRESS: the tunnel to PEER carries echo packets as ESP in UDP.
in_udp() {
    ping_ok alice "$2" 10.1.0.1
    ping_ok "$1" 10.1.0.1 "$2"
    assert_esp_seen box
    (($(count_packets box 'esp or ah') == 0)) || fail "ESP outside of UDP"
    (($(count_packets box "udp port 4500 and host $(address_of "$1") and $esp_filter") >= 20)) ||
        fail "the wire has less ESP in UDP than ten pings with answers are"
    assert_no_clear box icmp
    (($(count_packets box 'host 192.168.1.2') == 0)) || fail "the NAT leaves alice's address as it is"
    show_packets box "$esp_filter" 2
}

step "alice and bob"
capture box
show xfrmctl alice up bob
in_udp bob 10.2.0.1
expect '"encapsulated": ?true' xfrmctl bob list children --json
expect '"nat_remote": ?true' xfrmctl bob list ike --json
expect '"nat_local": ?true' xfrmctl alice list ike --json
show xfrmctl alice status bob
show xfrmctl bob status
stop_capture box

step "the NAT gives alice other ports: bob's ESP follows her packets, and IKE what she says (RFC 4555 §3.8)"
capture box
nat_on box 20000
# The first packet tells bob; its own answer may still go to the old port.
on alice ping -n -c 1 -W 1 -I 10.1.0.1 10.2.0.1 >/dev/null || true
ping_ok alice 10.2.0.1 10.1.0.1
ping_ok bob 10.1.0.1 10.2.0.1
(($(count_packets box "udp dst port 24500 and $esp_filter") >= 5)) || fail "bob does not send to alice's new port"
# When no packets come any more, alice asks whether bob lives, and learns from him that her port is another one.
wait_until 10 expect '10\.0\.0\.254:24500' xfrmctl bob list ike --json
expect 'dport 24500' ip -n bob xfrm state
show xfrmctl bob show alice
assert_sas alice 2
assert_sas bob 2
stop_capture box

step "alice and dave, strongSwan"
capture box
show xfrmctl alice up dave
in_udp dave 10.4.0.1
show swanctl dave --list-sas
stop_capture box

step "the end"
take_down_xfrmd alice
for name in alice bob; do wait_until 5 assert_sas "$name" 0; done
wait_until 5 assert_sas dave 0
stop_xfrmd bob
