# SPDX-License-Identifier: Apache-2.0
# What a failed scenario prints: each host's kernel tables, logs of its daemons, and the end of its capture.
# shellcheck shell=bash

# keep_results: the peers' own logs too, for whoever looks at the results folder afterwards.
keep_results() {
    local log host
    for log in /run/strongswan/*/root/var/log/charon.log; do
        [[ -f $log ]] || continue
        host=${log#/run/strongswan/}
        cp "$log" "/results/${host%%/*}.charon.log"
    done
}

section() { printf '\n---- %s\n' "$*"; }

diagnose() {
    local host log
    for host in $(ip netns list | cut -d ' ' -f 1 | grep -v '^switch$'); do
        section "$host: ip xfrm state"
        ip netns exec "$host" ip xfrm state list nokeys
        section "$host: ip xfrm policy"
        ip netns exec "$host" ip xfrm policy list
        section "$host: counters of /proc/net/xfrm_stat that moved"
        # shellcheck disable=SC2016
        ip netns exec "$host" awk '$2 != 0' /proc/net/xfrm_stat
        if [[ -f /results/$host.pcap ]]; then
            section "$host: the end of its capture"
            tcpdump -n -r "/results/$host.pcap" 2>/dev/null | tail -n 20
        fi
        for log in "/results/$host".*.log; do
            [[ -s $log ]] || continue
            section "$host: $(basename "$log")"
            tail -n 60 "$log"
        done
    done
}
