// SPDX-License-Identifier: Apache-2.0
// A CREATE_CHILD_SA exchange under way, whoever began it, as plain data. RFC 7296 §1.3, RFC 9370 §2.2.4.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ike/child_sa.h"
#include "ike/crypto/suite.h"
#include "ike/event.h"
#include "ike/ids.h"
#include "ike/io.h"
#include "ike/wire/header.h"
#include "ike/wire/notify.h"
#include "ike/wire/proposal.h"
#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::ike {

// A child as it is being agreed: what was asked for until the answer is there, then what was granted.
struct ChildOffer {
    xfrm::EspSpi inbound_spi;       // reserved in the kernel; 0 = none
    xfrm::EspSpi peer_spi;          // 0 until the peer has told
    xfrm::EspSpi inbound_cpi;       // the same of IPComp, 16 bits: RFC 7296 §2.22
    xfrm::EspSpi peer_cpi;          // 0 unless both sides compress
    std::optional<Proposal> chosen; // responder: to be sent back
    EspSuite suite;
    TrafficSelectorList local;
    TrafficSelectorList remote;
    xfrm::Mode mode = xfrm::Mode::Transport;
};

// What the keys of the new SA come from.
struct KeyAgreement {
    Role role = Role::Initiator;    // ours in this exchange
    Bytes initiator_nonce;
    Bytes responder_nonce;
    KeyExchangeMethod method = KeyExchangeMethod::None;  // None: a child of SK_d alone
    std::vector<KeyExchangeMethod> methods_tried;        // initiator: the peer may want another one once each
    Secret private_share;
    Bytes own_share;
    Bytes peer_share;
    AdditionalKeyExchanges additional;                   // to be run in IKE_FOLLOWUP_KE
    Bytes link;                                          // what the next IKE_FOLLOWUP_KE goes on with
    std::vector<Secret> secrets;    // in the order of the exchanges
    ExchangeType exchange = ExchangeType::CreateChildSa; // responder: the one to be answered

    // The additional key exchange that comes next; None if all are done.
    [[nodiscard]] KeyExchangeMethod due() const {
        const bool any = !secrets.empty() && secrets.size() <= additional.size();
        return any ? additional[secrets.size() - 1] : KeyExchangeMethod::None;
    }

    // Decides which of two crossed exchanges stays: RFC 7296 §2.8.1.
    [[nodiscard]] const Bytes& lowest_nonce() const { return std::min(initiator_nonce, responder_nonce); }
    [[nodiscard]] std::vector<View> secret_views() const {
        std::vector<View> views;
        for (const Secret& secret : secrets) views.push_back(secret.view());
        return views;
    }
};

// The peer's own exchange about the same SA, which we have answered while ours was under way.
struct CrossedRekey {
    Bytes lowest_nonce;
    SaHandle ike_sa;                // what it made, if that is an IKE SA
};

struct ChildNegotiation {
    KeyAgreement keys;
    std::string child;                      // of the configuration
    std::optional<xfrm::EspSpi> rekeys;     // our inbound SPI of the child that is replaced
    ChildOffer offer;
    std::uint32_t acquire_sequence = 0;     // of the acquire this answers, or 0
    std::optional<CrossedRekey> crossed;    // ours only
    bool deleted_by_peer = false;           // ours only: before our kernel had it
    std::vector<xfrm::EspSpi> deletes_seen; // ours only: of children we did not know while the peer's answer was to come
};

struct IkeSaNegotiation {
    KeyAgreement keys;
    IkeSpi our_spi;
    IkeSpi peer_spi;
    Proposal chosen;                        // responder: to be sent back
    IkeSuite suite;
    std::optional<CrossedRekey> crossed;    // ours only
    Bytes peer_crash_token;                 // RFC 6290; empty if the peer gave none
};

using Negotiation = std::variant<ChildNegotiation, IkeSaNegotiation>;

[[nodiscard]] inline KeyAgreement& keys_of(Negotiation& negotiation) {
    return std::visit([](auto& what) -> KeyAgreement& { return what.keys; }, negotiation);
}

// Our request: at most one at a time, since our window is one. RFC 7296 §2.3.
namespace outgoing {

// Our share is being made and our SPI reserved, both at a time.
struct Preparing {
    Negotiation what;
    std::optional<RequestId> spi_request;   // empty once answered
    std::optional<JobId> job;
};
struct Sent { Negotiation what; };
struct Agreeing {
    Negotiation what;
    JobId job;
};
struct MakingFollowup {
    Negotiation what;
    JobId job;
};
struct FollowupSent { Negotiation what; };
// All is agreed, but the peer's own exchange about the same SA is still being answered by us.
struct AwaitingPeers { Negotiation what; };
struct Installing {
    ChildNegotiation what;
    ChildSa made;
    RequestId request;
};
struct DeletingChild { xfrm::EspSpi inbound; };
// An INFORMATIONAL whose answer says nothing but that the peer lives, and that it has all our answers before it.
struct Asking {
    std::vector<xfrm::EspSpi> waiting;      // children that wait for that, by their inbound SPIs
};
// UPDATE_SA_ADDRESSES, and COOKIE2 alone. RFC 4555 §3.5, §3.7
struct TellingPath {
    Path path;
    Bytes cookie;
};
struct CheckingReturn {
    Path path;
    Bytes cookie;
};

}  // namespace outgoing

using OutgoingExchange =
    std::variant<outgoing::Preparing, outgoing::Sent, outgoing::Agreeing, outgoing::MakingFollowup,
                 outgoing::FollowupSent, outgoing::AwaitingPeers, outgoing::Installing, outgoing::DeletingChild, outgoing::Asking,
                 outgoing::TellingPath, outgoing::CheckingReturn>;

// What our request is about, from when it is sent until its SA is made or handed to the kernel; null otherwise.
[[nodiscard]] inline Negotiation* sent_negotiation(std::optional<OutgoingExchange>& exchange) {
    if (!exchange) return nullptr;
    if (auto* sent = std::get_if<outgoing::Sent>(&*exchange)) return &sent->what;
    if (auto* agreeing = std::get_if<outgoing::Agreeing>(&*exchange)) return &agreeing->what;
    if (auto* making = std::get_if<outgoing::MakingFollowup>(&*exchange)) return &making->what;
    if (auto* sent = std::get_if<outgoing::FollowupSent>(&*exchange)) return &sent->what;
    if (auto* waiting = std::get_if<outgoing::AwaitingPeers>(&*exchange)) return &waiting->what;
    return nullptr;
}

// The child that we have asked for, until it is ours in full: the peer may have it already. Null if there is none.
[[nodiscard]] inline ChildNegotiation* asked_child(std::optional<OutgoingExchange>& exchange) {
    if (auto* installing = exchange ? std::get_if<outgoing::Installing>(&*exchange) : nullptr) return &installing->what;
    Negotiation* sent = sent_negotiation(exchange);
    return sent != nullptr ? std::get_if<ChildNegotiation>(sent) : nullptr;
}

// The peer's request, while it waits for the crypto pool or the kernel before we can answer.
namespace incoming {

struct Agreeing {
    Negotiation what;
    std::optional<RequestId> spi_request;   // empty once answered
    std::optional<JobId> job;
};
// CREATE_CHILD_SA is answered; the peer goes on with IKE_FOLLOWUP_KE.
struct AwaitingFollowup { Negotiation what; };
struct Installing {
    ChildNegotiation what;
    ChildSa made;
    RequestId request;
};
// The peer has deleted the child that another one replaces: we send with that one before we say so.
struct SwitchingOver {
    RequestId request;
    std::vector<Delete> answer;
};

}  // namespace incoming

using IncomingExchange =
    std::variant<incoming::Agreeing, incoming::AwaitingFollowup, incoming::Installing, incoming::SwitchingOver>;

// The child that the peer is making; null if it is doing something else.
[[nodiscard]] inline const ChildNegotiation* child_of(const std::optional<IncomingExchange>& exchange) {
    if (!exchange) return nullptr;
    if (const auto* agreeing = std::get_if<incoming::Agreeing>(&*exchange))
        return std::get_if<ChildNegotiation>(&agreeing->what);
    if (const auto* waiting = std::get_if<incoming::AwaitingFollowup>(&*exchange))
        return std::get_if<ChildNegotiation>(&waiting->what);
    const auto* installing = std::get_if<incoming::Installing>(&*exchange);
    return installing != nullptr ? &installing->what : nullptr;
}

[[nodiscard]] inline bool rekeys_ike_sa(const std::optional<IncomingExchange>& exchange) {
    if (!exchange) return false;
    if (const auto* agreeing = std::get_if<incoming::Agreeing>(&*exchange))
        return std::holds_alternative<IkeSaNegotiation>(agreeing->what);
    const auto* waiting = std::get_if<incoming::AwaitingFollowup>(&*exchange);
    return waiting != nullptr && std::holds_alternative<IkeSaNegotiation>(waiting->what);
}

}  // namespace xfrmd::ike
