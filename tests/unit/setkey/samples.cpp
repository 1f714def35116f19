// SPDX-License-Identifier: Apache-2.0
#include "samples.h"

namespace xfrmd::test {

const std::vector<SampleStatement>& sample_statements() {
    static const std::vector<SampleStatement> all{
        // Security associations.
        {"add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc 0x000102030405060708090a0b0c0d0e0f -A "
         "hmac-sha1 \"twenty octets of key\";",
         "add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc 0x000102030405060708090a0b0c0d0e0f -A "
         "hmac-sha1 \"twenty octets of key\";"},
        {"add -4 192.0.2.1 192.0.2.2 ah 4097 -m transport -u 7 -r 32 -lh 3600 -ls 3000 -bh 1000000 "
         "-bs 900000\n"
         "    -f nocyclic-seq -f zero-pad -A hmac-md5 \"sixteen octets..\" ;",
         "add -4 192.0.2.1 192.0.2.2 ah 0x1001 -m transport -u 7 -r 32 -f nocyclic-seq -f zero-pad "
         "-lh 3600 -ls 3000 -bh "
         "1000000 -bs 900000 -A hmac-md5 \"sixteen octets..\";"},
        {"add -6n 2001:db8::1 2001:0DB8::2 esp 0x1000 -m tunnel -E null;",
         "add -6n 2001:db8::1 2001:db8::2 esp 0x1000 -m tunnel -E null;"},
        {"add 192.0.2.1[4500] 192.0.2.2[4501] esp-udp 10.1.0.1 0x1001 -f random-pad -f seq-pad -E "
         "3des-cbc \"twenty-four octets of key\";",
         "add 192.0.2.1[4500] 192.0.2.2[4501] esp-udp 10.1.0.1 0x1001 -f random-pad -f seq-pad -E "
         "3des-cbc \"twenty-four octets of key\";"},
        {"add 192.0.2.1 192.0.2.2 esp-udp 0x1001 -m any -E simple;",
         "add 192.0.2.1 192.0.2.2 esp-udp 0x1001 -m any -E simple;"},
        {"add alpha.example.net beta esp-old 0x1002 -E des-deriv 0x0123456789abcdef;",
         "add alpha.example.net beta esp-old 0x1002 -E des-deriv 0x0123456789abcdef;"},
        {"add 192.0.2.1 192.0.2.2 ah-old 0x1002 -A keyed-md5 0x0123;",
         "add 192.0.2.1 192.0.2.2 ah-old 0x1002 -A keyed-md5 0x0123;"},
        {"add 192.0.2.1 192.0.2.2 ipcomp 2 -C deflate -R;",
         "add 192.0.2.1 192.0.2.2 ipcomp 0x2 -C deflate -R;"},
        {"add 192.0.2.1 192.0.2.2 tcp 0x1000 -A tcp-md5 \"of BGP\";",
         "add 192.0.2.1 192.0.2.2 tcp 0x1000 -A tcp-md5 \"of BGP\";"},
        {"add fe80::1%eth0 fe80::2%eth0 esp 0x1000 -ctx 1 1 \"system_u:object_r:ipsec_t:s0\" -E "
         "null;",
         "add fe80::1%eth0 fe80::2%eth0 esp 0x1000 -ctx 1 1 \"system_u:object_r:ipsec_t:s0\" -E "
         "null;"},
        // What is ours.
        {"add 192.0.2.1 192.0.2.2 esp 0x1000 -r 1024 -esn -ph 100 -ps 90 -mark 5 -output-mark "
         "0x10/0xff -if_id 42\n"
         "  -offload crypto eth0 out -E aes-gcm-16 0x00112233445566778899aabbccddeeff00112233;",
         "add 192.0.2.1 192.0.2.2 esp 0x1000 -r 1024 -esn -ph 100 -ps 90 -mark 0x5/0xffffffff "
         "-output-mark 0x10/0xff -if_id 42 "
         "-offload crypto eth0 out -E aes-gcm-16 0x00112233445566778899aabbccddeeff00112233;"},
        {"add 192.0.2.1 192.0.2.2 ah 0x1000 -f align4 -f no-align4 -f decap-dscp -f "
         "dont-encap-dscp -f nopmtudisc -f noecn -f icmp\n"
         "  -f wildrecv -f af-unspec -f oseq-may-wrap -m beet -offload packet eth0 in -A "
         "hmac-sha256/128 0xff;",
         "add 192.0.2.1 192.0.2.2 ah 0x1000 -m beet -f align4 -f no-align4 -f decap-dscp -f "
         "dont-encap-dscp -f nopmtudisc -f "
         "noecn -f icmp -f wildrecv -f af-unspec -f oseq-may-wrap -offload packet eth0 in -A "
         "hmac-sha256/128 0xff;"},
        {"update 192.0.2.1 192.0.2.2 esp 0x1000 -A hmac-sha1 \"k\" -E null;",
         "update 192.0.2.1 192.0.2.2 esp 0x1000 -E null -A hmac-sha1 \"k\";"},
        {"getspi 192.0.2.1 192.0.2.2 esp 0 -m tunnel -u 3;",
         "getspi 192.0.2.1 192.0.2.2 esp 0x0 -m tunnel -u 3;"},
        {"get 192.0.2.1 192.0.2.2 ah 0x1000 -m any;", "get 192.0.2.1 192.0.2.2 ah 0x1000 -m any;"},
        {"delete -46 192.0.2.1[any] 192.0.2.2 esp 0x1000 -mark 1/1;",
         "delete -46 192.0.2.1[any] 192.0.2.2 esp 0x1000 -mark 0x1/0x1;"},
        {"deleteall 192.0.2.1 192.0.2.2 esp;", "deleteall 192.0.2.1 192.0.2.2 esp;"},
        {"flush;", "flush;"},
        {"flush esp ;", "flush esp;"},
        {"dump;", "dump;"},
        {"dump ah ;", "dump ah;"},
        // Policies.
        {"spdadd 192.168.0.0/24 10.1.2.3 any -P out ipsec esp/transport//require "
         "ah/transport//require;",
         "spdadd 192.168.0.0/24 10.1.2.3 any -P out ipsec esp/transport//require "
         "ah/transport//require;"},
        {"spdadd 10.1.0.0/16[any] 10.2.0.0 /16 [0] 4 -P in priority low + 5 ipsec\n"
         "   # the tunnel\n"
         "   esp / tunnel / 192.0.2.1 -\n   192.0.2.2 / unique:7;",
         "spdadd 10.1.0.0/16[any] 10.2.0.0/16[0] 4 -P in prio low + 5 ipsec "
         "esp/tunnel/192.0.2.1-192.0.2.2/unique:7;"},
        {"spdadd ::/0 2001:db8::1[ssh] tcp -P fwd prio high-1 none;",
         "spdadd ::/0 2001:db8::1[ssh] tcp -P fwd prio high - 1 none;"},
        {"spdadd 0.0.0.0/0 0.0.0.0/0 icmp 8,0 -P out prio def discard;",
         "spdadd 0.0.0.0/0 0.0.0.0/0 icmp 8,0 -P out prio def discard;"},
        {"spdadd 0.0.0.0/0 0.0.0.0/0 icmp 8 -P out prio -12 discard;",
         "spdadd 0.0.0.0/0 0.0.0.0/0 icmp 8 -P out prio def - 12 discard;"},
        {"spdadd a.example b.example gre 1234 -P out priority 100 ipsec esp/transport;",
         "spdadd a.example b.example gre 1234 -P out prio def + 100 ipsec esp/transport//default;"},
        {"spdadd 192.0.2.1 192.0.2.2 gre 0.0.4.210 -P out ipsec ipcomp/transport//use "
         "esp/transport//default ah/transport/me-any/unique;",
         "spdadd 192.0.2.1 192.0.2.2 gre 0.0.4.210 -P out ipsec ipcomp/transport//use "
         "esp/transport//default "
         "ah/transport/me-any/unique;"},
        {"spdadd 192.0.2.1 192.0.2.2 udp -P in ipsec esp/transport/any-me;",
         "spdadd 192.0.2.1 192.0.2.2 udp -P in ipsec esp/transport/any-me/default;"},
        {"spdadd 10.0.0.1 10.0.0.2 any -P out ipsec "
         "esp/tunnel/192.0.2.1[4500]-192.0.2.2[4500]/require;",
         "spdadd 10.0.0.1 10.0.0.2 any -P out ipsec "
         "esp/tunnel/192.0.2.1[4500]-192.0.2.2[4500]/require;"},
        {"spdadd 10.0.0.1 10.0.0.2 any -ctx 1 1 \"a:b:c\" -mark 0x1/0x3 -if_id 9 -dev eth0 -P out "
         "entrust;",
         "spdadd 10.0.0.1 10.0.0.2 any -ctx 1 1 \"a:b:c\" -mark 0x1/0x3 -if_id 9 -dev eth0 -P out "
         "entrust;"},
        {"spdadd tagged \"office\" -P in bypass;", "spdadd tagged \"office\" -P in bypass;"},
        {"spdupdate -n 10.0.0.1 10.0.0.2 any -P out none;",
         "spdupdate -n 10.0.0.1 10.0.0.2 any -P out none;"},
        {"spddelete 10.0.0.1 10.0.0.2 any -P out prio 5 ipsec esp/transport//require;",
         "spddelete 10.0.0.1 10.0.0.2 any -P out;"},
        {"spdflush;", "spdflush;"},
        {"spddump;", "spddump;"},
        {"quit;", "exit;"},
    };
    return all;
}

}  // namespace xfrmd::test
