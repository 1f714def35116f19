# about: every example, file by file as it stands in examples/: two hosts, two gateways, setkey's policies, a road to strongSwan
# labels: kernel interop setkey
# peers: strongswan
# timeout: 120
# shellcheck shell=bash
#
#   alpha ---+--- beta         pre-shared key            web ---+--- db     certificates, IPv6, one port
#   wendy -- hq --+-- berlin -- eric    gateways         left -- router -- right    setkey.conf, AH around ESP
#   laptop --+--- gateway -- desk       strongSwan

examples=$(realpath "$scenario/../../../../examples")
export CREDENTIALS_DIRECTORY=/run/credentials   # where "@psk.berlin" is

# example HOST FILE [PLACE]: as /etc/xfrmd/xfrmd.toml of the host, or elsewhere below.
example() { install -D -m 600 "$examples/$2" "/etc/netns/$1/xfrmd/${3:-xfrmd.toml}"; }

# fleet_files HOST: what the examples call the authority's certificate and list.
fleet_files() {
    cp "$pki/$1/ca.pem" "/etc/netns/$1/xfrmd/fleet-ca.pem"
    cp "$pki/fleet/crl.pem" "/etc/netns/$1/xfrmd/fleet-ca.crl"
}

# first_answer FROM TO: the first packets start the negotiation.
first_answer() { wait_until 20 on "$1" ping -n -c 1 -W 0.3 "$2"; }

step "secrets and certificates"
mkdir -m 700 "$CREDENTIALS_DIRECTORY"
(umask 077 && head -c 32 /dev/urandom | base64 >"$CREDENTIALS_DIRECTORY/psk.berlin")
own_ca fleet
command xfrmctl pki crl --ca "$pki/fleet" >/dev/null

step "host-to-host-psk: two hosts with one secret, and the limits beside it"
host alpha 192.0.2.10/24
host beta 192.0.2.20/24
example alpha host-to-host-psk/alpha.toml
example alpha limits/limits.toml conf.d/limits.toml
example beta host-to-host-psk/beta.toml
install -m 600 "$CREDENTIALS_DIRECTORY/psk.berlin" /etc/netns/alpha/xfrmd/beta.psk
install -m 600 "$CREDENTIALS_DIRECTORY/psk.berlin" /etc/netns/beta/xfrmd/alpha.psk
show on alpha xfrmctl check
start_xfrmd alpha beta
capture alpha
first_answer alpha 192.0.2.20
ping_ok beta alpha
assert_esp_seen alpha
assert_no_clear alpha icmp
show xfrmctl alpha status beta
stop_capture alpha
stop_xfrmd alpha beta

step "host-to-host-certificates: the database's port, and ICMPv6"
host web 2001:db8::10/64
host db 2001:db8::20/64
own_cert fleet web web1.clients.example.net
own_cert fleet db db1.example.net
for name in web db; do fleet_files "$name"; done
example web host-to-host-certificates/client.toml
example db host-to-host-certificates/database.toml
start_xfrmd web db
capture web
first_answer web 2001:db8::20
ping_ok db 2001:db8::10
assert_esp_seen web
assert_no_clear web icmp
show xfrmctl web status db
stop_capture web
stop_xfrmd web db

step "gateway-to-gateway: it comes up by itself, and joins networks of both families"
host hq 203.0.113.1/24
host berlin 198.51.100.7/24
for name in hq berlin; do gateway "$name"; done
connect hq lan1 10.1.0.1/16 2001:db8:1::1/48
connect berlin lan2 10.2.0.1/16 2001:db8:2::1/48
host_behind wendy hq lan1 10.1.0.2/16 2001:db8:1::2/48
host_behind eric berlin lan2 10.2.0.2/16 2001:db8:2::2/48
for way in 198.51.100.0/24 10.2.0.0/16 2001:db8:2::/48; do on hq ip route add "$way" dev wan; done
for way in 203.0.113.0/24 10.1.0.0/16 2001:db8:1::/48; do on berlin ip route add "$way" dev wan; done
example hq gateway-to-gateway/headquarters.toml conf.d/berlin.toml
example berlin gateway-to-gateway/berlin.toml conf.d/headquarters.toml
start_xfrmd berlin hq
capture hq
wait_until 20 xfrmctl hq status berlin
for destination in 10.2.0.2 2001:db8:2::2; do ping_ok wendy "$destination"; done
assert_esp_seen hq
assert_no_clear hq icmp
show xfrmctl hq status berlin
stop_capture hq
stop_xfrmd berlin hq

step "several-children: the same gateways, each child with SAs of its own"
rm /etc/netns/{hq,berlin}/xfrmd/conf.d/*
for name in hq berlin; do on "$name" ip xfrm policy flush; done
example hq several-children/north.toml conf.d/south.toml
example berlin several-children/south.toml conf.d/north.toml
on hq ip address add 10.1.9.1/24 dev lan1
on berlin ip address add 10.2.9.1/24 dev lan2
start_xfrmd berlin hq
show xfrmctl hq up south
ping_ok wendy 10.2.0.2
ping_ok hq 10.2.9.1 10.1.9.1
show xfrmctl hq list children
assert_sas hq 6
stop_xfrmd berlin hq

step "kernel-policies: setkey's files, and SAs for them by certificates"
host router 10.0.0.9/24
gateway router
connect router lan3 192.168.0.254/24
connect router lan4 10.1.2.254/24
host_behind left router lan3 192.168.0.1/24
host_behind right router lan4 10.1.2.3/24
for name in left right; do
    own_cert fleet "$name" "$name.example.net"
    fleet_files "$name"
    example "$name" kernel-policies/host.toml conf.d/kernel.toml
done
show on left xfrmctl setkey -f "$examples/kernel-policies/192.168.0.1.setkey.conf"
show on right xfrmctl setkey -f "$examples/kernel-policies/10.1.2.3.setkey.conf"
start_xfrmd left right
capture left lan3
first_answer left 10.1.2.3
ping_ok right 192.168.0.1
(($(count_packets left 'ip[9] == 51 and ip[20] == 50') > 10)) || fail "no AH around ESP"
assert_no_clear left icmp
show xfrmctl left list children
stop_capture left
stop_xfrmd left right

step "strongswan: the first packet of the laptop brings up the tunnel to strongSwan's gateway"
host laptop 192.0.2.30/24
host gateway 192.0.2.7/24
gateway gateway
connect gateway office 10.2.0.1/16
host_behind desk gateway office 10.2.0.2/16
route laptop 10.2.0.0/16 192.0.2.7
for name in laptop gateway; do own_cert fleet "$name" "$name.example.net"; done
fleet_files laptop
example laptop strongswan/xfrmd.toml conf.d/office.toml
start_xfrmd laptop
start_strongswan gateway
capture laptop
first_answer laptop 10.2.0.2
ping_ok laptop 10.2.0.2
assert_esp_seen laptop
assert_no_clear laptop icmp
show xfrmctl laptop show office
show swanctl gateway --list-sas

step "and, once it is down, the first packet of the desk"
show swanctl gateway --terminate --ike laptop
wait_until 5 assert_sas gateway 0
first_answer desk 192.0.2.30
ping_ok desk 192.0.2.30
assert_no_clear laptop icmp
stop_capture laptop
