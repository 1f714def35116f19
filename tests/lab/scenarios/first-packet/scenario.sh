# about: from the moment the policies are in, nothing passes in clear, and the packets that start a negotiation are not lost
# labels: kernel
# timeout: 90
# shellcheck shell=bash
#
#   alice ---+--- bob      pre-shared key, transport, IPv4 and IPv6, started by traffic

readonly echo_filter='(icmp or (icmp6 and (ip6[40] == 128 or ip6[40] == 129)))'

# all_policies_in HOST: out and in for either family (a transport policy has no forward one).
all_policies_in() {
    local policies direction family
    policies=$(on "$1" ip -oneline xfrm policy list nosock)
    for family in 10.0.0. fd00::; do
        for direction in in out; do
            grep -qE "^src $family.*[[:space:]]dir $direction .*tmpl" <<<"$policies" || return 1
        done
    done
}

# clear_packets HOST [SINCE]: echo packets in clear on its wire, all or those since that second.
clear_packets() {
    sleep 0.2
    tcpdump -tt -n -r "$(capture_file "$1")" "$echo_filter" 2>/dev/null | awk -v since="${2:-0}" '$1 >= since'
}

# counter HOST NAME: of /proc/net/xfrm_stat
counter() { on "$1" sed -n "s/^$2[[:space:]]*//p" /proc/net/xfrm_stat; }

step "hosts that hold back a packet that waits for its SA, and a ping that never stops"
host alice 10.0.0.1/24 fd00::1/64
host bob 10.0.0.2/24 fd00::2/64
for name in alice bob; do on "$name" sysctl --quiet --write net.core.xfrm_larval_drop=0; done
capture alice
ip netns exec alice ping -n -i 0.1 -W 5 10.0.0.2 >/run/ping.log 2>&1 &
endless=$!
wait_until 5 grep -q 'icmp_seq=3 ' /run/ping.log
(($(clear_packets alice | wc -l) >= 6)) || fail "the ping does not pass in clear before there are policies"
ok "without policies the ping passes in clear"

step "the daemons"
start_xfrmd alice bob
for name in alice bob; do wait_until 5 all_policies_in "$name"; done
policies_in=$EPOCHREALTIME
ok "the policies are in at $policies_in"

step "the ping that was under way brings IPv4 up"
wait_until 10 xfrmctl alice status bob4
wait_until 10 assert_sas alice 2
sleep 1
kill -INT "$endless"
wait "$endless" || true
tail -n 3 /run/ping.log | sed 's/^/            /'
grep -q ' 0% packet loss' /run/ping.log || fail "packets that waited for the SA were lost"
ok "no echo request was lost between clear and ESP"

step "the first packet of IPv6 is not lost either"
ping_ok alice fd00::2
ping_ok bob 10.0.0.1
show xfrmctl alice status
assert_sas alice 4
assert_sas bob 4

step "neighbour discovery passes the policies"
for name in alice bob; do ip -n "$name" neigh flush dev wan; done
ping_ok alice fd00::2
for name in alice bob; do ip -n "$name" neigh flush dev wan; done
ping_ok bob fd00::1

step "nothing has passed in clear since the policies were in"
stop_capture alice
since=$(clear_packets alice "$policies_in")
if [[ -n $since ]]; then
    tail -n 5 <<<"$since" | sed 's/^/            /'
    fail "$(wc -l <<<"$since") packets in clear"
fi
assert_esp_seen alice
ok "$(clear_packets alice | wc -l) packets in clear before that instant, none since"

step "what a host without policies sends in clear is dropped"
kill_xfrmd alice
on alice ip xfrm policy flush
on alice ip xfrm state flush
before=$(counter bob XfrmInTmplMismatch)
capture alice
ping_blocked alice bob
ping_blocked alice fd00::2
(($(clear_packets alice | wc -l) == 6)) || fail "alice's six requests are not the only packets in clear: bob answers"
after=$(counter bob XfrmInTmplMismatch)
((after - before >= 6)) || fail "bob's XfrmInTmplMismatch went from $before to $after"
ok "bob's XfrmInTmplMismatch went from $before to $after, and no answer came in clear"
stop_xfrmd bob
