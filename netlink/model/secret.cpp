// SPDX-License-Identifier: Apache-2.0
#include "netlink/model/secret.h"

#include <cstring>

namespace xfrmd {

void wipe_text(std::string& text) {
    ::explicit_bzero(text.data(), text.size());
    text.clear();
}

bool equal_in_constant_time(View left, View right) {
    if (left.size() != right.size()) return false;
    // volatile: the compiler may not end the loop at the first difference.
    volatile std::uint8_t difference = 0;
    for (std::size_t i = 0; i < left.size(); ++i)
        difference = static_cast<std::uint8_t>(difference | (left[i] ^ right[i]));
    return difference == 0;
}

}  // namespace xfrmd
