// SPDX-License-Identifier: Apache-2.0
#include "cli/explain/origin.h"

#include <format>
#include <optional>
#include <utility>

#include "cli/fields.h"
#include "cli/setkey/language/print.h"
#include "cli/setkey/owned_record.h"
#include "cli/setkey/statements.h"
#include "cli/setkey/system_names.h"
#include "cli/text.h"
#include "daemon/api/client.h"
#include "daemon/api/interface.h"

namespace xfrmd::explain {

using namespace xfrm;

namespace {

// One question for each reqid; a daemon that does not answer is not asked again.
class Daemon {
  public:
    explicit Daemon(const OriginSources& sources) : sources_{sources} {
        if (auto client = api::Client::connect(sources.daemon)) client_ = std::move(*client);
    }

    std::optional<Origin> owner_of(ReqId reqid) {
        if (!client_) return std::nullopt;
        const auto reply =
            client_->call({.method = std::string{api::method::kFindOwner},
                           .parameters = std::format("{{\"reqid\":{}}}", reqid.value)},
                          sources_.reply_max);
        if (!reply || reply->failed()) {
            client_.reset();
            return std::nullopt;
        }
        const auto fields = cli::Fields::parse(reply->parameters);
        if (!fields.has("connection")) return std::nullopt;
        return Origin{fields.text("connection") + "/" + fields.text("child"),
                      fields.text("origin")};
    }

  private:
    const OriginSources& sources_;
    std::optional<api::Client> client_;
};

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
    // Nothing for policies of sockets.
    static std::optional<PolicyId> id_of(const StoredPolicy& policy) {
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

    setkey::Owned owned_;
};

}  // namespace

Origins find_origins(const std::vector<const StoredPolicy*>& policies,
                     const OriginSources& sources) {
    Origins origins;
    Daemon daemon{sources};
    const Record record{sources};
    for (const StoredPolicy* const policy : policies) {
        std::optional<Origin> origin = record.owner_of(*policy);
        for (const StoredTemplate& wanted : policy->templates)
            if (!origin && wanted.reqid != ReqId{}) origin = daemon.owner_of(wanted.reqid);
        if (origin) origins[policy->index] = *std::move(origin);
    }
    return origins;
}

}  // namespace xfrmd::explain
