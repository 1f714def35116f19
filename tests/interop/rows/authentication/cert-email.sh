# SPDX-License-Identifier: Apache-2.0
# about: certificates, mail addresses as identities
# shellcheck shell=bash
auth=ecdsa
our_id=alice@example.net
their_id=peer@example.net
