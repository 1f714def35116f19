// SPDX-License-Identifier: Apache-2.0
// What requests send, and how they undo themselves, against answers that the tests make up.
#include <catch2/catch_test_macros.hpp>

#include <linux/xfrm.h>

#include <cerrno>
#include <map>

#include "netlink/transaction.h"
#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_sa.h"
#include "tests/kernel/contract_parts.h"
#include "tests/unit/netlink/samples.h"

namespace xfrmd::netlink::tests {

using namespace xfrm;
using namespace kernel_contract;

namespace {

const Refusal kLost{ENOBUFS, {}, true};

Refusal refused(int error_number) {
    return Refusal{error_number, {}, false};
}

// A kernel on paper: refuses the n-th message (counted from 1) as told, acknowledges all others,
// and notes what it got.
class PaperKernel {
  public:
    void refuse(std::size_t message, Refusal refusal) { refusals_[message] = std::move(refusal); }
    void answer(std::size_t message, AnswerPart part) { parts_[message] = part; }

    KernelResult run(KernelRequest request) {
        Transaction transaction{std::move(request)};
        Steps queue = transaction.start();
        for (std::size_t i = 0; i < queue.size(); ++i) {
            const std::size_t count = log.size() + 1;
            log.push_back(header_of(queue[i].message).nlmsg_type);
            payloads.push_back(to_bytes(payload_of(queue[i].message)));
            if (parts_.contains(count)) transaction.part(queue[i].number, parts_.at(count));
            const auto refusal = refusals_.find(count);
            const auto ending =
                refusal == refusals_.end() ? std::nullopt : std::optional{refusal->second};
            REQUIRE_FALSE(transaction.finished());
            for (Step& step : transaction.end(queue[i].number, ending))
                queue.push_back(std::move(step));
        }
        REQUIRE(transaction.finished());
        return transaction.take_result();
    }

    std::vector<std::uint16_t> log;  // message types, in order
    std::vector<Bytes> payloads;

  private:
    std::map<std::size_t, Refusal> refusals_;
    std::map<std::size_t, AnswerPart> parts_;
};

using Types = std::vector<std::uint16_t>;

InstallSas pair_request() {
    InstallSas request;
    request.sas.push_back(inbound(Family::V4, EspSpi{0x5000}));
    request.sas.push_back(outbound(Family::V4));
    request.reserved = {true, false};
    return request;
}

// The SPI of a DELSA message.
std::uint32_t removed_spi(const Bytes& payload) {
    const auto id = read_structure<xfrm_usersa_id>(payload).value();
    return std::uint32_t{octets_of(id.spi)[0]} << 24 | std::uint32_t{octets_of(id.spi)[1]} << 16 |
           std::uint32_t{octets_of(id.spi)[2]} << 8 | octets_of(id.spi)[3];
}

}  // namespace

TEST_CASE("a pair completes its reservation and adds the other", "[netlink]") {
    PaperKernel kernel;
    require_done(kernel.run(pair_request()));
    CHECK(kernel.log == Types{XFRM_MSG_UPDSA, XFRM_MSG_NEWSA});
}

TEST_CASE("a refused outbound SA takes the inbound one out again", "[netlink]") {
    PaperKernel kernel;
    kernel.refuse(2, refused(EEXIST));
    const auto result = kernel.run(pair_request());
    CHECK(error_of(result) == EEXIST);
    CHECK(kernel.log == Types{XFRM_MSG_UPDSA, XFRM_MSG_NEWSA, XFRM_MSG_DELSA});
    CHECK(removed_spi(kernel.payloads[2]) == 0x5000);
}

TEST_CASE("a refused inbound SA takes the outbound one and the larval state out", "[netlink]") {
    PaperKernel kernel;
    kernel.refuse(1, refused(ENOSYS));
    CHECK(error_of(kernel.run(pair_request())) == ENOSYS);
    CHECK(kernel.log == Types{XFRM_MSG_UPDSA, XFRM_MSG_NEWSA, XFRM_MSG_DELSA, XFRM_MSG_DELSA});
    CHECK(removed_spi(kernel.payloads[2]) == 0x1000);  // last first
    CHECK(removed_spi(kernel.payloads[3]) == 0x5000);
}

TEST_CASE("an SA that stood there before is not taken out", "[netlink]") {
    PaperKernel kernel;
    InstallSas request = pair_request();
    request.reserved = {false, false};
    kernel.refuse(1, refused(EEXIST));
    CHECK(error_of(kernel.run(std::move(request))) == EEXIST);
    CHECK(kernel.log == Types{XFRM_MSG_NEWSA, XFRM_MSG_NEWSA, XFRM_MSG_DELSA});
    CHECK(removed_spi(kernel.payloads[2]) == 0x1000);
}

TEST_CASE("a lapsed reservation is installed anew", "[netlink]") {
    PaperKernel kernel;
    kernel.refuse(1, refused(ESRCH));
    require_done(kernel.run(pair_request()));
    CHECK(kernel.log == Types{XFRM_MSG_UPDSA, XFRM_MSG_NEWSA, XFRM_MSG_NEWSA});
}

TEST_CASE("a lapsed reservation whose SPI somebody else took is left to them", "[netlink]") {
    PaperKernel kernel;
    kernel.refuse(1, refused(ESRCH));
    kernel.refuse(3, refused(EEXIST));
    CHECK(error_of(kernel.run(pair_request())) == EEXIST);
    CHECK(kernel.log == Types{XFRM_MSG_UPDSA, XFRM_MSG_NEWSA, XFRM_MSG_NEWSA, XFRM_MSG_DELSA});
    CHECK(removed_spi(kernel.payloads[3]) == 0x1000);
}

TEST_CASE("a lost answer counts as installed when it comes to undoing", "[netlink]") {
    PaperKernel kernel;
    kernel.refuse(2, kLost);
    CHECK(error_of(kernel.run(pair_request())) == ENOBUFS);
    CHECK(kernel.log == Types{XFRM_MSG_UPDSA, XFRM_MSG_NEWSA, XFRM_MSG_DELSA, XFRM_MSG_DELSA});
}

TEST_CASE("trouble in undoing is told behind the reason", "[netlink]") {
    PaperKernel kernel;
    kernel.refuse(2, refused(EEXIST));
    kernel.refuse(3, refused(EPERM));
    const auto result = kernel.run(pair_request());
    REQUIRE(error_of(result) == EEXIST);
    CHECK(result.error().what.contains("exists already; and undoing the rest failed: ESP SA"));
    PaperKernel gone;  // what went by itself meanwhile is no trouble
    gone.refuse(2, refused(EEXIST));
    gone.refuse(3, refused(ESRCH));
    CHECK_FALSE(gone.run(pair_request()).error().what.contains("undoing"));
}

TEST_CASE("an SA that cannot be written sends nothing but gives reservations up", "[netlink]") {
    PaperKernel kernel;
    InstallSas request = pair_request();
    request.sas[1].replay_window = 5000;
    const auto result = kernel.run(std::move(request));
    CHECK(error_of(result) == EINVAL);
    CHECK(result.error().what.contains("SPI 0x00001000"));
    CHECK(kernel.log == Types{XFRM_MSG_DELSA});
}

TEST_CASE("a short list of reservations counts the rest as new", "[netlink]") {
    PaperKernel kernel;
    InstallSas request = pair_request();
    request.reserved.clear();
    require_done(kernel.run(std::move(request)));
    CHECK(kernel.log == Types{XFRM_MSG_NEWSA, XFRM_MSG_NEWSA});
}

TEST_CASE("empty requests are done without a message", "[netlink]") {
    PaperKernel kernel;
    require_done(kernel.run(InstallSas{}));
    require_done(kernel.run(InstallPolicies{}));
    require_done(kernel.run(InstallPolicies{.policies = {}, .replace = true}));
    require_done(kernel.run(RemoveSas{}));
    require_done(kernel.run(RemovePolicies{}));
    CHECK(kernel.log.empty());
}

TEST_CASE("a refused policy takes those before and after it out again", "[netlink]") {
    PaperKernel kernel;
    kernel.refuse(2, refused(EEXIST));
    const auto policies = tunnel_policies(Family::V4);
    CHECK(error_of(kernel.run(InstallPolicies{.policies = policies})) == EEXIST);
    CHECK(kernel.log == Types{XFRM_MSG_NEWPOLICY, XFRM_MSG_NEWPOLICY, XFRM_MSG_NEWPOLICY,
                              XFRM_MSG_DELPOLICY, XFRM_MSG_DELPOLICY});
    CHECK(read_structure<xfrm_userpolicy_id>(kernel.payloads[3])->dir ==
          XFRM_POLICY_FWD);  // last first
    CHECK(read_structure<xfrm_userpolicy_id>(kernel.payloads[4])->dir == XFRM_POLICY_OUT);
}

TEST_CASE("replacing reads the former policies first and puts them back on refusal", "[netlink]") {
    PaperKernel kernel;
    const auto policies = tunnel_policies(Family::V4);
    PolicySpec former = policies[0];
    former.priority = 77;
    const auto message = encode_install_policy(former, PolicyEntry::New);
    REQUIRE(message.has_value());
    kernel.answer(1, {XFRM_MSG_NEWPOLICY, payload_of(*message)});
    kernel.refuse(2, refused(ENOENT));
    kernel.refuse(3, refused(ENOENT));
    kernel.refuse(6, refused(EINVAL));
    CHECK(error_of(kernel.run(InstallPolicies{.policies = policies, .replace = true})) == EINVAL);
    CHECK(kernel.log == Types{XFRM_MSG_GETPOLICY, XFRM_MSG_GETPOLICY, XFRM_MSG_GETPOLICY,
                              XFRM_MSG_UPDPOLICY, XFRM_MSG_UPDPOLICY, XFRM_MSG_UPDPOLICY,
                              XFRM_MSG_DELPOLICY, XFRM_MSG_UPDPOLICY});
    CHECK(hex(kernel.payloads[7]) == hex(payload_of(*message)));
    CHECK(read_structure<xfrm_userpolicy_id>(kernel.payloads[6])->dir == XFRM_POLICY_IN);
}

TEST_CASE("a former policy that cannot be read stops the replacement before it begins",
          "[netlink]") {
    PaperKernel kernel;
    kernel.refuse(1, refused(EPERM));
    CHECK(error_of(kernel.run(
              InstallPolicies{.policies = tunnel_policies(Family::V4), .replace = true})) == EPERM);
    CHECK(kernel.log == Types{XFRM_MSG_GETPOLICY, XFRM_MSG_GETPOLICY, XFRM_MSG_GETPOLICY});
}

TEST_CASE("removal tries all, forgives what is gone and tells the first real error", "[netlink]") {
    PaperKernel kernel;
    kernel.refuse(1, refused(ESRCH));
    kernel.refuse(2, refused(EPERM));
    kernel.refuse(3, refused(EINVAL));
    const auto result = kernel.run(
        RemoveSas{{outbound_id(Family::V4), outbound_id(Family::V6), outbound_id(Family::V4)}});
    CHECK(error_of(result) == EPERM);
    CHECK(kernel.log == Types(3, XFRM_MSG_DELSA));
    PaperKernel policies;
    policies.refuse(1, refused(ENOENT));
    require_done(policies.run(RemovePolicies{ids_of(tunnel_policies(Family::V4))}));
}

TEST_CASE("an answer without data is an error", "[netlink]") {
    PaperKernel kernel;
    CHECK(error_of(kernel.run(QuerySa{outbound_id(Family::V4)})) == EBADMSG);
    CHECK(error_of(kernel.run(
              AllocateSpi{.source = peer(Family::V4), .destination = own(Family::V4)})) == EBADMSG);
}

TEST_CASE("a dump that begins anew forgets its parts, and passes over what it cannot express",
          "[netlink]") {
    Transaction transaction{DumpSas{}};
    REQUIRE(transaction.start().size() == 1);
    const auto message = encode_install_sa(outbound(Family::V4), SaEntry::New);
    REQUIRE(message.has_value());
    transaction.part(0, {XFRM_MSG_NEWSA, payload_of(*message)});
    transaction.again(0);
    auto strange = read_structure<xfrm_usersa_info>(payload_of(*message)).value();
    strange.id.proto = 43;
    transaction.part(0, {XFRM_MSG_NEWSA, octets_of(strange)});
    transaction.part(0, {XFRM_MSG_NEWSA, payload_of(*message)});
    CHECK(transaction.end(0, std::nullopt).empty());
    REQUIRE(transaction.finished());
    auto result = transaction.take_result();
    REQUIRE(result.has_value());
    CHECK(std::get<std::vector<SaInfo>>(*result).size() == 1);
}

TEST_CASE("a damaged part spoils a dump", "[netlink]") {
    Transaction transaction{DumpPolicies{}};
    REQUIRE(transaction.start().size() == 1);
    transaction.part(0, {XFRM_MSG_NEWPOLICY, {}});
    CHECK(transaction.end(0, std::nullopt).empty());
    CHECK(error_of(transaction.take_result()) == EBADMSG);
}

TEST_CASE("each migration is one message, and one that is refused keeps none of the others", "[netlink]") {
    Migrate request;
    for (const PolicySpec& policy : tunnel_policies(Family::V4))
        request.migrations.push_back({.policy = policy.id,
                                      .protocol = IpsecProtocol::Esp,
                                      .mode = Mode::Tunnel,
                                      .reqid = kReqid,
                                      .source = own(Family::V4),
                                      .destination = peer(Family::V4),
                                      .new_source = own(Family::V4),
                                      .new_destination = other_peer(),
                                      .encapsulation = UdpEncapsulation{4500, 31000, {}}});
    PaperKernel kernel;
    require_done(kernel.run(Migrate{request}));
    CHECK(kernel.log == Types{XFRM_MSG_MIGRATE, XFRM_MSG_MIGRATE, XFRM_MSG_MIGRATE});
    CHECK(kernel.payloads[0].size() == sizeof(xfrm_userpolicy_id) + 4 + sizeof(xfrm_user_migrate) + 4 +
                                           sizeof(xfrm_encap_tmpl));

    PaperKernel refusing;
    refusing.refuse(2, refused(ENODATA));
    const auto result = refusing.run(Migrate{request});
    CHECK(error_of(result) == ENODATA);
    CHECK(result.error().what.contains("in policy 10.2.0.0/16 -> 10.1.0.0/16"));
    CHECK(refusing.log.size() == 3);

    PaperKernel old;
    old.refuse(1, refused(ENOPROTOOPT));
    CHECK(old.run(Migrate{request}).error().what.contains("CONFIG_XFRM_MIGRATE"));

    request.migrations[0].new_destination = peer(Family::V6);
    PaperKernel spared;
    CHECK(error_of(spared.run(Migrate{request})) == EINVAL);
    CHECK(spared.log.size() == 2);
}

}  // namespace xfrmd::netlink::tests
