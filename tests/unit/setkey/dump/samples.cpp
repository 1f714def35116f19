// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "tests/unit/setkey/dump/samples.h"

#include <linux/xfrm.h>

namespace xfrmd::setkey::dump::tests {

using namespace xfrm;

namespace {

std::optional<std::tm> an_hour_east(std::time_t seconds) {
    return utc(seconds + 3600);
}

Prefix prefix(std::string_view text) {
    return Prefix::parse(text).value();
}

}  // namespace

Scene scene() {
    static const ProtocolNames names = [] {
        ProtocolNames some;
        some[1] = "icmp";
        some[6] = "tcp";
        some[17] = "udp";
        some[47] = "gre";
        some[58] = "ipv6-icmp";
        some[135] = "mobility-header";
        return some;
    }();
    return {.now = kNow, .local_time = an_hour_east, .protocol_names = &names, .pid = 4711};
}

Address address(std::string_view text) {
    return Address::parse(text).value();
}

StoredAlgorithm algorithm(std::string_view name, std::size_t key_octets, std::uint32_t icv_bits) {
    Bytes key(key_octets);
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
    return {.name = std::string{name},
            .key_bits = static_cast<std::uint32_t>(key_octets * 8),
            .key = Secret{View{key}},
            .icv_bits = icv_bits};
}

StoredSa esp() {
    StoredSa sa;
    sa.source = address("192.0.2.1");
    sa.destination = address("192.0.2.2");
    sa.protocol = IPPROTO_ESP;
    sa.spi = EspSpi{0x12345};
    sa.mode = XFRM_MODE_TRANSPORT;
    sa.selector = Selector{Prefix::any(Family::V4), Prefix::any(Family::V4), 0, {}, {}, 0};
    sa.encryption = algorithm("cbc(aes)", 16);
    sa.integrity = algorithm("hmac(sha1)", 20, 96);
    sa.header_window = 4;
    sa.replay = ReplayState{false, 4, 0, 0, {0}};
    sa.usage = {.bytes = 1260, .packets = 15, .add_time = kNow - 600, .use_time = kNow - 590};
    sa.last_used = kNow - 5;
    return sa;
}

StoredSa ah() {
    StoredSa sa = esp();
    sa.protocol = IPPROTO_AH;
    sa.encryption.reset();
    sa.integrity = algorithm("hmac(sha256)", 32, 128);
    sa.reqid = ReqId{100};
    return sa;
}

StoredSa ipcomp() {
    StoredSa sa = esp();
    sa.protocol = IPPROTO_COMP;
    sa.spi = EspSpi{0x1000};
    sa.encryption.reset();
    sa.integrity.reset();
    sa.compression = algorithm("deflate", 0);
    sa.header_window = 0;
    sa.replay.reset();
    return sa;
}

StoredSa esp_in_udp() {
    StoredSa sa = esp();
    sa.encapsulation = StoredEncapsulation{2, 4500, 34500, address("10.0.0.7")};
    return sa;
}

StoredSa aead() {
    StoredSa sa = esp();
    sa.encryption.reset();
    sa.integrity.reset();
    sa.aead = algorithm("rfc4106(gcm(aes))", 20, 128);
    return sa;
}

StoredSa larval() {
    StoredSa sa = esp();
    sa.encryption.reset();
    sa.integrity.reset();
    sa.replay.reset();
    sa.header_window = 0;
    sa.sequence = 17;
    sa.usage = {.bytes = 0, .packets = 0, .add_time = kNow - 2, .use_time = 0};
    sa.last_used.reset();
    return sa;
}

StoredSa laden_sa() {
    StoredSa sa = aead();
    sa.source = address("2001:db8::1");
    sa.destination = address("2001:db8::2");
    sa.mode = XFRM_MODE_TUNNEL;
    sa.reqid = ReqId{16385};
    sa.sequence = 17;
    sa.mark = {5, 0xff};
    sa.if_id = IfId{9};
    sa.selector = Selector{
        {address("10.1.0.1"), 16}, prefix("10.2.0.0/16"), IPPROTO_TCP, {}, {4096, 0xf000}, 3};
    sa.flags = 0xff;
    sa.extra_flags = 0x80000003;
    sa.header_window = 0;
    sa.replay = ReplayState{true, 64, 0x1'0000'0005, 0x2'0000'0006, {0x1f, 0x80000000}};
    sa.encapsulation = StoredEncapsulation{7, 4500, 4500, std::nullopt};
    sa.care_of = address("2001:db8::9");
    sa.security_context = SecurityContext{1, 1, 12, "system_u:r:\x1b"};
    sa.offload = Offload{3, 6};
    sa.output_mark = Mark{0x10, 0xf0};
    sa.tfc_padding = 1500;
    sa.direction = 2;
    sa.cpu = 1;
    sa.nat_keepalive_seconds = 20;
    sa.mapping_report_seconds = 10;
    sa.limits = {1'000'000, 2'000'000, 1000, 2000, 3600, 7200, 1800, 5400};
    sa.statistics = {1, 2, 3};
    sa.others.push_back({.type = 40, .size = 2, .octets = Secret{View{Bytes{0xab, 0xcd}}}});
    return sa;
}

StoredTemplate transport(std::uint8_t protocol) {
    StoredTemplate wanted;
    wanted.protocol = protocol;
    wanted.mode = XFRM_MODE_TRANSPORT;
    wanted.integrity_algorithms = 0xffffffff;
    wanted.encryption_algorithms = 0xffffffff;
    wanted.compression_algorithms = 0xffffffff;
    return wanted;
}

StoredTemplate tunnel(std::uint8_t protocol) {
    StoredTemplate wanted = transport(protocol);
    wanted.source = address("192.0.2.1");
    wanted.destination = address("192.0.2.2");
    wanted.mode = XFRM_MODE_TUNNEL;
    return wanted;
}

StoredPolicy out_policy() {
    StoredPolicy policy;
    policy.selector = Selector{prefix("10.1.0.0/16"), prefix("10.2.0.0/16"), 0, {}, {}, 0};
    policy.direction = XFRM_POLICY_OUT;
    policy.index = 353;
    policy.priority = 0x80000000;
    policy.templates = {transport()};
    policy.usage = {.bytes = 0, .packets = 0, .add_time = kNow - 86400, .use_time = 0};
    return policy;
}

StoredPolicy policy_for(std::uint8_t protocol, PortMask source_port, PortMask destination_port) {
    StoredPolicy policy = out_policy();
    policy.selector.protocol = protocol;
    policy.selector.source_port = source_port;
    policy.selector.destination_port = destination_port;
    return policy;
}

StoredPolicy socket_policy() {
    StoredPolicy policy = out_policy();
    policy.selector = Selector{Prefix::any(Family::V4), Prefix::any(Family::V4), 0, {}, {}, 0};
    policy.direction = XFRM_POLICY_MAX + XFRM_POLICY_IN;
    policy.index = 339;
    policy.priority = 0;
    policy.templates.clear();
    policy.usage.use_time = kNow - 1;
    return policy;
}

StoredPolicy laden_policy() {
    StoredPolicy policy = policy_for(IPPROTO_UDP, PortMask::exactly(500), {4096, 0xf000});
    policy.selector.source = {address("10.1.0.1"), 16};
    policy.selector.interface_index = 3;
    policy.direction = XFRM_POLICY_FWD;
    policy.index = 362;
    policy.flags = 0x87;
    policy.share = 3;
    policy.type = XFRM_POLICY_TYPE_SUB;
    policy.mark = {5, 0xff};
    policy.if_id = IfId{9};
    policy.templates = {tunnel(), tunnel(43), transport(255)};
    policy.templates[0].spi = EspSpi{0x77};
    policy.templates[0].reqid = ReqId{16385};
    policy.templates[0].share = 1;
    policy.templates[0].integrity_algorithms = 0x10;
    policy.templates[0].encryption_algorithms = 0x20;
    policy.templates[0].compression_algorithms = 0x40;
    policy.templates[1].mode = XFRM_MODE_BEET;
    policy.templates[1].optional = true;
    policy.templates[2].mode = 99;
    policy.limits = {1'000'000, 2'000'000, 1000, 2000, 3600, 7200, 1800, 5400};
    policy.usage.bytes = 1260;
    policy.usage.packets = 15;
    policy.security_context = SecurityContext{1, 1, 9, "system_u"};
    policy.offload = Offload{3, 4};
    policy.others.push_back({.type = 42, .size = 4, .octets = {}});
    return policy;
}

std::vector<NamedNotice> notices() {
    std::vector<NamedNotice> all;
    const auto add = [&](std::string name, Notice notice) {
        all.push_back({std::move(name), std::move(notice)});
    };
    Selector packet = out_policy().selector;
    packet.source = Prefix::host(address("10.1.0.1"));
    packet.destination = Prefix::host(address("10.2.0.2"));
    packet.protocol = IPPROTO_ICMP;
    packet.source_port = PortMask::exactly(8);
    add("acquire", notice::Acquire{.sequence = 17,
                                   .protocol = IPPROTO_ESP,
                                   .source = address("192.0.2.1"),
                                   .destination = address("192.0.2.2"),
                                   .packet = packet,
                                   .policy = out_policy()});
    add("SA added", notice::SaChanged{notice::Change::Added, esp()});
    add("SA updated", notice::SaChanged{notice::Change::Updated, aead()});
    add("SA deleted", notice::SaChanged{notice::Change::Deleted, ah()});
    StoredSa expired = larval();
    expired.usage = esp().usage;
    add("SA expired", notice::SaExpired{std::move(expired), true});
    add("SAs flushed", notice::SasFlushed{0});
    add("SAs of one protocol flushed", notice::SasFlushed{IPPROTO_AH});
    add("policy updated", notice::PolicyChanged{notice::Change::Updated, out_policy()});
    add("policy expired", notice::PolicyExpired{out_policy(), false});
    add("policies flushed", notice::PoliciesFlushed{0});
    add("defaults changed", notice::DefaultsChanged{1, 2, 7});
    add("counters", notice::CountersTold{.source = address("192.0.2.1"),
                                         .destination = address("192.0.2.2"),
                                         .protocol = IPPROTO_ESP,
                                         .spi = EspSpi{0x1000},
                                         .mark = {5, 0xff},
                                         .reqid = ReqId{7},
                                         .flags = XFRM_AE_CR | XFRM_AE_CE,
                                         .replay = ReplayState{false, 0, 5, 6, {0x1f}},
                                         .usage = LifetimeUsage{1260, 15, 0, 0},
                                         .replay_threshold = 32,
                                         .timer_threshold = 10});
    add("report", notice::Report{60, packet, address("192.0.2.9")});
    add("migrated",
        notice::Migrated{
            .selector = out_policy().selector,
            .direction = XFRM_POLICY_OUT,
            .type = 0,
            .steps = {{IPPROTO_ESP, XFRM_MODE_TUNNEL, ReqId{7}, address("192.0.2.1"),
                       address("192.0.2.2"), address("192.0.2.1"), address("192.0.2.3")}},
            .encapsulation = StoredEncapsulation{2, 4500, 4500, std::nullopt}});
    add("mapping changed", notice::MappingChanged{.destination = address("192.0.2.2"),
                                                  .protocol = IPPROTO_ESP,
                                                  .spi = EspSpi{0x1000},
                                                  .reqid = ReqId{7},
                                                  .before = {address("192.0.2.1"), 4500},
                                                  .after = {address("192.0.2.7"), 34500}});
    add("unknown message", notice::Other{77, 4, {}});
    add("unreadable message", notice::Other{16, 4, "too short"});
    add("lost messages", notice::Lost{});
    return all;
}

}  // namespace xfrmd::setkey::dump::tests
