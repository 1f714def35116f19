// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/protection_builder.h"

#include <cstdint>
#include <format>

#include "daemon/configuration/lifetimes.h"
#include "daemon/configuration/proposals.h"

namespace xfrmd::daemon {

namespace {

// RFC 4303 §3.4.3: at least 32. The kernel's bitmap ends at 4096.
constexpr std::int64_t kReplayWindowMin = 32;
constexpr std::int64_t kReplayWindowMax = 4096;

template <class T>
const std::optional<T>& first(const std::optional<T>& own, const std::optional<T>& shared) {
    return own ? own : shared;
}

// What goes around a packet, the innermost first.
struct Transforms {
    bool esp = false;
    bool ah = false;
};

std::optional<Transforms> read_transforms(const Texts& written, Diagnostics& diagnostics) {
    const auto refuse = [&](const Place& place, std::string text, std::string hint) {
        diagnostics.error(place, std::move(text), std::move(hint));
        return std::nullopt;
    };
    Transforms transforms;
    for (const Text& word : written.value) {
        if (word.value == "ipcomp")
            return refuse(word.place, "compression is no transform of its own here",
                          "compress = true, beside transforms");
        if (word.value != "esp" && word.value != "ah")
            return refuse(word.place, std::format("\"{}\" is no transform", word.value),
                          "\"esp\" or \"ah\"");
        bool& transform = word.value == "esp" ? transforms.esp : transforms.ah;
        if (transform)
            return refuse(word.place, std::format("\"{}\" stands there twice", word.value),
                          "once is enough");
        if (word.value == "esp" && transforms.ah)
            return refuse(word.place, "ESP around AH protects nothing that AH around ESP does not",
                          "transforms = [\"esp\", \"ah\"], the innermost first");
        transform = true;
    }
    if (!transforms.esp && !transforms.ah)
        return refuse(written.place, "transforms names none", "transforms = [\"esp\"]");
    return transforms;
}

std::optional<Transforms> transforms_of(const ProtectionSection& own,
                                        const ProtectionSection& shared, Diagnostics& diagnostics) {
    const auto& written = first(own.transforms, shared.transforms);
    const auto& protocol = first(own.protocol, shared.protocol);
    if (written && protocol) {
        diagnostics.error(protocol->place, "protocol and transforms say the same thing",
                          "keep one of the two");
        return std::nullopt;
    }
    if (written) return read_transforms(*written, diagnostics);
    const bool ah = protocol && protocol->value == xfrm::IpsecProtocol::Ah;
    return Transforms{.esp = !ah, .ah = ah};
}

// Algorithms that stand beside a transform they are not for would have no effect.
void check_algorithms(const ProtectionSection& own, const Transforms& transforms,
                      Diagnostics& diagnostics) {
    if (!transforms.esp && own.esp)
        diagnostics.error(own.esp->place, "esp stands beside protocol = \"ah\"",
                          "AH has algorithms of its own: ah = [\"sha256\"]");
    if (!transforms.ah && own.ah)
        diagnostics.error(own.ah->place, "ah stands there, but the protocol is ESP",
                          "protocol = \"ah\", which does not encrypt; or remove it");
    if (own.esp_alone_will_do && !(transforms.esp && transforms.ah))
        diagnostics.error(own.esp_alone_will_do->place,
                          "esp_alone_will_do is for peers that refuse the AH of a bundle",
                          "transforms = [\"esp\", \"ah\"], or remove it");
}

std::uint32_t replay_window(const Located<std::int64_t>& written, Diagnostics& diagnostics) {
    if (written.value < kReplayWindowMin || written.value > kReplayWindowMax)
        diagnostics.error(written.place,
                          std::format("{} is no size of a replay window", written.value),
                          std::format("from {} to {} packets", kReplayWindowMin, kReplayWindowMax));
    return static_cast<std::uint32_t>(written.value);
}

}  // namespace

void build_protection(const ProtectionSection& own, const ProtectionSection& shared,
                      ike::Child& child, Diagnostics& diagnostics) {
    const auto transforms = transforms_of(own, shared, diagnostics);
    if (!transforms) return;
    child.protocol = transforms->esp ? xfrm::IpsecProtocol::Esp : xfrm::IpsecProtocol::Ah;
    check_algorithms(own, *transforms, diagnostics);
    child.proposals = transforms->esp
                          ? esp_proposals_or_default(first(own.esp, shared.esp), diagnostics)
                          : ah_proposals_or_default(first(own.ah, shared.ah), diagnostics);
    if (const auto& window = first(own.replay_window, shared.replay_window))
        child.replay_window = replay_window(*window, diagnostics);
    if (const auto& compress = first(own.compress, shared.compress)) child.compress = compress->value;
    if (const auto& rekey = first(own.rekey, shared.rekey))
        child.rekey = rekey_limits(*rekey, diagnostics);
}

ike::Served build_served(const ProtectionSection& section, Diagnostics& diagnostics) {
    ike::Served served;
    const bool both = !section.transforms && !section.protocol;
    auto transforms = transforms_of(section, section, diagnostics);
    if (!transforms) return served;
    if (both) transforms = Transforms{.esp = true, .ah = true};
    if (transforms->esp) served.esp = esp_proposals_or_default(section.esp, diagnostics);
    if (transforms->ah) served.ah = ah_proposals_or_default(section.ah, diagnostics);
    if (section.compress)
        diagnostics.error(section.compress->place, "the policies say what is compressed",
                          "leave it out: a policy with ipcomp asks for it");
    if (section.esp_alone_will_do)
        diagnostics.error(section.esp_alone_will_do->place, "the policies say what they take",
                          "leave it out: \"ah/transport//use\" in a policy takes ESP alone, too");
    if (section.replay_window) served.replay_window = replay_window(*section.replay_window, diagnostics);
    if (section.rekey) served.rekey = rekey_limits(*section.rekey, diagnostics);
    return served;
}

std::optional<ike::Child> build_outer(const ProtectionSection& own, const ProtectionSection& shared,
                                      ike::Child& inner, const xfrm::Address& local,
                                      const xfrm::Address& remote, Diagnostics& diagnostics) {
    const auto& written = first(own.transforms, shared.transforms);
    if (!written || written->value.size() != 2) return std::nullopt;
    const auto& alone = first(own.esp_alone_will_do, shared.esp_alone_will_do);
    ike::Child outer = inner;
    outer.name = std::format("{}+ah", inner.name);  // no name that people may write has a plus
    outer.protocol = xfrm::IpsecProtocol::Ah;
    outer.proposals = ah_proposals_or_default(first(own.ah, shared.ah), diagnostics);
    outer.compress = false;
    outer.bundle = ike::BundlePart{.partner = inner.name,
                                   .outer = true,
                                   .around_tunnel = inner.mode == xfrm::Mode::Tunnel,
                                   .inner_alone_will_do = alone && alone->value};
    inner.bundle = ike::BundlePart{.partner = outer.name};
    if (outer.bundle->around_tunnel) {
        outer.mode = xfrm::Mode::Transport;
        outer.local = {ike::AddressRange::of(xfrm::Prefix::host(local))};
        outer.remote = {ike::AddressRange::of(xfrm::Prefix::host(remote))};
    }
    return outer;
}

}  // namespace xfrmd::daemon
