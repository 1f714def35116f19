# SPDX-License-Identifier: Apache-2.0
# OpenIKED on a host: the peer root 'openiked', with HOST/iked.conf of the scenario. It speaks PF_KEY to the kernel.
# shellcheck shell=bash

declare -A openiked_processes=()
# Of hosts that are started from now on; the log is /results/HOST.iked.log unless said.
openiked_arguments=(-vv) openiked_log=''

ikectl() {
    local host=$1
    shift
    in_peer_root "$host" ikectl -q "$@"
}

# start_openiked HOST: it listens and initiates nothing until told `ikectl HOST active`.
start_openiked() {
    local host=$1 root start=${EPOCHREALTIME/./}
    make_peer_root "$host" openiked
    root=$(peer_root "$host")
    modprobe af_key
    configure_openiked "$host" "$root"
    # Not by a function, whose shell would stand between.
    ip netns exec "$host" chroot "$root" iked -dS "${openiked_arguments[@]}" >"${openiked_log:-/results/$host.iked.log}" 2>&1 &
    openiked_processes[$host]=$!
    until ikectl "$host" show sa >/dev/null 2>&1; do
        kill -0 "${openiked_processes[$host]}" 2>/dev/null || fail "OpenIKED on $host has ended: $(tail -n 3 "/results/$host.iked.log")"
        (($(ms_since "$start") < 20000)) || fail "OpenIKED on $host does not answer within 20 s"
        sleep 0.1
    done
    ok "OpenIKED runs on $host after $(ms_since "$start") ms"
}

configure_openiked() {
    local host=$1 root=$2
    rm -f "$root"/etc/iked/{ca,certs,private}/* "$root/var/run/iked.sock"
    install -m 600 "$scenario/$host/iked.conf" "$root/etc/iked.conf"
    if [[ -d $pki/$host ]]; then
        cp "$pki/$host/ca.pem" "$root/etc/iked/ca/ca.crt"
        cp "$pki/$host/host.pem" "$root/etc/iked/certs/$host.crt"
        # Few have one. It sends what it finds here between an authority that was asked for and its own certificate, and trusts
        # no chain for it that does not end in a root.
        cp "$pki/$host/intermediate.pem" "$root/etc/iked/ca/intermediate.crt" 2>/dev/null || true
        install -m 600 "$pki/$host/host.key" "$root/etc/iked/private/local.key"
    else
        openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$root/etc/iked/private/local.key"
    fi
    openssl pkey -in "$root/etc/iked/private/local.key" -pubout -out "$root/etc/iked/local.pub"
    in_peer_root "$host" iked -n >"/results/$host.iked-n.log" 2>&1 ||
        fail "OpenIKED on $host refuses its configuration: $(tail -n 3 "/results/$host.iked-n.log")"
}

# stop_openiked HOST
stop_openiked() {
    kill -TERM "${openiked_processes[$1]}" 2>/dev/null || fail "OpenIKED on $1 does not run any more"
    wait "${openiked_processes[$1]}" || true
    unset "openiked_processes[$1]"
}
