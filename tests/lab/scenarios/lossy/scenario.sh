# about: connections come up and carry traffic over a network that loses, delays, reorders and duplicates
# labels: kernel
# timeout: 240
# shellcheck shell=bash
#
#   alice ---+--- bob      a fifth of the packets is lost, either way
#            +--- carol
#            +--- dave
#   erin ---+--- frank     twenty connections, made anew each round; XFRMD_LAB_ROUNDS: how many of them

# most_answered FROM TO: of 50 echo requests; with a loss of a fifth either way 32 are to be expected.
most_answered() {
    local received
    received=$(on "$1" ping -n -q -c 50 -i 0.05 -W 1 "$(address_of "$2")" | sed -nE 's/.*, ([0-9]+) received.*/\1/p')
    ((received >= 15)) || fail "$2 has answered $received of 50"
    ok "ping $1 -> $2: $received of 50 answered"
}

step "hosts on a bad network"
host alice 10.0.0.1/24
host bob 10.0.0.2/24
host carol 10.0.0.3/24
host dave 10.0.0.4/24
for name in alice bob carol dave; do
    on "$name" tc qdisc add dev wan root netem loss 20% delay 20ms 15ms duplicate 20%
done
capture alice
start_xfrmd bob carol dave alice

step "all of them come up"
wait_until 60 expect '^3 of 3|"state": ?"up".*"state": ?"up".*"state": ?"up"' xfrmctl alice status --json
show xfrmctl alice status
for name in bob carol dave; do most_answered alice "$name"; done
assert_esp_seen alice
assert_no_clear alice icmp

step "exactly one pair of SAs each"
assert_sas alice 6
for name in bob carol dave; do
    wait_until 5 xfrmctl "$name" status alice
    assert_sas "$name" 2
done
(($(xfrmctl alice list ike --json | wc -l) == 3)) || fail "alice has more than one IKE SA for a peer"
ok "alice has 3 IKE SAs"

readonly many=20
readonly rounds=${XFRMD_LAB_ROUNDS:-1}

# write_connections HOST LOCAL REMOTE START PEER: frank has an address for each.
write_connections() {
    local folder=/etc/netns/$1/xfrmd number
    mkdir -p "$folder"
    echo 'many: a secret that guards nothing but a test' >"$folder/many.psk"
    for ((number = 1; number <= many; ++number)); do
        printf '[connection.c%d]\nlocal = "%s"\nremote = "%s"\nmode = "transport"\n' "$number" "${2//%/$number}" "${3//%/$number}"
        printf 'start = "%s"\nlocal_id = "%s"\npeer = { id = "%s", psk = "/etc/xfrmd/many.psk" }\n\n' "$4" "$1.example.net" "$5"
    done >"$folder/xfrmd.toml"
    chmod -R go-rwx "$folder"
}

count_up() { xfrmctl erin status --json | grep -oE '"state": ?"up"' | wc -l; }

# set_ups LOSS: of all connections, within a minute, in each round; says how many came about.
set_ups() {
    local round start up total=0
    for name in erin frank; do on "$name" tc qdisc replace dev wan root netem loss "$1%" delay 10ms; done
    for ((round = 1; round <= rounds; ++round)); do
        start_xfrmd frank erin >/dev/null
        start=${EPOCHREALTIME/./}
        up=0
        while ((up < many && $(ms_since "$start") < 60000)); do
            sleep 0.5
            up=$(count_up)
        done
        ((total += up))
        stop_xfrmd frank erin >/dev/null
        for name in erin frank; do on "$name" ip xfrm state flush; on "$name" ip xfrm policy flush; done
        rm -rf /run/xfrmd-erin/state /run/xfrmd-frank/state
    done
    echo "$total"
}

step "$rounds times $many set-ups with a loss of a tenth, either way"
host erin 10.0.0.5/24
host frank 10.0.0.6/24
for ((number = 1; number <= many; ++number)); do on frank ip address add "10.0.1.$number/32" dev wan; done
on erin ip route add 10.0.1.0/24 via 10.0.0.6
write_connections erin 10.0.0.5 10.0.1.% now frank.example.net
write_connections frank 10.0.1.% 10.0.0.5 passive erin.example.net
count=$(set_ups 10)
((count == many * rounds)) || fail "only $count of $((many * rounds)) came up within a minute"
ok "all $count came up"

step "$rounds times $many set-ups with a loss of three tenths, either way"
count=$(set_ups 30)
((count * 1000 >= many * rounds * 999)) || fail "only $count of $((many * rounds)) came up within a minute"
ok "$count of $((many * rounds)) came up within a minute"
