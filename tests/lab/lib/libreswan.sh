# SPDX-License-Identifier: Apache-2.0
# libreswan on a host: the peer root 'libreswan', with HOST/ipsec.conf and HOST/ipsec.secrets of the scenario.
# shellcheck shell=bash

declare -A libreswan_processes=()

# libreswan HOST COMMAND ARGS…: its command is called ipsec.
libreswan() {
    local host=$1
    shift
    in_peer_root "$host" ipsec "$@"
}

# start_libreswan HOST: returns when it listens and has loaded its configuration.
start_libreswan() {
    local host=$1 root start=${EPOCHREALTIME/./}
    make_peer_root "$host" libreswan
    root=$(peer_root "$host")
    configure_libreswan "$host" "$root"
    : >"$root/var/log/pluto.log"
    # Not by a function, whose shell would stand between.
    ip netns exec "$host" chroot "$root" /usr/libexec/ipsec/pluto --config /etc/ipsec.conf --nofork --logfile /var/log/pluto.log \
        >"/results/$host.pluto.out.log" 2>&1 &
    libreswan_processes[$host]=$!
    until libreswan "$host" whack --listen >/dev/null 2>&1; do
        kill -0 "${libreswan_processes[$host]}" 2>/dev/null || fail "libreswan on $host has ended: $(tail -n 3 "$root/var/log/pluto.log")"
        (($(ms_since "$start") < 60000)) || fail "libreswan on $host does not answer within 60 s"
        sleep 0.1
    done
    in_peer_root "$host" /usr/libexec/ipsec/addconn --config /etc/ipsec.conf --autoall >"/results/$host.addconn.log" 2>&1 ||
        fail "libreswan on $host refuses its configuration: $(tail -n 5 "/results/$host.addconn.log")"
    ! grep 'failed to add connection' "/results/$host.addconn.log" || fail "libreswan on $host refuses its configuration"
    ok "libreswan runs on $host after $(ms_since "$start") ms"
}

# configure_libreswan HOST ROOT: what it keeps in NSS's database is made anew each time.
configure_libreswan() {
    local host=$1 root=$2
    rm -rf "$root/var/lib/ipsec/nss" "$root/run/pluto"
    mkdir -p "$root/var/lib/ipsec/nss" "$root/run/pluto" "$root/var/log"
    cp "$scenario/$host/ipsec.conf" "$root/etc/ipsec.conf"
    install -m 600 "$scenario/$host/ipsec.secrets" "$root/etc/ipsec.secrets"
    libreswan "$host" initnss >"/results/$host.initnss.log" 2>&1 || fail "libreswan on $host: $(tail -n 3 "/results/$host.initnss.log")"
    [[ -d $pki/$host ]] || return 0
    openssl pkcs12 -export -inkey "$pki/$host/host.key" -in "$pki/$host/host.pem" -name host -passout pass: -out "$root/run/host.p12"
    in_peer_root "$host" pk12util -i /run/host.p12 -d sql:/var/lib/ipsec/nss -W '' -K '' >"/results/$host.nss.log" 2>&1 ||
        fail "libreswan on $host does not take its key: $(tail -n 2 "/results/$host.nss.log")"
    libreswan_certificate "$host" ca CT,,
    [[ ! -f $pki/$host/intermediate.pem ]] || libreswan_certificate "$host" intermediate ,,
}

# libreswan_certificate HOST NAME TRUST: into NSS's database.
libreswan_certificate() {
    cp "$pki/$1/$2.pem" "$(peer_root "$1")/run/$2.pem"
    in_peer_root "$1" certutil -A -d sql:/var/lib/ipsec/nss -n "$2" -t "$3" -a -i "/run/$2.pem" >>"/results/$1.nss.log" 2>&1 ||
        fail "libreswan on $1 does not take the certificate $2: $(tail -n 2 "/results/$1.nss.log")"
}

# stop_libreswan HOST: it deletes what it has.
stop_libreswan() {
    libreswan "$1" whack --shutdown >/dev/null 2>&1 || fail "libreswan on $1 does not run any more"
    wait "${libreswan_processes[$1]}" || true
    unset "libreswan_processes[$1]"
}
