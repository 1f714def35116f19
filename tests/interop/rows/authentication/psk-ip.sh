# SPDX-License-Identifier: Apache-2.0
# about: pre-shared key, addresses as identities
# shellcheck shell=bash
our_id=10.0.0.1
their_id=10.0.0.2
