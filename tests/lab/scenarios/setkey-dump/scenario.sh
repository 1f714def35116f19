# about: the dumps of xfrmctl setkey show what others put into the kernel, as setkey over PF_KEY would
# labels: setkey kernel
# timeout: 180
# shellcheck shell=bash
#
#   alice      SAs and policies of every kind, by ip xfrm; nobody answers

readonly key16=0x000102030405060708090a0b0c0d0e0f
readonly key20=0x000102030405060708090a0b0c0d0e0f10111213
readonly key32=0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
readonly key64=$key32${key32#0x}

readonly many=$((20000 * ${XFRMD_LAB_ROUNDS:-1}))

setkey() { on alice xfrmctl setkey "$@"; }

# pfkey sas|policies: what setkey itself would print.
pfkey() { on alice python3 "$scenario/pfkey_dump.py" "$1"; }

# The process asking, and the time of asking.
masked() { sed -E 's/\<pid=[0-9]+/pid=N/; s/(\tcurrent: )[A-Z].*/\1NOW/; s/diff: [0-9]+/diff: N/'; }

# same WHAT OPTIONS…: xfrmctl prints what PF_KEY tells, to the octet.
same() {
    local what=$1
    shift
    pfkey "$what" | masked >"/run/$what.pfkey"
    setkey "$@" | masked >"/run/$what.netlink"
    [[ -s /run/$what.pfkey ]] || fail "PF_KEY tells nothing of $what"
    if ! diff -u "/run/$what.pfkey" "/run/$what.netlink" >"/run/$what.diff"; then
        sed 's/^/            /' "/run/$what.diff" | cat -A | head -n 40
        fail "setkey $* prints something else than PF_KEY tells"
    fi
    ok "setkey $* prints $(wc -l <"/run/$what.netlink") lines, as PF_KEY tells them"
}

# says FILE PATTERN…: each matches a line.
says() {
    local file=$1 pattern
    shift
    for pattern in "$@"; do
        grep -qE -- "$pattern" "$file" || { sed 's/^/            /' "$file"; fail "nothing in $file matches '$pattern'"; }
        ok "$file says '$(grep -m 1 -oE -- "$pattern" "$file")'"
    done
}

# says_not FILE PATTERN
says_not() {
    ! grep -E -- "$2" "$1" || fail "$1 says '$2'"
    ok "$1 does not say '$2'"
}

batch() { ip -n alice -force -batch - || fail "ip xfrm refused something"; }

step "empty tables"
host alice 10.0.0.1/24 fd00::1/64
on alice sysctl --quiet --write net.core.xfrm_acq_expires=300   # a reserved SPI stays
expect '^No SAD entries\.$' setkey -D
expect '^No SPD entries\.$' setkey -DP
(($(setkey -D --json | wc -c) == 0)) || fail "--json shows SAs of an empty table"

step "SAs that PF_KEY can show"
batch <<END
xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x1000 mode transport reqid 7 replay-window 4 enc cbc(aes) $key16 auth-trunc hmac(sha1) $key20 96
xfrm state add src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x1001 mode tunnel reqid 16385 enc cbc(camellia) $key32 auth-trunc hmac(sha512) $key64 256
xfrm state add src 10.0.0.1 dst 10.0.0.2 proto ah spi 0x1002 mode transport replay-window 32 auth-trunc hmac(sha256) $key32 128
xfrm state add src 10.0.0.1 dst 10.0.0.2 proto comp spi 0x1003 mode transport comp deflate
xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x1004 mode transport encap espinudp 4500 34500 0.0.0.0 enc cbc(aes) $key16 auth-trunc hmac(sha1) $key20 96
xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x1005 mode transport enc ecb(cipher_null) "" auth-trunc hmac(md5) $key16 96
xfrm state add src fd00::1 dst fd00::2 proto esp spi 0x1006 mode beet enc cbc(des3_ede) ${key20}21222324 auth-trunc xcbc(aes) $key16 96 sel src fd00::1 dst fd00::2
xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0xfffffff7 mode tunnel flag noecn decap-dscp nopmtudisc icmp limit time-soft 3000 limit time-hard 3600 limit time-use-soft 300 limit time-use-hard 360 limit byte-soft 1000000 limit byte-hard 2000000 limit packet-soft 1000 limit packet-hard 2000 enc cbc(aes) $key16 auth-trunc hmac(sha1) $key20 96
xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x1008 mode transport limit time-soft 1 limit time-hard 3600 enc cbc(aes) $key16 auth-trunc hmac(sha1) $key20 96
xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x1009 mode transport aead rfc4106(gcm(aes)) $key20 128
END
on alice ip xfrm state allocspi src 10.0.0.2 dst 10.0.0.1 proto esp min 0x2000 max 0x2000 >/dev/null
sleep 1.2   # until the one that may be soft for a second only is
same sas -D --keys
setkey -D >/run/hidden
says /run/hidden 'state=dying' 'state=larval' 'A: hmac-sha256  \*\*\*'
says_not /run/hidden 00010203

step "an SA that comes to its soft limit"
batch <<END
xfrm state add src 10.0.0.1 dst 10.0.0.8 proto esp spi 0x1010 mode transport reqid 8 limit packet-soft 2 enc cbc(aes) $key16 auth-trunc hmac(sha1) $key20 96
xfrm policy add src 10.0.0.1 dst 10.0.0.8 proto icmp dir out tmpl proto esp reqid 8
END
for state in mature mature dying; do
    on alice ping -c 1 -W 0.1 10.0.0.8 >/dev/null 2>&1 || true
    same sas -D --keys
    grep -A 4 'reqid=8(' /run/sas.netlink >/run/limited
    says /run/limited "state=$state"
done
on alice ip xfrm policy flush

step "policies that PF_KEY can show"
batch <<END
xfrm policy add src 10.1.0.0/16 dst 10.2.0.0/16 dir out priority 2147483648 tmpl src 10.0.0.1 dst 10.0.0.2 proto esp reqid 7 mode tunnel
xfrm policy add src 10.2.0.0/16 dst 10.1.0.0/16 dir in priority 2147483548 tmpl src 10.0.0.2 dst 10.0.0.1 proto esp reqid 16385 mode tunnel level use
xfrm policy add src 10.2.0.0/16 dst 10.1.0.0/16 dir fwd priority 1073741824 tmpl src 10.0.0.2 dst 10.0.0.1 proto esp mode tunnel
xfrm policy add src 10.0.0.1 dst 10.0.0.3 proto tcp sport 1024 dport 443 dir out priority 3221225473 tmpl proto comp level use tmpl proto esp tmpl proto ah reqid 16383
xfrm policy add src 10.0.0.1 dst 10.0.0.4 proto icmp type 8 code 0 dir out
xfrm policy add src fd00::1 dst fd00::/64 proto ipv6-icmp type 135 code 0 dir out action block priority 1
xfrm policy add src fd00::/64 dst ::/0 proto 135 type 5 code 1 dir in action allow priority 4294967295
xfrm policy add src 10.0.0.1 dst 10.0.0.5 proto gre key 65538 dir out action block
xfrm policy add src 10.0.0.1/16 dst 0.0.0.0/0 proto 253 dir out limit time-hard 3600 limit time-use-hard 60
END
ip netns exec alice python3 "$scenario/socket_policy.py" >/run/holder &
holder=$!
wait_until 10 grep -q ready /run/holder
sleep 1.2   # a new policy is held by its timer for a second, which PF_KEY counts
same policies -DP
says /run/policies.netlink 'in\(socket\) none' 'out\(socket\) none'
setkey -DP -N >/run/no-sockets
says_not /run/no-sockets socket
kill "$holder"

step "what PF_KEY cannot show"
batch <<END
xfrm state add src fd00::1 dst fd00::2 proto esp spi 0x3000 mode tunnel reqid 9 mark 5 mask 0xff output-mark 0x10 mask 0xf0 if_id 11 replay-window 128 flag esn af-unspec extra-flag dont-encap-dscp aead rfc4106(gcm(aes)) $key20 128
xfrm policy add src fd00::1 dst fd00::2 dir out mark 5 mask 0xff if_id 11 tmpl src fd00::1 dst fd00::2 proto esp mode beet reqid 9
END
setkey -D >/run/plain
says_not /run/plain 'aead|mark|if_id'
setkey -D --details >/run/details
says /run/details 'aead: rfc4106\(gcm\(aes\)\) icv=128\(bits\)  \*\*\*' 'mark: 0x5/0xff' 'output-mark: 0x10/0xf0' 'if_id: 11' \
    'flags: af-unspec esn dont-encap-dscp' 'sequence: in=0x0 out=0x0'
setkey -DP --details >/run/policy-details
says /run/policy-details 'esp/beet/fd00::1-fd00::2/unique:9' 'mark: 0x5/0xff' 'if_id: 11'

step "JSON, against what ip says"
setkey -D --json >/run/sas.json
setkey -DP --json >/run/policies.json
on alice ip -oneline xfrm state >/run/sas.ip
on alice ip -oneline xfrm policy >/run/policies.ip
(($(wc -l </run/sas.json) == $(wc -l </run/sas.ip))) || fail "--json shows another number of SAs than ip"
(($(wc -l </run/policies.json) == $(wc -l </run/policies.ip))) || fail "--json shows another number of policies than ip"
! grep -v '^{"sa":{.*}}$' /run/sas.json || fail "a line is no object"
spis=$(grep -oE 'spi 0x[0-9a-f]+' /run/sas.ip | cut -d' ' -f2)
for spi in $spis; do
    grep -qF "\"spi\":\"$spi\"" /run/sas.json || fail "the SA $spi is not in the JSON"
done
ok "each SPI of $(wc -w <<<"$spis") is there"
grep -F '"spi":"0x00003000"' /run/sas.json >/run/sa.json
on alice ip -s xfrm state get dst fd00::2 proto esp spi 0x3000 mark 5 mask 0xff >/run/sa.ip
says /run/sa.ip 'mark 0x5/0xff' 'if_id 0xb' 'replay_window 128' 'output-mark 0x10/0xf0' 'reqid 9' '\(160 bits\) 128' 'esn' 'mode tunnel'
says /run/sa.json '"mark":"0x5/0xff"' '"if_id":11' '"replay_window":128' '"output_mark":"0x10/0xf0"' '"reqid":9' '"icv_bits":128' \
    '"aead_key_bits":160' '"extended_sequence_numbers":true' '"mode":"tunnel"'
says_not /run/sa.json '"aead_key"'
setkey -D --json --keys >/run/keys.json
says /run/keys.json "\"aead_key\":\"$key20\""
says /run/policies.json '"mark":"0x5/0xff"' '"mode":"beet"'

step "the lists without a daemon"
on alice xfrmctl list sas >/run/list-sas 2>/run/note
says /run/note 'xfrmd does not run'
says /run/list-sas '^SOURCE +DESTINATION +PROTOCOL +SPI' '^fd00::1 +fd00::2 +esp +0x00003000 +tunnel +9 +rfc4106\(gcm\(aes\)\)'
on alice xfrmctl list policies --direct --json >/run/list-policies
cmp /run/list-policies /run/policies.json || fail "list policies --json shows something else than setkey -DP --json"
ok "list policies --json shows what setkey -DP --json shows"

step "keys are for root, and tables for who may configure the network"
status=0
on alice setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+net_admin --ambient-caps=+net_admin \
    xfrmctl setkey -D --keys >/run/refused 2>&1 || status=$?
((status == 5)) || fail "keys are shown to nobody: status $status"
says /run/refused 'keys are shown to root only'
status=0
on alice setpriv --reuid=65534 --regid=65534 --clear-groups xfrmctl setkey -D >/run/refused 2>&1 || status=$?
((status == 5)) || fail "the table is shown to nobody: status $status"
says /run/refused CAP_NET_ADMIN

step "the short form"
timeout 1.5 ip netns exec alice xfrmctl setkey -D -l >/run/short || true
says /run/short '^time p   s spi      ltime   src -> dst$' '^[0-9]{4} ah  M 00001002 [ 0-9]{3}/0   10\.0\.0\.1 -> 10\.0\.0\.2$' \
    '^[0-9]{4} esp L 00002000 '

step "watching"
ip netns exec alice xfrmctl setkey -x >/run/watched 2>&1 &
watcher=$!
ip netns exec alice xfrmctl setkey -xx -H >/run/watched.hex 2>&1 &
watchers=("$watcher" $!)
ip netns exec alice xfrmctl setkey -x --json >/run/watched.json 2>&1 &
watchers+=($!)
# Three sockets of XFRM (6) that listen to each of its groups.
three_listen() { (($(on alice grep -cE '^[0-9a-f]+ 6 +[0-9]+ +000000ff' /proc/net/netlink) == 3)); }
wait_until 10 three_listen
batch <<END
xfrm policy add src 10.0.0.1 dst 10.0.0.9 dir out priority 7 tmpl proto esp reqid 5
xfrm state add src 10.0.0.1 dst 10.0.0.9 proto ah spi 0x4000 reqid 5 auth-trunc hmac(sha256) $key32 128
END
on alice ping -c 1 -W 1 10.0.0.9 >/dev/null 2>&1 || true
batch <<END
xfrm state delete src 10.0.0.1 dst 10.0.0.9 proto ah spi 0x4000
xfrm policy delete src 10.0.0.1 dst 10.0.0.9 dir out
END
wait_until 5 grep -q 'policy deleted' /run/watched
says /run/watched '^[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6} policy added$' ' sa added$' ' sa deleted$' \
    ' acquire esp 10\.0\.0\.1 -> 10\.0\.0\.9 seq=0x[0-9a-f]{8} for 10\.0\.0\.1.* 10\.0\.0\.9.* (icmp 8,0|udp)$'
wait_until 5 grep -q 'policy deleted' /run/watched.hex
says /run/watched.hex '^[0-9]{10}\.[0-9]{6} sa added$' '^00000[0-9a-f]{3}: .*\*\* \*\* '
says_not /run/watched.hex '18 19 1a 1b'
wait_until 5 grep -q '"policy_deleted"' /run/watched.json
says /run/watched.json '^\{"event":\{"at":"20[0-9T:.-]+Z"' '"type":"policy_added"' '"type":"sa_added"' '"type":"acquire"' \
    '"type":"sa_deleted"' '"type":"policy_deleted"'
kill "${watchers[@]}"

step "a large table takes no more memory than a small one"
measured() { on alice python3 "$scenario/memory_of.py" xfrmctl setkey "$@"; }
on alice ip xfrm policy flush
on alice python3 "$scenario/many_policies.py" 1
read -r small _ < <(measured -DP 2>&1 >/dev/null)
on alice python3 "$scenario/many_policies.py" "$many"
for options in -DP "-DP --json"; do
    # shellcheck disable=SC2086
    read -r memory milliseconds < <(measured $options 2>&1 >/run/many)
    (($(grep -cE 'spid=|"index"' /run/many) == many)) || fail "setkey $options shows $(grep -cE 'spid=|"index"' /run/many) of $many policies"
    ((memory < small + 4096)) || fail "setkey $options of $many policies takes $memory KiB, of one $small KiB"
    ok "setkey $options shows $many policies in $milliseconds ms and $memory KiB (one policy: $small KiB)"
done
