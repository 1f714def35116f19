# SPDX-License-Identifier: Apache-2.0
# The words that scenarios are written in. A scenario runs as root in a guest of its own and ends at the first check that fails.
#
#   step TEXT                           heading, with the time since the scenario began
#   host NAME ADDRESS/LEN…              a host on the network "wan", with NAME/etc from the scenario's folder as its /etc
#   machine NAME ADDRESS…               the guest itself, under systemd ("# system: systemd" in the head of the scenario; with
#                                       "# system: bare" without xfrmd; with "# root: NAME" it is of that root)
#   boot                                its start goes on
#   connect HOST NETWORK ADDRESS/LEN…   one more interface, called like the network
#   gateway HOST                        it forwards
#   host_behind NAME GATEWAY NETWORK ADDRESS/LEN…   a host on that network, with the gateway as its way out
#   route HOST PREFIX VIA
#   on HOST COMMAND…                    runs a command on a host
#   pki_ca, pki_cert                    certificates, made when the scenario runs: lib/pki.sh
#   start_xfrmd HOST…   stop_xfrmd HOST…   take_down_xfrmd HOST…   kill_xfrmd HOST   xfrmctl HOST ARGS…   lib/xfrmd.sh
#   start_strongswan HOST   stop_strongswan HOST   swanctl HOST ARGS…          lib/strongswan.sh
#   capture HOST   assert_esp_seen HOST   assert_no_clear HOST WHAT   show_packets HOST    lib/capture.sh
#   ping_ok FROM TO   ping_blocked FROM TO   expect PATTERN COMMAND…   wait_until SECONDS COMMAND…
#   must_fail PATTERN COMMAND…   assert_sas HOST COUNT   show COMMAND…
# shellcheck shell=bash

. "$(dirname "${BASH_SOURCE[0]}")/lib/check.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/network.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/capture.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/pki.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/xfrmd.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/peer_root.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/strongswan.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/libreswan.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/openiked.sh"
