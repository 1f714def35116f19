# SPDX-License-Identifier: Apache-2.0
# xfrmd on a host: configured by the host's own /etc/xfrmd, with its control socket in a folder of its own.
# shellcheck shell=bash

declare -A xfrmd_processes=()
xfrmd_arguments=()   # more of them, for hosts that are started from now on
xfrmd_patience=30    # seconds to start and to stop in: a large configuration takes its time

xfrmd_log() { echo "/results/$1.xfrmd.log"; }

xfrmctl() {
    local host=$1
    shift
    on "$host" xfrmctl --socket "/run/xfrmd-$host/io.xfrmd" "$@"
}

# start_xfrmd HOST…: all at once; returns when each answers on its control socket.
start_xfrmd() {
    local host start=${EPOCHREALTIME/./}
    for host in "$@"; do
        mkdir -p "/run/xfrmd-$host/state"
        ip netns exec "$host" xfrmd --config-dir /etc/xfrmd --runtime-dir "/run/xfrmd-$host" \
            --state-dir "/run/xfrmd-$host/state" "${xfrmd_arguments[@]}" >>"$(xfrmd_log "$host")" 2>&1 &
        xfrmd_processes[$host]=$!
    done
    for host in "$@"; do await_xfrmd "$host" "$start"; done
}

# await_xfrmd HOST START
await_xfrmd() {
    local host=$1 start=$2 status
    while true; do
        status=0
        xfrmctl "$host" status >/dev/null 2>&1 || status=$?
        # 0: all is up; 3: something is not up yet. Anything else is no answer.
        ((status != 0 && status != 3)) || break
        kill -0 "${xfrmd_processes[$host]}" 2>/dev/null || fail "xfrmd on $host has ended: $(tail -n 3 "$(xfrmd_log "$host")")"
        (($(ms_since "$start") < 1000 * xfrmd_patience)) || fail "xfrmd on $host does not answer within $xfrmd_patience s"
        sleep 0.05
    done
    ok "xfrmd runs on $host after $(ms_since "$start") ms"
}

# take_down_xfrmd HOST…: each tells its peers, takes out what it has put into the kernel, and stops.
take_down_xfrmd() {
    local host
    for host in "$@"; do
        xfrmctl "$host" flush >/dev/null || fail "xfrmd on $host cannot be flushed"
    done
    stop_xfrmd "$@"
    for host in "$@"; do assert_sas "$host" 0; done
}

# stop_xfrmd HOST…: a clean stop of each, with status 0, in time. Its SAs and policies stay in the kernel.
stop_xfrmd() {
    local host process start=${EPOCHREALTIME/./}
    for host in "$@"; do
        process=${xfrmd_processes[$host]:-}
        if [[ -z $process ]] || ! kill -TERM "$process" 2>/dev/null; then
            fail "xfrmd on $host does not run any more"
        fi
    done
    for host in "$@"; do await_end_of_xfrmd "$host" "$start"; done
}

# await_end_of_xfrmd HOST START
await_end_of_xfrmd() {
    local host=$1 start=$2 status=0
    local process=${xfrmd_processes[$host]}
    while kill -0 "$process" 2>/dev/null; do
        (($(ms_since "$start") < 1000 * xfrmd_patience)) || fail "xfrmd on $host does not stop within $xfrmd_patience s"
        sleep 0.05
    done
    wait "$process" || status=$?
    unset "xfrmd_processes[$host]"
    ((status == 0)) || fail "xfrmd on $host ended with status $status"
    ok "xfrmd on $host stopped after $(ms_since "$start") ms"
}

# kill_xfrmd HOST: without a chance to clean up.
kill_xfrmd() {
    local process=${xfrmd_processes[$1]:-}
    if [[ -z $process ]] || ! kill -KILL "$process" 2>/dev/null; then
        fail "xfrmd on $1 does not run any more"
    fi
    { wait "$process" || true; } 2>/dev/null   # the shell would tell that it was killed
    unset "xfrmd_processes[$1]"
}
