// SPDX-License-Identifier: Apache-2.0
// A small world of names for tests.
#pragma once

#include "cli/setkey/names.h"

namespace xfrmd::test {

// alpha has 192.0.2.1 and 2001:db8::1, beta has 192.0.2.2 and 2001:db8::2, gamma 192.0.2.3 alone.
class FakeNames : public setkey::Names {
  public:
    setkey::Looked<std::vector<xfrm::Address>> host(
        const std::string& name, const setkey::FamilyOptions& families) override {
        const bool v4 = families.v4 || !families.v6;
        const bool v6 = families.v6 || !families.v4;
        if (families.numeric) return std::unexpected{name + " is a name"};
        std::vector<xfrm::Address> found;
        const auto add = [&](bool wanted, const char* text) {
            if (wanted) found.push_back(*xfrm::Address::parse(text));
        };
        if (name == "alpha") add(v4, "192.0.2.1"), add(v6, "2001:db8::1");
        if (name == "beta") add(v4, "192.0.2.2"), add(v6, "2001:db8::2");
        if (name == "gamma") add(v4, "192.0.2.3");
        if (found.empty()) return std::unexpected{"the address of " + name + " is not known"};
        return found;
    }
    setkey::Looked<std::uint16_t> service(const std::string& name, std::uint8_t) override {
        if (name == "ssh") return std::uint16_t{22};
        return std::unexpected{name + " is no service"};
    }
    setkey::Looked<std::uint8_t> protocol(const std::string& name) override {
        if (name == "hopopt") return std::uint8_t{0};
        return std::unexpected{name + " is no protocol"};
    }
    setkey::Looked<std::uint32_t> interface(const std::string& name) override {
        if (name == "eth0") return std::uint32_t{7};
        return std::unexpected{"there is no interface " + name};
    }
};

}  // namespace xfrmd::test
