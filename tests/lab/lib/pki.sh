# SPDX-License-Identifier: Apache-2.0
# Certificate authorities and certificates, made when the scenario runs and gone with the guest.
# shellcheck shell=bash

readonly pki=/run/pki

# new_key TYPE FILE: ecdsa (P-256), ecdsa384, ecdsa521, rsa (3072 bits) or ed25519.
new_key() {
    case $1 in
    ecdsa) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$2" ;;
    ecdsa384) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out "$2" ;;
    ecdsa521) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out "$2" ;;
    rsa) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -quiet -out "$2" ;;
    ed25519) openssl genpkey -algorithm ED25519 -out "$2" ;;
    *) fail "no such kind of key: $1" ;;
    esac
}

# pki_ca NAME [TYPE]
pki_ca() {
    mkdir -p "$pki"
    new_key "${2:-ecdsa}" "$pki/$1.key"
    openssl req -x509 -new -key "$pki/$1.key" -subj "/O=xfrmd lab/CN=$1" -days 30 -out "$pki/$1.pem" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}

# pki_cert CA HOST TYPE SAN [NOT_BEFORE NOT_AFTER]: a key and a certificate for the host, in its /etc/xfrmd and, should it run
# strongSwan, in its swanctl folders. SAN as openssl writes it: "DNS:alice.example.net,IP:10.0.0.1". Times as YYYYMMDDHHMMSSZ.
pki_cert() {
    local folder=$pki/$2
    mkdir -p "$folder"
    new_key "$3" "$folder/host.key"
    openssl req -new -key "$folder/host.key" -subj "/O=xfrmd lab/CN=$2" -addext "subjectAltName=$4" -out "$folder/host.csr"
    openssl x509 -req -in "$folder/host.csr" -CA "$pki/$1.pem" -CAkey "$pki/$1.key" -copy_extensions copy \
        -not_before "${5:-$(date -u -d '1 hour ago' +%Y%m%d%H%M%SZ)}" \
        -not_after "${6:-$(date -u -d '7 days' +%Y%m%d%H%M%SZ)}" -out "$folder/host.pem" 2>/dev/null
    cp "$pki/$1.pem" "$folder/ca.pem"
    install -m 600 "$folder"/{host.key,host.pem,ca.pem} "/etc/netns/$2/xfrmd/"
}

# pki_intermediate ROOT NAME [TYPE]: an authority below another one.
pki_intermediate() {
    new_key "${3:-ecdsa}" "$pki/$2.key"
    openssl req -new -key "$pki/$2.key" -subj "/O=xfrmd lab/CN=$2" -out "$pki/$2.csr" \
        -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign
    openssl x509 -req -in "$pki/$2.csr" -CA "$pki/$1.pem" -CAkey "$pki/$1.key" -copy_extensions copy -days 20 \
        -out "$pki/$2.pem" 2>/dev/null
}

# own_ca NAME, own_cert CA HOST DNS_NAME: the same by `xfrmctl pki`, for what needs nothing out of the ordinary.
own_ca() {
    command xfrmctl pki init --ca "$pki/$1" --subject "CN=$1, O=xfrmd lab" >/dev/null
}

own_cert() {
    local folder=$pki/$2
    mkdir -p "$folder"
    command xfrmctl pki issue host --ca "$pki/$1" --subject "CN=$2, O=xfrmd lab" --dns "$3" --out "$folder" >/dev/null
    cp "$pki/$1/ca.pem" "$folder/ca.pem"
    install -m 600 "$folder"/{host.key,host.pem,ca.pem} "/etc/netns/$2/xfrmd/"
}
