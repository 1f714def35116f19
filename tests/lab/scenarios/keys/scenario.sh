# about: xfrmctl keys export: tshark reads ESP and IKE messages of a capture with what it writes
# labels: kernel
# peers: tshark
# timeout: 120
# shellcheck shell=bash
#
#   alice ---+--- bob       AES-GCM
#            +--- carol     AES-CBC and HMAC

readonly wireshark=/run/wireshark
readonly folder=$wireshark/root/tmp

# count_decrypted FOLDER FILTER: packets of alice's capture that match, with the tables in the folder of that name.
count_decrypted() {
    chroot "$wireshark/root" env HOME=/tmp WIRESHARK_CONFIG_DIR="/tmp/$1" \
        tshark -n -o esp.enable_encryption_decode:TRUE -r /mnt/alice.pcap -Y "$2" 2>/dev/null | wc -l
}

step "Wireshark's own reader of captures"
mkdir -p "$wireshark"/{lower,upper,work,root}
mount -t hostfs -o ro,hostfs=/lab/roots/tshark none "$wireshark/lower"
mount -t overlay -o "lowerdir=$wireshark/lower,upperdir=$wireshark/upper,workdir=$wireshark/work" overlay "$wireshark/root"
mount --bind /results "$wireshark/root/mnt"
mkdir "$folder/none"

step "two peers"
host alice 10.0.0.1/24
host bob 10.0.0.2/24
host carol 10.0.0.3/24
start_xfrmd alice bob carol
capture alice
for name in bob carol; do show xfrmctl alice up "$name"; done
ping_ok alice bob
ping_ok alice carol

step "keys are for root, go into a folder of root's own, and replace nothing"
must_fail 'for root only' on alice setpriv --reuid 65534 --regid 65534 --clear-groups \
    "$(command -v xfrmctl)" keys export /tmp/keys
show xfrmctl alice keys export "$folder/keys"
expect '^700 ' stat --format '%a %n' "$folder/keys"
for file in esp_sa ikev2_decryption_table; do expect '^600 ' stat --format '%a %n' "$folder/keys/$file"; done
expect 'the keys of 2 IKE SAs go to user 0' cat "$(xfrmd_log alice)"
must_fail 'is there already' xfrmctl alice keys export "$folder/keys"
mkdir -m 777 /run/open
must_fail 'writable by others' xfrmctl alice keys export /run/open

step "keys of what comes up meanwhile, for as long as was said: of an IKE SA made anew, and of a peer that is refused"
told() { grep -q 'for 15 s also those that come up' "$(xfrmd_log alice)"; }
xfrmctl alice keys export --watch 15 "$folder/later" >/run/later 2>&1 &
watcher=$!
wait_until 5 told
show xfrmctl alice down bob
show xfrmctl alice up bob
ping_ok alice bob
show xfrmctl carol down alice
sed -i 's/of alice and carol/of carol alone/' /etc/netns/carol/xfrmd/xfrmd.toml
show xfrmctl carol reload
refusal=$(xfrmctl carol up alice 2>&1) && fail "alice takes another secret"
echo "            $refusal"
wait "$watcher" || fail "$(cat /run/later)"
expect 'keys of ([4-9]|1[0-9]) IKE SAs' cat /run/later
stop_capture alice

# reads FOLDER WHAT FILTER [COUNT]: tshark finds so many packets with the keys in that folder, or some, and none without.
reads() {
    local found
    (($(count_decrypted none "$3") == 0)) || fail "tshark sees $2 without keys"
    found=$(count_decrypted "$1" "$3")
    ((found == ${4:-found} && found > 0)) || fail "tshark finds $found $2, not ${4:-some}"
    ok "tshark finds $found $2, and none without the keys"
}

step "tshark reads the capture with them"
for peer in bob carol; do
    reads keys "echo requests and replies with $peer" "icmp and ip.addr == $(address_of "$peer")" 10
    reads keys "messages with the identity of $peer" "isakmp.id.data.fqdn == \"$peer.example.net\""
done
reads later "echo requests and replies with bob" "icmp and ip.addr == $(address_of bob)" 20
reads later "Deletes" "isakmp.typepayload == 42"
reads later "refusals of a secret" "isakmp.notify.msgtype == 24"
