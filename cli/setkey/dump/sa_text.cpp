// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "cli/setkey/dump/sa_text.h"

#include <linux/pfkeyv2.h>
#include <linux/xfrm.h>

#include <format>
#include <utility>

#include "cli/setkey/dump/details_text.h"
#include "cli/setkey/dump/words.h"

namespace xfrmd::setkey::dump {

using namespace xfrm;

namespace {

constexpr std::string_view kHidden = " ***";

std::string port_text(std::uint16_t port) {
    return std::format("[{}]", port);
}

// "192.0.2.1 192.0.2.2 ". PF_KEY's own ports of an SA are always 0 on Linux; those of ESP in UDP
// follow them.
std::string ends_line(const StoredSa& sa, const Options& options) {
    const auto& udp = sa.encapsulation;
    const std::string no_port = options.with_ports ? port_text(0) : "";
    return std::format("{}{}{} {}{}{} \n", sa.source.to_string(), no_port,
                       udp ? port_text(udp->source_port) : "", sa.destination.to_string(), no_port,
                       udp ? port_text(udp->destination_port) : "");
}

std::string type_text(const StoredSa& sa) {
    if (!sa.encapsulation) return protocol_word(sa.protocol);
    if (sa.protocol == IPPROTO_ESP) return "esp-udp";
    return "natt+" + protocol_word(sa.protocol);
}

// PF_KEY's number of BEET is one that setkey has no word for.
std::string mode_text(std::uint8_t mode) {
    return mode == XFRM_MODE_BEET ? "3" : mode_word(mode);
}

std::string heading(const StoredSa& sa, const Options& options) {
    std::string text = ends_line(sa, options);
    text +=
        std::format("\t{} mode={} spi={}(0x{:08x}) reqid={}(0x{:08x})\n", type_text(sa),
                    mode_text(sa.mode), sa.spi.value, sa.spi.value, sa.reqid.value, sa.reqid.value);
    if (sa.encapsulation && sa.encapsulation->original)
        text += std::format("\tNAT OA={}\n", sa.encapsulation->original->to_string());
    return text;
}

// PF_KEY carries keys and names of algorithms only; an AEAD is beyond it, and what has no key has
// no line.
std::string algorithm_lines(const StoredSa& sa, const Options& options) {
    std::string lines;
    if (sa.protocol == IPPROTO_COMP) {
        // setkey ends this line with the next one.
        lines += std::format("\tC: {} ",
                             sa.compression ? compression_word(sa.compression->name) : "none");
    } else if (sa.protocol == IPPROTO_ESP && sa.encryption && sa.encryption->key_bits != 0) {
        lines += std::format("\tE: {} {}\n", encryption_word(sa.encryption->name),
                             key_text(*sa.encryption, options));
    }
    if (sa.integrity && sa.integrity->key_bits != 0)
        lines += std::format("\tA: {} {}\n", integrity_word(sa.integrity->name),
                             key_text(*sa.integrity, options));
    return lines;
}

std::uint32_t pfkey_flags(std::uint8_t flags) {
    std::uint32_t result = 0;
    if ((flags & XFRM_STATE_NOECN) != 0) result |= SADB_SAFLAGS_NOECN;
    if ((flags & XFRM_STATE_DECAP_DSCP) != 0) result |= SADB_SAFLAGS_DECAP_DSCP;
    if ((flags & XFRM_STATE_NOPMTUDISC) != 0) result |= SADB_SAFLAGS_NOPMTUDISC;
    return result;
}

std::uint64_t age_of(const StoredSa& sa, std::uint64_t now) {
    return sa.usage.add_time == 0 || now < sa.usage.add_time ? 0 : now - sa.usage.add_time;
}

// PF_KEY says 0 where there is no limit.
std::uint64_t limit(std::uint64_t count) {
    return count == LifetimeLimits::kUnlimited ? 0 : count;
}

std::string lifetime_lines(const StoredSa& sa, const Scene& scene) {
    const LifetimeLimits& limits = sa.limits;
    const LifetimeUsage& usage = sa.usage;
    std::string lines = std::format("\tcreated: {}\tcurrent: {}\n",
                                    time_text(usage.add_time, scene), time_text(scene.now, scene));
    lines += std::format("\tdiff: {}(s)\thard: {}(s)\tsoft: {}(s)\n", age_of(sa, scene.now),
                         limits.hard_add_seconds, limits.soft_add_seconds);
    lines += std::format("\tlast: {}\thard: {}(s)\tsoft: {}(s)\n", time_text(usage.use_time, scene),
                         limits.hard_use_seconds, limits.soft_use_seconds);
    lines += std::format("\tcurrent: {}(bytes)\thard: {}(bytes)\tsoft: {}(bytes)\n", usage.bytes,
                         limit(limits.hard_bytes), limit(limits.soft_bytes));
    lines += std::format("\tallocated: {}\thard: {}\tsoft: {}\n", usage.packets,
                         limit(limits.hard_packets), limit(limits.soft_packets));
    return lines;
}

// At most three columns.
std::string short_seconds(std::uint64_t seconds) {
    return seconds >= 1000 ? "big" : std::to_string(seconds);
}

// The short form knows the types and states of old.
std::string_view short_type(std::uint8_t protocol) {
    switch (protocol) {
        case IPPROTO_AH:
            return "ah";
        case IPPROTO_ESP:
            return "esp";
        case IPPROTO_COMP:
            return "#9";  // SADB_X_SATYPE_IPCOMP
        default:
            return "#0";
    }
}

char short_state(SaState state) {
    switch (state) {
        case SaState::Larval:
            return 'L';
        case SaState::Mature:
            return 'M';
        case SaState::Dying:
            return 'D';
        case SaState::Dead:
            return 'd';
    }
    std::unreachable();
}

}  // namespace

std::string sa_text(const StoredSa& sa, std::uint32_t place, const Options& options,
                    const Scene& scene) {
    std::string text = heading(sa, options) + algorithm_lines(sa, options);
    // The kernel has never told PF_KEY a sequence number.
    text +=
        std::format("\tseq=0x{:08x} replay={} flags=0x{:08x} state={} \n", 0, sa.replay_window(),
                    pfkey_flags(sa.flags), state_word(state_of(sa, scene.now)));
    text += lifetime_lines(sa, scene);
    if (sa.security_context) text += security_context_lines(*sa.security_context);
    if (options.with_details) text += sa_details(sa, options, scene);
    text += std::format("\tsadb_seq={} pid={} refcnt=0\n", place, scene.pid);
    return text;
}

std::string sa_without_algorithms_text(const StoredSa& sa, const Options& options,
                                       const Scene& scene) {
    std::string text = heading(sa, options) + lifetime_lines(sa, scene);
    if (options.with_details) text += sa_details(sa, options, scene);
    return text;
}

std::string short_sa_title() {
    return std::format("{:4} {:3} {:1} {:8} {:7} src -> dst\n", "time", "p", "s", "spi", "ltime");
}

std::string short_sa_text(const StoredSa& sa, const Scene& scene) {
    return std::format(
        "{:02}{:02} {:3} {} {:08x} {:>3}/{:3} {} -> {}\n", scene.now % 3600 / 60, scene.now % 60,
        short_type(sa.protocol), short_state(state_of(sa, scene.now)), sa.spi.value,
        short_seconds(age_of(sa, scene.now)), short_seconds(sa.limits.hard_add_seconds),
        sa.source.to_string(), sa.destination.to_string());
}

std::string key_text(const StoredAlgorithm& algorithm, const Options& options) {
    if (!options.with_keys) return std::string{kHidden};
    std::string text;
    const View key = algorithm.key.view();
    for (std::size_t i = 0; i < key.size(); ++i) {
        if (i != 0 && i % 32 == 0) text += '\n';
        if (i % 4 == 0) text += ' ';
        text += std::format("{:02x}", key[i]);
    }
    return text;
}

}  // namespace xfrmd::setkey::dump
