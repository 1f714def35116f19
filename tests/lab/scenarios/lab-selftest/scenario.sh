# about: strongSwan on both ends shows that the lab works, and that its checks can fail
# labels: kernel interop
# peers: strongswan
# timeout: 180
# shellcheck shell=bash

host alice 10.0.0.1/24 fd00::1/64
host bob 10.0.0.2/24 fd00::2/64

step "before any protection the checks see clear traffic"
capture alice
must_fail 'proves nothing' assert_no_clear alice icmp
ping_ok alice bob
ping_ok alice "$(address_of bob 6)"
must_fail '20 packets of .icmp. in clear' assert_no_clear alice icmp
must_fail '0 ESP packets sent, 0 received' assert_esp_seen alice
must_fail 'gets answers' ping_blocked alice bob
must_fail 'has 0 SAs' assert_sas alice 2
assert_sas alice 0
stop_capture alice

step "checks of other kinds fail too"
must_fail 'does not get all answers' ping_ok alice 10.0.0.99
ping_blocked alice 10.0.0.99
must_fail 'within 1 s' wait_until 1 false
must_fail 'nothing that matches' expect 'no such text' echo 'some text'
must_fail 'ended with status 1' show false
must_fail 'succeeded and should not' must_fail '' true
must_fail 'but not because' must_fail 'another reason' false

# new_certificates KIND: for both hosts, from a new authority.
new_certificates() {
    pki_ca fleet "$1"
    pki_cert fleet alice "$1" DNS:alice.example.net
    pki_cert fleet bob "$1" DNS:bob.example.net
}

step "strongSwan on both ends, pre-shared key, transport mode"
new_certificates ecdsa
start_strongswan bob alice
capture alice
show swanctl alice --initiate --child psk
assert_sas alice 2
assert_sas bob 2
ping_ok alice bob
assert_esp_seen alice
assert_no_clear alice icmp
show_packets alice
expect 'psk.*ESTABLISHED' swanctl bob --list-sas
must_fail 'in clear' assert_no_clear alice "$esp_filter"
show swanctl alice --terminate --ike psk
assert_sas bob 0
stop_capture alice

for kind in ecdsa rsa ed25519; do
    step "strongSwan on both ends, certificates ($kind), IPv6"
    new_certificates "$kind"
    restart_strongswan alice
    restart_strongswan bob
    capture alice
    show swanctl alice --initiate --child cert
    ping_ok alice "$(address_of bob 6)"
    assert_esp_seen alice
    assert_no_clear alice icmp
    stop_capture alice
done
