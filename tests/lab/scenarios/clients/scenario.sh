# about: other programs beside xfrmd: python3-varlink as a client, zsh and fish that complete xfrmctl's words
# labels: interop
# peers: clients
# timeout: 90
# shellcheck shell=bash
#
#   alice ---+--- bob      one connection; the programs run on alice

step "two hosts, and a root with the programs"
host alice 10.0.0.1/24
host bob 10.0.0.2/24
start_xfrmd alice bob
make_peer_root alice clients
root=$(peer_root alice)
readonly root
mkdir -p "$root/run/xfrmd" "$root/opt/xfrmctl" "$root/tmp/functions"
mount --bind /run/xfrmd-alice "$root/run/xfrmd"
mount --bind "$build/cli" "$root/opt/xfrmctl"
cp "$scenario"/{call.py,complete.zsh} "$root/tmp"

# inside COMMAND…: on alice in that root; xfrmctl is there and finds alice's daemon.
inside() { in_peer_root alice env PATH=/opt/xfrmctl:/usr/bin:/bin HOME=/tmp "$@"; }

step "python3-varlink reads the description, calls, streams, and gets errors by name"
inside python3 -B /tmp/call.py /run/xfrmd/io.xfrmd >/run/calls 2>&1 || fail "$(cat /run/calls)"
sed 's/^/            /' /run/calls
while IFS= read -r line; do
    expect "$line" cat /run/calls
done <<'END'
^interfaces: io\.xfrmd org\.varlink\.service$
^described: Up Monitor Connection NotPermitted$
^up: \['negotiation started', .*'IKE_AUTH sent', .*'up'\]$
^status: bob up ready$
^children: \['main'\]$
^sas: \['bob/main', 'bob/main'\]$
^owner of nobody's: \{\}$
^log level: info debug$
^unknown: io\.xfrmd\.UnknownConnection .*'connection': 'nobody'
^invalid: org\.varlink\.service\.InvalidParameter .*'parameter': 'level'
^not a stream: org\.varlink\.service\.ExpectedMore
^event: synchronized$
^event: child_down$
^event: child_up main bob$
END
ping_ok alice bob

step "zsh reads its completion, and completes a command and a live connection"
inside xfrmctl completion zsh >"$root/tmp/functions/_xfrmctl"
inside zsh -n /tmp/functions/_xfrmctl
inside zsh -f /tmp/complete.zsh 'xfrmctl list pol' 'list policies' 'xfrmctl up b' 'up bob' >/run/zsh || fail "$(cat -v /run/zsh)"
expect 'xfrmctl list policies' cat /run/zsh
expect 'xfrmctl up bob' cat /run/zsh

step "fish does, too"
inside xfrmctl completion fish >"$root/tmp/xfrmctl.fish"
inside fish --no-execute /tmp/xfrmctl.fish
fish_shows() { inside fish --no-config --private -c "source /tmp/xfrmctl.fish; complete --do-complete '$1'"; }
expect '^policies' fish_shows 'xfrmctl list pol'
expect '^bob' fish_shows 'xfrmctl up b'
expect '^debug' fish_shows 'xfrmctl log d'
stop_xfrmd alice bob
