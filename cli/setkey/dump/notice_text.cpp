// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/dump/notice_text.h"

#include <algorithm>
#include <format>

#include "cli/setkey/dump/notice_words.h"
#include "cli/setkey/dump/policy_text.h"
#include "cli/setkey/dump/sa_text.h"
#include "cli/setkey/dump/words.h"
#include "cli/text.h"

namespace xfrmd::setkey::dump {

using namespace xfrm;

namespace {

std::string sa_name(std::uint8_t protocol, const Address& source, const Address& destination,
                    EspSpi spi, ReqId reqid) {
    return std::format("{} {} -> {} spi={}(0x{:08x}) reqid={}(0x{:08x})", protocol_word(protocol),
                       source.to_string(), destination.to_string(), spi.value, spi.value,
                       reqid.value, reqid.value);
}

std::string_view limit_word(bool hard) {
    return hard ? "hard" : "soft";
}

std::string end_text(const Endpoint& end) {
    return std::format("{}[{}]", end.address.to_string(), end.port);
}

// One overload for each kind of notice.
class Teller {
  public:
    Teller(const Options& options, const Scene& scene) : options_{options}, scene_{scene} {}

    std::string operator()(const notice::Acquire& told) const {
        return std::format("acquire {} {} -> {} seq=0x{:08x} for {}\n",
                           protocol_word(told.protocol), told.source.to_string(),
                           told.destination.to_string(), told.sequence,
                           selector_text(told.packet, scene_)) +
               policy_text(told.policy, 0, options_, scene_);
    }
    std::string operator()(const notice::SaChanged& told) const {
        return std::format("sa {}\n", change_word(told.change)) +
               sa_text(told.sa, 0, options_, scene_);
    }
    std::string operator()(const notice::SaExpired& told) const {
        return std::format("sa expired ({})\n", limit_word(told.hard)) +
               sa_without_algorithms_text(told.sa, options_, scene_);
    }
    std::string operator()(const notice::SasFlushed& told) const {
        return std::format("sas flushed: {}\n", flushed_word(told.protocol));
    }
    std::string operator()(const notice::PolicyChanged& told) const {
        return std::format("policy {}\n", change_word(told.change)) +
               policy_text(told.policy, 0, options_, scene_);
    }
    std::string operator()(const notice::PolicyExpired& told) const {
        return std::format("policy expired ({})\n", limit_word(told.hard)) +
               policy_text(told.policy, 0, options_, scene_);
    }
    std::string operator()(const notice::PoliciesFlushed& told) const {
        return std::format("policies flushed: {}\n", policy_type_word(told.type));
    }
    std::string operator()(const notice::DefaultsChanged& told) const {
        return std::format("policy defaults: in={} fwd={} out={}\n", default_word(told.in),
                           default_word(told.forward), default_word(told.out));
    }
    std::string operator()(const notice::CountersTold& told) const;
    std::string operator()(const notice::Report& told) const {
        return std::format("report {} for {}{}\n", protocol_word(told.protocol),
                           selector_text(told.packet, scene_),
                           told.care_of ? " care-of " + told.care_of->to_string() : "");
    }
    std::string operator()(const notice::Migrated& told) const;
    std::string operator()(const notice::MappingChanged& told) const {
        return std::format(
            "mapping {}: {} -> {}\n",
            sa_name(told.protocol, told.before.address, told.destination, told.spi, told.reqid),
            end_text(told.before), end_text(told.after));
    }
    std::string operator()(const notice::Other& told) const {
        return std::format("message of type {:#x}, {} octets{}\n", told.type, told.size,
                           told.why.empty() ? "" : ": " + cli::printable(told.why));
    }
    std::string operator()(const notice::Lost&) const {
        return "messages were lost: the kernel had more to tell than was read in time\n";
    }

  private:
    const Options& options_;
    const Scene& scene_;
};

std::string Teller::operator()(const notice::CountersTold& told) const {
    std::string text = std::format(
        "counters {}", sa_name(told.protocol, told.source, told.destination, told.spi, told.reqid));
    for (const std::string& cause : cause_words(told.flags)) text += " (" + cause + ")";
    text += '\n';
    if (told.replay)
        text += std::format("\tsequence: in={:#x} out={:#x}\n", told.replay->inbound_sequence,
                            told.replay->outbound_sequence);
    if (told.usage)
        text += std::format("\tcurrent: {}(bytes)\tallocated: {}\n", told.usage->bytes,
                            told.usage->packets);
    return text;
}

std::string Teller::operator()(const notice::Migrated& told) const {
    std::string text = std::format("migrated {}\n", selector_text(told.selector, scene_));
    for (const notice::MigrationStep& step : told.steps)
        text += std::format("\t{}/{}/{}-{} -> {}-{} reqid={}\n", protocol_word(step.protocol),
                            mode_word(step.mode), step.old_source.to_string(),
                            step.old_destination.to_string(), step.new_source.to_string(),
                            step.new_destination.to_string(), step.reqid.value);
    if (told.encapsulation)
        text += std::format("\tencapsulation: {} {} -> {}\n",
                            encapsulation_word(told.encapsulation->type),
                            told.encapsulation->source_port, told.encapsulation->destination_port);
    return text;
}

}  // namespace

std::string stamp_text(EventTime at, Stamp stamp, const Scene& scene) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const std::int64_t microseconds = (at - seconds).count();
    const std::time_t since_1970 = seconds.time_since_epoch().count();
    const auto local = stamp == Stamp::TimeOfDay ? scene.local_time(since_1970) : std::nullopt;
    if (!local) return std::format("{}.{:06}", since_1970, microseconds);
    return std::format("{:02}:{:02}:{:02}.{:06}", local->tm_hour, local->tm_min, local->tm_sec,
                       microseconds);
}

std::string notice_text(const Notice& notice, const Options& options, const Scene& scene) {
    return std::visit(Teller{options, scene}, notice);
}

std::string hex_text(View octets, const std::vector<View>& hidden) {
    constexpr std::size_t kOctetsPerLine = 16;
    const auto is_hidden = [&](const std::uint8_t& octet) {
        return std::ranges::any_of(hidden, [&](View part) {
            return &octet >= part.data() && &octet < part.data() + part.size();
        });
    };
    std::string text;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        if (i % kOctetsPerLine == 0) text += std::format("{:08x}: ", i);
        text += is_hidden(octets[i]) ? "** " : std::format("{:02x} ", octets[i]);
        if (i % kOctetsPerLine == kOctetsPerLine - 1) text += '\n';
    }
    if (octets.size() % kOctetsPerLine != 0) text += '\n';
    return text;
}

}  // namespace xfrmd::setkey::dump
