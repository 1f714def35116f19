# about: each way to be refused: both ends tell the reason, the kernels have no SA, and nothing passes in clear
# labels: kernel
# timeout: 150
# shellcheck shell=bash
#
#   alice ---+--- bob      nine addresses, nine connections that cannot come up
#
# Bob is told of each at its connection, even of those that fail before bob can know who it is: the addresses tell.

# no_states: not even what the kernel made when the ping asked for an SA; assert_sas counts reserved SPIs already.
no_states() { [[ -z $(on alice ip xfrm state list nokeys)$(on bob ip xfrm state list nokeys) ]]; }

# bob_tells NAME REASON: as JSON and to people.
bob_tells() {
    xfrmctl bob status --json >/run/bob.json || true
    reasons bob | grep -qx "$1: $2" && { xfrmctl bob status "$1" || true; } | grep -q "$2"
}

# refused CONNECTION ADDRESS REASON_AT_ALICE REASON_AT_BOB
refused() {
    local name=$1 address=$2 at_alice=$3 at_bob=$4 status=0
    step "$name: $at_alice"
    xfrmctl alice up "$name" >/run/up 2>&1 || status=$?
    sed 's/^/            /' /run/up
    ((status == 1)) || fail "'xfrmctl up $name' ended with status $status instead of 1"
    expect "did not come up: .*(${at_alice}|${at_alice^^})" cat /run/up   # our word for it, or the peer's
    expect "(${at_alice}|${at_alice^^})" xfrmctl alice status "$name"
    xfrmctl alice status --json >/run/alice.json || true
    expect "^$name: $at_alice\$" reasons alice
    # While alice tries again, bob takes her for up until she has refused him once more.
    wait_until 5 bob_tells "$name" "$at_bob"
    ping_blocked alice "$address"
    xfrmctl alice down "$name" >/dev/null   # else alice tries again by itself
    assert_sas alice 0
    assert_sas bob 0
    wait_until 8 no_states
}

# reasons HOST: "CONNECTION: REASON" of each that has one, from the JSON of its status.
reasons() {
    python3 - "/run/$1.json" <<'PYTHON'
import json, sys
for connection in json.load(open(sys.argv[1]))["status"]["connections"]:
    if "reason" in connection:
        print(f'{connection["name"]}: {connection["reason"]}')
PYTHON
}

step "hosts, certificates, daemons"
host alice 10.0.0.1/24
host bob 10.0.0.{11..19}/24
pki_ca fleet
pki_ca strangers
pki_cert fleet bob ecdsa "DNS:bob.example.net" 20200101000000Z 20200201000000Z
mv /etc/netns/bob/xfrmd/host.pem /etc/netns/bob/xfrmd/expired.pem
mv /etc/netns/bob/xfrmd/host.key /etc/netns/bob/xfrmd/expired.key
pki_cert fleet bob ecdsa "DNS:bob.example.net"
pki_cert fleet alice ecdsa "DNS:alice.example.net"
install -m 600 "$pki/strangers.pem" /etc/netns/alice/xfrmd/
for name in alice bob; do on "$name" sysctl --quiet --write net.core.xfrm_acq_expires=2; done
start_xfrmd alice bob
capture alice

refused wrong_psk        10.0.0.11 authentication_failed           authentication_failed
refused wrong_ca         10.0.0.12 no_trusted_certificate          authentication_failed
refused expired          10.0.0.13 certificate_expired             authentication_failed
refused identity         10.0.0.14 identity_mismatch               authentication_failed
refused unknown_identity 10.0.0.15 authentication_failed           identity_mismatch
refused proposal         10.0.0.16 no_proposal_chosen              no_proposal_chosen
refused group            10.0.0.17 no_proposal_chosen              no_proposal_chosen
refused esp_proposal     10.0.0.18 no_proposal_chosen              no_proposal_chosen
refused selectors        10.0.0.19 traffic_selectors_unacceptable  traffic_selectors_unacceptable

step "nothing has passed in clear"
assert_no_clear alice icmp
show xfrmctl alice list connections
show xfrmctl bob list connections
stop_xfrmd alice bob
