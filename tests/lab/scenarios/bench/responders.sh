# SPDX-License-Identifier: Apache-2.0
# Each responder's configuration and start: $address is its own, peers are peer-N.example.net from 10.0.0.0/8 with $secret or,
# when $auth is no psk but a kind of keys, peers.example.net with a certificate.
# Each is told not to log, and otherwise has its own defaults, also for its protection against floods. Sets $processes, whose
# processor time and memory count, and $esp, the algorithms of the child. $group is x25519, ecp256 or modp2048.
# shellcheck shell=bash disable=SC2034,SC2154

# ---- xfrmd: a connection for each peer. ---------------------------------------------------------

write_xfrmd() {
    local folder=/etc/netns/xfrmd/xfrmd
    echo "$secret" >"$folder/all.psk"
    : >"$folder/xfrmd.toml"
    if [[ $auth != psk ]]; then
        printf '%s\n' '[identity.host]' 'cert = "/etc/xfrmd/host.pem"' 'key = "/etc/xfrmd/host.key"' \
            '[trust.fleet]' 'ca = ["/etc/xfrmd/ca.pem"]' 'crl = "off"' >"$folder/xfrmd.toml"
    fi
    # A file is a mebibyte at most.
    mkdir -p "$folder/conf.d"
    awk -v count="$total" -v suite="$ike" -v auth="$auth" -v folder="$folder/conf.d" 'BEGIN {
        for (i = 0; i < count || i < 20; ++i) {
            file = sprintf("%s/%03d.toml", folder, i / 1000)
            printf "[connection.peer-%d]\nremote = \"10.%d.%d.%d\"\n", i, i / 65536, i / 256 % 256, i % 256 >file
            printf "local_id = \"server.example.net\"\nstart = \"passive\"\nliveness = \"off\"\n" >file
            printf "ike = [\"%s\"]\nesp = [\"aes128gcm16\"]\n", suite >file
            if (auth == "psk")
                printf "peer = { id = \"peer-%d.example.net\", psk = \"/etc/xfrmd/all.psk\" }\n\n", i >file
            else
                printf "identity = \"host\"\npeer = { id = \"peers.example.net\", trust = \"fleet\" }\n\n" >file
        }
    }'
    chmod -R go-rwx "$folder"
    esp=aes128gcm16
}
begin_xfrmd() {
    xfrmd_arguments=(--log-level error) xfrmd_patience=$((30 + total / 50))
    start_xfrmd xfrmd
    processes=${xfrmd_processes[xfrmd]}
}
listing_xfrmd() { echo "ip netns exec xfrmd xfrmctl --socket /run/xfrmd-xfrmd/io.xfrmd list ike --json"; }
end_xfrmd() { take_down_xfrmd xfrmd; }

# ---- strongSwan: one connection for all; a hash table of its own size for its IKE SAs. -----------

write_strongswan() {
    local local_words='auth = psk' remote_words='auth = psk'
    if [[ $auth != psk ]]; then local_words=$'auth = pubkey\n   certs = host.pem' remote_words='auth = pubkey'; fi
    cat >"$scenario/strongswan/swanctl.conf" <<END
connections {
 all {
  version = 2
  local_addrs = $address
  remote_addrs = 10.0.0.0/8
  proposals = $ike
  mobike = no
  unique = never
  local { $local_words
   id = server.example.net }
  remote { $remote_words
   id = "*.example.net" }
  children {
   all {
    mode = transport
    esp_proposals = aes128gcm16
    rekey_time = 0
   }
  }
  rekey_time = 0
 }
}
secrets {
 ike-all {
  secret = "$secret"
 }
}
END
    cat >"$scenario/strongswan/strongswan.conf" <<'END'
swanctl {
    load = random nonce openssl pem pkcs1 pkcs8 x509 pubkey
}
charon-systemd {
    load = random nonce openssl pem pkcs1 pkcs8 x509 pubkey constraints curve25519 hmac kdf kernel-netlink socket-default vici
    plugins {
        vici {
            socket = unix:///run/charon.vici
        }
    }
    ikesa_table_size = 16384
    ikesa_table_segments = 16
    journal {
        default = -1
    }
}
END
}
begin_strongswan() {
    start_strongswan strongswan
    processes=${strongswan_processes[strongswan]}
    esp=aes128gcm16
}
listing_strongswan() {
    echo "ip netns exec strongswan chroot $(peer_root strongswan) swanctl --list-sas --uri unix:///run/charon.vici"
}
end_strongswan() { stop_strongswan strongswan; }

# ---- libreswan: one connection for all; no shell script for each child. --------------------------

write_libreswan() {
    local -A groups=([x25519]=dh31 [ecp256]=dh19 [modp2048]=dh14)
    local words='authby=secret'
    case $auth in
    rsa) words=$'authby=rsa-sha2\n    leftcert=host\n    rightca=%same\n    rightid=@peers.example.net' ;;
    ecdsa) words=$'authby=ecdsa\n    leftcert=host\n    rightca=%same\n    rightid=@peers.example.net' ;;
    esac
    cat >"$scenario/libreswan/ipsec.conf" <<END
config setup
    dnssec-enable=no
    ikev1-policy=drop
    plutodebug=none
    uniqueids=no
conn all
    keyexchange=ikev2
    left=$address
    leftid=@server.example.net
    right=%any
    type=transport
    $words
    ike=aes_gcm128-sha2_256-${groups[$group]}
    esp=aes_gcm128
    esn=no
    pfs=no
    mobike=no
    leftupdown=
    auto=add
END
    printf '@server.example.net %%any : PSK "%s"\n' "$secret" >"$scenario/libreswan/ipsec.secrets"
}
begin_libreswan() {
    make_peer_root libreswan libreswan
    ln -sf /dev/null "$(peer_root libreswan)/var/log/pluto.log"
    start_libreswan libreswan
    processes=${libreswan_processes[libreswan]}
    esp=aes128gcm16
}
listing_libreswan() { echo "ip netns exec libreswan chroot $(peer_root libreswan) ipsec whack --showstates"; }
# What a flood has left behind would keep it busy for minutes.
end_libreswan() {
    kill -KILL "$processes"
    { wait "$processes" || true; } 2>/dev/null
    ip -n libreswan xfrm state flush
    ip -n libreswan xfrm policy flush
}

# ---- OpenIKED: a policy for each peer. PF_KEY has no AEAD, so its children are of other algorithms. --

write_openiked() {
    awk -v count="$total" -v address="$address" -v secret="$secret" -v group="${group/x25519/curve25519}" \
        -v auth="$auth" 'BEGIN {
        print "set nomobike"
        for (i = 0; i < count || i < 20; ++i) {
            peer = sprintf("10.%d.%d.%d", i / 65536, i / 256 % 256, i % 256)
            printf "ikev2 \"peer-%d\" passive transport esp from %s to %s local %s peer %s ", i, address, peer, address, peer
            printf "ikesa enc aes-128-gcm prf hmac-sha2-256 group %s childsa enc aes-128 auth hmac-sha2-512 noesn ", group
            if (auth == "psk")
                printf "srcid \"server.example.net\" dstid \"peer-%d.example.net\" psk \"%s\"\n", i, secret
            else
                print "srcid \"server.example.net\" dstid \"peers.example.net\" rfc7427"
        }
    }' >"$scenario/openiked/iked.conf"
}
begin_openiked() {
    openiked_arguments=() openiked_log=/dev/null   # even when it says little, a line for each message
    start_openiked openiked
    # It is four processes: certificates, control, protocol, and the one that started them.
    processes=$(pgrep -d ' ' -x iked)
    esp=aes128-sha512
}
listing_openiked() { echo "ip netns exec openiked chroot $(peer_root openiked) ikectl -q show sa"; }
end_openiked() { stop_openiked openiked; }
