# SPDX-License-Identifier: Apache-2.0
# The row in strongSwan's language, whose words for algorithms are ours.
# shellcheck shell=bash

readonly peer_package=charon-systemd   # whose version is told
readonly peer_default_ike=aes256gcm16-prfsha256-x25519
readonly peer_default_esp=aes256gcm16-esn
readonly peer_default_ah=sha256

write_theirs() {
    local folder=$scenario/$theirs
    {
        echo 'connections {'
        strongswan_connection alice
        ! serves_mate "$theirs" || as_mate strongswan_connection mate
        echo '}'
        if [[ $auth == psk ]]; then
            printf 'secrets {\n ike-alice {\n  secret = "%s"\n }\n}\n' "$secret"
        fi
    } >"$folder/swanctl.conf"
    cp "$folder/swanctl.conf" "/results/$theirs.swanctl.conf.log"
    strongswan_conf >"$folder/strongswan.conf"
}

# strongswan_connection NAME
strongswan_connection() {
    echo " $1 {"
    [[ -n $mobike ]] || echo "  local_addrs = $(address_of "$theirs" "$family")"
    # Whoever leaves it half open must be somebody it would speak to.
    echo "  remote_addrs = $(outer "$ours")${cookies:+, 10.0.0.0/24}"
    echo '  version = 2'
    echo "  proposals = $(strongswan_proposals "${peer_ike:-${ike:-$peer_default_ike}}")"
    [[ -n $mobike ]] || echo '  mobike = no'
    [[ -z $liveness ]] || echo "  dpd_delay = ${liveness}s"
    [[ -z $reauth_seconds ]] || printf '  reauth_time = %ds\n  rekey_time = 0\n' "$reauth_seconds"
    # By default it begins minutes before the end: what xfrmd tells it would be over at once, again and again.
    [[ -z $our_reauth_seconds ]] || echo '  over_time = 4s'
    if [[ $auth == psk ]]; then
        echo "  local { auth = psk"
        echo "   id = $(strongswan_id "$their_id") }"
        echo "  remote { auth = psk"
        echo "   id = $(strongswan_id "$our_id") }"
    else
        echo "  local { auth = pubkey"
        echo "   certs = host.pem"
        echo "   id = $(strongswan_id "$their_id") }"
        echo "  remote { auth = pubkey"
        echo "   id = $(strongswan_id "$our_id") }"
    fi
    echo '  children {'
    strongswan_children
    echo '  }'
    echo ' }'
}

strongswan_proposals() { if [[ -n $peer_defaults ]]; then echo default; else echo "$1"; fi; }

# strongswan_id IDENTITY
strongswan_id() {
    case $1 in
    keyid:*) echo "\"@#${1#keyid:}\"" ;;
    *) echo "\"$1\"" ;;
    esac
}

strongswan_children() {
    local name local_networks remote_networks protect
    while read -r name local_networks remote_networks protect; do
        echo "   $name {"
        echo "    mode = $mode"
        if [[ $local_networks != - || $protect != - ]]; then
            echo "    local_ts = $(strongswan_selectors "$local_networks" "$protect" here)"
            echo "    remote_ts = $(strongswan_selectors "$remote_networks" "$protect" there)"
        fi
        if [[ $protocol == ah ]]; then
            echo "    ah_proposals = $(strongswan_proposals "${ah:-$peer_default_ah}")"
        else
            echo "    esp_proposals = $(strongswan_proposals "${esp:-$peer_default_esp}")"
        fi
        [[ -z $compress ]] || echo '    ipcomp = yes'
        [[ -z $rekey_bytes ]] || printf '    rekey_bytes = %d\n    life_bytes = %d\n' "$rekey_bytes" $((2 * rekey_bytes))
        [[ -z $on_traffic ]] || echo '    start_action = trap'
        [[ -z $liveness ]] || echo '    dpd_action = clear'
        echo '   }'
    done < <(children_of_peer)
}

# strongswan_selectors NETWORKS PROTECT SIDE
strongswan_selectors() {
    local network item text=''
    for network in ${1//,/ }; do
        [[ $network != - ]] || network=dynamic
        for item in ${2//,/ }; do
            [[ $item != - ]] || { text+="${text:+, }$network" && continue; }
            case $item in
            */*@here) if [[ $3 == there ]]; then item=${item%%/*}; else item=${item%@here}; fi ;;
            tcp/* | udp/*) [[ $3 == there ]] || item=${item%%/*} ;;
            esac
            text+="${text:+, }${network}[$(by_number "$item")]"
        done
    done
    echo "$text"
}

strongswan_conf() {
    cat <<END
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
    dos_protection = $(if [[ -n $cookies ]]; then echo yes; else echo no; fi)
    cookie_threshold = 1
    cookie_threshold_ip = 1
    fragment_size = $(if [[ -n $fragment ]]; then echo 576; else echo 1280; fi)
    retransmit_base = 1.4
    retransmit_timeout = 1.0
    journal {
        default = -1
    }
    filelog {
        log {
            path = /var/log/charon.log
            time_format = %T
            flush_line = yes
            default = 1
            ike = 2
            cfg = 2
            net = 2
        }
    }
}
END
}

peer_start() { start_strongswan "$theirs"; }
peer_stop() { stop_strongswan "$theirs"; }
peer_kill() { kill_peer "$theirs"; }

peer_up() {
    local name rest
    while read -r name rest; do show swanctl "$theirs" --initiate --child "$name" --timeout 20 --loglevel 0; done < <(children_of_peer)
}
peer_down() { show swanctl "$theirs" --terminate --ike alice --timeout 10 --loglevel 0; }
peer_rekey_child() { show swanctl "$theirs" --rekey --child "$1"; }
peer_rekey_ike() { show swanctl "$theirs" --rekey --ike alice; }
peer_delete_child() { show swanctl "$theirs" --terminate --child "$1" --timeout 10 --loglevel 0; }
peer_ike_sas() { swanctl "$theirs" --list-sas | grep 'ESTABLISHED, IKEv2' || true; }
peer_logs() { cp "$(peer_root "$theirs")/var/log/charon.log" "/results/$theirs.charon.log"; }
