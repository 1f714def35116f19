# SPDX-License-Identifier: Apache-2.0
# Certificates of the cell's hosts.
# shellcheck shell=bash

# subject_alternative_name IDENTITY
subject_alternative_name() {
    case $1 in
    *@*) echo "email:$1" ;;
    *:* | [0-9]*.[0-9]*) echo "IP:$1" ;;
    *) echo "DNS:$1" ;;
    esac
}

make_certificates() {
    pki_ca fleet "$auth"
    local authority=fleet
    if [[ -n $chain ]]; then
        pki_intermediate fleet branch "$auth"
        authority=branch
    fi
    pki_cert "$authority" "$ours" "$auth" "$(subject_alternative_name "$our_id")"
    pki_cert "$authority" "$theirs" "$auth" "$(subject_alternative_name "$their_id")"
    [[ -n $chain ]] || return 0
    local name
    for name in "$ours" "$theirs"; do
        cp "$pki/fleet.pem" "$pki/$name/ca.pem"
        cp "$pki/branch.pem" "$pki/$name/intermediate.pem"
    done
    cp "$pki/fleet.pem" "/etc/netns/$ours/xfrmd/ca.pem"
    cat "$pki/branch.pem" >>"/etc/netns/$ours/xfrmd/host.pem"
}
