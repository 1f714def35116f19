# SPDX-License-Identifier: Apache-2.0
# The row in xfrmd's language.
# shellcheck shell=bash

# quoted LIST: a,b -> "a", "b"; "@here" -> " here".
quoted() {
    local text=${1//,/'", "'}
    echo "\"${text//@/ }\""
}

write_ours() {
    local folder=/etc/netns/$ours/xfrmd child name local_networks remote_networks protect
    printf '%s\n' "$secret" >"$folder/peer.psk"
    {
        if [[ $auth != psk ]]; then
            printf '[identity.host]\ncert = "/etc/xfrmd/host.pem"\nkey = "/etc/xfrmd/host.key"\n'
            printf '[trust.fleet]\nca = ["/etc/xfrmd/ca.pem"]\ncrl = "off"\n'
        fi
        echo "$our_sections"
        [[ -z $fragment ]] || printf '[limits]\nfragment_size = 576\n'
        [[ -z $cookies ]] || printf '[limits]\nhalf_open_before_cookie = 0\n'
        printf '[connection.peer]\nremote = "%s"\nmode = "%s"\nlocal_id = "%s"\n' "$(outer "$theirs")" "$mode" "$our_id"
        if [[ $auth == psk ]]; then
            printf 'peer = { id = "%s", psk = "/etc/xfrmd/peer.psk" }\n' "$their_id"
        else
            printf 'identity = "host"\npeer = { id = "%s", trust = "fleet" }\n' "$their_id"
        fi
        if [[ -n $on_traffic ]]; then echo 'start = "on_traffic"'; else echo 'start = "passive"'; fi
        [[ $protocol == esp ]] || echo 'protocol = "ah"'
        [[ -z $ike ]] || echo "ike = [$(quoted "$ike")]"
        [[ -z $esp ]] || echo "esp = [$(quoted "$esp")]"
        [[ -z $ah ]] || echo "ah = [$(quoted "$ah")]"
        [[ -z $compress ]] || echo 'compress = true'
        [[ -z $liveness ]] || echo "liveness = \"${liveness}s\""
        [[ -z $our_reauth_seconds ]] || echo "reauthenticate = \"${our_reauth_seconds}s\""
        echo "$our_lines"
        for child in "${children[@]}"; do
            read -r name local_networks remote_networks protect <<<"$child"
            if [[ $name != main || $local_networks != - ]]; then printf '[[connection.peer.child]]\nname = "%s"\n' "$name"; fi
            if [[ $local_networks != - ]]; then
                printf 'local = [%s]\nremote = [%s]\n' "$(quoted "$local_networks")" "$(quoted "$remote_networks")"
            fi
            [[ $protect == - ]] || echo "protect = [$(quoted "$protect")]"
        done
        ! serves_mate "$ours" || mate_as_client
    } >"$folder/xfrmd.toml"
    chmod -R go-rwx "$folder"
    cp "$folder/xfrmd.toml" "/results/$ours.xfrmd.toml.log"
}

# mirrored CHILD: as the other end sees it.
mirrored() {
    local name local_networks remote_networks protect item turned=
    read -r name local_networks remote_networks protect <<<"$1"
    for item in ${protect//,/ }; do
        case $item in
        tcp/*@here | udp/*@here) item=${item%@here} ;;
        tcp/* | udp/*) item=$item@here ;;
        esac
        turned+=${turned:+,}$item
    done
    echo "$name $remote_networks $local_networks $turned"
}

# by_number ITEM: tcp/7 -> 6/7. The peers' roots have no /etc/protocols.
by_number() {
    case $1 in
    tcp*) echo "6${1#tcp}" ;;
    udp*) echo "17${1#udp}" ;;
    icmp) if [[ $family == 6 ]]; then echo 58; else echo 1; fi ;;
    *) echo "$1" ;;
    esac
}

# children_of_peer: one line each, from the peer's point of view.
children_of_peer() {
    local child
    if ((${#their_children[@]})); then
        for child in "${their_children[@]}"; do mirrored "$child"; done
    else
        for child in "${children[@]}"; do mirrored "$child"; done
    fi
}
