# SPDX-License-Identifier: Apache-2.0
# Steps and checks. Each check says what it saw; one that does not hold ends the scenario.
# shellcheck shell=bash

scenario_start=${EPOCHREALTIME/./}
step_start=''

ms_since() { echo $(((${EPOCHREALTIME/./} - $1) / 1000)); }

step() {
    last_step
    step_start=${EPOCHREALTIME/./}
    printf '\n[%6d ms] %s\n' "$(ms_since "$scenario_start")" "$*"
}

last_step() {
    [[ -z $step_start ]] || printf '            done in %d ms\n' "$(ms_since "$step_start")"
}

ok() { printf '        ok: %s\n' "$*"; }

fail() {
    printf '    FAILED: %s\n' "$*"
    exit 1
}

# show COMMAND…: the command and what it prints, which must succeed.
show() {
    local output status=0
    printf '          $ %s\n' "$*"
    output=$("$@" 2>&1) || status=$?
    printf '%s\n' "$output" | sed 's/^/            /'
    ((status == 0)) || fail "'$*' ended with status $status"
}

# wait_until SECONDS COMMAND…: until the command succeeds.
wait_until() {
    local seconds=$1 start=${EPOCHREALTIME/./}
    shift
    until ("$@") >/dev/null 2>&1; do
        (($(ms_since "$start") < seconds * 1000)) || fail "'$*' did not succeed within $seconds s"
        sleep 0.05
    done
    ok "'$*' after $(ms_since "$start") ms"
}

# expect PATTERN COMMAND…: the command's output has a line that matches the extended regular expression.
expect() {
    local pattern=$1 output
    shift
    output=$("$@" 2>&1) || true
    if ! grep -qE -- "$pattern" <<<"$output"; then
        printf '%s\n' "$output" | sed 's/^/            /'
        fail "'$*' printed nothing that matches '$pattern'"
    fi
    ok "'$*' says '$(grep -m 1 -oE -- "$pattern" <<<"$output")'"
}

# must_fail PATTERN COMMAND…: for what must be refused, and for checks of checks. The last line must say why.
must_fail() {
    local pattern=$1 output reason
    shift
    if output=$(
        set -e
        "$@" 2>&1
    ); then
        printf '%s\n' "$output" | sed 's/^/            /'
        fail "'$*' succeeded and should not have"
    fi
    reason=$(tail -n 1 <<<"$output" | sed 's/^ *FAILED: //')
    grep -qE -- "$pattern" <<<"$reason" || fail "'$*' fails, but not because of '$pattern': $reason"
    ok "'$*' fails as it should: $reason"
}

# assert_sas HOST COUNT: exactly so many SAs in the host's kernel, larval states not counted.
assert_sas() {
    local count
    count=$(on "$1" ip -oneline xfrm state list nokeys | grep 'spi 0x' | grep -vc 'spi 0x00000000' || true)
    ((count == $2)) || fail "$1's kernel has $count SAs, $2 are expected"
    ok "$1's kernel has $2 SAs"
}
