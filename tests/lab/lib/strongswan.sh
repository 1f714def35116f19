# SPDX-License-Identifier: Apache-2.0
# strongSwan on a host: the peer root 'strongswan', or the one that a scenario names in strongswan_peer, with the host's own changes in memory over it, and HOST/swanctl.conf of the scenario.
# shellcheck shell=bash

declare -A strongswan_processes=()

strongswan_root() { peer_root "$1"; }

# swanctl HOST ARGS…
swanctl() {
    local host=$1 command=$2
    shift 2
    on "$host" chroot "$(strongswan_root "$host")" swanctl "$command" --uri unix:///run/charon.vici "$@"
}

# start_strongswan HOST…: all at once; returns when each answers and has loaded its configuration.
start_strongswan() {
    local host start=${EPOCHREALTIME/./}
    for host in "$@"; do
        make_peer_root "$host" "${strongswan_peer:-strongswan}"
        configure_strongswan "$host"
        ip netns exec "$host" chroot "$(strongswan_root "$host")" /usr/sbin/charon-systemd \
            >"/results/$host.charon-systemd.log" 2>&1 &
        strongswan_processes[$host]=$!
    done
    for host in "$@"; do await_strongswan "$host" "$start"; done
}

# await_strongswan HOST START
await_strongswan() {
    local host=$1 start=$2
    until swanctl "$host" --stats >/dev/null 2>&1; do
        kill -0 "${strongswan_processes[$host]}" 2>/dev/null || fail "strongSwan on $host has ended"
        (($(ms_since "$start") < 20000)) || fail "strongSwan on $host does not answer within 20 s"
        sleep 0.05
    done
    swanctl "$host" --load-all --noprompt >"/results/$host.swanctl.log" 2>&1 ||
        fail "strongSwan on $host refuses its configuration: $(tail -n 5 "/results/$host.swanctl.log")"
    ok "strongSwan runs on $host after $(ms_since "$start") ms"
}

# stop_strongswan HOST
stop_strongswan() {
    local process=${strongswan_processes[$1]:-}
    if [[ -z $process ]] || ! kill -TERM "$process" 2>/dev/null; then
        fail "strongSwan on $1 does not run any more"
    fi
    wait "$process" || true
    unset "strongswan_processes[$1]"
}

configure_strongswan() {
    local host=$1 root
    root=$(strongswan_root "$host")
    cp "$scenario/$host/swanctl.conf" "$root/etc/swanctl/swanctl.conf"
    if [[ -d $pki/$host ]]; then
        cp "$pki/$host/ca.pem" "$root/etc/swanctl/x509ca/"
        cp "$pki/$host"/{host,intermediate}.pem "$root/etc/swanctl/x509/" 2>/dev/null || true   # few have an intermediate one
        cp "$pki/$host/host.key" "$root/etc/swanctl/private/"
    fi
    if [[ -f $scenario/$host/strongswan.conf ]]; then
        cp "$scenario/$host/strongswan.conf" "$root/etc/strongswan.conf"
        return
    fi
    # Only the plugins that scenarios need: with all of them the first swanctl of a boot takes four seconds.
    cat >"$root/etc/strongswan.conf" <<END
swanctl {
    load = random nonce openssl pem pkcs1 pkcs8 x509 pubkey
}
charon-systemd {
    load = random nonce openssl pem pkcs1 pkcs8 x509 pubkey constraints revocation curve25519 hmac kdf chapoly \
        kernel-netlink socket-default vici updown
    plugins {
        vici {
            socket = unix:///run/charon.vici
        }
    }
    dos_protection = no
    journal {
        default = -1
    }
    filelog {
        log {
            path = /var/log/charon.log
            time_format = %T
            flush_line = yes
            default = 1
        }
    }
}
END
}

# restart_strongswan HOST: with the configuration and certificates that it has by now.
restart_strongswan() {
    stop_strongswan "$1"
    start_strongswan "$1"
}
