# about: many policies in setkey's language, beside `ip -batch` and a bare libmnl loop
# labels: setkey kernel
# timeout: 120
# shellcheck shell=bash
#
#   alice      loads 20,000 policies and removes them; XFRMD_LAB_ROUNDS=5: 100,000

readonly count=$((20000 * ${XFRMD_LAB_ROUNDS:-1}))
readonly batch=$((count / 10))   # of ip's, which is slow
readonly bench=$build/tests/bench/bench_policies

# text PREFIX COUNT SUFFIX: COUNT lines, each for an address of 10.0.0.0/8 of its own.
text() {
    awk -v prefix="$1" -v count="$2" -v suffix="$3" 'BEGIN {
        for (i = 0; i < count; ++i)
            printf "%s10.%d.%d.%d%s\n", prefix, i / 65536, i / 256 % 256, i % 256, suffix
    }'
}

# measured NAME COUNT COMMAND…: policies a second, and the most memory it had.
declare -A rates=()
measured() {
    local name=$1 entries=$2 result
    shift 2
    result=$("$@" 2>/run/measured.err | tail -n 1) || { cat /run/measured.err; fail "$name fails"; }
    rates[$name]=$(awk -v count="$entries" '{ printf "%d", count / $1 }' <<<"$result")
    ok "$name: $entries policies in $(awk '{ print $1 }' <<<"$result") s, ${rates[$name]} a second, $(awk '{ print $2 }' <<<"$result") MiB at most"
}

policies() { ip -n alice xfrm policy count | awk '{ gsub(/[^0-9 ]/, " "); print $1 + $2 + $3; exit }'; }
assert_policies() {
    local have
    have=$(policies)
    ((have == $1)) || fail "the kernel has $have policies, $1 are expected"
    ok "the kernel has $1 policies"
}

step "texts"
host alice 10.0.0.1/24
text 'spdadd ' "$count" ' 192.0.2.1 any -P out ipsec esp/transport//require;' >/run/policies.conf
{
    echo 'spdflush;'
    cat /run/policies.conf
} >/run/again.conf
text 'xfrm policy add src ' "$batch" '/32 dst 192.0.2.1/32 dir out priority 2147483648 tmpl proto esp mode transport' >/run/policies.batch
ok "$(wc -l </run/policies.conf) statements"

step "a bare libmnl loop"
measured loop "$count" on alice "$bench" loop "$count"
assert_policies "$count"
on alice ip xfrm policy flush

step "xfrmctl setkey -f"
measured setkey "$count" on alice "$bench" run xfrmctl setkey -f /run/policies.conf
assert_policies "$count"

step "again, with spdflush in front: all stay in their places"
measured again "$count" on alice "$bench" run xfrmctl setkey -f /run/again.conf
assert_policies "$count"

step "xfrmctl setkey -FP"
measured removal "$count" on alice "$bench" run xfrmctl setkey -FP
assert_policies 0

step "interrupted in the middle: what was done is taken back"
ip netns exec alice xfrmctl setkey -f /run/policies.conf >/run/interrupted 2>&1 &
loading=$!
until (($(policies) > 0)); do kill -0 $loading || fail "it ended before it could be interrupted"; done
kill -INT $loading
status=0
wait $loading || status=$?
((status == 1)) || fail "it ended with status $status"
expect 'interrupted' cat /run/interrupted
expect 'nothing has been changed' cat /run/interrupted
assert_policies 0

step "a terminal sees how far it has come"
script --quiet --return --command 'ip netns exec alice xfrmctl setkey -f /run/policies.conf' /run/terminal >/dev/null
expect '\[#* *\] +[0-9]+ %  [0-9,]+ of [0-9,]+' cat /run/terminal
assert_policies "$count"
on alice ip xfrm policy flush

step "ip -batch"
measured ip "$batch" on alice "$bench" run ip -batch /run/policies.batch
on alice ip xfrm policy flush

step "side by side"
ok "setkey: $((100 * rates[setkey] / rates[loop])) % of a bare libmnl loop, $((rates[setkey] / rates[ip])) times ip -batch"
