// SPDX-License-Identifier: Apache-2.0
// Actions in words, for golden files, and in the fields of a record of what setkey asks of PF_KEY.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/setkey/actions.h"

namespace xfrmd::test {

// One line for each SA and policy; keys as hexadecimal digits.
[[nodiscard]] std::string in_words(const setkey::Action& action);

// A message of a record: what is asked ("add", "spdadd"), of which kind ("esp", "-"), and the rest
// by name. Algorithms have the kernel's names.
struct Message {
    std::string verb;
    std::string kind;
    std::map<std::string, std::string> fields;
    bool operator==(const Message&) const = default;
};
// The messages that setkey sends for an action; those that only show something send none here.
[[nodiscard]] std::vector<Message> messages_of(const setkey::Action& action);

}  // namespace xfrmd::test
