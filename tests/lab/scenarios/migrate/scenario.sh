# about: docs/migration.md as it is written: two hosts with files of racoon and setkey switch, and one goes back
# labels: kernel setkey
# timeout: 120
# shellcheck shell=bash
#
#   alice ---+--- bob      racoon.conf, psk.txt and setkey.conf of each; racoon itself is long gone

setkey() {
    local host=$1
    shift
    on "$host" xfrmctl --socket "/run/xfrmd-$host/io.xfrmd" setkey "$@"
}
# what_stays HOST: in the place of all that is there.
what_stays() {
    printf 'flush; spdflush;\n'
    cat "/etc/netns/$1/xfrmd/xfrmd.setkey"
}
policies() { on "$1" ip -oneline xfrm policy list nosock | grep -c '^src' || true; }
assert_policies() {
    (($(policies "$1") == $2)) || fail "$1's kernel has $(policies "$1") policies, $2 are expected"
    ok "$1's kernel has $2 policies"
}

step "two hosts as they were: the old policies are in the kernel"
mkdir -p /etc/racoon /etc/xfrmd
touch /etc/setkey.conf
host alice 10.0.0.1/24
host bob 10.0.0.2/24
for name in alice bob; do
    on "$name" sysctl --quiet --write net.core.xfrm_larval_drop=0
    chmod 600 "/etc/netns/$name/racoon/psk.txt"
    mkdir -p "/etc/netns/$name/xfrmd"
    show setkey "$name" -f /etc/setkey.conf
    assert_policies "$name" 6
done
capture alice
ping_blocked alice bob

step "1. make the configuration"
for name in alice bob; do
    status=0
    on "$name" xfrmctl migrate -o /etc/xfrmd/xfrmd.toml >/run/migrated 2>&1 || status=$?
    sed 's/^/            /' /run/migrated
    ((status == 0)) || fail "it ended with status $status"
    expect 'PEERS THAT MUST SWITCH' cat /run/migrated
    for file in xfrmd.toml xfrmd.setkey; do [[ -f /etc/netns/$name/xfrmd/$file ]] || fail "no $file"; done
done
must_fail 'is there already, and nothing was written; --force replaces it' on alice xfrmctl migrate -o /etc/xfrmd/xfrmd.toml

step "3. check, without touching anything"
show on alice xfrmctl check /etc/xfrmd/xfrmd.toml
what_stays alice | setkey alice --flush-all -c --dry-run >/run/dry-run 2>&1
sed 's/^/            /' /run/dry-run
(($(grep -c '^- spdadd' /run/dry-run) == 6 && $(grep -c '^+ spdadd' /run/dry-run) == 3)) || fail "not what it should be"
assert_policies alice 6

step "4. alice alone has switched: blocked, not in clear, but for ssh"
start_xfrmd alice
what_stays alice | setkey alice --flush-all -c
# Two of the connection, three exceptions.
assert_policies alice 5
ping_blocked alice bob
expect 'Not up: 1 of 1' xfrmctl alice status
expect 'clear' on alice xfrmctl explain 10.0.0.1 10.0.0.2 tcp 22 40000
assert_no_clear alice icmp

step "   both have: the first packet brings the SAs up"
start_xfrmd bob
what_stays bob | setkey bob --flush-all -c
wait_until 15 on alice ping -n -c 1 -W 2 10.0.0.2
ping_ok alice bob
ping_ok bob alice
show xfrmctl alice status
show on alice xfrmctl --socket /run/xfrmd-alice/io.xfrmd explain 10.0.0.1 10.0.0.2 icmp
assert_no_clear alice icmp
assert_esp_seen alice

step "   once more, under traffic: nothing is lost and nothing changes"
on alice ping -n -f -w 3 10.0.0.2 >/run/flood 2>&1 &
flood=$!
for name in alice bob; do
    what_stays "$name" | setkey "$name" --flush-all -c
    assert_policies "$name" 5
done
wait $flood || true
tail -n 2 /run/flood | sed 's/^/            /'
expect ' 0% packet loss' cat /run/flood

step "back again: the old policies take the place of all others at once"
stop_xfrmd alice
ping_ok alice bob   # what it has left carries on
{
    printf 'flush; spdflush;\n'
    cat /etc/netns/alice/setkey.conf
} | on alice xfrmctl setkey --flush-all -c
assert_policies alice 6
assert_sas alice 0
ping_blocked alice bob
assert_no_clear alice icmp
