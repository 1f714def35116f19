// SPDX-License-Identifier: Apache-2.0
// Names as this host knows them: resolver, /etc/services, /etc/protocols, its interfaces.
#pragma once

#include <map>
#include <tuple>

#include "cli/setkey/names.h"

namespace xfrmd::setkey {

// Each host is asked for once, so that a text means the same however often it is read.
class SystemNames : public Names {
  public:
    // With `numeric` nothing is asked of a name server: names are refused.
    explicit SystemNames(bool numeric = false) : numeric_{numeric} {}

    Looked<std::vector<xfrm::Address>> host(const std::string& name,
                                            const FamilyOptions& families) override;
    Looked<std::uint16_t> service(const std::string& name, std::uint8_t protocol) override;
    Looked<std::uint8_t> protocol(const std::string& name) override;
    Looked<std::uint32_t> interface(const std::string& name) override;

  private:
    using Question = std::tuple<std::string, bool, bool>;
    bool numeric_;
    std::map<Question, Looked<std::vector<xfrm::Address>>> hosts_;
};

}  // namespace xfrmd::setkey
