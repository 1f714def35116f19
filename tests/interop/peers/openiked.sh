# SPDX-License-Identifier: Apache-2.0
# The row in OpenIKED's language: one policy for each child.
# shellcheck shell=bash

readonly peer_package=openiked   # whose version is told
readonly peer_default_ike=aes256gcm16-prfsha256-x25519
readonly peer_default_esp=aes256-sha512-noesn   # PF_KEY has no AEAD, and cuts HMAC-SHA2-256 to 96 bits
readonly peer_default_ah=sha512-noesn

write_theirs() {
    local folder=$scenario/$theirs
    {
        if [[ -n $fragment ]]; then echo 'set fragmentation'; fi
        if [[ -n $mobike ]]; then echo 'set mobike'; else echo 'set nomobike'; fi
        # The second one is its remedy for who comes back: on Linux the first one sees no traffic, and looks after five minutes.
        [[ -z $liveness ]] || printf 'set %s\n' "dpd_check_interval $liveness" enforcesingleikesa
        openiked_policies
        ! serves_mate "$theirs" || as_mate openiked_policies
    } >"$folder/iked.conf"
    cp "$folder/iked.conf" "/results/$theirs.iked.conf.log"
}

openiked_policies() {
    local name local_networks remote_networks protect
    while read -r name local_networks remote_networks protect; do openiked_policy; done < <(children_of_peer)
}

# openiked_policy: of the child in openiked_policies's variables.
openiked_policy() {
    local remote start=active
    remote=$(openiked_remote)
    [[ $remote != any ]] || start=passive
    printf 'ikev2 "%s" %s %s %s %s' "$name" "$start" "${compress:+ipcomp}" "$mode" "$protocol"
    openiked_flows
    printf ' \\\n  local %s peer %s' "$(address_of "$theirs" "$family")" "$remote"
    [[ -n $peer_defaults ]] || openiked_algorithms
    printf ' \\\n  srcid "%s" dstid "%s"' "$their_id" "$our_id"
    [[ -z $ike_rekey_seconds ]] || printf ' \\\n  ikelifetime %d' "$ike_rekey_seconds"
    if [[ -n $rekey_seconds || -n $rekey_bytes ]]; then
        printf ' \\\n  lifetime %d bytes %d' "${rekey_seconds:-10800}" "${rekey_bytes:-4294967296}"
    fi
    case $auth in
    psk) printf ' \\\n  psk "%s"\n' "$secret" ;;
    rsa | ecdsa) printf ' \\\n  rfc7427\n' ;;
    *) printf '\n' ;;
    esac
}

# openiked_remote: it answers nobody else, and half-open IKE SAs are somebody else's.
openiked_remote() { if [[ -n $cookies && $role == initiator ]]; then echo any; else outer "$ours"; fi; }

openiked_algorithms() {
    openiked_proposals ikesa "${peer_ike:-${ike:-$peer_default_ike}}"
    if [[ $protocol == ah ]]; then
        openiked_proposals childsa "${ah:-$peer_default_ah}"
    else
        openiked_proposals childsa "${esp:-$peer_default_esp}"
    fi
}

# openiked_flows: one for each pair of networks of one family.
openiked_flows() {
    local mine network item=$protect from_port='' to_port=''
    case $item in
    -) ;;
    */*@here) item=${item%@here} && from_port=" port ${item#*/}" && item=${item%%/*} ;;
    tcp/* | udp/*) to_port=" port ${item#*/}" && item=${item%%/*} ;;
    esac
    [[ $item == - ]] || printf ' proto %s' "$(by_number "$item")"
    if [[ $local_networks == - ]]; then
        printf ' \\\n  from %s%s to %s%s' "$(address_of "$theirs" "$family")" "$from_port" "$(address_inside "$ours")" "$to_port"
        return
    fi
    for mine in ${local_networks//,/ }; do
        for network in ${remote_networks//,/ }; do
            same_family "$mine" "$network" || continue
            printf ' \\\n  from %s%s to %s%s' "$mine" "$from_port" "$network" "$to_port"
        done
    done
}

# openiked_proposals KEYWORD PROPOSALS
openiked_proposals() {
    local proposal word
    for proposal in ${2//,/ }; do
        printf ' \\\n  %s' "$1"
        for word in ${proposal//-/ }; do openiked_word "$1" "$word" "$proposal"; done
    done
}

# openiked_word KEYWORD WORD PROPOSAL: the hash of an IKE proposal that names no PRF is its PRF, too, as the others do it.
openiked_word() {
    case $2 in
    aes*gcm16) printf ' enc %s' "$(sed -E 's/aes([0-9]+)gcm16/aes-\1-gcm/' <<<"$2")" ;;
    aes*) printf ' enc aes-%s' "${2#aes}" ;;
    chacha20poly1305) printf ' enc chacha20-poly1305' ;;
    prfsha*) printf ' prf hmac-sha2-%s' "${2#prfsha}" ;;
    sha*)
        printf ' auth hmac-sha2-%s' "${2#sha}"
        [[ $1 == childsa || $3 == *prf* ]] || printf ' prf hmac-sha2-%s' "${2#sha}"
        ;;
    x25519) printf ' group curve25519' ;;
    esn | noesn) printf ' %s' "$2" ;;
    *) printf ' group %s' "$2" ;;
    esac
}

peer_start() { start_openiked "$theirs"; }
peer_stop() { stop_openiked "$theirs"; }
peer_kill() { kill_peer "$theirs"; }
peer_up() { show ikectl "$theirs" active; }
peer_down() {
    ikectl "$theirs" passive
    show ikectl "$theirs" reset id "$(openiked_id "$our_id")"
}
openiked_id() {
    case $1 in
    *@*) echo "UFQDN/$1" ;;
    *:*) echo "IPV6/$1" ;;
    [0-9]*.[0-9]*) echo "IPV4/$1" ;;
    *) echo "FQDN/$1" ;;
    esac
}
# Its command has no word for a rekey: what is configured decides.
peer_rekey_child() { :; }
peer_rekey_ike() { :; }
peer_ike_sas() { ikectl "$theirs" show sa | grep -E '^iked_sas: .*ESTABLISHED' || true; }
peer_logs() { :; }
