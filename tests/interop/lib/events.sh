# SPDX-License-Identifier: Apache-2.0
# What happens to a connection that is up: new keys, other addresses, ends that die; and the traffic meanwhile.
# shellcheck shell=bash

# inside HOST: an address of the host in its first child.
inside() {
    local name local_networks remote_networks protect
    read -r name local_networks remote_networks protect <<<"${agreed_children[0]:-${children[0]}}"
    if [[ $local_networks == - ]]; then
        address_inside "$1"
    elif [[ $1 == "$ours" ]]; then
        first_host "${local_networks%%,*}"
    else
        first_host "${remote_networks%%,*}"
    fi
}

# start_traffic: echo requests from xfrmd's host, ten a second, until end_traffic.
start_traffic() {
    local source
    mapfile -t source < <(source_option "$ours" "$(inside "$ours")")
    # Not by a function, whose shell would stand between and not hear end_traffic's signal.
    ip netns exec "$ours" timeout -s INT 200 ping -n -q -i 0.1 -W 1 "${source[@]}" "$(inside "$theirs")" >/run/interop/traffic 2>&1 &
    traffic=$!
    sleep 0.5
}

# end_traffic LOST: at most so many were not answered; the last one may still have been on its way.
end_traffic() {
    local counts sent received
    sleep 0.3
    # The process is timeout, which passes the signal on to ping.
    kill -INT "$traffic"
    wait "$traffic" || true
    counts=$(sed -nE 's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\1 \2/p' /run/interop/traffic)
    read -r sent received <<<"$counts"
    ((sent > 5 && sent - received <= $1 + 1)) || fail "of $sent packets $received were answered, at most $1 may be lost"
    ok "traffic went on: $received of $sent answered"
}

child_keys() { sas_of "$ours"; }

# differs BEFORE COMMAND…: the command prints something that shares no line with BEFORE.
differs() {
    local now
    now=$("${@:2}")
    [[ -n $now && -z $(comm -12 <(echo "$1") <(echo "$now")) ]]
}

# new_keys SECONDS CHILD|IKE COMMAND…: the command asks for new keys, and within SECONDS there are only new ones on both sides.
new_keys() {
    local seconds=$1 what=$2 before
    shift 2
    before=$("${what}_keys")
    "$@" || fail "'$*' failed"
    wait_until "$seconds" differs "$before" "${what}_keys"
    wait_until 15 consistent
}

# move HOST ADDRESS: to another address on "wan".
move() {
    local old
    old=$(address_of "$1")
    # In this order: a second address of the same network would go with the first.
    ip -n "$1" address del "$old/24" dev wan
    ip -n "$1" address add "$2/24" dev wan
    way_out "$1"
    host_addresses[$1]=" $2"
    inner_networks
}

# is_dead HOST WORD…: the host has no SA any more.
has_no_sas() { [[ -z $(sas_of "$1") ]]; }

# volume MIBIBYTES: that much, each way, in echo requests of 1400 octets.
volume() { on "$ours" ping -q -n -f -c $(($1 * 750)) -s 1400 "$(inside "$theirs")" >/run/interop/volume 2>&1 || true; }

# half_open: the peer has an IKE SA that nobody goes on with: an IKE_SA_INIT with X25519, from a third host, since xfrmd's lets
# nothing else through to the peer.
half_open() {
    local message
    host eve 10.0.0.3/24
    message=00112233445566770000000000000000'212022080000000000000090'             # header: 144 octets
    message+='220000280000002401010003'                                           # SA, one proposal of three transforms
    message+='0300000c01000014800e01000300000802000005000000080400001f'           # AES-GCM with 256 bits, HMAC-SHA2-256, X25519
    message+="28000028001f000009$(printf '%062d' 0)00000024$(printf '%064d' 7)"   # KE, and a nonce
    echo "$message" | on eve python3 -c '
import socket, sys
to = sys.argv[1]
sender = socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET, socket.SOCK_DGRAM)
sender.sendto(bytes.fromhex(sys.stdin.read().strip()), (to, 500))
sender.settimeout(5)
sender.recv(2000)' "$(outer "$theirs")" || fail "the peer does not answer an IKE_SA_INIT"
}
