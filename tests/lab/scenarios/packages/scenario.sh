# about: the packages on a Debian that runs: the README's first steps, an upgrade under traffic, removal
# labels: packages
# root: clean
# timeout: 240
# system: bare
# shellcheck shell=bash
#
#   debian --- peer      debian is the whole guest under systemd, the README's alpha; peer is its beta

checkout=$(realpath "$scenario/../../../..")
# Those of ./dev deb, or those that tests/packaging/make_of_build makes.
readonly packages=${XFRMD_LAB_PACKAGES:-$checkout/build/release/packages}

property() { systemctl show --property="$1" --value xfrmd.service; }
policies() { ip -oneline xfrm policy list | grep -c 'tmpl' || true; }

# readme PATTERN: what the README says in these lines.
readme() { sed -n "$1" "$checkout/README.md"; }

# follow PATTERN: does so.
follow() {
    readme "$1" >/run/steps
    [[ -s /run/steps ]] || fail "the README has no line for '$1'"
    sed 's/^/          $ /' /run/steps
    sh -e /run/steps || fail "the README's steps fail"
}

# install_packages FOLDER NAME…
install_packages() {
    local folder=$1 name files=()
    shift
    for name in "$@"; do files+=("$folder/${name}"_*.deb); done
    show dpkg --install "${files[@]}"
}

[[ -d $packages ]] || fail "there are no packages in $packages: ./dev lab packages makes them"

step "a Debian without xfrmd"
machine debian 192.0.2.10
ip address add 192.0.2.10/24 dev wan
host peer 192.0.2.20/24
boot
wait_until 40 systemctl is-active --quiet multi-user.target
ping_ok debian peer

step "the packages: the service runs, and protects nothing yet"
install_packages "$packages" xfrmctl xfrmd xfrmctl-setkey-compat
[[ $(property ActiveState) == active ]] || fail "the service does not run: $(systemctl status xfrmd.service)"
expect '^xfrmd$' ps -o user= -p "$(property MainPID)"
expect '^0$' cat /proc/sys/net/core/xfrm_larval_drop
ping_ok debian peer

step "the README's first steps, word by word"
# shellcheck disable=SC2016
readme '/^On alpha .*xfrmd\.toml/,/^```$/p' | sed '1,/^```toml/d;/^```$/d' >/etc/xfrmd/xfrmd.toml
follow '/^install .*beta\.psk/p;/^head -c 32 .*beta\.psk/p'
install -m 600 "$checkout/examples/host-to-host-psk/beta.toml" /etc/netns/peer/xfrmd/xfrmd.toml
install -m 600 /etc/xfrmd/beta.psk /etc/netns/peer/xfrmd/alpha.psk
start_xfrmd peer
capture debian
follow '/^xfrmctl check /p;/^systemctl enable /p'
on debian ping -n -c 1 -W 10 192.0.2.20 >/dev/null || fail "the first packet is not answered"
follow '/^xfrmctl status /p'
ping_ok debian peer
assert_esp_seen debian

step "an upgrade under traffic loses no packet"
"$checkout/tests/packaging/make_newer" "$packages" /run/newer
process=$(property MainPID)
ping -i 0.02 -n -q 192.0.2.20 >/run/pings 2>&1 &
pings=$!
install_packages /run/newer xfrmctl xfrmd xfrmctl-setkey-compat
sleep 1
kill -INT "$pings"
wait "$pings" || true
grep -q ' 0% packet loss' /run/pings || fail "$(grep 'packet loss' /run/pings)"
ok "$(grep 'packet loss' /run/pings)"
[[ $(property MainPID) != "$process" && $(property ActiveState) == active ]] || fail "the new daemon does not run"
ok "the new daemon runs"
ping_ok debian peer

step "a removal leaves the policies: nothing passes in clear because of an apt command"
show dpkg --remove xfrmd
(($(policies) > 0)) || fail "the policies are gone"
ip xfrm state flush
ping_blocked debian peer
[[ -f /etc/xfrmd/xfrmd.toml && -f /etc/xfrmd/beta.psk ]] || fail "the configuration is gone"
assert_no_clear debian icmp
stop_capture debian

step "until somebody says so"
show /usr/bin/xfrmctl flush
(($(policies) == 0)) || fail "policies are left: $(ip xfrm policy)"
stop_xfrmd peer
on peer ip xfrm policy flush
ping_ok debian peer
show dpkg --purge xfrmd xfrmctl-setkey-compat xfrmctl

step "the package's own test, as autopkgtest would run it"
install_packages "$packages" xfrmctl xfrmd
mkdir /run/autopkgtest
AUTOPKGTEST_TMP=/run/autopkgtest show "$checkout/debian/tests/two-hosts"
