# about: setkey's files on a real kernel: bundles of manual keys, mistakes, refusals taken back, what others have installed
# labels: setkey kernel
# timeout: 240
# shellcheck shell=bash
#
#   alice ---+--- bob      manual keys, ESP inside AH, no daemon anywhere

readonly file=/etc/xfrmd/setkey.conf

# setkey HOST ARGS…: under its own name.
setkey() { on "$1" /run/bin/setkey "${@:2}"; }

# load HOST TEXT…: statements on standard input.
load() {
    local host=$1
    shift
    printf '%s\n' "$@" | setkey "$host" -c
}

# status_of STATUS COMMAND…: how the command ends; what it said is in /run/said.
status_of() {
    local wanted=$1 status=0
    shift
    "$@" >/run/said 2>&1 || status=$?
    sed 's/^/            /' /run/said
    ((status == wanted)) || fail "'$*' ended with status $status instead of $wanted"
    ok "status $wanted"
}
said() { expect "$1" cat /run/said; }

# tables HOST: what the kernel has, without what a packet or a second changes.
tables() {
    on "$1" ip -oneline xfrm state list | sed -E 's/(seq|bitmap) 0x[0-9a-f]+/\1/g; s/\\\tlastused [-0-9]+ [:0-9]+//' | sort
    on "$1" ip -oneline -details xfrm policy list | sort
}
unchanged() {
    tables "$1" >/run/tables.now
    if ! diff /run/tables.before /run/tables.now >/run/tables.diff; then
        sed 's/^/            /' /run/tables.diff
        fail "$1's tables are not as they were"
    fi
    ok "$1's tables are as they were"
}
remember() { tables "$1" >/run/tables.before; }
policy_count() { on "$1" ip -oneline xfrm policy list | grep -c '^src' || true; }
assert_policies() {
    (($(policy_count "$1") == $2)) || fail "$1's kernel has $(policy_count "$1") policies, $2 are expected"
    ok "$1's kernel has $2 policies"
}

step "hosts"
host alice 10.0.0.1/24
host bob 10.0.0.2/24
mkdir -p /run/bin
ln -s "$(type -P xfrmctl)" /run/bin/setkey

step "a kernel without PF_KEY"
echo 'install af_key /bin/false' >/etc/modprobe.d/no-pf-key.conf
no_pf_key() { [[ ! -e /proc/net/pfkey ]] && ! grep -q '^af_key ' /proc/modules; }
no_pf_key || fail "there is one"
ok "no /proc/net/pfkey, and no module will bring it"

step "the how-to's file with its typing error: it is pointed at, and nothing is done"
cat >/run/howto.conf <<'CONF'
# Out our 192.168.0.0/24 connection to 10.1.2.3:
spdadd 192.168.0.0/24 10.1.2.3/32 any -P out ipsec esp/transport//require ah/transport//require;
# In from 10.1.2.3 on our 192.168.0.0/24 connection:
spdadd 10.1.2.3/32 192.168.0.0.0/24 any -P in ipsec esp/transport//require ah/transport//require;
CONF
status_of 1 setkey alice -f /run/howto.conf
said '^/run/howto.conf:4:20: error: 192.168.0.0.0 is no address: it has five numbers'
assert_policies alice 0
sed -i 's/192.168.0.0.0/192.168.0.0/' /run/howto.conf
status_of 0 setkey alice -f /run/howto.conf
assert_policies alice 3
status_of 0 setkey alice -FP
assert_policies alice 0

step "manual keys: ESP inside AH, nothing in clear"
capture alice
setkey alice -f $file
setkey bob -f $file
assert_sas alice 4
ping_ok alice bob
ping_ok bob alice
show_packets alice 'ah' 2
expect 'IP 10.0.0.1 > 10.0.0.2: AH\(spi=0x00002001,seq=0x[0-9a-f]+,icv=0x[0-9a-f]{32}\): ESP\(spi=0x00001001,seq=0x[0-9a-f]+\)' captured alice
expect 'flag align4' on alice ip xfrm state list
expect 'auth-trunc hmac\(sha256\) 0x[0-9a-f]+ 128' on alice ip xfrm state list

step "the file is loaded again and again under traffic: policies stay, keys begin anew, nothing in clear"
on alice ip -s xfrm policy list | grep -o 'index [0-9]*' | sort >/run/index.before
on alice ping -n -f -w 6 10.0.0.2 >/run/flood 2>&1 &
flood=$!
for ((i = 0; i < 3; ++i)); do
    setkey alice -f $file
    setkey bob -f $file
done
wait $flood || true
on alice ip -s xfrm policy list | grep -o 'index [0-9]*' | sort >/run/index.after
cmp -s /run/index.before /run/index.after || fail "policies were replaced"
ok "the policies are the same ones"
# What alice took from bob's old SAs after hers were new counts in their replay windows, so bob's new ones begin too low
# for her: once more, in silence.
setkey alice -f $file
setkey bob -f $file
ping_ok alice bob
assert_no_clear alice icmp

step "a refusal of the kernel takes back everything, keys and sequence numbers included"
remember alice
cat >/run/refused.conf <<'CONF'
flush;
spdflush;
add 10.0.0.1 10.0.0.2 esp 0x1001 -E aes-gcm-16 0x00112233445566778899aabbccddeeff00112233;
spdadd 10.0.0.1 10.0.0.2 any -P out none;
spdadd 10.0.0.1 10.0.0.3 any -P out discard;
add 10.0.0.1 10.0.0.2 ipcomp 0x1001 -C lzs;
CONF
status_of 1 setkey alice -f /run/refused.conf
said '^/run/refused.conf:6:1: error: IPComp SA .*: this kernel has no lzs'
said 'nothing has been changed'
unchanged alice
ping_ok alice bob      # with a replay window: the numbers went on
assert_no_clear alice icmp

step "a dry run shows the difference"
status_of 0 setkey alice --dry-run -f /run/refused.conf
said '^- spdadd 10.0.0.1 10.0.0.2 any -P out ipsec esp/transport//require ah/transport//require;'
said '^\+ spdadd 10.0.0.1 10.0.0.2 any -P out none;'
said '^\+ add 10.0.0.1 10.0.0.2 esp 0x1001 -m transport -E aes-gcm-16 \*\*\*;'
unchanged alice

step "what others have installed is left alone, and that is said"
on alice ip xfrm state add src 10.0.0.1 dst 10.0.0.9 proto esp spi 0x9001 enc 'cbc(aes)' 0x000102030405060708090a0b0c0d0e0f
on alice ip xfrm policy add src 10.9.0.0/16 dst 10.8.0.0/16 dir out priority 5 tmpl src 10.0.0.1 dst 10.0.0.9 proto esp mode tunnel
status_of 0 load alice 'flush; spdflush;'
said '1 of others stay'
assert_sas alice 1
assert_policies alice 1
status_of 1 load alice 'spdadd 10.9.0.0/16 10.8.0.0/16 any -P out none;'
said 'exists already'
said 'somebody else has installed it'
status_of 0 setkey alice -F --flush-all
status_of 0 setkey alice -FP --flush-all
assert_sas alice 0
assert_policies alice 0

step "in policies and their copies ask for the same SAs"
status_of 0 load alice 'spdadd 10.2.0.0/16 10.1.0.0/16 any -P in ipsec esp/transport//unique ah/transport//unique;' \
    'spdadd 10.1.0.0/16 10.2.0.0/16 any -P out ipsec esp/transport//unique ah/transport//unique;'
on alice ip xfrm policy list dir in | grep -o 'reqid [0-9]*' >/run/in
on alice ip xfrm policy list dir fwd | grep -o 'reqid [0-9]*' >/run/fwd
cmp -s /run/in /run/fwd || fail "the reqids of in and fwd differ"
ok "in and fwd: $(paste -sd ' ' /run/in)"
setkey alice -FP

step "deleteall deletes all, and statements end honestly"
for ((i = 0; i < 20; ++i)); do
    echo "add 10.0.0.1 10.0.0.2 esp $((0x3000 + i)) -E null -A null;"
done >/run/many.conf
status_of 0 setkey alice -f /run/many.conf
assert_sas alice 20
status_of 0 on alice xfrmctl get 10.0.0.1 10.0.0.2 esp 0x3000
said 'esp mode=transport spi=12288\(0x00003000\)'
status_of 0 on alice xfrmctl deleteall 10.0.0.1 10.0.0.2 esp
assert_sas alice 0
status_of 1 on alice xfrmctl get 10.0.0.1 10.0.0.2 esp
status_of 3 on alice xfrmctl get 10.0.0.1 10.0.0.2 esp 0x3000
status_of 1 on alice xfrmctl delete 10.0.0.1 10.0.0.2 esp 0x3000
status_of 1 on alice xfrmctl add 10.0.0.1 10.0.0.2 esp 0x3000 -E des-cbc 0x0123456789abcdef -A null
said 'seen by everybody'
status_of 0 on alice xfrmctl spdadd 192.168.0.0/24 10.1.2.3 any -P out ipsec esp/transport//require
status_of 0 on alice xfrmctl spddelete 192.168.0.0/24 10.1.2.3 any -P out
status_of 5 on alice setpriv --bounding-set=-net_admin --inh-caps=-net_admin xfrmctl spdflush

step "statements that show something, between statements that do something"
status_of 0 load alice 'add 10.0.0.1 10.0.0.2 esp 0x3001 -E null -A null;' 'dump;' 'flush;' 'dump;'
said 'spi=12289'
said 'No SAD entries.'
status_of 1 load alice 'add 10.0.0.1 10.0.0.2 esp 0x3001 -E null -A null;' 'spddump;' 'add 10.0.0.1 10.0.0.2 ipcomp 0x1001 -C lzs;'
assert_sas alice 0
status_of 0 load alice 'getspi 10.0.0.2 10.0.0.1 esp 0x4711;' 'update 10.0.0.2 10.0.0.1 esp 0x4711 -E null -A null;' 'get 10.0.0.2 10.0.0.1 esp 0x4711;'
said 'state=larval'
said 'state=mature'
setkey alice -F
assert_sas alice 0

step "PF_KEY was not asked for"
no_pf_key || fail "somebody has brought it"
ok "none of it took PF_KEY"
