# about: clients of the control socket that are slow, huge, deep, half, deaf, many or without rights: nobody else notices
# labels: kernel
# timeout: 120
# shellcheck shell=bash
#
#   alice ---+--- bob      one connection with traffic; the clients are strangers and readers on alice

readonly socket=/run/xfrmd-alice/io.xfrmd
readonly readers=990
# On a busy machine a program of ours takes seconds alone; who waited for half a call of somebody else would wait longer.
readonly patience_ms=9500

step "a connection, and a group that may read"
echo "xfrmd:x:$readers:" >>/etc/group
host alice 10.0.0.1/24
host bob 10.0.0.2/24
start_xfrmd alice bob
chmod 755 /run/xfrmd-alice
xfrmctl alice up bob >/run/up
daemon=${xfrmd_processes[alice]}
descriptors() { find "/proc/$daemon/fd" -mindepth 1 | wc -l; }
memory_kib() { awk '/^VmRSS/ { print $2 }' "/proc/$daemon/status"; }
few_descriptors() { (($(descriptors) <= descriptors_before)); }
descriptors_before=$(descriptors)
memory_before=$(memory_kib)
on alice ping -n -q -i 0.05 -c 600 10.0.0.2 >/run/pings 2>&1 &
pings=$!

as_stranger() { on alice setpriv --reuid=65534 --regid=65534 --clear-groups python3 "$scenario/abuse.py" "$socket" "$@"; }
as_reader() { on alice setpriv --reuid=65533 --regid=$readers --clear-groups python3 "$scenario/abuse.py" "$socket" "$@"; }

# meanwhile ABUSE WHAT…: while that goes on, root is answered and new keys are made.
meanwhile() {
    local abuse start slowest=0 took
    "$@" >/run/abuse 2>&1 &
    abuse=$!
    while kill -0 $abuse 2>/dev/null; do
        start=${EPOCHREALTIME/./}
        xfrmctl alice status bob >/dev/null || fail "root gets no answer"
        took=$(ms_since "$start")
        ((took <= slowest)) || slowest=$took
        xfrmctl alice rekey bob >/dev/null || fail "no new keys"
        sleep 0.5
    done
    wait $abuse || fail "$(cat /run/abuse)"
    sed 's/^/            /' /run/abuse
    ((slowest <= patience_ms)) || fail "root waited $slowest ms"
    ok "root waited $slowest ms at most, and new keys were made"
}

for who in as_stranger as_reader; do
    step "$who: huge, deep, garbage"
    meanwhile $who huge_without_end huge_call a_little_too_long deep deep_and_small a_little_too_deep deep_enough garbage change
    for what in huge_without_end huge_call a_little_too_long deep deep_and_small a_little_too_deep garbage; do
        expect "^$what: cut off$" cat /run/abuse
    done
    expect '^deep_enough: answered$' cat /run/abuse
    expect '^change: not permitted$' cat /run/abuse
done

step "half a call, calls that never end, a thousand clients, and some that read nothing"
meanwhile as_reader half slow crowd deaf
expect '^half: given up$' cat /run/abuse
expect '^slow: 0 of 50 are left$' cat /run/abuse
expect '^crowd: 64 are admitted$' cat /run/abuse

step "nothing is left of all that"
wait_until 40 few_descriptors
grown=$(($(memory_kib) - memory_before))
((grown < 48 * 1024)) || fail "the daemon has grown by $grown KiB"
ok "the daemon has grown by $grown KiB"
wait $pings || true
expect ' 0% packet loss' cat /run/pings
xfrmctl alice status bob >/dev/null || fail "the connection is not up any more"
ping_ok alice bob
stop_xfrmd alice bob
