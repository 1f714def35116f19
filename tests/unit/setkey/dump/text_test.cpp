// SPDX-License-Identifier: Apache-2.0
// What setkey would print, octet by octet, in dumps.txt, by the titles that stand here.
// XFRMD_UPDATE_GOLDEN=1 writes the answers anew; compare what changes with setkey, not with the
// code.
#include <catch2/catch_test_macros.hpp>

#include <linux/xfrm.h>
#include <netinet/in.h>

#include <array>
#include <format>
#include <limits>
#include <map>

#include "cli/setkey/dump/notice_text.h"
#include "cli/setkey/dump/policy_text.h"
#include "cli/setkey/dump/sa_text.h"
#include "tests/support/golden_table.h"
#include "tests/unit/setkey/dump/samples.h"

namespace xfrmd::setkey::dump::tests {

using namespace xfrm;

namespace {

constexpr Options kPlain{};
constexpr Options kKeys{.with_keys = true};
constexpr Options kPorts{.with_ports = true, .with_keys = true};
constexpr Options kDetails{.with_details = true};
constexpr Options kDetailsAndKeys{.with_keys = true, .with_details = true};

class Sections {
  public:
    void add(const std::string& title, const std::string& text) {
        INFO(title);
        CHECK(all_.emplace(title, text).second);
    }
    void sa(const std::string& title, const StoredSa& sa, const Options& options = kKeys) {
        add(title, sa_text(sa, 1, options, scene()));
    }
    template <class Change>
    void sa(const std::string& title, StoredSa sa, Change change, const Options& options = kKeys) {
        change(sa);
        add(title, sa_text(sa, 1, options, scene()));
    }
    void policy(const std::string& title, const StoredPolicy& policy,
                const Options& options = kPlain) {
        add(title, policy_text(policy, 1, options, scene()));
    }
    const std::map<std::string, std::string>& all() const { return all_; }

  private:
    std::map<std::string, std::string> all_;  // by title
};

void add_sas(Sections& sections) {
    sections.sa("esp", esp());
    sections.sa("esp, keys hidden", esp(), kPlain);
    sections.sa("esp with ports", esp(), kPorts);
    sections.sa("esp with long keys", esp(), [](StoredSa& sa) {
        sa.encryption = algorithm("cbc(camellia)", 32);
        sa.integrity = algorithm("hmac(sha512)", 64, 256);
    });
    sections.sa("esp without encryption", esp(),
                [](StoredSa& sa) { sa.encryption = algorithm("ecb(cipher_null)", 0); });
    sections.sa("esp without integrity", esp(), [](StoredSa& sa) {
        sa.encryption = algorithm("cbc(cast5)", 5);
        sa.integrity = algorithm("digest_null", 0);
    });
    sections.sa("algorithms that setkey has no word for", esp(), [](StoredSa& sa) {
        sa.encryption = algorithm("cbc(aria)", 16);
        sa.integrity = algorithm("cmac(\x1b[2J)", 16, 96);
    });
    sections.sa("algorithms that only the language here has words for", esp(), [](StoredSa& sa) {
        sa.encryption = algorithm("cbc(serpent)", 16);
        sa.integrity = algorithm("cmac(aes)", 16, 96);
    });
    sections.sa("ah", ah());
    sections.sa("ah, tunnel", ah(), [](StoredSa& sa) { sa.mode = XFRM_MODE_TUNNEL; });
    sections.sa("ipcomp", ipcomp());
    sections.sa("ipcomp, larval", ipcomp(), [](StoredSa& sa) { sa.compression.reset(); });
    sections.sa("esp-udp", esp_in_udp());
    sections.sa("esp-udp with ports", esp_in_udp(), kPorts);
    sections.sa("esp-udp without an original address", esp_in_udp(),
                [](StoredSa& sa) { sa.encapsulation->original.reset(); });
    sections.sa("ah behind a nat", esp_in_udp(), [](StoredSa& sa) { sa.protocol = IPPROTO_AH; });
    sections.sa("an aead has no line", aead());
    sections.sa("an aead with details", aead(), kDetails);
    sections.sa("an aead with details and keys", aead(), kDetailsAndKeys);
    sections.sa("larval", larval());
    sections.sa("dying, with limits", esp(), [](StoredSa& sa) {
        sa.limits = {1'000, 20'000'000'000, 1000, 5'000'000'000, 600, 7200, 1800, 5400};
    });
    sections.sa("dead", esp(), [](StoredSa& sa) { sa.limits.hard_add_seconds = 600; });
    sections.sa("never used, nearly full counters", esp(), [](StoredSa& sa) {
        sa.usage = {18'446'744'073'709'551'614U, 4'294'967'295, kNow, 0};
    });
    sections.sa("made in the future", esp(), [](StoredSa& sa) { sa.usage.add_time = kNow + 60; });
    sections.sa("flags", esp(), [](StoredSa& sa) {
        sa.flags = XFRM_STATE_NOECN | XFRM_STATE_DECAP_DSCP | XFRM_STATE_NOPMTUDISC;
    });
    sections.sa("every flag", esp(), [](StoredSa& sa) { sa.flags = 0xff; });
    sections.sa("tcp", esp(), [](StoredSa& sa) {
        sa.protocol = IPPROTO_TCP;
        sa.encryption.reset();
        sa.integrity = algorithm("hmac(md5)", 16);
        sa.spi = EspSpi{0x1000};
    });
    for (const std::uint8_t mode : std::to_array<std::uint8_t>({2, 3, 4, 5, 99}))
        sections.sa(std::format("mode {}", mode), esp(), [&](StoredSa& sa) { sa.mode = mode; });
    sections.sa("protocol 43", esp(), [](StoredSa& sa) { sa.protocol = 43; });
    sections.sa("largest numbers", esp(), [](StoredSa& sa) {
        sa.spi = EspSpi{0xffffffff};
        sa.reqid = ReqId{0xffffffff};
    });
    sections.sa("a long replay window", esp(), [](StoredSa& sa) {
        sa.header_window = 0;
        sa.replay = ReplayState{true, 4096, 0, 0, {}};
    });
    sections.sa("security context", esp(), [](StoredSa& sa) {
        sa.security_context = SecurityContext{1, 1, 9, "system_u"};
    });
    sections.sa("everything, as setkey would show it", laden_sa());
    sections.sa("everything with details", laden_sa(), kDetails);
    sections.sa("everything with details and keys", laden_sa(), kDetailsAndKeys);
    sections.add("the last entry", sa_text(esp(), 0, kKeys, scene()));
}

void add_short_sas(Sections& sections) {
    std::string rows = short_sa_title() + short_sa_text(esp(), scene()) +
                       short_sa_text(ah(), scene()) + short_sa_text(ipcomp(), scene()) +
                       short_sa_text(larval(), scene());
    StoredSa old = laden_sa();
    old.usage.add_time = kNow - 1000;
    old.limits.hard_add_seconds = 1000;
    rows += short_sa_text(old, scene());
    StoredSa dying = esp();
    dying.usage.add_time = kNow - 999;
    dying.limits.hard_add_seconds = 0;
    dying.limits.soft_add_seconds = 5;
    dying.protocol = 43;
    rows += short_sa_text(dying, scene());
    sections.add("short form", rows);
}

void add_selectors(Sections& sections) {
    const PortMask any = PortMask::any();
    const auto exactly = PortMask::exactly;
    sections.policy("out", out_policy());
    sections.policy("tcp to a port", policy_for(6, any, exactly(443)));
    sections.policy("udp, both ports", policy_for(17, exactly(500), exactly(4500)));
    sections.policy("a port without a protocol", policy_for(0, exactly(80), any));
    sections.policy("icmp", policy_for(1, any, any));
    sections.policy("icmp, type and code", policy_for(1, exactly(8), exactly(0)));
    sections.policy("icmp, code of type 0", policy_for(1, any, exactly(3)));
    StoredPolicy v6 = policy_for(58, exactly(135), any);
    v6.selector.source = Prefix::parse("2001:db8::1").value();
    v6.selector.destination = Prefix::parse("2001:db8:1::/48").value();
    sections.policy("icmpv6", v6);
    sections.policy("mobility header", policy_for(135, exactly(5), any));
    sections.policy("gre with a key", policy_for(47, exactly(0x1), exactly(0x2)));
    sections.policy("gre with a large key", policy_for(47, exactly(0xffff), exactly(0xffff)));
    sections.policy("gre", policy_for(47, any, any));
    sections.policy("a protocol without a name", policy_for(253, any, any));
    sections.policy("a part of a port", policy_for(6, {0x1000, 0xf000}, any));
    StoredPolicy hosts = out_policy();
    hosts.selector.source = Prefix::host(address("192.0.2.1"));
    hosts.selector.destination = {address("10.2.3.4"), 16};
    sections.policy("a host, and bits past a prefix", hosts);
    StoredPolicy everything = out_policy();
    everything.selector.source = everything.selector.destination = Prefix::any(Family::V6);
    sections.policy("everything", everything);
    sections.policy("of a socket", socket_policy());
    StoredPolicy socket_out = socket_policy();
    socket_out.direction = XFRM_POLICY_MAX + XFRM_POLICY_OUT;
    sections.policy("of a socket, out", socket_out);
}

void add_requests(Sections& sections) {
    const auto with = [](std::vector<StoredTemplate> templates) {
        StoredPolicy policy = out_policy();
        policy.templates = std::move(templates);
        return policy;
    };
    const auto level = [](StoredTemplate wanted, std::uint32_t reqid, bool optional = false) {
        wanted.reqid = ReqId{reqid};
        wanted.optional = optional;
        return wanted;
    };
    sections.policy("a bundle", with({transport(50), transport(51)}));
    sections.policy("a tunnel", with({tunnel()}));
    sections.policy("a tunnel with ports", with({tunnel()}), kPorts);
    sections.policy("each level", with({level(tunnel(), 0), level(tunnel(), 0, true),
                                        level(tunnel(), 7), level(tunnel(), 7, true),
                                        level(tunnel(), 0x3fff), level(tunnel(), 0x4000)}));
    StoredTemplate v6 = tunnel(51);
    v6.source = address("2001:db8::1");
    v6.destination = address("2001:db8::2");
    sections.policy("a tunnel over IPv6", with({v6, transport(108)}));
    StoredTemplate beet = tunnel();
    beet.mode = XFRM_MODE_BEET;
    StoredTemplate unknown = tunnel(255);
    unknown.mode = 99;
    StoredTemplate route = transport(43);
    route.mode = XFRM_MODE_ROUTEOPTIMIZATION;
    sections.policy("what setkey has no words for", with({beet, unknown, route}));
    StoredTemplate bound = transport();
    bound.source = address("192.0.2.1");
    bound.destination = address("192.0.2.2");
    sections.policy("the ends of transport mode are not shown", with({bound}));
    sections.policy("except as a detail", with({bound}), kDetails);
}

void add_policies(Sections& sections) {
    StoredPolicy none = out_policy();
    none.templates.clear();
    none.direction = XFRM_POLICY_IN;
    sections.policy("none", none);
    StoredPolicy discard = out_policy();
    discard.action = XFRM_POLICY_BLOCK;
    discard.direction = XFRM_POLICY_FWD;
    sections.policy("discard", discard);
    StoredPolicy used = out_policy();
    used.usage.use_time = kNow - 1;
    used.limits.hard_add_seconds = 3600;
    used.limits.hard_use_seconds = 60;
    sections.policy("used, with lifetimes", used);
    StoredPolicy labelled = out_policy();
    labelled.security_context = SecurityContext{1, 1, 9, "system_u"};
    sections.policy("a policy with a security context", labelled);
    StoredPolicy strange = out_policy();
    strange.direction = 7;
    sections.policy("a direction that there is not", strange);
    sections.policy("a policy with everything, as setkey would show it", laden_policy());
    sections.policy("a policy with everything, with details", laden_policy(), kDetails);
    std::string priorities;
    for (const std::uint32_t priority :
         {0U, 1U, 0x3fffffffU, 0x40000000U, 0x40000001U, 0x5fffffffU, 0x60000000U, 0x7fffff9cU,
          0x80000000U, 0x80000064U, 0x9fffffffU, 0xa0000000U, 0xc0000000U, 0xffffffffU})
        priorities += std::format("{:#010x} out {}ipsec\n", priority, priority_text(priority));
    sections.add("priorities", priorities);
}

void add_notices(Sections& sections) {
    for (const NamedNotice& named : notices())
        sections.add("notice: " + named.name, notice_text(named.notice, kPlain, scene()));
    for (const NamedNotice& named : notices())
        if (named.name == "SA expired" || named.name == "SA added")
            sections.add("notice with details: " + named.name,
                         notice_text(named.notice, kDetailsAndKeys, scene()));
}

std::map<std::string, std::string> sections_by_title() {
    Sections sections;
    add_sas(sections);
    add_short_sas(sections);
    add_selectors(sections);
    add_requests(sections);
    add_policies(sections);
    add_notices(sections);
    return sections.all();
}

}  // namespace

TEST_CASE("each form is shown as setkey shows it", "[setkey]") {
    const auto sections = sections_by_title();
    test::check_golden_table(XFRMD_DUMPS, sections.size(), [&](const std::string& question) {
        const auto found = sections.find(question.substr(0, question.find('\n')));
        return found == sections.end() ? "there is no such sample\n" : found->second;
    });
}

TEST_CASE("an SA's block has setkey's lines, blanks and tabs", "[setkey]") {
    // Written by hand: what `setkey -D` prints for this SA.
    CHECK(sa_text(esp(), 0, kKeys, scene()) ==
          "192.0.2.1 192.0.2.2 \n"
          "\tesp mode=transport spi=74565(0x00012345) reqid=0(0x00000000)\n"
          "\tE: aes-cbc  00010203 04050607 08090a0b 0c0d0e0f\n"
          "\tA: hmac-sha1  00010203 04050607 08090a0b 0c0d0e0f 10111213\n"
          "\tseq=0x00000000 replay=4 flags=0x00000000 state=mature \n"
          "\tcreated: Nov 23 12:50:00 2026\tcurrent: Nov 23 13:00:00 2026\n"
          "\tdiff: 600(s)\thard: 0(s)\tsoft: 0(s)\n"
          "\tlast: Nov 23 12:50:10 2026\thard: 0(s)\tsoft: 0(s)\n"
          "\tcurrent: 1260(bytes)\thard: 0(bytes)\tsoft: 0(bytes)\n"
          "\tallocated: 15\thard: 0\tsoft: 0\n"
          "\tsadb_seq=0 pid=4711 refcnt=0\n");
}

TEST_CASE("a policy's block has setkey's lines, blanks and tabs", "[setkey]") {
    // Written by hand: what `setkey -DP` prints for these policies.
    CHECK(policy_text(out_policy(), 3, kPlain, scene()) ==
          "10.1.0.0/16[any] 10.2.0.0/16[any] 255\n"
          "\tout prio def ipsec\n"
          "\tesp/transport//require\n"
          "\tcreated: Nov 22 13:00:00 2026  lastused:                     \n"
          "\tlifetime: 0(s) validtime: 0(s)\n"
          "\tspid=353 seq=3 pid=4711\n"
          "\trefcnt=1\n");
    CHECK(policy_text(socket_policy(), 0, kPlain, scene()) ==
          "(per-socket policy) \n"
          "\tin(socket) none\n"
          "\tcreated: Nov 22 13:00:00 2026  lastused: Nov 23 12:59:59 2026\n"
          "\tlifetime: 0(s) validtime: 0(s)\n"
          "\tspid=339 seq=0 pid=4711\n"
          "\trefcnt=1\n");
}

TEST_CASE("keys are in no text unless they are asked for", "[setkey]") {
    for (const auto make : {esp, aead, laden_sa})
        for (const Options& options : {kPlain, kDetails}) {
            const std::string text = sa_text(make(), 1, options, scene());
            CHECK_FALSE(text.contains("00010203"));
            CHECK_FALSE(text.contains("abcd"));
        }
    CHECK(sa_text(laden_sa(), 1, kDetailsAndKeys, scene()).contains("00010203"));
}

TEST_CASE("times are local, in twenty columns, and never an error", "[setkey]") {
    const auto shown = [](std::uint64_t seconds) { return time_text(seconds, scene()); };
    CHECK(shown(kNow) == "Nov 23 13:00:00 2026");
    CHECK(shown(0) == std::string(20, ' '));
    CHECK(shown(1) == "Jan  1 01:00:01 1970");
    CHECK(shown(std::numeric_limits<std::uint64_t>::max()) == std::string(20, '?'));
    CHECK(shown(std::numeric_limits<std::int64_t>::max() / 2) == std::string(20, '?'));
    CHECK(shown(253'402'300'799) == std::string(20, '?'));  // an hour later in the next millennium
    CHECK(shown(253'402'300'799 - 3600) == "Dec 31 23:59:59 9999");
}

TEST_CASE("a notice's time is of the day, or in seconds", "[setkey]") {
    const EventTime at{std::chrono::seconds{kNow} + std::chrono::microseconds{42}};
    CHECK(stamp_text(at, Stamp::TimeOfDay, scene()) == "13:00:00.000042");
    CHECK(stamp_text(at, Stamp::Seconds, scene()) == "1795435200.000042");
}

TEST_CASE("octets are shown as setkey -H shows them, without what is hidden", "[setkey]") {
    Bytes octets(18);
    for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(i * 15);
    CHECK(hex_text(octets, {}) ==
          "00000000: 00 0f 1e 2d 3c 4b 5a 69 78 87 96 a5 b4 c3 d2 e1 \n"
          "00000010: f0 ff \n");
    CHECK(hex_text(octets, {View{octets}.subspan(1, 2), View{octets}.subspan(17)}) ==
          "00000000: 00 ** ** 2d 3c 4b 5a 69 78 87 96 a5 b4 c3 d2 e1 \n"
          "00000010: f0 ** \n");
    CHECK(hex_text(View{octets}.first(16), {}).ends_with("e1 \n"));
    CHECK(hex_text({}, {}).empty());
}

TEST_CASE("nothing that a kernel says acts on the terminal", "[setkey]") {
    StoredSa sa = laden_sa();
    sa.aead->name = "\x1b[31m\n\x9b";
    sa.integrity = algorithm("\a", 4);
    sa.encryption = algorithm("\r", 4);
    const std::string text = sa_text(sa, 1, kDetailsAndKeys, scene());
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        CHECK((octet == '\n' || octet == '\t' || octet >= 0x20));
    }
}

}  // namespace xfrmd::setkey::dump::tests
