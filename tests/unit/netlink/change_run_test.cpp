// SPDX-License-Identifier: Apache-2.0
// What a list of changes sends, and how it is taken back, against answers that the tests make up.
#include "netlink/change_run.h"

#include <linux/xfrm.h>
#include <catch2/catch_test_macros.hpp>
#include <cerrno>
#include <map>

#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_sa.h"
#include "tests/kernel/contract_parts.h"
#include "tests/unit/netlink/samples.h"

namespace xfrmd::netlink::tests {

using namespace xfrm;
using namespace kernel_contract;

namespace {

Refusal refused(int error_number) {
    return {error_number, {}, false};
}

// A kernel on paper: refuses the n-th message (counted from 1) as told, acknowledges all others,
// and notes what it got.
class PaperKernel {
  public:
    void refuse(std::size_t message, Refusal refusal) { refusals_[message] = std::move(refusal); }
    void answer(std::size_t message, std::uint16_t type, Bytes payload) {
        parts_[message] = {type, std::move(payload)};
    }

    void carry(ChangeRun& run) {
        while (!run.finished()) {
            for (Step& step : run.next_steps()) queue_.push_back(std::move(step));
            outstanding_max = std::max(outstanding_max, queue_.size());
            if (queue_.empty()) continue;
            Step step = std::move(queue_.front());
            queue_.erase(queue_.begin());
            answer_to(step, run);
        }
    }
    std::optional<ChangeRefusal> run(std::vector<Change> changes, UndoLog& undo_log) {
        ChangeRun run{std::move(changes), undo_log};
        carry(run);
        reserved = run.reserved();
        return run.take_refusal();
    }

    std::vector<std::uint16_t> log;  // message types, in order
    std::vector<Bytes> payloads;
    std::vector<EspSpi> reserved;
    std::size_t outstanding_max = 0;

  private:
    void answer_to(const Step& step, ChangeRun& run) {
        const std::size_t count = log.size() + 1;
        log.push_back(header_of(step.message).nlmsg_type);
        payloads.push_back(to_bytes(payload_of(step.message)));
        if (const auto part = parts_.find(count); part != parts_.end())
            run.part(step.number, {part->second.first, part->second.second});
        const auto refusal = refusals_.find(count);
        run.end(step.number,
                refusal == refusals_.end() ? std::nullopt : std::optional{refusal->second});
    }

    std::map<std::size_t, Refusal> refusals_;
    std::map<std::size_t, std::pair<std::uint16_t, Bytes>> parts_;
    std::vector<Step> queue_;
};

using Types = std::vector<std::uint16_t>;

template <class... Kinds>
std::vector<Change> list(Kinds... changes) {
    std::vector<Change> all;
    (all.push_back(std::move(changes)), ...);
    return all;
}

PolicySpec policy(std::uint32_t priority = 7) {
    PolicySpec spec = tunnel_policies(Family::V4).front();
    spec.priority = priority;
    return spec;
}

Bytes stored_sa(const SaSpec& spec) {
    return to_bytes(payload_of(encode_install_sa(spec, SaEntry::New).value()));
}
Bytes stored_policy(const PolicySpec& spec) {
    return to_bytes(payload_of(encode_install_policy(spec, PolicyEntry::New).value()));
}

// As the kernel reports a reservation.
Bytes larval_sa(const SaId& id) {
    SaSpec spec;
    spec.id = id;
    return stored_sa(spec);
}

}  // namespace

TEST_CASE("changes are sent in their order without waiting", "[netlink]") {
    PaperKernel kernel;
    kernel.answer(3, XFRM_MSG_NEWPOLICY, stored_policy(policy()));
    kernel.answer(5, XFRM_MSG_NEWSA, stored_sa(outbound(Family::V4)));
    UndoLog log;
    const auto refusal = kernel.run(
        list(change::AddSa{outbound(Family::V4)}, change::AddPolicy{policy()},
             change::RemovePolicy{policy().id}, change::RemoveSa{outbound_id(Family::V4)}),
        log);
    CHECK_FALSE(refusal.has_value());
    CHECK(kernel.log == Types{XFRM_MSG_NEWSA, XFRM_MSG_NEWPOLICY, XFRM_MSG_GETPOLICY,
                              XFRM_MSG_DELPOLICY, XFRM_MSG_GETSA, XFRM_MSG_DELSA});
    CHECK(kernel.outstanding_max == 6);
}

TEST_CASE("a refusal takes back what was done, last first", "[netlink]") {
    PaperKernel kernel;
    kernel.answer(3, XFRM_MSG_NEWPOLICY, stored_policy(policy(9)));
    kernel.answer(5, XFRM_MSG_NEWSA, stored_sa(outbound(Family::V6)));
    kernel.refuse(7, refused(EEXIST));
    UndoLog log;
    const auto refusal =
        kernel.run(list(change::AddSa{outbound(Family::V4)}, change::AddPolicy{policy(1)},
                        change::ReplacePolicy{policy(2)}, change::RemoveSa{outbound_id(Family::V6)},
                        change::AddPolicy{policy(3)}, change::AddPolicy{policy(4)}),
                   log);
    REQUIRE(refusal.has_value());
    CHECK(refusal->position == 4);
    CHECK(refusal->why.error_number == EEXIST);
    CHECK(refusal->trouble.empty());
    const Types forward{XFRM_MSG_NEWSA, XFRM_MSG_NEWPOLICY, XFRM_MSG_GETPOLICY, XFRM_MSG_UPDPOLICY,
                        XFRM_MSG_GETSA, XFRM_MSG_DELSA,     XFRM_MSG_NEWPOLICY, XFRM_MSG_NEWPOLICY};
    const Types backward{XFRM_MSG_DELPOLICY, XFRM_MSG_NEWSA, XFRM_MSG_UPDPOLICY, XFRM_MSG_DELPOLICY,
                         XFRM_MSG_DELSA};
    Types all = forward;
    all.insert(all.end(), backward.begin(), backward.end());
    CHECK(kernel.log == all);
    CHECK(log.empty());
    // The SA comes back as it was told, followed by what it has carried.
    const Bytes& put_back = kernel.payloads.at(9);
    const Bytes told = stored_sa(outbound(Family::V6));
    CHECK(hex(View{put_back}.first(told.size())) == hex(told));
    CHECK(decode_policy(kernel.payloads.at(10))->spec.priority == 9);
}

TEST_CASE("what is not there to be removed or replaced is a refusal", "[netlink]") {
    PaperKernel kernel;
    kernel.refuse(1, refused(ESRCH));
    kernel.refuse(2, refused(ESRCH));
    UndoLog log;
    auto refusal = kernel.run(list(change::RemoveSa{outbound_id(Family::V4)}), log);
    REQUIRE(refusal.has_value());
    CHECK(refusal->why.what.ends_with("does not exist"));

    PaperKernel second;
    second.refuse(1, refused(ESRCH));
    refusal =
        second.run(list(change::ReplaceSa{outbound(Family::V4)}, change::AddPolicy{policy()}), log);
    REQUIRE(refusal.has_value());
    CHECK(refusal->position == 0);
    CHECK(second.log == Types{XFRM_MSG_GETSA});

    PaperKernel third;
    third.refuse(1, refused(ENOENT));
    third.refuse(2, refused(ENOENT));
    refusal = third.run(list(change::RemovePolicy{policy().id}), log);
    REQUIRE(refusal.has_value());
    CHECK(refusal->why.what.ends_with("does not exist"));
}

TEST_CASE("a policy need not be there to be replaced", "[netlink]") {
    PaperKernel kernel;
    kernel.refuse(1, refused(ENOENT));
    UndoLog log;
    CHECK_FALSE(kernel.run(list(change::ReplacePolicy{policy()}), log).has_value());
    REQUIRE(log.size() == 1);
    CHECK(std::holds_alternative<undo::RemovePolicy>(log.front()));
}

TEST_CASE("a reservation is completed, an SA updated or exchanged", "[netlink]") {
    UndoLog log;
    PaperKernel larval;
    larval.answer(1, XFRM_MSG_NEWSA, larval_sa(outbound_id(Family::V4)));
    CHECK_FALSE(larval.run(list(change::ReplaceSa{outbound(Family::V4)}), log).has_value());
    CHECK(larval.log == Types{XFRM_MSG_GETSA, XFRM_MSG_UPDSA});
    CHECK(log.size() == 1);

    log.clear();
    PaperKernel same;
    same.answer(1, XFRM_MSG_NEWSA, stored_sa(outbound(Family::V4)));
    SaSpec limited = outbound(Family::V4);
    limited.limits.hard_packets = 1000;
    CHECK_FALSE(same.run(list(change::ReplaceSa{std::move(limited)}), log).has_value());
    CHECK(same.log == Types{XFRM_MSG_GETSA, XFRM_MSG_UPDSA});
    CHECK(log.size() == 2);  // it is removed, and the former put back

    log.clear();
    PaperKernel other;
    other.answer(1, XFRM_MSG_NEWSA, stored_sa(outbound(Family::V4)));
    SaSpec rekeyed = outbound(Family::V4);
    rekeyed.aead->key = Secret{View{Bytes(rekeyed.aead->key.size(), 0xee)}};
    CHECK_FALSE(
        other.run(list(change::ReplaceSa{std::move(rekeyed)}, change::AddPolicy{policy()}), log)
            .has_value());
    CHECK(other.log == Types{XFRM_MSG_GETSA, XFRM_MSG_DELSA, XFRM_MSG_NEWSA, XFRM_MSG_NEWPOLICY});
    CHECK(log.size() == 3);
}

TEST_CASE("a reservation tells its SPI", "[netlink]") {
    UndoLog log;
    PaperKernel kernel;
    SaId id = outbound_id(Family::V4);
    id.spi = EspSpi{0xc0ffee01};
    kernel.answer(1, XFRM_MSG_NEWSA, larval_sa(id));
    AllocateSpi request{.source = id.source, .destination = id.destination};
    CHECK_FALSE(kernel.run(list(change::ReserveSpi{request}), log).has_value());
    CHECK(kernel.reserved == std::vector{EspSpi{0xc0ffee01}});
    REQUIRE(log.size() == 1);
    CHECK(std::get<undo::RemoveSa>(log.front()).id.spi == EspSpi{0xc0ffee01});
}

TEST_CASE("lists that follow each other are taken back together", "[netlink]") {
    UndoLog log;
    PaperKernel kernel;
    CHECK_FALSE(kernel.run(list(change::AddSa{outbound(Family::V4)}), log).has_value());
    CHECK_FALSE(kernel.run(list(change::AddPolicy{policy()}), log).has_value());
    CHECK(log.size() == 2);
    kernel.refuse(3, refused(EINVAL));
    CHECK(kernel.run(list(change::AddPolicy{policy()}), log).has_value());
    CHECK(kernel.log == Types{XFRM_MSG_NEWSA, XFRM_MSG_NEWPOLICY, XFRM_MSG_NEWPOLICY,
                              XFRM_MSG_DELPOLICY, XFRM_MSG_DELSA});
    CHECK(log.empty());
}

TEST_CASE("what could not be put back is told", "[netlink]") {
    UndoLog log;
    PaperKernel kernel;
    kernel.refuse(2, refused(EINVAL));
    kernel.refuse(3, refused(EBUSY));
    const auto refusal =
        kernel.run(list(change::AddSa{outbound(Family::V4)}, change::AddPolicy{policy()}), log);
    REQUIRE(refusal.has_value());
    CHECK(refusal->why.error_number == EINVAL);
    CHECK(refusal->trouble.contains("ESP SA"));
}

TEST_CASE("what may have taken effect when an answer was lost is taken back", "[netlink]") {
    UndoLog log;
    PaperKernel kernel;
    kernel.refuse(1, Refusal{ENOBUFS, {}, true});
    kernel.refuse(2, refused(ESRCH));  // it had not taken effect
    const auto refusal = kernel.run(list(change::AddSa{outbound(Family::V4)}), log);
    REQUIRE(refusal.has_value());
    CHECK(kernel.log == Types{XFRM_MSG_NEWSA, XFRM_MSG_DELSA});
    CHECK(refusal->trouble.empty());
}

TEST_CASE("a change that cannot be written ends the list", "[netlink]") {
    UndoLog log;
    PaperKernel kernel;
    PolicySpec mixed = policy();
    mixed.id.selector.source = Prefix::any(Family::V6);
    const auto refusal = kernel.run(list(change::AddSa{outbound(Family::V4)},
                                         change::AddPolicy{mixed}, change::AddPolicy{policy()}),
                                    log);
    REQUIRE(refusal.has_value());
    CHECK(refusal->position == 1);
    CHECK(kernel.log == Types{XFRM_MSG_NEWSA, XFRM_MSG_DELSA});
}

TEST_CASE("however long a list is, few of its messages are under way", "[netlink]") {
    std::vector<Change> many;
    for (std::uint32_t i = 0; i < 5000; ++i) many.push_back(change::AddPolicy{policy(i)});
    UndoLog log;
    PaperKernel kernel;
    ChangeRun run{std::move(many), log};
    kernel.carry(run);
    CHECK(run.done() == 5000);
    CHECK(kernel.outstanding_max <= ChangeRun::kStepsMax);
}

TEST_CASE("a list may be taken back in its middle", "[netlink]") {
    std::vector<Change> many;
    for (std::uint32_t i = 0; i < 1000; ++i) many.push_back(change::AddPolicy{policy(i)});
    UndoLog log;
    ChangeRun run{std::move(many), log};
    Steps under_way = run.next_steps();
    for (const Step& step : under_way) run.end(step.number, std::nullopt);
    const std::size_t done = run.done();
    CHECK(done > 0);
    CHECK(done < 1000);
    run.take_back();
    PaperKernel kernel;
    kernel.carry(run);
    CHECK(kernel.log == Types(done, XFRM_MSG_DELPOLICY));
    CHECK(run.take_refusal()->why.error_number == ECANCELED);
}

}  // namespace xfrmd::netlink::tests
