// SPDX-License-Identifier: Apache-2.0
// Who looks up what a text only names: hosts, services, protocols, interfaces. The one thing that
// the meaning of a text takes from outside; tests answer for themselves.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "cli/setkey/language/ast.h"

namespace xfrmd::setkey {

// The value, or a sentence that says why there is none.
template <class Value>
using Looked = std::expected<Value, std::string>;

class Names {
  public:
    virtual ~Names() = default;

    // At least one, each once. `families` are those that -4 and -6 leave.
    virtual Looked<std::vector<xfrm::Address>> host(const std::string& name,
                                                    const FamilyOptions& families) = 0;
    // A port of this IP protocol; 0 = of any that has ports.
    virtual Looked<std::uint16_t> service(const std::string& name, std::uint8_t protocol) = 0;
    virtual Looked<std::uint8_t> protocol(const std::string& name) = 0;
    // The index of a network interface.
    virtual Looked<std::uint32_t> interface(const std::string& name) = 0;
};

}  // namespace xfrmd::setkey
