# SPDX-License-Identifier: Apache-2.0
# about: pre-shared key, mail addresses
# shellcheck shell=bash
our_id=alice@example.net
their_id=peer@example.net
