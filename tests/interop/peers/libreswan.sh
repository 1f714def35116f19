# SPDX-License-Identifier: Apache-2.0
# The row in libreswan's language.
# shellcheck shell=bash

readonly peer_package=libreswan   # whose version is told
readonly peer_default_ike=aes256gcm16-prfsha256-x25519
readonly peer_default_esp=aes256gcm16-esn
readonly peer_default_ah=sha256

write_theirs() {
    local folder=$scenario/$theirs
    {
        printf 'config setup\n    dnssec-enable=no\n    ikev1-policy=drop\n'
        [[ -z $cookies ]] || echo '    ddos-mode=busy'
        libreswan_children
        ! serves_mate "$theirs" || as_mate libreswan_children
    } >"$folder/ipsec.conf"
    {
        libreswan_secret
        ! serves_mate "$theirs" || as_mate libreswan_secret
    } >"$folder/ipsec.secrets"
    cp "$folder/ipsec.conf" "/results/$theirs.ipsec.conf.log"
}

libreswan_children() {
    local name local_networks remote_networks protect
    while read -r name local_networks remote_networks protect; do
        echo "conn $name"
        libreswan_connection
        if [[ $local_networks != - ]]; then
            echo "    leftsubnet=$(libreswan_selectors "$local_networks" "$protect" here)"
            echo "    rightsubnet=$(libreswan_selectors "$remote_networks" "$protect" there)"
        elif [[ $protect != - ]]; then
            echo "    leftprotoport=$(libreswan_port "$protect" here)"
            echo "    rightprotoport=$(libreswan_port "$protect" there)"
        fi
    done < <(children_of_peer)
}

libreswan_secret() { printf '%s %s : PSK "%s"\n' "$(libreswan_id "$their_id")" "$(libreswan_id "$our_id")" "$secret"; }

# What all children have in common: libreswan has one connection for each, and finds out that they share an IKE SA.
libreswan_connection() {
    printf '    %s\n' keyexchange=ikev2 "left=$(address_of "$theirs" "$family")" "right=$(libreswan_remote)" \
        "leftid=$(libreswan_id "$their_id")" "rightid=$(libreswan_id "$our_id")" "type=$mode" \
        "phase2=$protocol" \
        "fragmentation=yes" "initial-contact=yes" "narrowing=$(if ((${#agreed_children[@]})); then echo yes; else echo no; fi)" \
        "mobike=$(if [[ -n $mobike ]]; then echo yes; else echo no; fi)" \
        "auto=$(if [[ -n $on_traffic ]]; then echo ondemand; else echo add; fi)"
    case $auth in
    psk) echo '    authby=secret' ;;
    rsa) printf '    %s\n' authby=rsa-sha2 leftcert=host rightca=%same ;;
    ecdsa*) printf '    %s\n' authby=ecdsa leftcert=host rightca=%same ;;
    *) printf '    %s\n' leftauth="$auth" rightauth="$auth" leftcert=host rightca=%same ;;
    esac
    [[ -n $peer_defaults ]] || libreswan_algorithms
    [[ -z $chain ]] || echo "    sendca=issuer"
    [[ -z $compress ]] || echo '    compress=yes'
    [[ -z $liveness ]] || printf '    %s\n' "dpddelay=$liveness" retransmit-timeout=5s
    [[ -z $rekey_bytes ]] || echo "    ipsec-max-bytes=$((4 * rekey_bytes))"
    [[ -z $reauth_seconds ]] || printf '    %s\n' "ikelifetime=${reauth_seconds}s" reauth=yes rekeymargin=2s rekeyfuzz=0%
}

# libreswan_remote: it lets none move of whom it knows the address.
libreswan_remote() { if [[ -n $mobike && $role == initiator ]]; then echo %any; else outer "$ours"; fi; }

libreswan_algorithms() {
    echo "    ike=$(libreswan_ike "${peer_ike:-${ike:-$peer_default_ike}}")"
    if [[ $protocol == ah ]]; then
        echo "    ah=$(libreswan_child "${ah:-$peer_default_ah}")"
    else
        echo "    esp=$(libreswan_child "${esp:-$peer_default_esp}")"
        case -${esp:-$peer_default_esp}- in
        *-esn-noesn-*) echo '    esn=either' ;;
        *-esn-*) echo '    esn=yes' ;;
        *-noesn-*) echo '    esn=no' ;;
        *) echo '    esn=either' ;;
        esac
    fi
}

libreswan_id() {
    case $1 in
    keyid:*) echo "@#${1#keyid:}" ;;
    *@* | *:* | *=* | [0-9]*.[0-9]*) echo "$1" ;;
    *) echo "@$1" ;;
    esac
}

# libreswan_word WORD: an algorithm of ours in its words.
libreswan_word() {
    case $1 in
    aes128gcm16) echo aes_gcm128 ;;
    aes192gcm16) echo aes_gcm192 ;;
    aes256gcm16) echo aes_gcm256 ;;
    chacha20poly1305) echo chacha20_poly1305 ;;
    prfsha256 | sha256) echo sha2_256 ;;
    prfsha384 | sha384) echo sha2_384 ;;
    prfsha512 | sha512) echo sha2_512 ;;
    modp2048) echo dh14 ;;
    modp3072) echo dh15 ;;
    modp4096) echo dh16 ;;
    ecp256) echo dh19 ;;
    ecp384) echo dh20 ;;
    ecp521) echo dh21 ;;
    x25519) echo dh31 ;;
    *) echo "$1" ;;   # the same, or it will say that it does not know it
    esac
}

# libreswan_ike PROPOSALS: "cipher-hash-group"; its PRF is the hash.
libreswan_ike() {
    local proposal word ciphers hashes groups text=''
    for proposal in ${1//,/ }; do
        ciphers='' hashes='' groups=''
        for word in ${proposal//-/ }; do
            case $word in
            aes* | chacha*) ciphers+="${ciphers:++}$(libreswan_word "$word")" ;;
            prfsha* | sha*) [[ $hashes == *$(libreswan_word "$word")* ]] || hashes+="${hashes:++}$(libreswan_word "$word")" ;;
            *) groups+="${groups:++}$(libreswan_word "$word")" ;;
            esac
        done
        text+="${text:+,}$ciphers-$hashes-$groups"
    done
    echo "$text"
}

# libreswan_child PROPOSALS
libreswan_child() {
    local proposal word one text=''
    for proposal in ${1//,/ }; do
        one=''
        for word in ${proposal//-/ }; do
            [[ $word == esn || $word == noesn ]] || one+="${one:+-}$(libreswan_word "$word")"
        done
        text+="${text:+,}$one"
    done
    echo "$text"
}

# libreswan_selectors NETWORKS PROTECT SIDE
libreswan_selectors() {
    local network item port text=''
    for network in ${1//,/ }; do
        for item in ${2//,/ }; do
            port=$(libreswan_port "$item" "$3")
            text+="${text:+,}$network${port:+/$port}"
        done
    done
    echo "$text"
}

# libreswan_port ITEM SIDE
libreswan_port() {
    local item=$1
    case $item in
    -) return ;;
    */*@here) if [[ $2 == here ]]; then item=${item%@here}; else item=${item%%/*}; fi ;;
    tcp/* | udp/*) [[ $2 == there ]] || item=${item%%/*} ;;
    esac
    by_number "$item"
}

peer_start() { start_libreswan "$theirs"; }
peer_stop() { stop_libreswan "$theirs"; }
peer_kill() { kill_peer "$theirs"; }
peer_up() {
    local name rest
    while read -r name rest; do show timeout 25 ip netns exec "$theirs" chroot "$(peer_root "$theirs")" ipsec up "$name"; done < <(children_of_peer)
}
peer_down() {
    local name rest
    while read -r name rest; do libreswan "$theirs" down --asynchronous "$name" >/dev/null 2>&1 || true; done < <(children_of_peer)
}
peer_rekey_child() { show libreswan "$theirs" whack --rekey-child --asynchronous --name "$1"; }
peer_rekey_ike() { show libreswan "$theirs" whack --rekey-ike --asynchronous --name "$(children_of_peer | head -n 1 | cut -d ' ' -f 1)"; }
peer_delete_child() { show libreswan "$theirs" whack --down-child --asynchronous --name "$1"; }
peer_ike_sas() { libreswan "$theirs" whack --showstates 2>/dev/null | grep -E 'ESTABLISHED_IKE_SA' || true; }
peer_logs() { cp "$(peer_root "$theirs")/var/log/pluto.log" "/results/$theirs.pluto.log"; }
