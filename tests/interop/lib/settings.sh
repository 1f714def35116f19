# SPDX-License-Identifier: Apache-2.0
# What a row may say, with what holds when it does not. The words for algorithms, identities and traffic are those of xfrmd.toml;
# peers/PEER.sh says the same in the peer's own language.
# shellcheck shell=bash

readonly ours=alice theirs=peer   # the hosts
readonly secret='a secret of many words, for this matrix alone'

auth=psk              # psk, or the kind of key in certificates: rsa, ecdsa, ecdsa384, ecdsa521, ed25519
chain=                # yes: an intermediate authority between the hosts' certificates and the root that both trust
our_id=alice.example.net
their_id=peer.example.net
mode=transport        # or tunnel
protocol=esp          # or ah
family=4              # of the outer packets
children=('main - - -')   # "NAME LOCAL REMOTE PROTECT", lists by commas, "-" for nothing, tcp/7@here for "tcp/7 here"
their_children=()     # what the peer is told, from our point of view; if empty, the same
agreed_children=()    # what must come of both; if empty, children
ike=                  # proposals that both ends are told; if empty, xfrmd has its defaults and the peer the dialect's
esp=
ah=
peer_ike=             # the peer's alone
peer_defaults=        # yes: the peer has its own defaults
compress=             # yes: IPComp
fragment=             # yes: the wire is narrow, and IP fragments get lost
cookies=              # yes: the responder asks for a cookie
mobike=               # yes
behind_nat=           # yes: the initiator is behind a NAT
mate_child=           # a child of the mate's, from its point of view: then that is a second client of the responder, behind the same NAT
on_traffic=           # yes: traps on both sides, and traffic brings the connection up
liveness=             # seconds after which silence is looked into
rekey_seconds=        # the peer's lifetime of a child, for peers that make new keys only by themselves
ike_rekey_seconds=    # the same of the IKE SA
rekey_bytes=          # the peer's limit for a child
reauth_seconds=       # the peer's
our_reauth_seconds=   # xfrmd's; as the responder it tells the peer (AUTH_LIFETIME, RFC 4478), who has to begin in time
our_lines=            # more lines of xfrmd's connection
our_sections=         # more sections of xfrmd.toml
loss=                 # per cent, each way
deleter=initiator     # or responder: who ends it

patience=20           # seconds until both kernels have the same SAs

# What a row may do beside: after the connection is up and its traffic has been seen, and before it is deleted.
act() { :; }
# How the connection comes up.
bring_up() { initiate; }
