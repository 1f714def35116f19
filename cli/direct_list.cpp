// SPDX-License-Identifier: Apache-2.0
#include "cli/direct_list.h"

#include <chrono>

#include "cli/setkey/dump/json.h"
#include "netlink/model/result.h"
#include "netlink/table.h"

namespace xfrmd::cli {

using namespace xfrm;

std::expected<void, KernelError> for_each_reply(
    KernelTable table, const std::function<bool(const std::string& line)>& take) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
    if (table == KernelTable::Sas)
        TRY_VOID(netlink::for_each_sa({}, [&](const StoredSa& sa) {
            return take(setkey::dump::sa_json_line(sa, false, seconds));
        }));
    else
        TRY_VOID(netlink::for_each_policy([&](const StoredPolicy& policy) {
            return take(setkey::dump::policy_json_line(policy, false));
        }));
    return {};
}

}  // namespace xfrmd::cli
