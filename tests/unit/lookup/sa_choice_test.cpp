// SPDX-License-Identifier: Apache-2.0
// Which of several SAs serves a template. Whether the kernel agrees is shown by lookup_tests.
#include "netlink/lookup/sa_choice.h"

#include <catch2/catch_test_macros.hpp>

#include "netlink/lookup/sa_buckets.h"
#include "tests/unit/lookup/samples.h"

namespace xfrmd::lookup::tests {

using namespace xfrm;

namespace {

struct Question {
    Kernel kernel;
    StoredTemplate wanted = transport_template();
    StoredPolicy policy;

    // In a large table no two SAs share a bucket by chance.
    [[nodiscard]] SaChoice ask(std::uint32_t buckets = 1 << 20) const {
        Tables tables = kernel.tables();
        tables.sa_buckets = buckets;
        return choose_sa(flow(), {flow().source, flow().destination, &wanted, &policy}, tables);
    }
    // The SPI of the winner; 0 = none.
    [[nodiscard]] std::uint32_t winner() const {
        const SaChoice choice = ask();
        return choice.winner == nullptr ? 0 : choice.winner->spi.value;
    }
};

SaLost reason(const Question& question) {
    const SaChoice choice = question.ask();
    REQUIRE(choice.winner == nullptr);
    REQUIRE(choice.losers.size() == 1);
    return choice.losers[0].why;
}

}  // namespace

TEST_CASE("the SA that was added last serves, unless it is dying", "[lookup]") {
    Question question;
    question.kernel.add_sa(0x100);
    question.kernel.add_sa(0x101).usage.add_time += 1;
    CHECK(question.winner() == 0x101);
    question.kernel.sas[0].limits.soft_packets = 3;
    question.kernel.sas[0].usage.packets = 3;  // the next packet will notice
    CHECK(question.winner() == 0x101);
    question.kernel.sas[0].usage.packets = 4;
    CHECK(question.winner() == 0x100);
    CHECK(question.ask().losers.at(0).why == SaLost::Dying);
}

TEST_CASE("of two SAs of one second the last serves, as far as can be told", "[lookup]") {
    Question question;
    question.kernel.add_sa(0x100);
    question.kernel.add_sa(0x101);
    CHECK(question.winner() == 0x101);
    CHECK_FALSE(question.ask().uncertain);
    for (std::uint32_t spi = 0x200; spi < 0x208; ++spi)
        question.kernel.add_sa(spi).destination = address("198.51.100.1");
    CHECK(question.ask().uncertain);  // the table may have grown
}

TEST_CASE("each property of an SA can be why it does not serve", "[lookup]") {
    const auto with = [](auto&& change) {
        Question question;
        change(question.kernel.add_sa(0x100));
        return reason(question);
    };
    CHECK(with([](StoredSa& sa) { sa.protocol = kAh; }) == SaLost::Protocol);
    CHECK(with([](StoredSa& sa) { sa.mode = kTunnel; }) == SaLost::Mode);
    CHECK(with([](StoredSa& sa) { sa.reqid = ReqId{0}; }) == SaLost::Reqid);
    CHECK(with([](StoredSa& sa) { sa.if_id = IfId{1}; }) == SaLost::IfId);
    CHECK(with([](StoredSa& sa) { sa.mark = {1, 1}; }) == SaLost::Mark);
    CHECK(with([](StoredSa& sa) { sa.flags = 8; }) == SaLost::Receiver);
    CHECK(with([](StoredSa& sa) { sa.offload = Offload{3, 4}; }) == SaLost::Offload);
    CHECK(with([](StoredSa& sa) { sa.source = address("192.0.2.9"); }) == SaLost::Source);
    CHECK(with([](StoredSa& sa) {
              sa.selector.emplace();
              sa.selector->protocol = 6;
          }) == SaLost::Selector);
    CHECK(with([](StoredSa& sa) { sa.encryption.reset(); }) == SaLost::Larval);
}

TEST_CASE("an SA without keys says that a negotiation is under way", "[lookup]") {
    Question question;
    question.kernel.add_sa(0).encryption.reset();
    CHECK(question.ask().under_way);
    question.kernel.add_sa(0x100);
    CHECK(question.winner() == 0x100);
}

TEST_CASE("reqid 0 of a template is met by reqid 0 only", "[lookup]") {
    Question question;
    question.wanted.reqid = ReqId{0};
    question.kernel.add_sa(0x100);
    CHECK(reason(question) == SaLost::Reqid);
    question.kernel.sas[0].reqid = ReqId{0};
    CHECK(question.winner() == 0x100);
}

TEST_CASE("the mark that counts is the policy's, not the packet's", "[lookup]") {
    Question question;
    question.policy.mark = {0x17, 0xff};
    question.kernel.add_sa(0x100).mark = {0x10, 0xf0};
    CHECK(question.winner() == 0x100);
}

TEST_CASE("the SPI of a template binds it to one SA, or makes it unservable", "[lookup]") {
    Question question;
    question.wanted.spi = EspSpi{0x100};
    question.kernel.add_sa(0x101);
    CHECK(reason(question) == SaLost::Spi);
    CHECK_FALSE(question.ask().spi_taken);
    question.kernel.add_sa(0x100).reqid = ReqId{2};
    CHECK(question.ask().spi_taken);
}

TEST_CASE("an SA without a source serves if no other one does", "[lookup]") {
    Question question;
    question.kernel.add_sa(0x100).source = Address{};
    CHECK(question.winner() == 0x100);
    question.kernel.add_sa(0x101).usage.add_time -= 1;
    CHECK(question.winner() == 0x101);
}

TEST_CASE("an SA of another source serves if it shares the bucket of those without", "[lookup]") {
    Question question;
    StoredSa& sa = question.kernel.add_sa(0x100);
    const SaBuckets buckets{8};
    const std::uint32_t bucket = buckets.of(Address{}, sa.destination, sa.reqid);
    std::uint32_t last = 10;
    while (buckets.of(Address::v4(0xc0000200 + last), sa.destination, sa.reqid) != bucket) ++last;
    sa.source = Address::v4(0xc0000200 + last);
    REQUIRE(question.ask(8).winner != nullptr);
    CHECK(question.ask(8).foreign_source);
    CHECK(reason(question) == SaLost::Source);
}

}  // namespace xfrmd::lookup::tests
