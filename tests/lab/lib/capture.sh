# SPDX-License-Identifier: Apache-2.0
# Captures of what is on the wire, taken at the switch: what a host decrypts never shows up there.
# shellcheck shell=bash

# ESP itself, and ESP in UDP (RFC 3948 §2.2: no zero marker behind the UDP header, and more than a keepalive).
readonly esp_filter='(esp or (udp port 4500 and udp[4:2] > 9 and udp[8:4] != 0))'
readonly protected_filter='(esp or ah or udp port 500 or udp port 4500)'

declare -A captures=()   # host -> process of tcpdump

capture_file() { echo "/results/$1.pcap"; }

# capture HOST [NETWORK]: from here on.
capture() {
    local log=/run/capture-$1.log tries
    : >"$log"
    ip netns exec switch tcpdump --immediate-mode -U -n -s 0 -Z root -i "$1-${2:-wan}" -w "$(capture_file "$1")" 2>"$log" &
    captures[$1]=$!
    for ((tries = 0; tries < 100; ++tries)); do
        ! grep -q 'listening on' "$log" || return 0
        sleep 0.05
    done
    cat "$log"
    fail "tcpdump does not start on $1's wire"
}

stop_capture() {
    settle
    kill -TERM "${captures[$1]}"
    wait "${captures[$1]}" || true
    unset "captures[$1]"
}

# captured HOST [FILTER]: the packets, one line each.
captured() { tcpdump -n -r "$(capture_file "$1")" ${2:+"$2"} 2>/dev/null; }

# settle: what has been sent has been written after it. The guest has one processor, and tcpdump wakes up for each packet.
settle() { sleep 0.1; }

# count_packets HOST FILTER
count_packets() {
    settle
    captured "$1" "$2" | wc -l
}

# any_of WORD ADDRESS…: "(src host A or src host B)"
any_of() {
    local word=$1 text='' address
    shift
    for address in "$@"; do
        text+="${text:+ or }$word $address"
    done
    echo "($text)"
}

# assert_esp_seen HOST: ESP has left the host and has come back to it.
assert_esp_seen() {
    local sent received
    # shellcheck disable=SC2086
    sent=$(count_packets "$1" "$esp_filter and $(any_of 'src host' ${host_addresses[$1]})")
    # shellcheck disable=SC2086
    received=$(captured "$1" "$esp_filter and $(any_of 'dst host' ${host_addresses[$1]})" | wc -l)
    ((sent > 0 && received > 0)) || fail "on $1's wire: $sent ESP packets sent, $received received"
    ok "on $1's wire: $sent ESP packets sent, $received received"
}

# assert_no_clear HOST WHAT: no packet of WHAT in clear, WHAT being "icmp" (echo, IPv4 and IPv6) or a tcpdump filter. A capture
# without any IKE or ESP proves nothing and fails: it began too late, or on the wrong wire.
assert_no_clear() {
    local filter=$2 count
    [[ $2 != icmp ]] || filter='(icmp or (icmp6 and (ip6[40] == 128 or ip6[40] == 129)))'
    count=$(count_packets "$1" "$filter")
    if ((count > 0)); then
        captured "$1" "$filter" | tail -n 5 | sed 's/^/            /'
        fail "on $1's wire: $count packets of '$2' in clear"
    fi
    (($(captured "$1" "$protected_filter" | wc -l) > 0)) || fail "no IKE and no ESP on $1's wire: the capture proves nothing"
    ok "on $1's wire: no '$2' in clear among $(captured "$1" | wc -l) packets"
}

# show_packets HOST [FILTER [COUNT]]
show_packets() {
    captured "$1" "${2:-}" | tail -n "${3:-6}" | sed 's/^/            /'
}
