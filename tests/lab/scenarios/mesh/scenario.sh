# about: twenty hosts in a full mesh, all started at once: each two end with one IKE SA and one child
# labels: kernel
# timeout: 180
# shellcheck shell=bash
#
#   h1 … h20: each has a connection with every other one and begins it by itself, so that two begin each at the same time.
#   XFRMD_LAB_ROUNDS: how often all of them are started and stopped.

readonly hosts=20
readonly rounds=${XFRMD_LAB_ROUNDS:-1}
readonly pairs=$((hosts * (hosts - 1) / 2))
mapfile -t names < <(seq -f 'h%g' $hosts)

# write_configuration NUMBER: what a host reads.
write_configuration() {
    local folder=/etc/netns/h$1/xfrmd peer
    echo 'mesh: a secret that guards nothing but a test' >"$folder/mesh.psk"
    for ((peer = 1; peer <= hosts; ++peer)); do
        ((peer != $1)) || continue
        printf '[connection.h%d]\nremote = "10.0.0.%d"\nmode = "transport"\n' "$peer" "$peer"
        printf 'local_id = "h%d.example.net"\nstart = "now"\n' "$1"
        printf 'peer = { id = "h%d.example.net", psk = "/etc/xfrmd/mesh.psk" }\n\n' "$peer"
    done >"$folder/xfrmd.toml"
    chmod -R go-rwx "$folder"
}

# The ESP SAs of all kernels, a line each; both ends of an SA print the same.
esp_sas() {
    local name
    for name in "${names[@]}"; do
        on "$name" ip -oneline xfrm state list nokeys
    done | grep -oE '^src [^ ]+ dst [^ ]+\\?\s+proto esp spi 0x[0-9a-f]+' | grep -v 'spi 0x00000000' || true
}

# The IKE SAs of all hosts by their initiators' SPIs.
ike_sas() {
    local name
    for name in "${names[@]}"; do xfrmctl "$name" list ike --json; done |
        grep -E '"state": ?"established"' | grep -oE '"initiator_spi": ?"0x[0-9a-f]+"' || true
}

# is_shared COUNT COMMAND…: the command prints so many different lines, each of them twice.
is_shared() {
    local counts
    counts=$("${@:2}" | sort | uniq -c | awk '{ ++lines[$1] } END { for (times in lines) print times ":" lines[times] }')
    [[ $counts == "2:$1" ]]
}

is_meshed() { is_shared $((2 * pairs)) esp_sas && is_shared "$pairs" ike_sas; }

step "$hosts hosts, $pairs pairs"
for ((number = 1; number <= hosts; ++number)); do
    host "h$number" "10.0.0.$number/24"
    write_configuration "$number"
done

for ((round = 1; round <= rounds; ++round)); do
    step "round $round of $rounds: all at once"
    start_xfrmd "${names[@]}" >/dev/null
    wait_until 60 is_meshed
    sleep 6   # whatever was still to be settled or to be closed is by then
    is_meshed || fail "more came, or less: $(esp_sas | wc -l) ends of SAs, $(ike_sas | wc -l) ends of IKE SAs"
    ok "each two of $hosts hosts have one IKE SA and one child"
    take_down_xfrmd "${names[@]}" >/dev/null
    [[ -z $(esp_sas) ]] || fail "SAs are left: $(esp_sas | head -n 3)"
    ok "none is left when all have stopped"
done
