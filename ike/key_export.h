// SPDX-License-Identifier: Apache-2.0
// The keys of IKE SAs, so that root can read a capture of their messages. Nothing of this is kept anywhere.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ike/crypto/suite.h"
#include "ike/ids.h"
#include "netlink/model/secret.h"

namespace xfrmd::ike {

class Host;

// Both SPIs of an IKE SA, the initiator's first: what its messages are told by.
using SpiPair = std::pair<IkeSpi, IkeSpi>;

struct ExportedKeys {
    std::string connection;  // empty if the peer was refused
    SpiPair spis;
    IkeSuite suite;
    Secret ei;               // SK_ei, …: with a combined mode the salt is at the end, RFC 5282 §7.1
    Secret er;
    Secret ai;               // these two are empty then
    Secret ar;
};

// Copies of those of every IKE SA that is established, or that is ending or was refused and is still remembered, but not of `known`
// ones. IKE_INTERMEDIATE has keys of its own, which are gone by then: RFC 9370 §2.2.2.
[[nodiscard]] std::vector<ExportedKeys> export_keys(Host& host, const std::set<SpiPair>& known);

}  // namespace xfrmd::ike
