# about: children and IKE SAs get new keys under traffic, with xfrmd and strongSwan as peers, and no packet is lost
# labels: kernel interop
# peers: strongswan
# timeout: 180
# shellcheck shell=bash
#
#   alice ---+--- bob      xfrmd
#            +--- dave     strongSwan
#
#   XFRMD_LAB_ROUNDS: with 34 of them alice and bob rekey 204 times.

readonly rounds=${XFRMD_LAB_ROUNDS:-1}
readonly rekeys=$((6 * rounds))

# start_pings FROM TO: each as soon as the last is answered, and at least a hundred a second, until end_pings().
start_pings() {
    ip netns exec "$1" timeout -s INT "$((60 * rounds))" ping -f -n -q "$(address_of "$2")" >"/results/ping.$1.$2" 2>&1 &
    pings=$!
}

# end_pings FROM TO: all of them were answered.
end_pings() {
    sleep 0.2
    kill -INT "$pings"
    wait "$pings" || true
    local counts
    counts=$(sed -nE 's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\1 \2/p' "/results/ping.$1.$2")
    read -r sent received <<<"$counts"
    # The last one may still have been on its way.
    ((sent > 100 && received + 1 >= sent)) || fail "of $sent packets $received were answered"
    ok "ping $1 -> $2: $received of $sent answered"
}

# The SPIs of the child that carries the traffic, and of the IKE SA; nothing while it changes.
spi_of() {
    { xfrmctl "$1" list children --json | grep -E "\"connection\": ?\"$2\"" | grep -E '"phase": ?"active"' |
        grep -oE '"inbound_spi": ?"0x[0-9a-f]+"'; } || true
}
ike_of() {
    { xfrmctl "$1" list ike --json | grep -E "\"connection\": ?\"$2\"" | tail -n 1 |
        grep -oE '"initiator_spi": ?"0x[0-9a-f]+"'; } || true
}

# differs BEFORE COMMAND…: the command prints something, and something else than BEFORE.
differs() {
    local now
    now=$("${@:2}")
    [[ -n $now && $now != "$1" ]]
}

# rekey_again HOST CONNECTION COMMAND…: the command asks for new keys of the child and of the IKE SA, and they come.
rekey_again() {
    local host=$1 connection=$2 child ike
    shift 2
    child=$(spi_of "$host" "$connection")
    ike=$(ike_of "$host" "$connection")
    "$@" >/dev/null
    wait_until 10 differs "$child" spi_of "$host" "$connection" >/dev/null
    wait_until 10 differs "$ike" ike_of "$host" "$connection" >/dev/null
}

rekey_by_strongswan() {
    swanctl dave --rekey --child alice
    sleep 0.3
    swanctl dave --rekey --ike alice
}

step "hosts"
host alice 10.0.0.1/24
host bob 10.0.0.2/24
host dave 10.0.0.4/24
capture alice
start_xfrmd bob
start_strongswan dave
start_xfrmd alice   # last: a host where nothing listens yet would say so in clear
wait_until 10 on alice ping -c 1 -W 0.3 10.0.0.2
xfrmctl alice up dave >/dev/null
wait_until 10 on alice ping -c 1 -W 0.3 10.0.0.4

step "alice and bob rekey in turns, $rekeys times"
start_pings alice bob
for ((i = 0; i < rekeys; i += 2)); do
    rekey_again alice bob xfrmctl alice rekey bob
    rekey_again alice bob xfrmctl bob rekey alice
done
end_pings alice bob
ok "the child and the IKE SA got new keys $rekeys times"
show xfrmctl alice status bob

step "both rekey at once"
start_pings alice bob
for ((i = 0; i < 5; ++i)); do
    xfrmctl alice rekey bob >/dev/null &
    xfrmctl bob rekey alice >/dev/null
    wait $!
    sleep 0.5
done
end_pings alice bob
sleep 6   # packets that are late are waited for
assert_sas bob 2

step "alice rekeys with strongSwan"
start_pings alice dave
for ((i = 0; i < 3; ++i)); do rekey_again alice dave xfrmctl alice rekey dave; done
end_pings alice dave

step "strongSwan rekeys with alice"
start_pings alice dave
for ((i = 0; i < 3; ++i)); do rekey_again alice dave rekey_by_strongswan; done
end_pings alice dave

step "nothing is left of what was replaced"
sleep 6
assert_sas alice 4
assert_sas dave 2
assert_esp_seen alice
assert_no_clear alice icmp
stop_xfrmd alice bob
