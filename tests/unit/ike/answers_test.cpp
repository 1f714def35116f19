// SPDX-License-Identifier: Apache-2.0
// What a host answers to each request of its peer while it is busy with something of its own: RFC
// 7296 §2.25 and RFC 9370 §2.2.4 as a table of what goes over the wire.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <string>

#include "ike/core.h"
#include "ike/policy/default_proposals.h"
#include "ike/wire/names.h"
#include "ike/wire/notify_data.h"
#include "tests/support/forgery.h"
#include "tests/unit/ike/every_exchange.h"

namespace xfrmd::test {

namespace {

using namespace std::chrono_literals;

enum class Business : std::uint8_t {
    None,
    RekeyingChild,
    DeletingChild,
    RekeyingIkeSa,
    IkeSaReplaced,
    Closing
};
enum class Request : std::uint8_t {
    CreateChild,
    RekeyChild,
    DeleteChild,
    RekeyIkeSa,
    Followup,
    Close,
    Ask
};

struct Row {
    Business alice;
    std::array<std::string_view, 7> answers;  // by Request
};

constexpr std::string_view kSa = "SA";
constexpr std::string_view kOurHalf = "D";  // RFC 7296 §1.4.1
constexpr std::string_view kEmpty = "nothing";
constexpr std::string_view kLater = "TEMPORARY_FAILURE";
constexpr std::string_view kUnknown = "STATE_NOT_FOUND";

// clang-format off
constexpr auto kTable = std::to_array<Row>({
    // asked to:                create  rekey   delete    rekey    go on with  close   say that
    //                          a child it      it        the IKE  additional  the     it lives
    //                                                    SA       exchanges   IKE SA
    {Business::None,          {kSa,    kSa,    kOurHalf, kSa,     kUnknown,   kEmpty, kEmpty}},
    {Business::RekeyingChild, {kSa,    kSa,    kOurHalf, kLater,  kUnknown,   kEmpty, kEmpty}},
    {Business::DeletingChild, {kSa,    kLater, kEmpty,   kLater,  kUnknown,   kEmpty, kEmpty}},
    {Business::RekeyingIkeSa, {kLater, kLater, kOurHalf, kSa,     kUnknown,   kEmpty, kEmpty}},
    {Business::IkeSaReplaced, {kLater, kLater, kOurHalf, kLater,  kUnknown,   kEmpty, kEmpty}},
    {Business::Closing,       {kLater, kLater, kEmpty,   kLater,  kUnknown,   kEmpty, kEmpty}},
});
// clang-format on

// Alice is busy, and what she has said about it is on its way; bob asks her for something in her
// first IKE SA.
class Scene {
  public:
    Scene() {
        for (Peer* peer : {&pair_.alice, &pair_.bob}) {
            peer->connection.ike_proposals = {
                parse_proposal(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519").value()};
            peer->connection.children.front().proposals = {
                parse_proposal(ProtocolId::Esp, "aes128gcm16-noesn").value()};
        }
        pair_.configure();
        pair_.up(pair_.alice);
        REQUIRE(pair_.both_up());
        first_ = alices_only_ike_sa().self;
        pair_.wire = [](const Peer&, Datagram&) { return false; };
        rekey_child_ = asked_by_bob(rekey(false, true));
        rekey_ike_ = asked_by_bob(rekey(true, false));
    }

    void make_busy(Business business) {
        Peer& alice = pair_.alice;
        switch (business) {
            case Business::None:
                return;
            case Business::RekeyingChild:
                return pair_.input(alice, rekey(false, true));
            case Business::DeletingChild:
                return give_up_child();
            case Business::RekeyingIkeSa:
                return pair_.input(alice, rekey(true, false));
            case Business::IkeSaReplaced:
                static_cast<void>(answer(Request::RekeyIkeSa));
                return;
            case Business::Closing:
                return pair_.down(alice);
        }
    }

    // In a word.
    std::string answer(Request request) {
        IkeSa& sa = *core_of(*pair_.alice.host).ike_sas.find(first_);
        const MessageId id = sa.inbound.expected();
        const auto [exchange, payloads] = content(request);
        const Path path{sa.path.local, sa.path.remote, sa.path.encapsulated};
        pair_.input(pair_.alice,
                    Datagram{path, forge(sa, header_from_peer(sa, exchange, false, id), payloads)});
        return in_a_word(last_response());
    }

  private:
    using Content = std::pair<ExchangeType, std::vector<Payload>>;

    IkeSa& alices_only_ike_sa() {
        IkeSa* only = nullptr;
        core_of(*pair_.alice.host).ike_sas.for_each([&](IkeSa& sa) { only = &sa; });
        return *only;
    }

    // As a bob in another place says it to his alice.
    std::vector<Payload> asked_by_bob(const Command& command) {
        Pair pair;
        for (Peer* peer : {&pair.alice, &pair.bob})
            peer->connection = (peer == &pair.alice ? pair_.alice : pair_.bob).connection;
        pair.configure();
        pair.up(pair.alice);
        pair.wire = [](const Peer&, Datagram&) { return false; };
        pair.input(pair.bob, command);
        IkeSa* alices = nullptr;
        core_of(*pair.alice.host).ike_sas.for_each([&](IkeSa& sa) { alices = &sa; });
        return opened(pair.bob.sent.back().octets, *alices->opening);
    }

    static std::vector<Payload> opened(const Bytes& octets, const MessageCipher& cipher) {
        const auto message = parse_message(octets).value();
        const auto layout = sealed_layout(message).value();
        const auto chain = cipher.open(layout.associated(octets), layout.body(octets));
        REQUIRE(chain);
        return parse_payloads(std::get<Encrypted>(message.payloads.front()).first_inner,
                              chain->view())
            .value();
    }

    [[nodiscard]] Content content(Request request) const {
        const xfrm::EspSpi bobs = bobs_spi();
        switch (request) {
            case Request::CreateChild: {
                auto payloads = rekey_child_;
                std::erase_if(payloads, is_rekey_notify);
                return {ExchangeType::CreateChildSa, payloads};
            }
            case Request::RekeyChild: {
                auto payloads = rekey_child_;
                *std::ranges::find_if(payloads, is_rekey_notify) =
                    make_child_sa(NotifyType::RekeySa, {ProtocolId::Esp, bobs});
                return {ExchangeType::CreateChildSa, payloads};
            }
            case Request::DeleteChild:
                return {ExchangeType::Informational, {Delete{ProtocolId::Esp, {bobs}}}};
            case Request::RekeyIkeSa:
                return {ExchangeType::CreateChildSa, rekey_ike_};
            case Request::Followup:
                return {ExchangeType::IkeFollowupKe,
                        {KeyExchange{KeyExchangeMethod::X25519, Bytes(32, 9)},
                         make_notify(NotifyType::AdditionalKeyExchange, Bytes(8, 1))}};
            case Request::Close:
                return {ExchangeType::Informational, {Delete{ProtocolId::Ike, {}}}};
            case Request::Ask:
                return {ExchangeType::Informational, {}};
        }
        std::unreachable();
    }

    static bool is_rekey_notify(const Payload& payload) {
        const auto* notify = std::get_if<Notify>(&payload);
        return notify != nullptr && notify->type == NotifyType::RekeySa;
    }

    // Of the child that bob receives on; bob's kernel does not change, whatever alice does.
    [[nodiscard]] xfrm::EspSpi bobs_spi() const {
        for (const auto& sa : pair_.bob.kernel.sas())
            if (sa.spec.id.destination == pair_.bob.address) return sa.spec.id.spi;
        return {};
    }

    void give_up_child() {
        const auto& sa = pair_.alice.kernel.sas().front().spec;
        pair_.input(
            pair_.alice,
            KernelEvent{xfrm::SaExpired{
                .id = sa.id, .reqid = sa.reqid, .mode = sa.mode, .hard = true, .usage = {}}});
    }

    std::vector<Payload> last_response() {
        // Alice may go on with something else after her answer.
        const auto& all = pair_.alice.sent;
        const auto sent = std::find_if(all.rbegin(), all.rend(), [](const auto& each) {
            return parse_header(each.octets)->response;
        });
        REQUIRE(sent != all.rend());
        return opened(sent->octets, *core_of(*pair_.alice.host).ike_sas.find(first_)->sealing);
    }

    static std::string in_a_word(const std::vector<Payload>& payloads) {
        if (payloads.empty()) return std::string{kEmpty};
        for (const Payload& payload : payloads) {
            if (std::holds_alternative<SecurityAssociation>(payload)) return std::string{kSa};
            if (std::holds_alternative<Delete>(payload)) return std::string{kOurHalf};
            if (const auto* notify = std::get_if<Notify>(&payload)) return name(notify->type);
        }
        return "something else";
    }

    Pair pair_;
    SaHandle first_;
    std::vector<Payload> rekey_child_;
    std::vector<Payload> rekey_ike_;
};

}  // namespace

TEST_CASE("what a busy host answers is what the table says", "[ike][collision]") {
    for (const Row& row : kTable) {
        for (std::size_t i = 0; i < row.answers.size(); ++i) {
            INFO("alice's business " << static_cast<int>(row.alice) << ", bob's request " << i);
            Scene scene;
            scene.make_busy(row.alice);
            CHECK(scene.answer(static_cast<Request>(i)) == row.answers[i]);
        }
    }
}

}  // namespace xfrmd::test
