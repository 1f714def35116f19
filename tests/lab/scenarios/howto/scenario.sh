# about: the how-to that racoon's users followed, with its own files: certificates, setkey.conf with its typing error, the first ping
# labels: kernel setkey
# timeout: 120
# shellcheck shell=bash
#
#   alice 192.168.0.1 -- router -- 10.1.2.3 bob      AH around ESP, X.509 with distinguished names

readonly both_filter='(ip[9] == 51 and ip[20] == 50)'
readonly one_alone_filter='(esp or (ip[9] == 51 and ip[20] != 50))'

# setkey HOST ARGS…: as the host's administrator types it.
setkey() {
    local host=$1
    shift
    on "$host" xfrmctl setkey "$@"
}

step "two hosts with a router between them"
touch /etc/setkey.conf
host router 10.0.0.9/24
gateway router
connect router lan1 192.168.0.254/24
connect router lan2 10.1.2.254/24
host_behind alice router lan1 192.168.0.1/24
host_behind bob router lan2 10.1.2.3/24
for name in alice bob; do on "$name" sysctl --quiet --write net.core.xfrm_larval_drop=0; done
ping_ok alice 10.1.2.3

step "1. on the CA host: an authority, a certificate for each host"
mkdir -p /run/ca
show on router xfrmctl pki init --ca /run/ca/fleet --subject "CN=Fleet CA, O=Example"
for name in alice bob; do
    show on router xfrmctl pki issue "$name.example.net" --ca /run/ca/fleet --subject "CN=$name, O=Example" --out /run/ca
    install -m 600 "/run/ca/$name.example.net.key" "/etc/netns/$name/xfrmd/host.key"
    cp "/run/ca/$name.example.net.pem" "/etc/netns/$name/xfrmd/host.pem"
    cp /run/ca/fleet/ca.pem "/etc/netns/$name/xfrmd/ca.pem"
done

step "2. setkey.conf as published: its typing error is pointed at, and nothing is applied"
must_fail '' setkey alice -f /etc/setkey.conf
expect 'setkey.conf:4:20: error: 192\.168\.0\.0\.0 is no address' setkey alice -f /etc/setkey.conf
expect '\^' setkey alice -f /etc/setkey.conf
expect '^No SPD entries' setkey alice -DP

step "   corrected, it is applied as a whole"
sed -i 's,192\.168\.0\.0\.0/24,192.168.0.0/24,' /etc/netns/alice/setkey.conf
show setkey alice -f /etc/setkey.conf
show setkey bob -f /etc/setkey.conf
show setkey alice -DP

step "   from here on nothing passes in clear, whether a daemon runs or not"
capture alice lan1
ping_blocked alice 10.1.2.3
ping_blocked bob 192.168.0.1

step "3. and 4. the daemon"
start_xfrmd alice bob

step "   the first ping brings both SAs up"
on alice ping -n -c 1 -W 10 10.1.2.3 >/dev/null || fail "no answer to the first packet"
ping_ok alice 10.1.2.3
ping_ok bob 192.168.0.1
count=$(count_packets alice "$both_filter")
((count > 10)) || fail "only $count packets with AH around ESP"
ok "$count packets with AH around ESP"
(($(count_packets alice "$one_alone_filter") == 0)) || fail "packets with one of them alone"
ok "none with one of them alone"
assert_no_clear alice icmp
captured alice "$both_filter" | tail -n 4 | sed 's/^/            /'
show xfrmctl alice status
show xfrmctl alice list children
show setkey alice -D
stop_capture alice
