# about: many peers at once: what a set-up costs xfrmd, strongSwan, libreswan and OpenIKED, side by side
# labels: bench kernel
# peers: strongswan libreswan openiked
# timeout: 240
# shellcheck shell=bash
#
#   load      --- xfrmd | strongswan | libreswan | openiked, one after the other
#
# 200 IKE SAs by themselves, which shows that all of it works; ./dev bench says how many, how often, and with whom:
# XFRMD_BENCH="COUNT RUNS RESPONDER…". What it measures lies in the results as RESPONDER.RUN.NAME.json (tests/bench/load.cpp).

read -r total runs responders <<<"${XFRMD_BENCH:-200 1 xfrmd strongswan libreswan openiked}"
readonly total runs responders
readonly generator=$build/tests/bench/xfrmd_load
readonly secret='a shared secret of some length'
readonly ike=aes128gcm16-prfsha256-x25519

. "$scenario/responders.sh"
scenario=/run/bench   # where the configurations are written

# load NAME STEP…: from the host "load", against $responder, with $options.
options=()
load() {
    local name=$1 results=/results/$responder.$run.$1 status=0
    shift
    # shellcheck disable=SC2154
    on load "$generator" --server "$address" --ike "$ike" --esp "$esp" --secret "$secret" --watch "$processes" \
        "${options[@]}" "$@" >"$results.json" 2>"$results.log" || status=$?
    sed "s/^/            $name: /" "$results.log"
    ((status == 0)) || fail "$name: not all has succeeded"
}

# expect_sas COUNT: in the responder's kernel, two for each child.
expect_sas() { wait_until 20 has_sas "$1"; }
has_sas() { (($(ip -n "$responder" xfrm state count | awk '{ print $NF }') == $1)); }

rm -f /results/*.json   # of a former run
host load 192.0.2.1/24
ip -n load route add local 10.0.0.0/8 dev lo

number=10
for responder in $responders; do
    address=192.0.2.$((++number))
    mkdir -p "$scenario/$responder"
    host "$responder" "$address/24"
    route "$responder" 10.0.0.0/8 192.0.2.1
    for ((run = 1; run <= runs; ++run)); do
        step "$responder, run $run of $runs: $total IKE SAs"
        "write_$responder"
        "begin_$responder"
        # Modules of the kernel are loaded, and what is made once is made.
        options=(--count 20 --patience 30)
        load warm open close
        options=(--count "$total" --patience 10)
        load setups open "hold:${hold:-2}" "run:$(listing_"$responder") >/run/listing" rekey close
        expect_sas 0
        options=(--count $((total / 5)) --patience 10)
        load idle open close
        options=(--count $((total / 5)) --patience 10 --flood 300)
        load flood open close
        "end_$responder"
    done
done
