# about: many peers at once: what a set-up costs xfrmd, strongSwan, libreswan and OpenIKED, side by side
# labels: bench kernel
# peers: strongswan libreswan openiked
# timeout: 240
# shellcheck shell=bash
#
#   load      --- xfrmd | strongswan | libreswan | openiked, one after the other
#
# 200 IKE SAs of each by themselves, which shows that all of it works; ./dev bench says how many, how often, how, and with whom:
# XFRMD_BENCH="COUNT RUNS AUTHENTICATION GROUP PARALLEL RATE RESPONDER…". What it measures lies in the results as RESPONDER.RUN.NAME.json
# (tests/bench/load.cpp).

read -r total runs auth group parallel rate responders <<<"${XFRMD_BENCH:-200 1 psk x25519 1 0 xfrmd strongswan libreswan openiked}"
readonly total runs auth group parallel rate responders
readonly generator=$build/tests/bench/xfrmd_load
readonly secret='a shared secret of some length'
hold=1   # seconds in which nothing happens
[[ -z ${XFRMD_BENCH:-} ]] || hold=10
readonly hold
readonly ike=aes128gcm16-prfsha256-$group

. "$scenario/responders.sh"
scenario=/run/bench   # where the configurations are written

# load NAME STEP…: from the host "load", against $responder, with $options. Fails if not all has succeeded.
options=() credentials=(--secret "$secret")
load() {
    local name=$1 results=/results/$responder.$run.$1 status=0
    shift
    [[ -z ${XFRMD_BENCH:-} ]] || options+=(--guest-clock /results)   # run_bench answers
    # shellcheck disable=SC2154
    on load "$generator" --server "$address" --ike "$ike" --esp "$esp" "${credentials[@]}" --watch "$processes" \
        --parallel "$parallel" --rate "$rate" "${options[@]}" "$@" >"$results.json" 2>"$results.log" || status=$?
    sed "s/^/            $name: /" "$results.log"
    return "$status"
}

# measure: all that is to be known of one run of $responder.
measure() {
    # Modules of the kernel are loaded, and what is made once is made.
    options=(--count 20 --patience 30)
    load warm open close || fail "$responder does not set up"
    options=(--count "$total" --patience 10)
    load setups open "hold:$hold" "run:$(listing_"$responder") >/run/listing" rekey close || fail "not all has succeeded"
    wait_until $((20 + total / 100)) has_sas 0
    options=(--count $((total / 5)) --patience 10)
    load idle open close || fail "not all has succeeded"
    # How many come through is a figure. What no bound keeps small takes minutes, which a test has not.
    ((runs > 1)) || [[ $responder == xfrmd ]] || return 0
    options=(--count $((total / 10)) --patience 1 --flood 300)
    load flood open close || ok "not all has come through beside a flood"
}

# has_sas COUNT: in the responder's kernel, two for each child.
has_sas() { (($(ip -n "$responder" xfrm state count | awk '{ print $NF }') == $1)); }

rm -f /results/*.json   # of a former run
host load 192.0.2.1/24
ip -n load route add local 10.0.0.0/8 dev lo
if [[ $auth != psk ]]; then
    pki_ca fleet "$auth"
    pki_cert fleet load "$auth" DNS:peers.example.net
    credentials=(--certificate "$pki/load/host.pem" --key "$pki/load/host.key" --authority "$pki/fleet.pem")
fi
number=10
declare -A addresses=()
for responder in $responders; do
    addresses[$responder]=192.0.2.$((++number))
    mkdir -p "$scenario/$responder"
    host "$responder" "${addresses[$responder]}/24"
    route "$responder" 10.0.0.0/8 192.0.2.1
    [[ $auth == psk ]] || pki_cert fleet "$responder" "$auth" DNS:server.example.net
done

# In turns, so that whatever else the machine does meets all of them.
for ((run = 1; run <= runs; ++run)); do
    for responder in $responders; do
        step "$responder, run $run of $runs: $total IKE SAs"
        address=${addresses[$responder]}
        "write_$responder"
        "begin_$responder"
        measure
        "end_$responder"
    done
done
