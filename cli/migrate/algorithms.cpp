// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/algorithms.h"

#include <algorithm>
#include <format>

namespace xfrmd::migrate {

namespace {

// With ML-KEM beside X25519 first; the second is for IKEv2 without it.
const std::vector<std::string>& recommended_for_ike() {
    static const std::vector<std::string> all{
        "aes256gcm16-prfsha384-x25519-ke1_mlkem768",
        "aes256gcm16-aes128gcm16-prfsha384-prfsha256-x25519-ecp256"};
    return all;
}

void add_once(std::vector<std::string>& all, std::string text) {
    if (!std::ranges::contains(all, text)) all.push_back(std::move(text));
}

void add_old(std::string& old, const std::string& text) {
    if (!old.contains(text)) old += (old.empty() ? "" : ", ") + text;
}

std::string join(const std::vector<racoon::Said<racoon::Algorithm>>& all) {
    std::string text;
    for (const auto& each : all) text += (text.empty() ? "" : ", ") + each.value.to_string();
    return text;
}

std::vector<std::string> ours(const std::vector<racoon::Said<racoon::Algorithm>>& all) {
    std::vector<std::string> words;
    for (const auto& each : all)
        if (auto word = each.value.ours()) add_once(words, *std::move(word));
    return words;
}

}  // namespace

Algorithms ike_algorithms(const racoon::Remote& remote) {
    Algorithms algorithms{.recommended = recommended_for_ike(), .compatible = {}, .old = {}};
    for (const racoon::Proposal& proposal : remote.proposals) {
        if (!proposal.encryption || !proposal.hash || !proposal.group) continue;
        add_old(algorithms.old,
                std::format("{}/{}/{}", proposal.encryption->value.to_string(),
                            proposal.hash->value.to_string(), proposal.group->value.to_string()));
        const auto cipher = proposal.encryption->value.ours();
        const auto hash = proposal.hash->value.ours();
        const auto group = proposal.group->value.ours();
        if (cipher && hash && group)
            add_once(algorithms.compatible, std::format("{}-{}-{}", *cipher, *hash, *group));
    }
    return algorithms;
}

Algorithms child_algorithms(const racoon::Sainfo* sainfo, xfrm::IpsecProtocol protocol) {
    const bool ah = protocol == xfrm::IpsecProtocol::Ah;
    const bool pfs = sainfo != nullptr && sainfo->pfs_group;
    Algorithms algorithms{.recommended = {}, .compatible = {}, .old = {}};
    algorithms.recommended = {ah ? "sha256-x25519" : "aes256gcm16-aes128gcm16-x25519"};
    if (sainfo == nullptr) return algorithms;

    algorithms.old =
        ah ? join(sainfo->authentication)
           : std::format("{} / {}", join(sainfo->encryption), join(sainfo->authentication));
    if (pfs) algorithms.old += " / " + sainfo->pfs_group->value.to_string();
    const auto ciphers = ours(sainfo->encryption);
    const auto hashes = ours(sainfo->authentication);
    // Without its group a list is not what it was, and xfrmd would do without PFS.
    const auto old_group = pfs ? sainfo->pfs_group->value.ours() : std::nullopt;
    if ((pfs && !old_group) || hashes.empty() || (!ah && ciphers.empty())) return algorithms;
    std::string proposal;
    if (!ah)
        for (const std::string& cipher : ciphers)
            proposal += (proposal.empty() ? "" : "-") + cipher;
    for (const std::string& hash : hashes) proposal += (proposal.empty() ? "" : "-") + hash;
    if (old_group) proposal += "-" + *old_group;
    algorithms.compatible = {proposal};
    return algorithms;
}

}  // namespace xfrmd::migrate
