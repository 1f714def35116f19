// SPDX-License-Identifier: Apache-2.0
// The SAs, policies and small steps that the scenarios of the kernel contract are written with.
#pragma once

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/kernel/kernel_contract.h"

namespace xfrmd::kernel_contract {

inline constexpr xfrm::ReqId kReqid{100};

xfrm::Address own(xfrm::Family family);   // 192.0.2.1 or 2001:db8::1
xfrm::Address peer(xfrm::Family family);  // 192.0.2.2 or 2001:db8::2
xfrm::Address other_peer();               // 192.0.2.3

// Transport-mode ESP with AES-128-GCM between the two, reqid kReqid, window 32.
xfrm::SaId inbound_id(xfrm::Family family, xfrm::EspSpi spi);
xfrm::SaId outbound_id(xfrm::Family family);  // SPI 0x1000
xfrm::SaSpec inbound(xfrm::Family family, xfrm::EspSpi spi);
xfrm::SaSpec outbound(xfrm::Family family);
// One SA of every kind that must survive the way to the kernel and back, each with its own SPI.
std::vector<xfrm::SaSpec> sa_catalogue();
std::string describe(const xfrm::SaSpec& spec);

// Out, in and forward policies of a tunnel between two networks.
std::vector<xfrm::PolicySpec> tunnel_policies(xfrm::Family family);
// From the own address to the whole network of the peer (or the reverse), ESP required.
xfrm::PolicySpec transport_policy(xfrm::Family family, xfrm::Direction direction);
std::vector<xfrm::PolicySpec> policy_catalogue();
std::vector<xfrm::PolicyId> ids_of(const std::vector<xfrm::PolicySpec>& policies);
const xfrm::PolicyInfo* find(const std::vector<xfrm::PolicyInfo>& policies,
                             const xfrm::PolicyId& id);

// Steps that must succeed.
void require_done(const xfrm::KernelResult& result);
xfrm::EspSpi reserve(KernelUnderTest& kernel, xfrm::Family family);
xfrm::SaInfo query(KernelUnderTest& kernel, const xfrm::SaId& id);
std::vector<xfrm::SaInfo> dump_sas(KernelUnderTest& kernel);
std::vector<xfrm::PolicyInfo> dump_policies(KernelUnderTest& kernel);

// Steps whose result is the point.
xfrm::KernelResult install(KernelUnderTest& kernel, xfrm::SaSpec spec);
xfrm::KernelResult install_pair(KernelUnderTest& kernel, xfrm::Family family,
                                xfrm::EspSpi reserved);
// The errno of a refusal, 0 for a success.
int error_of(const xfrm::KernelResult& result);

// Everything but key octets agrees.
void check_same(const xfrm::SaSpec& asked, const xfrm::SaSpec& read);

// The events of one kind; a Resync among them means that the test lost events and fails.
template <class Event>
std::vector<Event> only(const std::vector<xfrm::KernelEvent>& events) {
    std::vector<Event> found;
    for (const xfrm::KernelEvent& event : events) {
        REQUIRE_FALSE(std::holds_alternative<xfrm::Resync>(event));
        if (const Event* wanted = std::get_if<Event>(&event)) found.push_back(*wanted);
    }
    return found;
}

}  // namespace xfrmd::kernel_contract
