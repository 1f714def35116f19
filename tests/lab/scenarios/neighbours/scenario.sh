# about: the policies by which neighbour discovery passes: nobody takes them by mistake, nothing of them is left, those of others stay
# labels: kernel
# timeout: 90
# shellcheck shell=bash
#
#   alice --- bob      IPv6, transport, started by traffic; alice's administrator has policies for neighbour discovery too

readonly configuration=/etc/netns/alice/xfrmd/xfrmd.toml

# policies PATTERN: how many policies for neighbour discovery alice's kernel has that match.
policies() { on alice ip -6 -oneline xfrm policy list nosock | grep 'type 13[56]' | grep -cE -- "$1" || true; }
readonly ours=' priority 1 '

# assert_policies OURS OTHERS
assert_policies() {
    (($(policies "$ours") == $1 && $(policies .) == $1 + $2)) || {
        on alice ip -6 xfrm policy list nosock >&2
        fail "of $(policies .) policies for neighbour discovery $(policies "$ours") are the daemon's, not $1 of $(($1 + $2))"
    }
    ok "$1 policies for neighbour discovery are the daemon's, $2 others'"
}
has_ours() { (($(policies "$ours") == $1)); }

# reachable_anew: also for who has to look for its neighbour first.
reachable_anew() {
    for name in alice bob; do ip -n "$name" neigh flush dev wan; done
    ping_ok alice fd00::2
}

add_others() {
    printf 'spdadd ::/0 ::/0 icmp6 %s none;\n' '135,0 -P out' '136,0 -P out' | xfrmctl alice setkey -c
}

step "policies of an administrator, then the daemon's: side by side"
host alice fd00::1/64
host bob fd00::2/64
for name in alice bob; do on "$name" sysctl --quiet --write net.core.xfrm_larval_drop=0; done   # no packet is lost for lack of an SA
add_others
assert_policies 0 2
start_xfrmd alice bob
wait_until 5 has_ours 4
assert_policies 4 2
reachable_anew
assert_sas alice 2
expect 'neighbour discovery' xfrmctl alice list policies

step "statements that remove everything of everybody leave them alone"
printf 'flush;\nspdflush;\n' | xfrmctl alice setkey --flush-all -c >/run/flushed 2>&1
expect 'of xfrmd.s .* stay as they are' cat /run/flushed
assert_policies 4 0
reachable_anew
add_others
xfrmctl alice spddelete ::/0 ::/0 icmp6 135,0 -P out
assert_policies 4 1
xfrmctl alice setkey -FP >/dev/null
assert_policies 4 0
add_others
assert_policies 4 2

step "killed and started again: as many as before"
kill_xfrmd alice
assert_policies 4 2
start_xfrmd alice
wait_until 15 xfrmctl alice status bob
assert_policies 4 2
reachable_anew

step "killed, and started with files that have nothing of IPv6: the daemon's go, the others stay"
kill_xfrmd alice
mv "$configuration" /run/
start_xfrmd alice
wait_until 5 has_ours 0
assert_policies 0 2

step "back in the files, and flushed by command"
mv /run/xfrmd.toml "$configuration"
show xfrmctl alice reload
assert_policies 4 2
reachable_anew
show xfrmctl alice flush
assert_policies 0 2
show xfrmctl alice reload
assert_policies 4 2
reachable_anew

step "killed, and flushed without a daemon"
kill_xfrmd alice
show xfrmctl alice flush
assert_policies 0 2
stop_xfrmd bob
