// SPDX-License-Identifier: Apache-2.0
// For statements that programs have written for programs: all is in numbers, nothing has a name.
#pragma once

#include "cli/setkey/names.h"

namespace xfrmd::setkey {

// An interface is its index.
class NumbersOnly : public Names {
  public:
    Looked<std::vector<xfrm::Address>> host(const std::string& name, const FamilyOptions&) override;
    Looked<std::uint16_t> service(const std::string& name, std::uint8_t protocol) override;
    Looked<std::uint8_t> protocol(const std::string& name) override;
    Looked<std::uint32_t> interface(const std::string& name) override;
};

}  // namespace xfrmd::setkey
