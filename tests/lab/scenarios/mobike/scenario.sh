# about: a host moves to other addresses and another interface under traffic: the tunnels go on, with xfrmd and strongSwan
# labels: kernel interop
# peers: strongswan
# timeout: 180
# shellcheck shell=bash
#
#   alice ---+--- bob      xfrmd
#     |      +--- dave     strongSwan
#     +----- box

readonly pings_per_second=20

# move_address HOST FROM TO VIA…: on "wan"; what leaves through it to the inner networks VIA has to be said again.
move_address() {
    local host=$1 from=$2 to=$3 network
    shift 3
    ip -n "$host" address del "$from/24" dev wan
    ip -n "$host" address add "$to/24" dev wan
    for network in "$@"; do inner_route "$host" "$network"; done
}

# inner_route HOST NETWORK: the packets are the policies' anyway, but Linux wants a route for them first.
inner_route() {
    ip -n "$1" route replace "$2" dev wan src "$(inner_of "$1")"
}
inner_of() {
    case $1 in
    alice) echo 10.1.0.1 ;;
    bob) echo 10.2.0.1 ;;
    dave) echo 10.4.0.1 ;;
    esac
}

# start_pings FROM TO: until end_pings().
start_pings() {
    ip netns exec "$1" timeout -s INT 60 ping -n -q -i 0.05 -W 1 -I "$(inner_of "$1")" "$(inner_of "$2")" >"/results/ping.$1.$2" 2>&1 &
    pings=$!
    sleep 0.5
}

# end_pings FROM TO SECONDS: at most what SECONDS of silence cost was not answered, and the last ones were.
end_pings() {
    local counts lost
    sleep 3
    kill -INT "$pings"
    wait "$pings" || true
    counts=$(sed -nE 's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\1 \2/p' "/results/ping.$1.$2")
    read -r sent received <<<"$counts"
    lost=$((sent - received))
    ((sent > 40 && lost <= $3 * pings_per_second)) || fail "of $sent packets $received were answered"
    ok "ping $1 -> $2 goes on: $received of $sent answered"
    ping_ok "$1" "$(inner_of "$2")" "$(inner_of "$1")"
}

# is_at HOST ADDRESS PEER: both kernels have one pair between them for this address, and nothing else.
is_at() {
    for name in "$1" "$3"; do
        on "$name" ip -oneline xfrm state list nokeys | grep 'spi 0x' | grep -v 'spi 0x00000000' |
            grep -E "(src|dst) $(address_of "$3")([^0-9]|$)" >"/run/states.$name" || true
        (($(grep -cE "(src|dst) $2([^0-9]|$)" "/run/states.$name") == 2)) || return 1
    done
}

step "hosts and daemons"
host alice 10.0.0.1/24
host bob 10.0.0.2/24
host dave 10.0.0.4/24
host box 10.0.0.254/24
gateway box
connect box other 10.0.9.254/24
for name in alice bob dave; do ip -n "$name" address add "$(inner_of "$name")/32" dev lo; done
for network in 10.2.0.0/24 10.4.0.0/24; do inner_route alice "$network"; done
for network in 10.1.0.1/32 10.4.0.0/24; do inner_route bob "$network"; done
for network in 10.1.0.1/32 10.2.0.0/24; do inner_route dave "$network"; done
for name in bob dave; do route "$name" 10.0.9.0/24 10.0.0.254; done
capture alice
start_xfrmd alice bob
start_strongswan dave
show xfrmctl alice up bob
expect 'mobike' xfrmctl alice show bob
expect '"mobike": ?true' xfrmctl bob list ike --json

step "alice gets another address"
start_pings alice bob
move_address alice 10.0.0.1 10.0.0.11 10.2.0.0/24 10.4.0.0/24
end_pings alice bob 2
wait_until 5 is_at alice 10.0.0.11 bob
expect '10\.0\.0\.11:4500' xfrmctl bob list ike --json
expect 'moved to' cat /results/bob.xfrmd.log
ping_ok bob 10.1.0.1 10.2.0.1

step "and another one, while bob sends"
start_pings bob alice
move_address alice 10.0.0.11 10.0.0.12 10.2.0.0/24 10.4.0.0/24
end_pings bob alice 2
wait_until 5 is_at alice 10.0.0.12 bob

step "alice goes on over another interface"
connect alice other 10.0.9.1/24
start_pings alice bob
ip -n alice route add default via 10.0.9.254
ip -n alice link set wan down
end_pings alice bob 2
wait_until 5 is_at alice 10.0.9.1 bob
assert_sas alice 2
assert_sas bob 2

step "new keys at the new address"
show xfrmctl alice rekey bob
wait_until 10 assert_sas bob 2
wait_until 10 is_at alice 10.0.9.1 bob
ping_ok alice 10.2.0.1 10.1.0.1

step "alice comes back, with strongSwan as the peer too"
ip -n alice link set wan up
ip -n alice address replace 10.0.0.12/24 dev wan
for network in 10.2.0.0/24 10.4.0.0/24; do inner_route alice "$network"; done
wait_until 5 is_at alice 10.0.0.12 bob
show xfrmctl alice up dave
start_pings alice dave
move_address alice 10.0.0.12 10.0.0.13 10.2.0.0/24 10.4.0.0/24
end_pings alice dave 2
wait_until 5 is_at alice 10.0.0.13 dave
wait_until 5 is_at alice 10.0.0.13 bob
show swanctl dave --list-sas

step "dave, strongSwan, begins with bob and moves"
swanctl dave --initiate --child lan --ike bob >/dev/null
ping_ok dave 10.2.0.1 10.4.0.1
start_pings dave bob
move_address dave 10.0.0.4 10.0.0.44 10.1.0.1/32 10.2.0.0/24
end_pings dave bob 3
expect '10\.0\.0\.44:4500' xfrmctl bob list ike --json
ping_ok bob 10.4.0.1 10.2.0.1

step "nothing in clear, nothing left"
assert_no_clear alice icmp
stop_capture alice
take_down_xfrmd alice bob
