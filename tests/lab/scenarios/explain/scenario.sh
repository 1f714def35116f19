# about: xfrmctl explain says what becomes of a packet, which policy and SA decide, and which line of the configuration is behind it
# labels: setkey kernel
# timeout: 180
# shellcheck shell=bash
#
#   alice ---+--- bob      xfrmd on both, pre-shared key, transport
#            +--- gate     a gateway with policies by ip xfrm to the network behind it

# explains CODE PATTERN ARGS…: alice's explain ends with this code and says this.
explains() {
    local code=$1 pattern=$2 output status=0
    shift 2
    output=$(xfrmctl "$host" explain "$@" 2>&1) || status=$?
    if ((status != code)) || ! grep -qE -- "$pattern" <<<"$output"; then
        printf '%s\n' "$output" | sed 's/^/            /'
        fail "explain $* ends with $status and not $code, or does not say '$pattern'"
    fi
    ok "explain $*: $code, '$(grep -m 1 -oE -- "$pattern" <<<"$output")'"
}

# json_says EXPRESSION ARGS…: true of the object `answer` that explain --json prints.
json_says() {
    local expression=$1
    shift
    xfrmctl "$host" --json explain "$@" >/run/answer.json || true
    python3 -c "import json; answer = json.load(open('/run/answer.json')); assert $expression" || {
        sed 's/^/            /' /run/answer.json
        fail "explain --json $*: not '$expression'"
    }
    ok "explain --json $*: $expression"
}

step "hosts, and a gateway that others have set up"
host alice 10.0.0.1/24 fd00::1/64
host bob 10.0.0.2/24
host gate 10.0.0.3/24
gateway gate
connect gate lan 10.3.0.1/24
start_xfrmd alice bob

step "before the first packet"
host=alice
explains 12 'would negotiate: there is no SA' - 10.0.0.2
explains 12 'of bob/.*xfrmd\.toml:2$' - 10.0.0.2 icmp 8 0
explains 11 'the peer has to negotiate' 10.0.0.2 10.0.0.1 --in
explains 10 'clear: no policy is for it' - 10.0.0.3 tcp - 22
json_says 'answer["verdict"] == "would_negotiate"' - 10.0.0.2
json_says 'answer["steps"][0]["templates"][0]["state"] == "missing"' - 10.0.0.2
json_says 'answer["steps"][0]["policy"]["owner"] == "bob/main"' - 10.0.0.2

step "explaining asks nobody for keys"
wait_until 5 xfrmctl alice status
assert_sas alice 0
grep -qE '^XfrmOutNoStates[[:space:]]+0$' <(on alice cat /proc/net/xfrm_stat) || fail "explain has sent a packet"
ok "no SA and no counter has moved"

step "with SAs"
wait_until 10 on alice ping -c 1 -W 0.3 10.0.0.2
explains 0 'protected: it leaves through esp SPI 0x[0-9a-f]{8}' - 10.0.0.2 udp 1024 53
explains 0 'old, .* in [0-9]+ packets, used' - 10.0.0.2
explains 0 'it is let in through esp SPI .*; in clear it would be dropped' 10.0.0.2 10.0.0.1 tcp 443 50000 --in
host=bob
explains 0 'of alice/' - 10.0.0.1
host=alice

step "what others put beside it"
on alice ip xfrm policy add src 10.0.0.1/32 dst 10.0.0.0/24 proto tcp dport 23 dir out action block priority 10
on alice ip xfrm policy add src 0.0.0.0/0 dst 10.0.0.2/32 dir out priority 4000000000
explains 11 'blocked: its policy says so' - 10.0.0.2 tcp 1024 telnet
explains 0 'block: for destination port 23' - 10.0.0.2 tcp 1024 22
explains 0 'priority 4000000000 comes after' - 10.0.0.2
json_says '[loser["why"] for loser in answer["steps"][0]["losers"]] == ["priority", "protocol"]' - 10.0.0.2
explains 11 'XfrmOutPolBlock \+[1-9]' - 10.0.0.2 tcp 1024 23 --watch 1 &
waiting=$!
sleep 0.4
for _ in 1 2 3; do on alice nc -z -w 1 10.0.0.2 23 || true; done
wait "$waiting"

step "what a setkey statement has put there"
xfrmctl alice setkey -c <<<'spdadd 10.0.0.1/32 10.0.0.9/32 udp -P out discard;'
explains 11 'of setkey, spddelete .*10\.0\.0\.9' - 10.0.0.9 udp 1 2

step "defaults and settings"
on alice ip xfrm policy setdefault out block
explains 11 'the default policy for out blocks' - 10.0.0.3
on alice ip xfrm policy setdefault out accept
on alice sysctl --quiet --write net.ipv4.conf.wan.disable_xfrm=1
explains 10 'net.ipv4.conf.wan.disable_xfrm is on' - 10.0.0.2
on alice sysctl --quiet --write net.ipv4.conf.wan.disable_xfrm=0

step "a gateway without a daemon: forwarded packets"
host=gate
on gate ip xfrm policy add src 10.3.0.0/24 dst 10.0.0.0/24 dir out tmpl src 10.0.0.3 dst 10.0.0.1 proto esp mode tunnel reqid 9
on gate ip xfrm policy add src 10.0.0.0/24 dst 10.3.0.0/24 dir fwd tmpl src 10.0.0.1 dst 10.0.0.3 proto esp mode tunnel reqid 9
explains 11 'nobody listens to negotiate one' 10.3.0.5 10.0.0.1 tcp 1024 80
explains 11 'the peer has to negotiate' 10.0.0.1 10.3.0.5 tcp 80 1024
on gate ip xfrm state add src 10.0.0.3 dst 10.0.0.1 proto esp spi 0x77 reqid 9 mode tunnel enc 'ecb(cipher_null)' ''
on gate ip xfrm state add src 10.0.0.1 dst 10.0.0.3 proto esp spi 0x78 reqid 8 mode tunnel enc 'ecb(cipher_null)' ''
explains 0 'it leaves through esp SPI 0x00000077' 10.3.0.5 10.0.0.1 tcp 1024 80
explains 11 'not SA 0x00000078: reqid 8 instead of 9' 10.0.0.1 10.3.0.5 tcp 80 1024
explains 0 'comes in by lan, leaves by wan' 10.3.0.5 10.0.0.1 tcp 1024 80 --interface lan
show_explained() { xfrmctl gate explain "$@" || true; }
show show_explained 10.3.0.5 10.0.0.1 tcp 1024 80
show show_explained 10.0.0.1 10.3.0.5 tcp 80 1024

step "what cannot be asked"
host=alice
explains 2 'no IP address' - bob
explains 2 'different kinds' 10.0.0.1 fd00::2
explains 1 'route to 198.51.100.1' - 198.51.100.1
explains 1 'there is no interface' - 10.0.0.2 --interface nowhere0
code=0
on alice setpriv --bounding-set -net_admin --inh-caps -net_admin xfrmctl explain - 10.0.0.2 2>/run/denied || code=$?
{ ((code == 5)) && grep -q CAP_NET_ADMIN /run/denied; } || fail "without CAP_NET_ADMIN: $code, $(cat /run/denied)"
ok "without CAP_NET_ADMIN: $code, '$(cat /run/denied)'"

stop_xfrmd alice bob
