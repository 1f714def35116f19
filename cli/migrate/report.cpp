// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/report.h"

#include <algorithm>

namespace xfrmd::migrate {

std::string_view word_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::Decide:
            return "decide";
        case Verdict::Security:
            return "changes_security";
        case Verdict::Lost:
            return "lost";
        case Verdict::Converted:
            return "converted";
        case Verdict::NotNeeded:
            return "not_needed";
    }
    return "";
}

std::size_t Report::count(Verdict verdict) const {
    return static_cast<std::size_t>(std::ranges::count(entries, verdict, &Entry::verdict));
}

}  // namespace xfrmd::migrate
