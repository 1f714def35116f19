// SPDX-License-Identifier: Apache-2.0
#include "ike/fragments.h"

#include <utility>

namespace xfrmd::ike {

FragmentVerdict Reassembly::judge(const Header& header, const EncryptedFragment& fragment,
                                  const Limits& limits) const {
    if (fragment.total > limits.fragments_max) return FragmentVerdict::TooLarge;
    const bool more = continues(header);
    if (more && header.exchange != header_.exchange) return FragmentVerdict::Strange;
    // RFC 7383 §2.6: a larger total means that the peer began again with smaller fragments.
    if (more && fragment.total < total_) return FragmentVerdict::Outdated;
    const bool joins = more && fragment.total == total_;
    if (joins && contents_.contains(fragment.number)) return FragmentVerdict::Duplicate;
    const std::size_t kept = joins ? octets_ : 0;
    return kept + fragment.body.size() > limits.reassembly_octets_max ? FragmentVerdict::TooLarge
                                                                     : FragmentVerdict::Wanted;
}

void Reassembly::keep(const Header& header, const EncryptedFragment& fragment, Secret content,
                      View datagram) {
    if (!continues(header) || fragment.total != total_) {
        *this = Reassembly{};
        header_ = header;
        total_ = fragment.total;
    }
    if (fragment.number == 1) {
        first_inner_ = fragment.first_inner;
        first_datagram_ = to_bytes(datagram);
    }
    octets_ += content.size();
    contents_.emplace(fragment.number, std::move(content));
}

std::optional<Reassembled> Reassembly::take() {
    if (total_ == 0 || contents_.size() < total_) return std::nullopt;
    Botan::secure_vector<std::uint8_t> chain;
    chain.reserve(octets_);
    for (const auto& [number, content] : contents_)
        chain.insert(chain.end(), content.view().begin(), content.view().end());
    Reassembled whole{{header_, first_inner_, Secret{std::move(chain)}}, std::move(first_datagram_)};
    *this = Reassembly{};
    return whole;
}

bool Reassembly::continues(const Header& header) const {
    return total_ != 0 && header.message_id == header_.message_id;
}

}  // namespace xfrmd::ike
