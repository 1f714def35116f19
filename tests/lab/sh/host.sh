# SPDX-License-Identifier: Apache-2.0
# What ./dev asks of the machine it runs on: Debian, root, a few packages, and the mirror that apt already uses.
# shellcheck shell=bash

# Packages that make and enter root file systems; apt installs those that are absent, and nothing else ever.
readonly host_packages=(mmdebstrap debian-archive-keyring mount)

require_root() {
    ((EUID == 0)) || die "root file systems and guests need root: run  sudo ./dev $words"
}

require_supported_host() {
    local id='' version=''
    # shellcheck disable=SC1091
    [[ -r /etc/os-release ]] && {
        id=$(. /etc/os-release && echo "${ID:-}")
        version=$(. /etc/os-release && echo "${VERSION_ID:-99}")
    }
    [[ $id == debian && ${version%%.*} -ge 12 ]] ||
        die "this machine is '${id:-unknown} ${version:-}': ./dev supports Debian 12 and later; with the packages of" \
            "tests/lab/roots/build.packages installed, 'cmake --preset release' builds without it"
    [[ $(dpkg --print-architecture) == amd64 ]] ||
        die "user-mode-linux exists for amd64 only, this machine is $(dpkg --print-architecture)"
    [[ $checkout =~ ^[A-Za-z0-9/._+~@-]+$ ]] ||
        die "the checkout's path '$checkout' has characters that the guest's command line cannot carry: move it"
}

is_installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# has_native_packages: true on a Debian 13 host on which everything is installed that the build needs.
has_native_packages() {
    local package
    # shellcheck disable=SC1091
    [[ $(. /etc/os-release && echo "${VERSION_CODENAME:-}") == trixie ]] || return 1
    while read -r package; do
        is_installed "$package" || return 1
    done < <(package_list "$lab/roots/build.packages")
}

install_host_packages() {
    local package missing=() start log
    for package in "${host_packages[@]}"; do
        is_installed "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    start=$(now_ms)
    mkdir -p "$cache" || die "cannot create $cache"
    log=$cache/apt.log
    begin "installing ${missing[*]} with apt"
    { apt-get update && apt-get install --yes --no-install-recommends "${missing[@]}"; } \
        </dev/null >"$log" 2>&1 ||
        { tail -n 15 "$log" >&2; die "apt could not install ${missing[*]}: is the network up, and the mirror reachable?"; }
    done_since "$start" "installed ${missing[*]} with apt"
}

# debian_mirror: the URI of the Debian archive in this machine's own apt configuration. apt itself reads that (one-line and
# deb822 alike); what counts is the repository that calls itself Debian, so no third party's list can be taken for it.
debian_mirror() {
    local uri
    uri=$(debian_repository)
    if [[ -z $uri ]]; then
        apt-get update >"$cache/apt.log" 2>&1 </dev/null || true   # a fresh container has never fetched a Release file
        uri=$(debian_repository)
    fi
    if [[ $uri == mirror+file:* ]]; then   # Debian's cloud images keep the address in a list of its own
        uri=${uri#mirror+file:}
        uri=$(grep -m 1 -oE '^[a-z]+://[^[:space:]]+' "${uri%/}" || true)
    fi
    [[ -n $uri ]] ||
        die "apt reaches no Debian archive: check the network, and that /etc/apt names a Debian mirror;" \
            "'apt-get update' must succeed (what it said: $cache/apt.log)"
    echo "$uri"
}

debian_repository() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk -F'|' '$1 == "Debian" && $2 == "Debian" && $3 == "main" && $4 !~ /^cdrom:/ && !found++ { print $4 }'
}

# apt_network_options: this machine's apt settings for proxies and for mirrors that lag behind, as options for mmdebstrap.
apt_network_options() {
    apt-config dump |
        sed -nE "s/^(Acquire::((http|https)(::[^ ]*)?::Proxy[^ ]*|Check-Valid-Until) \".*\";)$/--aptopt=\1/p"
}
