# about: a stream as fast as the kernels can: the child gets new keys by volume again and again, and nothing is cut off
# labels: kernel
# timeout: 120
# shellcheck shell=bash
#
#   alice --- bob      transport, new keys after 16 MiB

readonly mebibytes=256
readonly port=5001

logged() { grep -cE -- "$2" "$(xfrmd_log "$1")" || true; }

step "two hosts"
host alice 10.0.0.1/24
host bob 10.0.0.2/24
start_xfrmd bob
start_xfrmd alice
wait_until 10 on alice ping -c 1 -W 0.3 10.0.0.2

step "$mebibytes MiB from alice to bob"
ip netns exec bob timeout 90 nc -l -N 10.0.0.2 "$port" | wc -c >/run/received &
listener=$!
wait_until 5 on bob sh -c "ss -ltn | grep -q :$port"
start=${EPOCHREALTIME/./}
head -c "${mebibytes}M" /dev/zero | ip netns exec alice timeout 90 nc -N 10.0.0.2 "$port"
wait "$listener"
took=$(ms_since "$start")
((($(</run/received)) == mebibytes * 1024 * 1024)) || fail "bob has received $(</run/received) octets"
ok "bob has received all of it in $took ms, $((mebibytes * 1000 / took)) MiB/s"

step "new keys came in time"
rekeyed=$(logged alice 'event=child_rekeyed')
((rekeyed >= mebibytes / 16 - 4)) || fail "the child got new keys $rekeyed times"
ok "the child got new keys $rekeyed times"
(($(logged alice 'event=child_down') + $(logged bob 'event=child_down') == 0)) || fail "a child has reached its hard limit"
ok "no child has reached its hard limit"
sleep 6   # packets that are late are waited for
for name in alice bob; do assert_sas "$name" 2; done
take_down_xfrmd alice bob
