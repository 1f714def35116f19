# about: systemd's varlinkctl reads the control interface's description and calls its methods
# labels: kernel interop
# timeout: 60
# shellcheck shell=bash
#
#   alice ---+--- bob      one connection, up

readonly socket=/run/xfrmd-alice/io.xfrmd

# answer METHOD PARAMETERS [OPTION]…: what alice's daemon answers, JSON.
answer() {
    local method=$1 parameters=$2
    shift 2
    on alice varlinkctl call "$@" "$socket" "io.xfrmd.$method" "$parameters"
}

# refused ERROR COMMAND…: the daemon answers with that error.
refused() {
    local error=$1
    shift
    ! "$@" >/run/refusal 2>&1 || fail "'$*' succeeded"
    expect "$error" cat /run/refusal
}

as_nobody() { on alice setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

step "a connection"
host alice 10.0.0.1/24
host bob 10.0.0.2/24
start_xfrmd alice bob

step "info and introspect"
expect 'io\.xfrmd' on alice varlinkctl info "$socket"
expect 'org\.varlink\.service' on alice varlinkctl list-interfaces "$socket"
on alice varlinkctl introspect "$socket" io.xfrmd >/run/io.xfrmd.varlink
expect 'method Up' cat /run/io.xfrmd.varlink
on alice varlinkctl introspect "$socket" org.varlink.service >/run/service.varlink
for file in io.xfrmd service; do
    on alice varlinkctl validate-idl "/run/$file.varlink" >/run/validated 2>&1 || fail "$file: $(tail -n 2 /run/validated)"
    ok "$file.varlink is valid"
done

step "Up, with each of its steps"
answer Up '{"connection": "bob"}' --more --json=short >/run/up.json
tail -n 3 /run/up.json | sed 's/^/            /'
expect '"step":.*IKE_SA_INIT' cat /run/up.json
expect '"state":"up"' tail -n 1 /run/up.json
ping_ok alice bob

step "reading"
expect '"state":"up"' answer Status '{}' --json=short
expect '"peer_id":"bob.example.net"' answer Show '{"name": "bob"}' --json=short
expect '"state":"established"' answer ListIkeSas '{}' --more --json=short
expect '"inbound_spi":"0x[0-9a-f]{8}"' answer ListChildren '{}' --more --json=short
(($(answer ListSas '{}' --more --json=short | grep -c '"owner":"bob/main"') == 2)) || fail "ListSas does not tell two SAs"
ok "ListSas tells two SAs"
expect '"direction":"out"' answer ListPolicies '{}' --more --json=short

step "refusals"
refused 'UnknownConnection' answer Up '{"connection": "nobody"}'
refused 'InvalidParameter' answer Up '{"connection": 7}'
refused 'MethodNotFound' answer Sideways '{}'
refused 'NotPermitted' as_nobody varlinkctl call "$socket" io.xfrmd.Status '{}'

step "the log level, of the running daemon"
expect '"level":"info"' answer GetLogLevel '{}' --json=short
refused 'InvalidParameter' answer SetLogLevel '{"level": "loud"}'
refused 'NotPermitted' as_nobody varlinkctl call "$socket" io.xfrmd.SetLogLevel '{"level": "debug"}'
expect '"former":"info"' answer SetLogLevel '{"level": "debug"}' --json=short
expect 'notice the log level is debug instead of info, by user 0' cat "$(xfrmd_log alice)"
! grep -q ' debug connection' "$(xfrmd_log alice)" || fail "steps were told before they were asked for"
answer Down '{"connection": "bob"}' --json=short >/dev/null
answer Up '{"connection": "bob"}' --json=short >/dev/null
expect ' debug connection bob: IKE_AUTH sent' cat "$(xfrmd_log alice)"
expect 'log level debug' xfrmctl alice log
expect 'log level info, before it was debug' xfrmctl alice log info
must_fail 'not permitted' as_nobody "$(command -v xfrmctl)" --socket "$socket" log

step "Monitor, of one connection and two types of events"
refused 'UnknownConnection' answer Monitor '{"connections": ["nobody"]}' --more
refused 'InvalidParameter' answer Monitor '{"events": ["sunrise"]}' --more
on alice timeout 3 varlinkctl call --more --json=short "$socket" io.xfrmd.Monitor \
    '{"connections": ["bob"], "events": ["child_down", "child_up"]}' >/run/events &
monitor=$!
on alice timeout 3 xfrmctl --socket "$socket" --json monitor bob --event child_down --event child_up >/run/events.xfrmctl &
wait_until 2 grep -q synchronized /run/events
wait_until 2 grep -q synchronized /run/events.xfrmctl
answer Down '{"connection": "bob"}' --json=short >/dev/null
answer Up '{"connection": "bob"}' --json=short >/dev/null
wait "$monitor" || true
for file in events events.xfrmctl; do
    types=$(grep -oE '"type":"[a-z_]+"' "/run/$file" | cut -d '"' -f 4 | paste -sd ' ')
    [[ $types == 'synchronized child_down child_up' ]] || fail "$file tells: $types"
    ok "$file tells: $types"
done

step "Reload and Down"
expect '"configuration":2' answer Reload '{}' --json=short
expect '"state":"held_down"' answer Down '{"connection": "bob"}' --json=short
assert_sas alice 0
wait_until 5 assert_sas bob 0
stop_xfrmd alice
stop_xfrmd bob
