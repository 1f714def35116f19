# SPDX-License-Identifier: Apache-2.0
# The mate: a second client of the cell's responder, behind the same NAT as the initiator. It runs xfrmd, whoever the others are, and has
# an identity and a network of its own.
# shellcheck shell=bash

readonly mate_id=mate.example.net

set_up_mate() {
    local name local_network remote_network
    host_behind mate box home 192.168.1.3/24
    nat_for 192.168.1.3 20000
    read -r name local_network remote_network _ <<<"$mate_child"
    inner_network mate "$(responder)" "$local_network"
    inner_network "$(responder)" mate "$remote_network"
}

# serves_mate HOST
serves_mate() { [[ -n $mate_child && $1 == "$(responder)" ]]; }

# as_mate COMMAND…: what it writes of xfrmd for the peer, it writes of the mate.
as_mate() {
    # shellcheck disable=SC2034
    local our_id=$mate_id children=("$mate_child") their_children=()
    "$@"
}

# mate_as_client: the mate's connection in the configuration of xfrmd, which is the responder.
mate_as_client() {
    local name local_network remote_network
    read -r name local_network remote_network _ <<<"$mate_child"
    mate_connection mate "$nat_address" "$our_id" "$mate_id"
    mate_networks mate "$remote_network" "$local_network"
}

# mate_connection NAME REMOTE LOCAL_ID PEER_ID
mate_connection() {
    printf '[connection.%s]\nremote = "%s"\nmode = "%s"\nlocal_id = "%s"\n' "$1" "$2" "$mode" "$3"
    printf 'peer = { id = "%s", psk = "/etc/xfrmd/peer.psk" }\nstart = "passive"\n' "$4"
}

# mate_networks NAME LOCAL REMOTE
mate_networks() { printf '[[connection.%s.child]]\nname = "mate"\nlocal = ["%s"]\nremote = ["%s"]\n' "$1" "$2" "$3"; }

mate_up() {
    local folder=/etc/netns/mate/xfrmd name local_network remote_network server_id=$their_id
    [[ $role == initiator ]] || server_id=$our_id
    read -r name local_network remote_network _ <<<"$mate_child"
    printf '%s\n' "$secret" >"$folder/peer.psk"
    {
        mate_connection server "$(outer "$(responder)")" "$mate_id" "$server_id"
        mate_networks server "$local_network" "$remote_network"
    } >"$folder/xfrmd.toml"
    chmod -R go-rwx "$folder"
    cp "$folder/xfrmd.toml" /results/mate.xfrmd.toml.log
    start_xfrmd mate
    show xfrmctl mate up server
}

# mate_verify: data both ways between the mate and the responder.
mate_verify() {
    local name local_network remote_network
    read -r name local_network remote_network _ <<<"$mate_child"
    echoes mate "$(first_host "$local_network")" "$(first_host "$remote_network")" 64
    echoes "$(responder)" "$(first_host "$remote_network")" "$(first_host "$local_network")" 64
}

# mate_down: it ends, and the initiator stays.
mate_down() {
    show xfrmctl mate down server
    stop_xfrmd mate
    mate_child=
    wait_until 15 consistent
}
