# SPDX-License-Identifier: Apache-2.0
# Hosts are network namespaces; networks are bridges in a namespace of their own, "switch", whose ports are what a wire is:
# what is captured there is what travelled.
# shellcheck shell=bash

declare -A host_addresses=()   # host -> its addresses on "wan", without prefix lengths
declare -A known_networks=()

on() { ip netns exec "$@"; }

# Every namespace starts with these, so that the wire is silent but for what a scenario does.
echo 1 >/proc/sys/net/core/devconf_inherit_init_net
echo 0 >/proc/sys/net/ipv6/conf/default/router_solicitations
echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad

# host NAME ADDRESS/LEN…: names have at most 8 letters, since interfaces are called after them.
host() {
    local name=$1 address
    shift
    new_host "$name"
    for address in "$@"; do
        host_addresses[$name]+=" ${address%/*}"
    done
    connect "$name" wan "$@"
}

# machine NAME ADDRESS…: the guest itself, where systemd runs; the addresses are its own to set.
machine() {
    local name=$1
    shift
    ip netns attach "$name" $$
    host_addresses[$name]=" $*"
    connect "$name" wan
}

# boot: lets a system start that waits for the scenario.
boot() { systemd-notify --ready; }

# host_behind NAME GATEWAY NETWORK ADDRESS/LEN…: a host on another network, whose way out is the gateway's address there.
host_behind() {
    local name=$1 gateway=$2 network=$3 ways address
    shift 3
    new_host "$name"
    connect "$name" "$network" "$@"
    ways=$(ip -n "$gateway" -oneline address show dev "$network" scope global | awk '{ sub("/.*", "", $4); print $4 }')
    [[ -n $ways ]] || fail "$gateway has no address on $network yet: connect it first"
    for address in $ways; do
        ip -n "$name" route add default via "$address"
    done
}

# new_host NAME: without any interface. `ip netns exec` lays /etc/netns/NAME over /etc: each host reads its own /etc/xfrmd.
new_host() {
    ip netns add "$1"
    mkdir -p "/etc/netns/$1/xfrmd" /etc/xfrmd
    if [[ -d $scenario/$1/etc ]]; then
        cp -r "$scenario/$1/etc/." "/etc/netns/$1/"
    fi
    chmod -R go-rwx "/etc/netns/$1/xfrmd"
}

# connect HOST NETWORK ADDRESS/LEN…
connect() {
    local host=$1 network=$2 address
    shift 2
    network "$network"
    ip -n switch -batch - <<END
link add $host-$network type veth peer name $network netns $host
link set $host-$network master $network up
END
    {
        echo "link set lo up"
        echo "link set $network up"
        for address in "$@"; do
            echo "address add $address dev $network"
        done
    } | ip -n "$host" -batch -
}

network() {
    [[ -z ${known_networks[$1]:-} ]] || return 0
    if ((${#known_networks[@]} == 0)); then
        ip netns add switch
        on switch sysctl --quiet --write net.ipv6.conf.default.disable_ipv6=1
    fi
    ip -n switch link add "$1" up type bridge forward_delay 0 mcast_snooping 0
    known_networks[$1]=yes
}

# gateway HOST: it forwards.
gateway() {
    on "$1" sysctl --quiet --write net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

# route HOST PREFIX VIA
route() { ip -n "$1" route add "$2" via "$3"; }

# address_of HOST [4|6]: its first address on "wan" of that family.
address_of() {
    local address
    for address in ${host_addresses[$1]}; do
        if [[ ${2:-4} == 6 && $address == *:* || ${2:-4} == 4 && $address != *:* ]]; then
            echo "$address"
            return 0
        fi
    done
    fail "$1 has no IPv${2:-4} address"
}

# destination_of TO: an address, or a host's IPv4 address.
destination_of() {
    if [[ $1 == *[.:]* ]]; then echo "$1"; else address_of "$1"; fi
}

# ping_ok FROM TO [SOURCE]: all of five echo requests are answered. TO is a host or an address.
ping_ok() {
    local to output
    to=$(destination_of "$2")
    output=$(on "$1" ping -n -c 5 -i 0.05 -W 2 ${3:+-I "$3"} "$to" 2>&1) || true
    if ! grep -q ' 5 received' <<<"$output"; then
        printf '%s\n' "$output" | sed 's/^/            /'
        fail "$1 does not get all answers from $2"
    fi
    ok "ping $1 -> $2 ($to): $(sed -nE 's/^rtt [^=]*= [^/]*\/([^/]*).*/5 of 5 answered, \1 ms on average/p' <<<"$output")"
}

# ping_blocked FROM TO [SOURCE]: none of three echo requests is answered.
ping_blocked() {
    local to output
    to=$(destination_of "$2")
    output=$(on "$1" ping -n -c 3 -i 0.05 -W 1 ${3:+-I "$3"} "$to" 2>&1) || true
    grep -q ' 0 received' <<<"$output" || fail "$1 gets answers from $2 and should not"
    ok "ping $1 -> $2 ($to): nothing answers"
}
