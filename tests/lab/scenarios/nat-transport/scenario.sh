# about: transport mode through NATs, before either host or both: TCP and UDP as ESP in UDP, with xfrmd and with strongSwan
# labels: kernel interop setkey
# peers: strongswan
# timeout: 120
# shellcheck shell=bash
#
#   alice, eve --- home (a NAT for both) ---+--- bob      xfrmd
#                                           +--- gate (a NAT with an address for each) --- carol (xfrmd), dave (strongSwan)

# one_address BOX INSIDE PORTS: INSIDE has 10.0.0.254 outside, and each of its ports of IKE is so much higher. By tc, since the
# guest's kernel has no nftables for IPv4.
one_address() {
    local port outside
    for port in 500 4500; do
        outside=$(($3 + port))
        on "$1" tc filter add dev wan egress protocol ip flower src_ip "$2" ip_proto udp src_port "$port" \
            action pedit ex munge udp sport set "$outside" pipe \
            action csum udp pipe action nat egress "$2/32" 10.0.0.254
        on "$1" tc filter add dev wan ingress protocol ip flower dst_ip 10.0.0.254 ip_proto udp dst_port "$outside" \
            action pedit ex munge udp dport set "$port" pipe \
            action csum udp pipe action nat ingress 10.0.0.254/32 "$2"
    done
}

# own_address BOX INSIDE OUTSIDE: all that comes for the one is handed on to the other.
own_address() {
    on "$1" tc filter add dev wan egress protocol ip flower src_ip "$2" action nat egress "$2/32" "$3"
    on "$1" tc filter add dev wan ingress protocol ip flower dst_ip "$3" action nat ingress "$3/32" "$2"
}

step "hosts, NATs, the daemons"
host home 10.0.0.254/24
gateway home
connect home inside 192.168.1.1/24
host_behind alice home inside 192.168.1.2/24
host_behind eve home inside 192.168.1.3/24
host gate 10.0.0.252/24 10.0.0.253/24
gateway gate
connect gate within 192.168.2.1/24
host_behind carol gate within 192.168.2.3/24
host_behind dave gate within 192.168.2.4/24
host bob 10.0.0.2/24
for box in home gate; do on "$box" tc qdisc add dev wan clsact; done
one_address home 192.168.1.2 10000
one_address home 192.168.1.3 20000
own_address gate 192.168.2.3 10.0.0.252
own_address gate 192.168.2.4 10.0.0.253
start_xfrmd alice bob carol eve
start_strongswan dave

# by_tcp FROM TO ADDRESS: a mebibyte, with where FROM sees TO.
by_tcp() {
    local listener
    ip netns exec "$2" timeout 20 nc -l -N 0.0.0.0 5001 >/run/by-tcp &
    listener=$!
    wait_until 5 on "$2" sh -c 'ss -lnt | grep -q :5001'
    on "$1" timeout 20 nc -N "$3" 5001 </run/stream
    wait "$listener"
    cmp /run/stream /run/by-tcp || fail "$2 has received something else by TCP"
    ok "a mebibyte from $1 to $2 by TCP"
}
head -c 1M /dev/urandom >/run/stream

# by_udp FROM TO ADDRESS: a line.
by_udp() {
    ip netns exec "$2" timeout 20 nc -u -l -W 1 0.0.0.0 5002 >/run/by-udp &
    wait_until 5 on "$2" sh -c 'ss -lnu | grep -q :5002'
    echo "by UDP" | ip netns exec "$1" nc -u -w 1 "$3" 5002 &
    wait_until 5 grep -qx "by UDP" /run/by-udp
}

# through_nat FROM TO THERE BACK: where they see each other. TCP and UDP have checksums that the addresses are part of.
through_nat() {
    ping_ok "$1" "$3"
    ping_ok "$2" "$4"
    by_tcp "$1" "$2" "$3"
    by_tcp "$2" "$1" "$4"
    by_udp "$1" "$2" "$3"
}

nothing_in_clear() {
    local protocol
    (($(count_packets "$1" 'esp or ah') == 0)) || fail "ESP outside of UDP"
    (($(count_packets "$1" "udp port 4500 and $esp_filter") >= 500)) || fail "the streams are not on the wire"
    for protocol in icmp tcp 'udp port 5002'; do assert_no_clear "$1" "$protocol"; done
}

step "alice is behind a NAT, bob is not"
capture home
show xfrmctl alice up bob
expect '"mode": ?"transport"' xfrmctl bob list children --json
expect '"remote": ?\[ ?"10\.0\.0\.254' xfrmctl bob list children --json
expect '"remote": ?\[ ?"10\.0\.0\.2/' xfrmctl alice list children --json
through_nat alice bob 10.0.0.2 10.0.0.254
show ip -n bob xfrm state list nokeys

step "new keys, whoever begins"
for name in alice bob; do
    connection=bob
    [[ $name == alice ]] || connection=home
    show xfrmctl "$name" rekey "$connection"
    wait_until 5 expect 'event=child_rekeyed' tail -n 3 "$(xfrmd_log "$name")"
    ping_ok alice 10.0.0.2
    ping_ok bob 10.0.0.254
done
nothing_in_clear home
stop_capture home

step "eve is behind the same NAT: the child is alice's, and everybody is told so"
must_fail 'xfrmctl show bob' xfrmctl eve up bob
expect 'TS_UNACCEPTABLE' xfrmctl eve show bob
expect '"alice.home.example.net" has child "main" from behind the same NAT' tail -n 20 "$(xfrmd_log bob)"
by_tcp bob alice 10.0.0.254
show xfrmctl alice down bob
show xfrmctl eve up bob
through_nat eve bob 10.0.0.2 10.0.0.254
show xfrmctl eve down bob

step "bob begins, carol is behind a NAT"
capture gate
show xfrmctl bob up carol
through_nat bob carol 10.0.0.252 10.0.0.2
show xfrmctl bob down carol

step "alice begins, and both are behind NATs"
show xfrmctl alice up carol
through_nat alice carol 10.0.0.252 10.0.0.254

step "the same with strongSwan, as responder"
show xfrmctl alice up dave
through_nat alice dave 10.0.0.253 10.0.0.254
show swanctl dave --rekey --child alice
wait_until 5 expect 'event=child_rekeyed' tail -n 5 "$(xfrmd_log alice)"
ping_ok alice 10.0.0.253
show swanctl dave --list-sas
show xfrmctl alice down dave

step "strongSwan begins from behind its NAT, and is begun with there"
show swanctl dave --initiate --child bob
through_nat dave bob 10.0.0.2 10.0.0.253
show xfrmctl bob rekey dave
wait_until 5 expect 'event=child_rekeyed' tail -n 3 "$(xfrmd_log bob)"
ping_ok bob 10.0.0.253
show swanctl dave --terminate --ike bob
show xfrmctl bob up dave
through_nat bob dave 10.0.0.253 10.0.0.2
nothing_in_clear gate
stop_capture gate

step "the end"
take_down_xfrmd alice bob carol eve
wait_until 5 assert_sas dave 0
