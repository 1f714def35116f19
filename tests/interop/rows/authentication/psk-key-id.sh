# SPDX-License-Identifier: Apache-2.0
# about: pre-shared key, opaque key identifiers
# shellcheck shell=bash
our_id=keyid:0a0b0c0d
their_id=keyid:f0f1f2
