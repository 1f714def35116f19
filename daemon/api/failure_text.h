// SPDX-License-Identifier: Apache-2.0
// Why something failed, for people: the one wording of status, up, monitor and the journal.
#pragma once

#include <string>
#include <string_view>

namespace xfrmd::api {

// From a sentence, which may be empty, and the stable word for the reason: "the pre-shared keys of
// the two sides differ (authentication_failed)". The word is left out where the sentence has it.
[[nodiscard]] std::string failure_text(std::string_view detail, std::string_view reason);

}  // namespace xfrmd::api
