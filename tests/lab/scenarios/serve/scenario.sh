# about: racoon's role: policies that others have put into the kernel get their SAs, by the first packet, and stay as they are
# labels: kernel setkey
# timeout: 120
# shellcheck shell=bash
#
#   alice ---+--- bob      policies by ip: a bundle with networks on either side, unique reqids, a tunnel, compression, one port

readonly both_filter='(ip[9] == 51 and ip[20] == 50)'
readonly one_alone_filter='(esp or (ip[9] == 51 and ip[20] != 50))'

# ask HOST SELECTOR DIRECTION TEMPLATE…: a policy as setkey would install it; words of ip, "tmpl" before each template.
ask() {
    # shellcheck disable=SC2086
    on "$1" ip xfrm policy add $2 dir "$3" priority 2147483648 $4
}

first_ping() {
    on "$1" ping -n -c 1 -W 10 ${3:+-I "$3"} "$2" >/dev/null || fail "$1 gets no answer from $2"
    ok "$1's first packet to $2 was answered"
}

policies() { on "$1" ip xfrm policy list | sort; }

step "hosts, certificates, daemons"
host alice 192.168.0.1/24
host bob 192.168.0.2/24
pki_ca fleet
for name in alice bob; do
    pki_cert fleet "$name" ecdsa "DNS:$name.example.net"
    on "$name" sysctl --quiet --write net.core.xfrm_larval_drop=0
done
start_xfrmd alice bob

step "ESP and AH: networks on one's own side, the other host alone"
ask alice 'src 192.168.0.0/24 dst 192.168.0.2/32' out 'tmpl proto esp mode transport tmpl proto ah mode transport'
ask alice 'src 192.168.0.2/32 dst 192.168.0.0/24' in 'tmpl proto esp mode transport tmpl proto ah mode transport'
ask bob 'src 192.168.0.0/24 dst 192.168.0.1/32' out 'tmpl proto esp mode transport tmpl proto ah mode transport'
ask bob 'src 192.168.0.1/32 dst 192.168.0.0/24' in 'tmpl proto esp mode transport tmpl proto ah mode transport'
policies alice >/run/policies
capture alice
first_ping alice 192.168.0.2
ping_ok alice 192.168.0.2
ping_ok bob 192.168.0.1
count=$(count_packets alice "$both_filter")
((count > 10)) || fail "only $count packets with AH around ESP"
ok "$count packets with AH around ESP"
(($(count_packets alice "$one_alone_filter") == 0)) || fail "packets with one of them alone"
assert_no_clear alice icmp
assert_sas alice 4
show xfrmctl alice status
expect 'Serving: 1 of 2 connections' xfrmctl alice status
expect ' 1 peer up' xfrmctl alice status kernel
show xfrmctl alice list children
stop_capture alice
policies alice | diff /run/policies - || fail "the policies are not what they were"
ok "the policies are as they were"

step "rekeys: none is lost"
on alice ping -n -q -i 0.01 -c 200 192.168.0.2 >/run/pings 2>&1 &
pings=$!
for ((round = 0; round < 3; ++round)); do
    xfrmctl alice rekey kernel:192.168.0.1-192.168.0.2 >/dev/null
    sleep 0.5
done
wait "$pings" || true
expect ' 200 received' cat /run/pings

step "a tunnel with a reqid of its own, in the same IKE SA"
for pair in 'alice 10.1.0.1 10.2.0.0/24' 'bob 10.2.0.1 10.1.0.0/24'; do
    read -r name address prefix <<<"$pair"
    on "$name" ip address add "$address/32" dev lo
    on "$name" ip route add "$prefix" dev wan src "$address"
done
ask alice 'src 10.1.0.0/24 dst 10.2.0.0/24' out 'tmpl src 192.168.0.1 dst 192.168.0.2 proto esp reqid 16385 mode tunnel'
ask alice 'src 10.2.0.0/24 dst 10.1.0.0/24' in 'tmpl src 192.168.0.2 dst 192.168.0.1 proto esp reqid 16385 mode tunnel'
ask bob 'src 10.2.0.0/24 dst 10.1.0.0/24' out 'tmpl src 192.168.0.2 dst 192.168.0.1 proto esp reqid 16390 mode tunnel'
ask bob 'src 10.1.0.0/24 dst 10.2.0.0/24' in 'tmpl src 192.168.0.1 dst 192.168.0.2 proto esp reqid 16390 mode tunnel'
capture alice
first_ping alice 10.2.0.1 10.1.0.1
ping_ok alice 10.2.0.1 10.1.0.1
assert_no_clear alice icmp
stop_capture alice
assert_sas alice 6

step "a policy that cannot be served is told"
ask alice 'src 192.168.0.1/32 dst 192.168.0.9/32' out 'tmpl proto ah mode transport tmpl proto esp mode transport'
ping_blocked alice 192.168.0.9
expect 'cannot be served' xfrmctl alice status kernel

step "ten thousand destinations at once: they wait their turn, and the peer that is up is not affected"
# flood: a datagram for each of so many hosts, which are behind bob and do not exist.
flood() {
    local host
    for ((host = 0; host < 10000; ++host)); do
        echo >"/dev/udp/10.128.$((host / 250)).$((host % 250 + 1))/9" || true
    done 2>/dev/null
}
ask alice 'src 192.168.0.1/32 dst 10.128.0.0/16' out 'tmpl proto esp mode transport'
on alice ip route add 10.128.0.0/16 via 192.168.0.2 src 192.168.0.1
capture alice
on alice ping -n -q -i 0.01 -c 300 192.168.0.2 >/run/pings 2>&1 &
pings=$!
start=${EPOCHREALTIME/./}
export -f flood
on alice bash -c flood
ok "10,000 datagrams in $(ms_since "$start") ms"
xfrmctl alice rekey kernel:192.168.0.1-192.168.0.2 >/dev/null
wait "$pings" || true
expect ' 300 received' cat /run/pings
elapsed=$(($(ms_since "$start") / 1000 + 1))
begun=$(captured alice 'udp dst port 500 and dst net 10.128.0.0/16' | awk '{ print $5 }' | sort -u | wc -l)
((begun > 0 && begun <= 20 * elapsed)) || fail "$begun negotiations were begun in $elapsed s"
ok "$begun negotiations were begun in $elapsed s, of at most 20 a second"
waiting=$(xfrmctl alice list connections --json | wc -l)
((waiting <= 10010)) || fail "$waiting connections are kept"
ok "$waiting connections are kept"
assert_no_clear alice 'udp port 9'
stop_capture alice
on alice ip xfrm policy delete src 192.168.0.1/32 dst 10.128.0.0/16 dir out
wait_until 60 assert_sas alice 6   # what the rekey has replaced waits for packets that are late

step "the peer is gone: what was made for it ends, the policies stay"
show xfrmctl bob down kernel:192.168.0.2-192.168.0.1
wait_until 60 assert_sas alice 0
ping_blocked bob 192.168.0.1
