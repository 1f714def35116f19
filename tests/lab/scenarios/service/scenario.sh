# about: xfrmd as a service of a real systemd: boot, credentials, reload, crash, watchdog, restart, stop, metrics
# labels: kernel
# timeout: 240
# system: systemd
# shellcheck shell=bash
#
#   alice --- bob      alice is the whole guest under systemd, and has xfrmd installed; bob is a host as in other scenarios

readonly configuration=/etc/xfrmd/conf.d

property() { systemctl show --property="$1" --value xfrmd.service; }
status_is() { [[ $(property StatusText) == "$1"* ]]; }
restarts() { property NRestarts; }
spis() { ip -oneline xfrm state list nokeys | grep -o 'spi 0x[0-9a-f]*' | sort; }
serves_after() { [[ $(property MainPID) != "$1" && $(property ActiveState) == active ]]; }
journal_has() { journalctl --quiet --output=cat --unit=xfrmd.service | grep -qE -- "$1"; }

# start_pings: as fast as they are answered, and at least a hundred a second, until end_pings.
start_pings() {
    ping -f -n -q 10.0.0.2 >/run/pings 2>&1 &
    pings=$!
}

# end_pings LOST_MAX: so many packets at most were not answered; the last one may still have been on its way.
end_pings() {
    local sent received
    kill -INT "$pings"
    wait "$pings" || true
    read -r sent received <<<"$(sed -nE 's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\1 \2/p' /run/pings)"
    ((sent > 20 && received + 1 + $1 >= sent)) || fail "of $sent packets $received were answered"
    ok "$received of $sent packets answered"
}

step "before the service: the wire is watched, and something on alice sends to bob all the time"
machine alice 10.0.0.1
host bob 10.0.0.2/24 10.0.0.77/24
start_xfrmd bob
capture alice
"$scenario/send_always" 10.0.0.2 7777 &
"$scenario/send_always" 10.0.0.77 7778 &   # which is bob, too, and which setkey.conf has a policy for

step "alice boots: policies come before the network, the secret comes as a credential"
boot
wait_until 40 systemctl is-active --quiet multi-user.target
wait_until 10 systemctl is-active --quiet xfrmd.service
wait_until 10 status_is '1/1 up, configuration'
ping_ok alice bob
assert_esp_seen alice
assert_no_clear alice 'udp port 7777'
[[ -z $(systemctl list-units --failed --no-legend) ]] || fail "units have failed: $(systemctl list-units --failed --no-legend)"
ok "no unit has failed"
expect 'esp/transport//require' env xfrmctl setkey -DP
assert_no_clear alice 'udp port 7778'
expect '^xfrmd$' ps -o user= -p "$(property MainPID)"
expect '^CapEff:[[:space:]]0000000000001400$' cat "/proc/$(property MainPID)/status"   # NET_ADMIN, NET_BIND_SERVICE
expect '^0$' cat /proc/sys/net/core/xfrm_larval_drop
expect 'varlink' systemctl show --property=FileDescriptorName xfrmd.socket
expect 'An IKE SA with bob.example.net is up' journalctl --catalog --unit=xfrmd.service
expect 'XFRMD_PEER_ID=bob.example.net' journalctl --output=verbose MESSAGE_ID=df849f75806641d7b7ef13358a4e05a4

step "who may do what: nobody nothing, members of xfrmd read, members of xfrmd-admin change"
# as GROUP METHOD PARAMETERS: a call by somebody who is in that group alone.
as() {
    local group
    group=$(getent group "$1" | cut -d : -f 3)
    setpriv --reuid=65534 --regid=65534 --groups="$group" varlinkctl call --json=short /run/xfrmd/io.xfrmd "$2" "$3"
}
must_fail 'needed.*root or a member of group xfrmd or xfrmd-admin' as nogroup io.xfrmd.Status '{}'
expect '"product":"xfrmd"' as nogroup org.varlink.service.GetInfo '{}'
expect '"state":"up"' as xfrmd io.xfrmd.Status '{}'
for call in 'Up {"connection":"bob"}' 'Rekey {"connection":"bob"}' 'Down {"connection":"bob"}' 'Reload {}' 'Apply {}' 'Flush {}' 'ChangeTables {"statements":[]}'; do
    must_fail 'needed.*root or a member of group xfrmd-admin"' as xfrmd "io.xfrmd.${call%% *}" "${call#* }"
done
expect '"state":"up"' as xfrmd-admin io.xfrmd.Up '{"connection":"bob"}'

step "reload: a good one counts, a bad one fails for whoever asked, and changes nothing"
before=$(spis)
show systemctl reload xfrmd.service
wait_until 5 status_is '1/1 up, configuration 3'
printf '[connection.dave]\nremote = "10.0.0.400"\nmod = "transport"\n' >"$configuration/dave.toml"
chmod 644 "$configuration/dave.toml"
must_fail . systemctl reload xfrmd.service
wait_until 5 status_is "1/1 up, configuration 3; the last reload was refused: $configuration/dave.toml:1"
journal_has 'dave.toml:3.*mod' || fail "the second mistake is not in the journal"
ok "every mistake is in the journal"
[[ $(spis) == "$before" && $(property ActiveState) == active ]] || fail "a refused reload changed something"
ok "the SAs are the same"
rm "$configuration/dave.toml"
show systemctl reload xfrmd.service
wait_until 5 status_is '1/1 up, configuration 4'

step "setkey's files: one with a mistake changes nothing, the others are loaded, and the unit says so"
mkdir /etc/ipsec-tools.d
echo 'spdadd 10.0.0.1 10.0.0.78 any -P out discard;' >/etc/ipsec-tools.d/10-good.conf
printf 'spdadd 10.0.0.1 10.0.0.79 any -P out discard;\nspdadd 10.0.0.1 10.0.0.0.80 any -P out discard;\n' >/etc/ipsec-tools.d/20-mistake.conf
must_fail . systemctl reload xfrmd-policies.service
policies() { ip xfrm policy list nosock; }
expect 'dst 10.0.0.78/32' policies
! policies | grep -q 'dst 10.0.0.79/32' || fail "half of a file with a mistake was carried out"
ok "none of the file with the mistake was carried out"
expect '20-mistake.conf:2:17: error' journalctl --unit=xfrmd-policies.service
expect 'dst 10.0.0.77/32' policies
[[ $(spis) == "$before" && $(property ActiveState) == active ]] || fail "the daemon's SAs are others"
ok "the SAs are the same"

step "a restart under flood ping"
start_pings
expect '^bob +main +up +10.0.0.2 +[0-9.]+ .iB/s +[0-9.]+ .iB/s' env xfrmctl top --interval 0.5 --count 1
process=$(property MainPID)
show systemctl restart xfrmd.service
serves_after "$process" || fail "it has not restarted"
wait_until 10 status_is '1/1 up'
sleep 0.5
end_pings 0
[[ $(spis) != "$before" ]] || fail "the SAs are those of before"
ok "the keys are new"

step "the same by SIGKILL: systemd starts it again"
start_pings
process=$(property MainPID)
systemctl kill --signal=KILL xfrmd.service
wait_until 10 serves_after "$process"
wait_until 10 status_is '1/1 up'
sleep 0.5
end_pings 0
expect '^1$' restarts

step "a daemon that hangs is noticed by the watchdog"
process=$(property MainPID)
kill -STOP "$process"
wait_until 15 serves_after "$process"
expect 'Watchdog timeout' journalctl --unit=xfrmd.service
wait_until 10 status_is '1/1 up'
ping_ok alice bob

step "stop: traffic goes on, nothing passes in clear, and asking does not start it"
process=$(property MainPID)
show systemctl stop xfrmd.service
ping_ok alice bob
must_fail 'not running' env xfrmctl status   # as it is installed
[[ $(property ActiveState) == inactive ]] || fail "it has been started"
ok "it is stopped"
ip xfrm state flush
ping_blocked alice bob   # without keys, and nobody to make them
show systemctl start xfrmd.service
wait_until 10 on alice ping -c 1 -W 0.3 10.0.0.2

step "metrics, for who enables them"
env xfrmctl metrics >/run/metrics
expect '^xfrmd_connection_up\{connection="bob"\} 1$' cat /run/metrics
expect '^xfrmd_xfrm_stat_total\{counter="XfrmInTmplMismatch"\}' cat /run/metrics
systemctl enable --quiet xfrmd-metrics.socket
show systemctl restart xfrmd.service
scrape() { python3 -c 'import socket
s = socket.create_connection(("127.0.0.1", 9815)); s.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
while d := s.recv(65536): print(d.decode(), end="")'; }
scrape >/run/scraped
expect '^xfrmd_connection_configured\{connection="bob"\} 1$' cat /run/scraped

step "nothing has passed in clear since before the service"
stop_capture alice
assert_no_clear alice 'udp port 7777'
assert_no_clear alice icmp
