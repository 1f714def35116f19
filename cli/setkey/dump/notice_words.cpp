// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "cli/setkey/dump/notice_words.h"

#include <linux/xfrm.h>

#include <utility>

#include "cli/setkey/dump/words.h"

namespace xfrmd::setkey::dump {

std::string_view change_word(xfrm::notice::Change change) {
    switch (change) {
        case xfrm::notice::Change::Added:
            return "added";
        case xfrm::notice::Change::Updated:
            return "updated";
        case xfrm::notice::Change::Deleted:
            return "deleted";
    }
    std::unreachable();
}

std::string flushed_word(std::uint8_t protocol) {
    // IPSEC_PROTO_ANY is ESP, AH and IPComp, 0 the others too.
    return protocol == 0 || protocol == IPPROTO_RAW ? "all" : protocol_word(protocol);
}

std::string default_word(std::uint8_t action) {
    if (action == XFRM_USERPOLICY_BLOCK) return "block";
    return action == XFRM_USERPOLICY_ACCEPT ? "accept" : std::to_string(action);
}

std::vector<std::string> cause_words(std::uint32_t flags) {
    std::vector<std::string> words;
    if ((flags & XFRM_AE_CR) != 0) words.emplace_back("replay");
    if ((flags & XFRM_AE_CE) != 0) words.emplace_back("timer");
    if ((flags & XFRM_AE_CU) != 0) words.emplace_back("update");
    return words;
}

}  // namespace xfrmd::setkey::dump
