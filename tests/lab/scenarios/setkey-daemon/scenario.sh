# about: setkey's statements beside a daemon that runs: through it, without touching what is its own, all or nothing
# labels: setkey kernel
# timeout: 90
# shellcheck shell=bash
#
#   alice ---+--- bob      one connection, up, and one that waits for a route; statements on alice

readonly socket=/run/xfrmd-alice/io.xfrmd

setkey() { xfrmctl alice setkey "$@"; }
load() { printf '%s\n' "$@" | setkey -c; }
policies() { on alice ip xfrm policy count | awk '/SPD/ { print $3 + $5 + $7 }'; }
assert_policies() {
    (($(policies) == $1)) || fail "alice's kernel has $(policies) policies, $1 are expected"
    ok "alice's kernel has $1 policies"
}
# refused PATTERN COMMAND…: it fails, and says so somewhere.
refused() {
    local pattern=$1
    shift
    ! "$@" >/run/refusal 2>&1 || fail "'$*' succeeded"
    expect "$pattern" cat /run/refusal
}
changes() { on alice varlinkctl call "$socket" io.xfrmd.ChangeTables "$@"; }

step "a connection"
host alice 10.0.0.1/24
host bob 10.0.0.2/24
start_xfrmd alice bob
xfrmctl alice up bob >/run/up
expect 'away +waiting_for_address' xfrmctl alice list connections
expect 'away/main' xfrmctl alice list policies
before=$(policies)

step "statements go through the daemon, which tells who it was"
load 'spdadd 192.0.2.1 198.51.100.1 any -P out discard;' \
    'spdadd 198.51.100.0/24[443] 192.0.2.1 tcp -P in prio high ipsec esp/tunnel/203.0.113.2-203.0.113.1/unique;'
assert_policies $((before + 3))
expect '3 changes of the kernel.s tables by statements of user 0' cat "$(xfrmd_log alice)"
xfrmctl alice spddelete 192.0.2.1 198.51.100.1 any -P out
assert_policies $((before + 2))
expect '1 changes of the kernel' cat "$(xfrmd_log alice)"

step "with --direct they do not"
lines=$(grep -c 'changes of the kernel' "$(xfrmd_log alice)")
xfrmctl alice spdadd 192.0.2.7 198.51.100.1 any -P out none --direct
assert_policies $((before + 3))
(($(grep -c 'changes of the kernel' "$(xfrmd_log alice)") == lines)) || fail "the daemon was asked"
ok "the daemon was not asked"

step "keys are in no message: an SA with keys goes to the kernel itself"
load 'add 192.0.2.1 198.51.100.1 esp 0x1000 -E aes-cbc "sixteen octets..";' 'spdadd 192.0.2.8 198.51.100.1 any -P out none;'
(($(grep -c 'changes of the kernel' "$(xfrmd_log alice)") == lines)) || fail "the daemon was asked"
assert_policies $((before + 4))

step "what is the connection's stays, and who would remove it is told whose it is"
refused 'belongs to xfrmd.s connection bob/main' xfrmctl alice spddelete 10.0.0.1 10.0.0.2 any -P out
refused 'xfrmctl down bob ends its SAs' xfrmctl alice spdupdate 10.0.0.1 10.0.0.2 any -P out none
refused 'belongs to xfrmd.s connection away/main' xfrmctl alice spddelete 0.0.0.0/0 203.0.113.9 any -P out
refused 'belongs to xfrmd.s connection bob/main' xfrmctl alice deleteall 10.0.0.1 10.0.0.2 esp
printf 'flush;\nspdflush;\n' | setkey --flush-all -c >/run/flushed 2>&1
expect 'of xfrmd.s connections stay as they are' cat /run/flushed
assert_policies "$before"
ping_ok alice bob

step "by hand: kept, not kept, refused"
changes '{"statements": ["spdadd 192.0.2.1 198.51.100.2 any -P out discard;"], "then": "keep"}' >/run/kept
expect '"changes" *: *1' cat /run/kept
assert_policies $((before + 1))
changes '{"statements": ["spdadd 192.0.2.1 198.51.100.3 any -P out discard;"]}' >/run/not-kept
has_policies() { (($(policies) == $1)); }
wait_until 20 has_policies $((before + 1))
refused 'ChangeRefused' changes '{"statements": ["spdadd 192.0.2.1 198.51.100.4 any -P out none;", "spddelete 10.0.0.1 10.0.0.2 any -P out;"], "then": "keep"}'
refused 'exists already' changes '{"statements": ["spdadd 192.0.2.1 198.51.100.4 any -P out none;", "spdadd 192.0.2.1 198.51.100.4 any -P out none;"], "then": "keep"}'
assert_policies $((before + 1))
refused 'ChangeRefused' changes '{"statements": ["flush;"], "then": "keep"}'
changes '{"statements": ["spddelete 192.0.2.1 198.51.100.2 any -P out;"], "then": "keep"}' >/run/kept
assert_policies "$before"

step "a client that is killed in the middle has changed nothing"
awk 'BEGIN { for (i = 0; i < 20000; ++i) printf "spdadd 10.%d.%d.%d 192.0.2.1 any -P out none;\n", i / 65536 + 100, i / 256 % 256, i % 256 }' >/run/many.conf
# begin_loading: returns in the middle of it, with the client stopped. It moves only between two looks, so that a busy machine makes no difference.
begin_loading() {
    ip netns exec alice xfrmctl --socket "$socket" setkey -f /run/many.conf >/run/loading 2>&1 &
    loading=$!
    while kill -STOP $loading && (($(policies) == before)); do
        kill -CONT $loading
        sleep 0.01
    done
    (($(policies) < before + 20000)) || fail "it ended too early"
}
begin_loading
kill -KILL $loading
{ wait $loading || true; } 2>/dev/null
wait_until 20 has_policies "$before"
ok "all is as it was"
ping_ok alice bob

step "and a whole one stays, beside a connection that works"
setkey -f /run/many.conf
assert_policies $((before + 20000))
ping_ok alice bob
setkey -FP
assert_policies "$before"

step "members of xfrmd-admin may, others may not"
refused 'NotPermitted' on alice setpriv --reuid=65534 --regid=65534 --clear-groups varlinkctl call "$socket" io.xfrmd.ChangeTables '{"statements": []}'

step "the daemon stops while a client holds changes: they are taken back"
begin_loading
stop_xfrmd alice
assert_policies "$before"
kill -CONT $loading
status=0
wait $loading || status=$?
((status == 1)) || fail "the client ended with status $status"
expect 'xfrmd' cat /run/loading
