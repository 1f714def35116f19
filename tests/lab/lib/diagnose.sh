# SPDX-License-Identifier: Apache-2.0
# What a failed scenario prints: each host's kernel tables, logs of its daemons, and the end of its capture.
# shellcheck shell=bash

# keep_results: the peers' own logs too, for whoever looks at the results folder afterwards.
keep_results() {
    local log host
    [[ ! -d /run/systemd/system ]] || journalctl --no-pager --output=short-precise >/results/journal.log 2>&1
    for log in /run/peers/*/root/var/log/charon.log; do
        [[ -f $log ]] || continue
        host=${log#/run/peers/}
        cp "$log" "/results/${host%%/*}.charon.log"
    done
}

# section TITLE COMMAND…: what the command prints, if it prints anything.
section() {
    local title=$1 output
    shift
    output=$("$@" 2>&1)
    [[ -z $output ]] || printf '\n---- %s\n%s\n' "$title" "$output"
}

end_of_capture() { tcpdump -n -r "$1" 2>/dev/null | tail -n 20; }

diagnose() {
    local host log
    [[ ! -f /results/journal.log ]] || section "the end of the journal" tail -n 60 /results/journal.log
    for host in $(ip netns list | cut -d ' ' -f 1 | grep -v '^switch$' | sort); do
        section "$host: ip xfrm state" ip netns exec "$host" ip xfrm state list nokeys
        section "$host: ip xfrm policy" ip netns exec "$host" ip xfrm policy list nosock
        # shellcheck disable=SC2016
        section "$host: counters of /proc/net/xfrm_stat that moved" \
            ip netns exec "$host" awk '$2 != 0' /proc/net/xfrm_stat
        [[ ! -f /results/$host.pcap ]] || section "$host: the end of its capture" end_of_capture "/results/$host.pcap"
        for log in "/results/$host".*.log; do
            [[ ! -f $log ]] || section "$host: the end of $(basename "$log")" tail -n 60 "$log"
        done
    done
}
