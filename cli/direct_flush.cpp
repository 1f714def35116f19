// SPDX-License-Identifier: Apache-2.0
#include "cli/direct_flush.h"

#include <utility>
#include <vector>

#include "netlink/kernel.h"
#include "netlink/record.h"

namespace xfrmd::cli {

namespace {

template <class T>
std::expected<std::vector<T>, std::string> dump(netlink::Kernel& kernel, xfrm::KernelRequest request) {
    auto result = kernel.run(std::move(request));
    if (!result) return std::unexpected{std::move(result.error().what)};
    return std::get<std::vector<T>>(*std::move(result));
}

std::expected<void, std::string> take_out(netlink::Kernel& kernel, netlink::Record& record,
                                          xfrm::KernelRequest request) {
    const netlink::Record::Change change = record.before(request);
    const auto result = kernel.run(std::move(request));
    record.after(change, result.has_value());
    if (!result) return std::unexpected{result.error().what};
    return {};
}

}  // namespace

std::expected<DirectFlush, std::string> flush_directly(const std::filesystem::path& path) {
    auto kernel = netlink::Kernel::open();
    if (!kernel) return std::unexpected{std::move(kernel.error().what)};
    DirectFlush gone;
    const netlink::Holdings ours = netlink::Record::read(path);
    if (ours.sas.empty() && ours.policies.empty()) return gone;
    auto record = netlink::Record::open(path);
    if (!record) return std::unexpected{std::move(record.error())};
    const auto sas = dump<xfrm::SaInfo>(*kernel, xfrm::DumpSas{});
    if (!sas) return std::unexpected{sas.error()};
    const auto policies = dump<xfrm::PolicyInfo>(*kernel, xfrm::DumpPolicies{});
    if (!policies) return std::unexpected{policies.error()};

    xfrm::RemoveSas our_sas;
    for (const xfrm::SaInfo& sa : *sas)
        if (ours.has(sa)) our_sas.sas.push_back(sa.spec.id);
    xfrm::RemovePolicies our_policies;
    for (const xfrm::PolicyInfo& policy : *policies)
        if (ours.has(policy)) our_policies.policies.push_back(policy.spec.id);
    gone = {our_sas.sas.size(), our_policies.policies.size()};
    if (auto done = take_out(*kernel, *record, std::move(our_sas)); !done) return std::unexpected{done.error()};
    if (auto done = take_out(*kernel, *record, std::move(our_policies)); !done)
        return std::unexpected{done.error()};
    return gone;
}

}  // namespace xfrmd::cli
