# SPDX-License-Identifier: Apache-2.0
# about: the initiator moves to another address (RFC 4555), and traffic goes on
# shellcheck shell=bash
mobike=yes
mode=tunnel
children=('lan 10.1.0.0/24 10.2.0.0/24 -')

act() {
    expect '"mobike": ?true' xfrmctl "$ours" list ike --json
    start_traffic
    move "$(initiator)" 10.0.0.33
    sleep 4
    end_traffic 30
    wait_until 5 consistent
    expect '10\.0\.0\.33' on "$(responder)" ip xfrm state list nokeys
    verify
}
