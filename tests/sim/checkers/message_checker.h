// SPDX-License-Identifier: Apache-2.0
// What one daemon puts on the wire, held against RFC 7296 §2.1 to §2.3: a retransmission is what was sent before, octet
// for octet; message ids never skip; one request is outstanding at most; no IV serves two messages.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "ike/ids.h"
#include "ike/wire/header.h"
#include "netlink/model/octets.h"

namespace xfrmd::sim {

class MessageChecker {
  public:
    // What is wrong with this message; nothing if nothing is.
    [[nodiscard]] std::optional<std::string> sent(View octets);
    // A message reached the daemon as its peer sent it.
    void received(View octets);

  private:
    using Sa = std::pair<ike::IkeSpi, ike::IkeSpi>;
    using Key = std::tuple<Sa, ike::MessageId, std::uint16_t /* fragment, 0: in one piece */>;

    std::optional<std::string> sent_request(const ike::Header& header, View octets);
    std::optional<std::string> sent_response(const ike::Header& header, View octets);
    std::optional<std::string> check_iv(const ike::Header& header, View octets);

    std::map<Key, Bytes> requests_;
    std::map<Key, Bytes> responses_;
    std::set<std::pair<Sa, ike::MessageId>> answered_;  // our requests whose response came in
    std::map<Sa, ike::MessageId> last_request_;
    std::set<ike::IkeSpi> began_;              // with IKE_SA_INIT
    std::map<std::tuple<Sa, std::uint32_t /* which keys */, Bytes>, Bytes> by_iv_;
};

}  // namespace xfrmd::sim
