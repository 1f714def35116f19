# SPDX-License-Identifier: Apache-2.0
# Debian root file systems, made by mmdebstrap and cached by a digest of what they hold.
#
#   build              compiler, libraries and guest: roots/build.packages and roots/guest.packages
#   packaging          what makes Debian packages: roots/build.packages and roots/packaging.packages
#   clean              a Debian to install those in: roots/guest.packages and roots/clean.packages
#   plots              what draws what was measured: roots/plots.packages
#   any other NAME     a peer's programs, for those that conflict as packages: roots/NAME.packages
#
# Debian 13, but for a peer that is newer there: '# suite: NAME' in its list.
# shellcheck shell=bash

readonly suite=trixie
readonly recipe=1   # raised when the commands below change what a root holds

root_lists() {
    case $1 in
    build) echo "$lab/roots/build.packages" "$lab/roots/guest.packages" ;;
    clean) echo "$lab/roots/guest.packages" "$lab/roots/clean.packages" ;;
    packaging) echo "$lab/roots/build.packages" "$lab/roots/packaging.packages" ;;
    *) echo "$lab/roots/$1.packages" ;;
    esac
}

# root_packages NAME
root_packages() {
    local -a lists
    read -ra lists <<<"$(root_lists "$1")"
    package_list "${lists[@]}"
}

# root_suite NAME: the Debian release that the root is made of.
root_suite() {
    local named lists
    read -ra lists <<<"$(root_lists "$1")"
    named=$(sed -nE 's/^# suite: *//p' "${lists[@]}" | head -n 1)
    echo "${named:-$suite}"
}

# root_directory NAME: where the root lies once it is made.
root_directory() {
    local digest
    digest=$({ echo "$(root_suite "$1") $recipe"; root_packages "$1"; } | sha256sum | cut -c 1-12)
    echo "$cache/roots/$1-$digest"
}

# peer_names: every root beside the build root that tests look for.
peer_names() {
    local list name
    for list in "$lab"/roots/*.packages; do
        name=$(basename "$list" .packages)
        [[ $name == build || $name == guest || $name == plots ]] || echo "$name"
    done
}

# Roots under way: NAME -> process that makes it, the leader of a group of its own.
declare -A root_jobs=()

# start_roots NAME…: starts to make those that are missing, all at once: each waits for the mirror and for dpkg by turns.
start_roots() {
    local name
    for name in "$@"; do
        [[ ! -d $(root_directory "$name") ]] || continue
        find_mirror
        trap stop_root_jobs EXIT
        set -m   # a process group each, so that an interrupt can end all of it
        make_root "$name" </dev/null &
        set +m
        root_jobs[$name]=$!
    done
}

# await_roots NAME…: until they are there; ends ./dev if one could not be made.
await_roots() {
    local name
    for name in "$@"; do
        [[ -n ${root_jobs[$name]:-} ]] || continue
        wait "${root_jobs[$name]}" || exit 1
        unset "root_jobs[$name]"
    done
}

stop_root_jobs() {
    local name
    for name in "${!root_jobs[@]}"; do
        kill -KILL -- "-${root_jobs[$name]}" 2>/dev/null || continue
        wait "${root_jobs[$name]}" 2>/dev/null || true
        rm -rf --one-file-system "$(root_directory "$name").partial"
    done
}

# find_mirror: sets $mirror, once.
find_mirror() {
    [[ -z ${mirror:-} ]] || return 0
    mkdir -p "$cache/roots" || die "cannot create $cache"
    need_space "$cache" 4000 "making Debian 13 roots"
    mirror=$(debian_mirror)
}

# make_root NAME: made beside its place and renamed, so that a root that exists is whole.
make_root() {
    local name=$1 directory start
    directory=$(root_directory "$name")
    exec 7>>"$cache/roots/$name.lock"
    if ! flock --nonblock 7; then
        say "another ./dev is making the root '$name': waiting for it"
        flock 7
    fi
    [[ ! -d $directory ]] || return 0
    rm -rf --one-file-system "$cache/roots/$name-"*.partial   # what a kill or a power failure left
    start=$(now_ms)
    begin "making the Debian root '$name' of $(root_suite "$name") ($(root_packages "$name" | wc -l) packages and what they need)"
    bootstrap "$name" "$directory.partial"
    mv "$directory.partial" "$directory"
    # Roots of lists that no checkout uses any more; in_root marks those that are in use.
    find "$cache/roots" -maxdepth 1 -name "$name-*" -mtime +14 -exec rm -rf --one-file-system {} +
    done_since "$start" "made the Debian root '$name' ($(du -sm "$directory" | cut -f 1) MB)"
}

# bootstrap NAME DIRECTORY: in namespaces of its own, so that nothing stays mounted and nothing goes on running.
bootstrap() {
    local log=$cache/roots/$1.log options
    mapfile -t options < <(apt_network_options)
    unshare --mount --pid --fork --kill-child=KILL --mount-proc --propagation private \
        mmdebstrap --mode=root --variant=apt --format=directory \
        --include="$(root_packages "$1" | paste -sd ,)" \
        --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "3"' \
        --aptopt='Acquire::Languages "none"' "${options[@]}" \
        --dpkgopt=force-unsafe-io --customize-hook="$lab/sh/customize_root \"\$1\"" \
        "$(root_suite "$1")" "$2" "$mirror" >"$log" 2>&1 && return
    tail -n 15 "$log" >&2
    rm -rf --one-file-system "$2"
    die "could not make the root '$1' from $mirror (whole log: $log): is the network up, does the mirror have $(root_suite "$1")," \
        "is debian-archive-keyring up to date, is the disk full?"
}
