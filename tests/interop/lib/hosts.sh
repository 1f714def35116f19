# SPDX-License-Identifier: Apache-2.0
# The hosts of a cell, each cell with its own.
#
#   alice (xfrmd) ----+---- peer          alice or peer ---+--- box (NAT) ---- the other one
#                                            mate (xfrmd) ---+
#
# shellcheck shell=bash

# In memory: the results folder is the outer machine's, and slow.
capture_file() { echo "/run/interop/$1.pcap"; }

# initiator, responder: the hosts' names by their roles.
initiator() { if [[ $role == initiator ]]; then echo "$ours"; else echo "$theirs"; fi; }
responder() { if [[ $role == initiator ]]; then echo "$theirs"; else echo "$ours"; fi; }

readonly nat_address=10.0.0.254

# set_up_hosts: 10.0.0.1 is alice, 10.0.0.2 the peer; behind the NAT the initiator is 192.168.1.2.
set_up_hosts() {
    local name
    if [[ -n $behind_nat ]]; then
        host box "$nat_address/24"
        gateway box
        connect box home 192.168.1.1/24
        host_behind "$(initiator)" box home 192.168.1.2/24
        host_addresses[$(initiator)]=192.168.1.2
        host "$(responder)" "$(address_on_wan "$(responder)")"
        nat_for 192.168.1.2 10000
        [[ -z $mate_child ]] || set_up_mate
        wire=box
    else
        for name in "$ours" "$theirs"; do host "$name" "$(address_on_wan "$name")" "$(address_on_wan "$name" 6)"; done
        wire=$ours
    fi
    [[ -z $mobike ]] || way_out "$(initiator)"
    if [[ -n $fragment ]]; then
        for name in "$ours" "$theirs"; do on "$name" ip link set wan mtu 1280; done
    fi
    if [[ -n $loss ]]; then
        for name in "$ours" "$theirs"; do on "$name" tc qdisc add dev wan root netem loss "$loss%"; done
    fi
    inner_networks
}

# address_on_wan HOST [FAMILY]
address_on_wan() {
    local number=1
    [[ $1 == "$ours" ]] || number=2
    if [[ ${2:-4} == 6 ]]; then echo "fd00::$number/64"; else echo "10.0.0.$number/24"; fi
}

# way_out HOST: a default route; a peer that is to move may look for its new address by that.
way_out() {
    local other=$theirs
    [[ $1 == "$ours" ]] || other=$ours
    ip -n "$1" route add default via "$(address_of "$other")" dev wan
}

# outer HOST: the address that its peer sends to.
outer() {
    if [[ -n $behind_nat && $1 == "$(initiator)" ]]; then echo "$nat_address"; else address_of "$1" "$family"; fi
}

# nat_for ADDRESS PORTS: the box changes the address, and adds PORTS to the ports. By tc, since the guest's kernel has no nftables
# for IPv4.
nat_for() {
    local address=$1 inside
    on box tc qdisc show dev wan | grep -q clsact || on box tc qdisc add dev wan clsact
    for inside in 500 4500; do
        on box tc filter add dev wan egress protocol ip flower src_ip "$address" ip_proto udp src_port "$inside" \
            action pedit ex munge udp sport set $(($2 + inside)) pipe \
            action csum udp pipe action nat egress "$address/32" "$nat_address"
        on box tc filter add dev wan ingress protocol ip flower dst_ip "$nat_address" ip_proto udp dst_port $(($2 + inside)) \
            action pedit ex munge udp dport set "$inside" pipe \
            action csum udp pipe action nat ingress "$nat_address/32" "$address"
    done
}

# first_host NETWORK: 10.1.0.0/24 -> 10.1.0.1; a host is itself.
first_host() {
    local address=${1%/*}
    case $1 in
    */32 | */128) echo "$address" ;;
    *:*) echo "${address}1" ;;
    *) echo "${address%.*}.$((${address##*.} + 1))" ;;
    esac
}

# inner_networks: each host has an address in each network of its own, and a way to those of the other one. The packets are the
# policies' anyway, but Linux wants a route for them first.
inner_networks() {
    local child name local_networks remote_networks protect network
    for child in "${children[@]}"; do
        read -r name local_networks remote_networks protect <<<"$child"
        [[ $local_networks != - ]] || continue
        for network in ${local_networks//,/ }; do inner_network "$ours" "$theirs" "$network"; done
        for network in ${remote_networks//,/ }; do inner_network "$theirs" "$ours" "$network"; done
    done
}

# inner_network OWNER OTHER NETWORK
inner_network() {
    local length=32 device
    [[ $3 != *:* ]] || length=128
    ip -n "$1" address replace "$(first_host "$3")/$length" dev lo
    device=$(ip -n "$2" -oneline link show type veth | sed -nE 's/^[0-9]+: ([^@]*)@.*/\1/p' | head -n 1)
    ip -n "$2" route replace "$3" dev "$device"
}
