# SPDX-License-Identifier: Apache-2.0
# What a cell must show.
# shellcheck shell=bash

# peer_cannot REASON: ends the cell with this verdict. Only after something has shown it.
peer_cannot() {
    echo "$1" >/run/interop/cannot
    exit 10
}

# only_as ROLE REASON: the row has no meaning in the other role.
only_as() {
    [[ $role != "$1" ]] || return 0
    echo "$2" >/run/interop/cannot
    exit 11
}

# sas_of HOST: "PROTOCOL SPI", sorted; larval states and the parts of IPComp are left out.
sas_of() {
    ip -n "$1" -oneline xfrm state list nokeys |
        awk 'match($0, /proto (esp|ah) spi 0x[0-9a-f]+/) && !/spi 0x00000000/ { print substr($0, RSTART, RLENGTH) | "sort" }'
}

# consistent [COUNT]: the kernels of both ends have the same SAs, COUNT pairs of them.
consistent() {
    local mine lines
    mine=$(sas_of_end "$ours")
    mapfile -t lines <<<"$mine"
    [[ -n $mine && ${#lines[@]} == $((2 * ${1:-$(pairs_expected)})) && $mine == "$(sas_of_end "$theirs")" ]]
}

# sas_of_end HOST: the mate stands at the initiator's end.
sas_of_end() {
    if [[ -z $mate_child || $1 != "$(initiator)" ]]; then
        sas_of "$1"
    else
        { sas_of "$1" && sas_of mate; } | sort
    fi
}

pairs_expected() {
    local count=${#children[@]}
    ((${#agreed_children[@]} == 0)) || count=${#agreed_children[@]}
    [[ -z $mate_child ]] || count=$((count + 1))
    echo "$count"
}

# ike_keys: the initiator's SPI of each IKE SA that xfrmd has; not of those that it keeps closed to answer repetitions.
ike_keys() {
    xfrmctl "$ours" list ike --json | grep -viE '"state": ?"(closed|closing)"' | grep -oE '"initiator_spi": ?"0x[0-9a-f]+"' | sort || true
}

# empty: no SA is left on either side, and no IKE SA.
empty() {
    [[ -z $(sas_of "$ours") && -z $(sas_of "$theirs") ]] || return 1
    [[ -z $(ike_keys) ]] || return 1
    [[ -z $(peer_ike_sas) ]]
}

initiate() {
    if [[ $role == initiator ]]; then
        show xfrmctl "$ours" up peer
    else
        peer_up
    fi
    wait_until "$patience" consistent
}

# verify: data both ways through each child, nothing in clear, and both ends agree on what they have.
verify() {
    local child
    if ((${#agreed_children[@]})); then
        for child in "${agreed_children[@]}"; do verify_child "$child"; done
    else
        for child in "${children[@]}"; do verify_child "$child"; done
    fi
    wait_until 15 consistent
    assert_protected_only
}

# verify_child CHILD
verify_child() {
    local name local_networks remote_networks protect mine theirs_address mine_network remote_network item
    read -r name local_networks remote_networks protect <<<"$1"
    if [[ $local_networks == - ]]; then
        data_between "$(address_inside "$ours")" "$(address_inside "$theirs")" "$protect"
        return
    fi
    for mine_network in ${local_networks//,/ }; do
        for remote_network in ${remote_networks//,/ }; do
            mine=$(first_host "$mine_network") theirs_address=$(first_host "$remote_network")
            same_family "$mine" "$theirs_address" || continue
            data_between "$mine" "$theirs_address" "$protect"
        done
    done
}

# same_family ADDRESS ADDRESS: networks of different families make no pair.
same_family() { [[ ($1 == *:* && $2 == *:*) || ($1 != *:* && $2 != *:*) ]]; }

# address_inside HOST: what its own packets come from.
address_inside() { if [[ -n $behind_nat ]]; then outer "$1"; else address_of "$1" "$family"; fi; }

# data_between MINE THEIRS PROTECT: what the child is for, in both directions.
data_between() {
    local item
    for item in ${3//,/ }; do
        case $item in
        - | any | icmp) pings "$1" "$2" ;;
        tcp) tcp "$theirs" "$2" 7 "$ours" "$1" && tcp "$ours" "$1" 7 "$theirs" "$2" ;;
        tcp/*@here) item=${item%@here} && tcp "$ours" "$1" "${item#tcp/}" "$theirs" "$2" ;;
        tcp/*) tcp "$theirs" "$2" "${item#tcp/}" "$ours" "$1" ;;
        *) fail "the matrix has no traffic for '$item'" ;;
        esac
    done
}

# pings MINE THEIRS: four in each direction, small and large; with loss, most of them.
pings() {
    echoes "$ours" "$1" "$2" 64
    echoes "$theirs" "$2" "$1" 64
    echoes "$ours" "$1" "$2" 1000
}

# echoes HOST FROM TO SIZE
echoes() {
    local count=4 enough=4 output received source
    if [[ -n $loss ]]; then count=20 enough=10; fi
    if [[ -z $behind_nat ]]; then source=(-I "$2"); else mapfile -t source < <(source_option "$1" "$2"); fi
    output=$(on "$1" ping -n -c "$count" -i 0.05 -W 2 -s "$4" "${source[@]}" "$3" 2>&1) || true
    received=$(sed -nE 's/.* ([0-9]+) received.*/\1/p' <<<"$output")
    if ((${received:-0} < enough)); then
        printf '%s\n' "$output" | sed 's/^/            /'
        fail "$1 gets ${received:-0} answers of $count from $3"
    fi
    ok "ping $1 -> $3, $4 octets: $received of $count answered"
}

# source_option HOST ADDRESS: ping's, if the host has the address; behind a NAT it has another one than its peer sees.
source_option() { [[ -z $(ip -n "$1" -oneline address show to "$2") ]] || printf '%s\n' -I "$2"; }

# tcp SERVER ADDRESS PORT CLIENT FROM: a kilobyte from the client to the server, and one back.
tcp() {
    local server=$1 address=$2 port=$3 client=$4 from=$5 text listener answer
    text=$(printf '%01000d' 7)
    on "$server" timeout 10 nc -l -N -s "$address" -p "$port" <<<"$text" >/run/interop/heard &
    listener=$!
    sleep 0.2
    answer=$(on "$client" timeout 8 nc -N -w 5 -s "$from" "$address" "$port" <<<"$text") || fail "$client gets no TCP to $address port $port"
    wait "$listener" || fail "$server hears nothing on TCP port $port"
    [[ $answer == "$text" && $(</run/interop/heard) == "$text" ]] || fail "TCP to $address port $port: what arrived is not what was sent"
    ok "TCP $client -> $address port $port: a kilobyte each way"
}

# assert_protected_only: on the wire there is IKE, what it protects, and nothing that should be inside.
assert_protected_only() {
    # That nobody listens on port 500 any more is said of IKE, and not protected either.
    local about_ike='(icmp[0] == 3 and icmp[17] == 17 and icmp[30:2] == 500)' sent received filter=$esp_filter
    local inside="((icmp and not $about_ike) or (icmp6 and (ip6[40] == 128 or ip6[40] == 129)) or tcp)"
    [[ $protocol == esp ]] || filter=ah
    settle
    # AH does not hide what it protects: those packets are AH's, and the filter sees through none of them.
    tcpdump -n -r "$(capture_file "$wire")" "$filter or $inside" 2>/dev/null >/run/interop/packets
    sent=$(grep -cE " $(outer "$ours")(\.[0-9]+)? > .*(ESP|AH)\(" /run/interop/packets || true)
    received=$(grep -cE " > $(outer "$ours")(\.[0-9]+)?: .*(ESP|AH)\(" /run/interop/packets || true)
    ((sent > 0 && received > 0)) || fail "on the wire: $sent packets of ${protocol^^} from xfrmd, $received to it"
    ok "on the wire: $sent packets of ${protocol^^} from xfrmd, $received to it"
    if grep -vE '(ESP|AH)\(' /run/interop/packets >/run/interop/clear; then
        tail -n 5 /run/interop/clear | sed 's/^/            /'
        fail "on the wire: $(wc -l </run/interop/clear) packets in clear"
    fi
    ok "on the wire: nothing in clear"
}

# child_suite WORDS, ike_suite WORDS: what was agreed on, as far as it is named.
child_suite() { expect "\"suite\": ?\"$1" xfrmctl "$ours" list children --json; }
ike_suite() { expect "\"suite\": ?\"$1" xfrmctl "$ours" list ike --json; }

# notifications TYPE: how many IKE_SA_INIT messages begin with this notification. The message is behind 8 octets of UDP: Next
# Payload is octet 16 of its header, the notification's type octets 34 and 35.
notifications() { count_packets "$wire" "udp port 500 and udp[24] == 41 and udp[26] == 34 and udp[42:2] == $1"; }

# delete_from SIDE: initiator or responder deletes, and nothing is left on either side.
delete_from() {
    local tries
    if [[ $1 == "$role" ]]; then show xfrmctl "$ours" down peer; else peer_down; fi
    for ((tries = 0; tries < 30; ++tries)); do
        if empty; then
            ok "nothing is left on either side"
            return
        fi
        sleep 0.3
    done
    printf '%s\n' "$(sas_of "$ours")" "$(ike_keys)" "$(sas_of "$theirs")" "$(peer_ike_sas)" | sed '/^$/d; s/^/            left: /'
    fail "something is left after the end"
}
