# SPDX-License-Identifier: Apache-2.0
# about: pre-shared key, IPv6 addresses as identities
# shellcheck shell=bash
family=6
our_id=fd00::1
their_id=fd00::2
