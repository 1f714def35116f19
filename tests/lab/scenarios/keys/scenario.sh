# about: xfrmctl keys export: tshark reads the ESP of a capture with what it writes
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
expect '^600 ' stat --format '%a %n' "$folder/keys/esp_sa"
must_fail 'is there already' xfrmctl alice keys export "$folder/keys"
mkdir -m 777 /run/open
must_fail 'writable by others' xfrmctl alice keys export /run/open
stop_capture alice

# reads WHAT FILTER COUNT: tshark finds so many packets with the keys, and none without.
reads() {
    local found
    (($(count_decrypted none "$2") == 0)) || fail "tshark sees $1 without keys"
    found=$(count_decrypted keys "$2")
    ((found == $3)) || fail "tshark finds $found $1, not $3"
    ok "tshark finds $found $1, and none without the keys"
}

step "tshark reads the capture with them"
for peer in bob carol; do
    reads "echo requests and replies with $peer" "icmp and ip.addr == $(address_of "$peer")" 10
done
