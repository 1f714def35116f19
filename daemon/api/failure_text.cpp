// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/failure_text.h"

#include <algorithm>

namespace xfrmd::api {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// "the peer answered AUTHENTICATION_FAILED" has authentication_failed.
bool has(std::string_view sentence, std::string_view word) {
    return !std::ranges::search(sentence, word, {}, lower, lower).empty();
}

}  // namespace

std::string failure_text(std::string_view detail, std::string_view reason) {
    if (detail.empty()) return std::string{reason};
    if (reason.empty() || has(detail, reason)) return std::string{detail};
    return std::string{detail} + " (" + std::string{reason} + ")";
}

}  // namespace xfrmd::api
