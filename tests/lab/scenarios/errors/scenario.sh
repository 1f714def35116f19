# about: what goes wrong around a start names its cause and what to do about it
# labels: kernel
# timeout: 90
# shellcheck shell=bash
#
#   alice ---+--- bob      alice makes every mistake

# says STATUS PATTERN COMMAND…: the command ends with the status, and its output has a line that matches.
says() {
    local wanted=$1 pattern=$2 status=0
    shift 2
    "$@" >/run/said 2>&1 || status=$?
    sed 's/^/            /' /run/said
    ((status == wanted)) || fail "'$*' ended with status $status instead of $wanted"
    expect "$pattern" cat /run/said
}

# alice_says PATTERN [COMMAND PREFIX]…: alice's daemon does not start, and tells why.
alice_says() {
    local pattern=$1
    shift
    says 1 "$pattern" timeout 10 ip netns exec alice "$@" xfrmd --config-dir /etc/xfrmd --runtime-dir /run/xfrmd-alice
}

readonly configuration=/etc/netns/alice/xfrmd/xfrmd.toml

step "hosts"
host alice 10.0.0.1/24
host bob 10.0.0.2/24
mkdir -p /run/xfrmd-alice

step "no daemon"
says 4 'not running.*systemctl start xfrmd' xfrmctl alice status
says 4 'not running' xfrmctl alice up bob

step "no CAP_NET_ADMIN"
alice_says 'CAP_NET_ADMIN.*root' setpriv --bounding-set=-net_admin --inh-caps=-net_admin

step "the key of the connection is readable by the group"
chmod 640 /etc/netns/alice/xfrmd/bob.psk
alice_says 'accessible to .*mode 0640'
expect 'chmod 0600 /etc/xfrmd/bob.psk' cat /run/said
expect 'xfrmd.toml:5:' cat /run/said
chmod 600 /etc/netns/alice/xfrmd/bob.psk

step "a configuration with three mistakes: all of them are told"
cp "$configuration" /run/good.toml
cat >"$configuration" <<'TOML'
[connection.bob]
remote   = 10.0.0.2
mode     = "transport"
TOML
alice_says 'xfrmd.toml:2:.*'
expect 'quote' cat /run/said
cat >"$configuration" <<'TOML'
[connection.bob]
remote   = "10.0.0.256"
mod      = "transport"
local_id = "alice.example.net"
peer     = { id = "bob.example.net", psk = "/etc/xfrmd/missing.psk" }
TOML
alice_says 'xfrmd.toml:2:'
expect 'xfrmd.toml:3:' cat /run/said
expect 'xfrmd.toml:5:.*missing.psk|cannot open /etc/xfrmd/missing.psk' cat /run/said
expect 'mode' cat /run/said
says 1 'xfrmd.toml:3:' on alice xfrmctl check /etc/xfrmd/xfrmd.toml
cp /run/good.toml "$configuration"

step "a kernel without ESP"
modprobe -r esp4 esp6
modprobe=$(cat /proc/sys/kernel/modprobe)
echo /bin/false >/proc/sys/kernel/modprobe
alice_says 'needs ESP.*(esp4|CONFIG_INET_ESP)'
echo "$modprobe" >/proc/sys/kernel/modprobe

step "a daemon that runs, and a second one"
start_xfrmd alice
alice_says 'running already.*/run/xfrmd-alice/io.xfrmd'
says 1 'UDP port 500 .*taken.*' timeout 10 ip netns exec alice xfrmd --config-dir /etc/xfrmd --runtime-dir /run/other

step "what xfrmctl is asked for"
says 3 'no connection "nobody".*xfrmctl list connections' xfrmctl alice up nobody
says 3 'no connection "nobody"' xfrmctl alice show nobody
says 2 'not expected: sideways' xfrmctl alice sideways
says 2 'NAME is required' xfrmctl alice up
says 2 'not expected: --sideways' on alice xfrmd --sideways
says 5 'not permitted.*root' on alice setpriv --reuid=65534 --regid=65534 --clear-groups \
    xfrmctl --socket /run/xfrmd-alice/io.xfrmd up bob

step "a peer that does not answer"
says 1 'bob did not come up: .*' timeout 80 ip netns exec alice xfrmctl --socket /run/xfrmd-alice/io.xfrmd up bob
stop_xfrmd alice
