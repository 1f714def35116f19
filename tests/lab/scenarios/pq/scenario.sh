# about: ML-KEM as additional key exchange, in rekeys too, between xfrmd and xfrmd and xfrmd and strongSwan in both roles; whoever requires it refuses the rest
# labels: kernel interop
# peers: newer-strongswan
# timeout: 240
# shellcheck shell=bash
#
#   alice ---+--- bob            xfrmd
#            +--- carol          xfrmd, no ML-KEM
#            +--- dave, erin     strongSwan with ML-KEM: pre-shared key, certificates and three additional key exchanges
#            +--- frank, grace   strongSwan, no ML-KEM

export strongswan_peer=newer-strongswan

# protected FROM TO: echo requests are answered, and alice's wire has ESP and nothing in clear.
protected() {
    ping_ok "$1" "$2"
    assert_esp_seen alice
    assert_no_clear alice icmp
}

# refused CONNECTION ADDRESS REASON: alice cannot bring it up, and says why.
refused() {
    local status=0
    xfrmctl alice up "$1" >/run/up 2>&1 || status=$?
    sed 's/^/            /' /run/up
    ((status == 1)) || fail "'xfrmctl up $1' ended with status $status instead of 1"
    expect "$3" xfrmctl alice status "$1"
    ping_blocked alice "$2"
    xfrmctl alice down "$1" >/dev/null
    assert_sas alice 0
}

# The SPIs of the IKE SA with PEER, and those of alice's children.
ike_spis() { xfrmctl alice show "$1" --json | grep -oE '"(initiator|responder)_spi": *"[^"]*"' | sort; }
child_spis() { on alice ip -oneline xfrm state list nokeys | grep -oE 'spi 0x[0-9a-f]+' | sort; }
changed() { [[ "$("$2" "$3")" != "$1" ]]; }

# rekeyed WHAT PEER IKE_SUITE CHILD_SUITE COMMAND…: the command changes the SPIs of WHAT (ike or child), and packets pass.
rekeyed() {
    local what=$1 peer=$2 ike_suite=$3 child_suite=$4 before
    shift 4
    before=$("${what}_spis" "$peer")
    show "$@"
    wait_until 10 changed "$before" "${what}_spis" "$peer"
    wait_until 15 assert_sas alice 2
    expect "$ike_suite" xfrmctl alice show "$peer"
    expect "$child_suite" xfrmctl alice show "$peer"
    ping_ok alice "$peer"
}

step "hosts, certificates, daemons"
host alice 10.0.0.1/24
number=2
for name in bob carol dave erin frank grace; do host "$name" "10.0.0.$((number++))/24"; done
pki_ca fleet
for name in alice erin; do pki_cert fleet "$name" ecdsa "DNS:$name.example.net"; done
start_xfrmd alice bob carol
start_strongswan dave erin frank grace

step "alice and bob: ML-KEM-768 without a word in the configuration"
capture alice
show xfrmctl alice up bob
protected alice bob
expect 'x25519-ke1_mlkem768' xfrmctl alice show bob
expect 'x25519-ke1_mlkem768' xfrmctl bob show alice
show xfrmctl alice down bob
stop_capture alice

step "carol offers no ML-KEM: alice requires it, whoever begins"
refused carol 10.0.0.3 'require_pq'
xfrmctl alice up carol >/dev/null 2>&1 || true   # lifts the down
xfrmctl carol up alice >/run/up 2>&1 && fail "carol came up without ML-KEM"
sed 's/^/            /' /run/up
expect 'the peer offers no algorithms with ML-KEM' xfrmctl alice status carol
xfrmctl alice down carol >/dev/null
xfrmctl carol down alice >/dev/null
assert_sas alice 0
assert_sas carol 0

step "frank's strongSwan has no ML-KEM and is connected without; grace's is refused"
capture alice
show xfrmctl alice up frank
protected alice frank
expect 'aes256gcm16-prfsha256-x25519$' xfrmctl alice show frank
show xfrmctl alice down frank
wait_until 5 assert_sas alice 0
stop_capture alice
refused grace 10.0.0.7 'require_pq'

for peer in dave erin; do
    [[ $peer == dave ]] && suite='x25519-ke1_mlkem768' || suite='ecp384-ke1_mlkem1024-ke2_x25519-ke3_mlkem512'
    [[ $peer == dave ]] && theirs='KE1_ML_KEM_768' || theirs='KE1_ML_KEM_1024/KE2_CURVE_25519/KE3_ML_KEM_512'
    [[ $peer == dave ]] && child='x25519-ke1_mlkem768' || child='ecp256-ke1_mlkem512-ke2_x25519'
    step "alice initiates to $peer, strongSwan: $suite"
    capture alice
    show xfrmctl alice up "$peer"
    protected alice "$peer"
    expect "$suite" xfrmctl alice show "$peer"
    show swanctl "$peer" --list-sas
    expect "$theirs" swanctl "$peer" --list-sas
    rekeyed child "$peer" "$suite" "$child" xfrmctl alice rekey "$peer"
    rekeyed ike "$peer" "$suite" "$child" swanctl "$peer" --rekey --ike alice
    rekeyed child "$peer" "$suite" "$child" swanctl "$peer" --rekey --child alice
    expect "$theirs" swanctl "$peer" --list-sas
    show swanctl "$peer" --terminate --ike alice
    wait_until 5 assert_sas "$peer" 0
    stop_capture alice

    step "$peer, strongSwan, initiates to alice: $suite"
    capture alice
    show swanctl "$peer" --initiate --child alice --loglevel 1
    protected "$peer" alice
    expect "$suite" xfrmctl alice show "$peer"
    expect "$theirs" swanctl "$peer" --list-sas
    rekeyed child "$peer" "$suite" "$child" swanctl "$peer" --rekey --child alice
    rekeyed ike "$peer" "$suite" "$child" xfrmctl alice rekey "$peer"
    show xfrmctl alice down "$peer"
    wait_until 5 assert_sas "$peer" 0
    stop_capture alice
done

step "a clean stop leaves nothing in the kernels"
for name in alice bob carol; do
    take_down_xfrmd "$name"
done
