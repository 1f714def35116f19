# SPDX-License-Identifier: Apache-2.0
# What every part of ./dev shares: messages, timing, locks and the disk check. Sourced, never run.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

die() {
    say "dev: $*"
    exit 1
}

# now_ms: milliseconds since an arbitrary moment, for durations only.
now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }

# seconds_since START_MS: "12.3"
seconds_since() {
    local elapsed=$(($(now_ms) - $1))
    printf '%d.%d' $((elapsed / 1000)) $((elapsed % 1000 / 100))
}

# done_since START_MS TEXT: one line of progress with what the step took.
done_since() { printf '[%6s s] %s\n' "$(seconds_since "$1")" "$2" >&2; }

begin() { printf '[   ...  ] %s\n' "$*" >&2; }

# need_space DIRECTORY MIB PURPOSE: refuses to start what the disk cannot hold.
need_space() {
    local available
    mkdir -p "$1" || die "cannot create $1"
    available=$(df --output=avail --block-size=1M "$1" | tail -n 1 | tr -d ' ')
    ((available >= $2)) ||
        die "the disk under $1 has $available MiB free; $3 needs $2 MiB: free some, or point XDG_CACHE_HOME elsewhere"
}

# package_list FILE…: the packages that the list files name, one per line, sorted.
package_list() { sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$@" | LC_ALL=C sort -u; }

# lock_checkout: one ./dev at a time builds or tests in a checkout. A ./dev that ctest starts inherits the lock.
lock_checkout() {
    [[ -z ${XFRMD_DEV_LOCKED:-} ]] || return 0
    mkdir -p "$checkout/build" || die "cannot create $checkout/build"
    exec 8>>"$checkout/build/.lock"
    flock --nonblock 8 ||
        die "another ./dev works in this checkout ($(cat "$checkout/build/.owner" 2>/dev/null || echo unknown)):" \
            "wait until it has ended, or stop it"
    echo "process $$: ./dev $words" >"$checkout/build/.owner"
    export XFRMD_DEV_LOCKED=1
}

unlock_checkout() {
    [[ -n ${XFRMD_DEV_LOCKED:-} ]] || return 0
    unset XFRMD_DEV_LOCKED
    exec 8>&-
}
