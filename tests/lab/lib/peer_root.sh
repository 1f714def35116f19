# SPDX-License-Identifier: Apache-2.0
# A peer's programs on a host: the root that roots/NAME.packages describes, with the host's own changes in memory over it.
# shellcheck shell=bash

peer_root() { echo "/run/peers/$1/root"; }

# make_peer_root HOST NAME: once for each host; a daemon that is started again finds what it has left behind.
make_peer_root() {
    local base=/run/peers/$1 root
    root=$(peer_root "$1")
    [[ ! -d $root ]] || return 0
    mkdir -p "$base"/{lower,upper,work,root}
    mount -t hostfs -o "ro,hostfs=/lab/roots/$2" none "$base/lower"
    mount -t overlay -o "lowerdir=$base/lower,upperdir=$base/upper,workdir=$base/work" overlay "$root"
    mount --rbind /dev "$root/dev"
    mount -t proc proc "$root/proc"
}

# kill_peer HOST: every process that runs in its root, without a chance to clean up.
kill_peer() {
    local process
    for process in $(ip netns pids "$1"); do
        # From another mount namespace the path is shown with what is in front of this one's root.
        [[ $(readlink "/proc/$process/root") != *"$(peer_root "$1")" ]] || kill -KILL "$process"
    done
    sleep 0.1
}

# in_peer_root HOST COMMAND…
in_peer_root() {
    local host=$1
    shift
    on "$host" chroot "$(peer_root "$host")" "$@"
}
