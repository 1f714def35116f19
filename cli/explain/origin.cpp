// SPDX-License-Identifier: Apache-2.0
#include "cli/explain/origin.h"

#include <format>
#include <optional>
#include <utility>

#include "cli/daemon_owners.h"
#include "cli/setkey/language/print.h"
#include "cli/setkey/owned_record.h"
#include "cli/setkey/statements.h"
#include "cli/setkey/system_names.h"
#include "cli/text.h"
#include "netlink/model/neighbour_discovery.h"

namespace xfrmd::explain {

using namespace xfrm;

namespace {

constexpr std::uint8_t kAllow = 0;  // XFRM_POLICY_ALLOW

// Nothing for policies of sockets.
std::optional<PolicyId> id_of(const StoredPolicy& policy) {
    PolicyId id{policy.selector, Direction::Out, policy.mark, policy.if_id};
    switch (policy.direction) {
        case 0:
            id.direction = Direction::In;
            return id;
        case 1:
            return id;
        case 2:
            id.direction = Direction::Forward;
            return id;
        default:
            return std::nullopt;
    }
}

bool is_for_neighbour_discovery(const StoredPolicy& policy) {
    const auto id = id_of(policy);
    return id && policy.action == kAllow && policy.templates.empty() &&
           is_neighbour_discovery({*id, PolicyAction::Allow, policy.priority, {}});
}

// What setkey statements have installed, read when it is first asked for.
class Record {
  public:
    explicit Record(const OriginSources& sources) {
        std::error_code none;
        if (!std::filesystem::exists(sources.setkey_record, none)) return;
        if (const auto record = setkey::OwnedRecord::open(sources.setkey_record))
            owned_ = record->read();
    }

    [[nodiscard]] std::optional<Origin> owner_of(const StoredPolicy& policy) const {
        const auto id = id_of(policy);
        if (!id || !owned_.policies.contains(*id)) return std::nullopt;
        const auto deletion = setkey::deletion_of(*id, setkey::interface_number);
        return Origin{"setkey", cli::printable(print(deletion, setkey::Keys::Hide))};
    }

  private:
    setkey::Owned owned_;
};

}  // namespace

Origins find_origins(const std::vector<const StoredPolicy*>& policies,
                     const OriginSources& sources) {
    Origins origins;
    cli::DaemonOwners daemon{sources.daemon, sources.reply_max};
    const Record record{sources};
    for (const StoredPolicy* const policy : policies) {
        std::optional<Origin> origin = record.owner_of(*policy);
        for (const StoredTemplate& wanted : policy->templates)
            if (const auto owner = origin ? std::nullopt : daemon.owner_of(wanted.reqid))
                origin = Origin{owner->child, owner->origin};
        if (!origin && daemon.is_there() && is_for_neighbour_discovery(*policy))
            origin = Origin{"xfrmd", std::string{kNeighbourDiscovery}};
        if (origin) origins[policy->index] = *std::move(origin);
    }
    return origins;
}

}  // namespace xfrmd::explain
