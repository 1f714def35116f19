// SPDX-License-Identifier: Apache-2.0
#include "cli/explain/answer_text.h"

#include <algorithm>
#include <chrono>
#include <format>
#include <string_view>

#include "cli/explain/reason.h"
#include "cli/setkey/dump/words.h"
#include "cli/text.h"
#include "cli/times.h"

namespace xfrmd::explain {

using namespace xfrm;
using lookup::Verdict;

namespace {

constexpr std::size_t kLabelWidth = 12;
// Candidates that are shown unless all are asked for.
constexpr std::size_t kLosersShown = 6;

cli::Paint paint_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::Protected:
            return cli::Paint::Good;
        case Verdict::Clear:
            return cli::Paint::Doubtful;
        case Verdict::Blocked:
            return cli::Paint::Bad;
        case Verdict::WouldNegotiate:
            return cli::Paint::Doubtful;
    }
    return cli::Paint::Plain;
}

std::string ago(std::uint64_t since, std::uint64_t now) {
    const std::uint64_t seconds = now > since ? now - since : 0;
    return cli::duration_text(std::chrono::seconds{seconds});
}

std::string sa_name(const StoredSa& sa) {
    if (lookup::is_larval(sa)) return "larval SA";
    return std::format("SA {:#010x}", sa.spi.value);
}

// "SA 0xc0ffee01, 3m12s old, 1.2 MiB in 840 packets, used 2s ago"
std::string sa_text(const StoredSa& sa, std::uint64_t now) {
    std::string text = std::format("{}, {} old", sa_name(sa), ago(sa.usage.add_time, now));
    if (lookup::is_larval(sa)) return text;
    text += std::format(", {} in {} packets", cli::octets_text(sa.usage.bytes), sa.usage.packets);
    const std::uint64_t used = sa.last_used.value_or(sa.usage.use_time);
    return text + (used == 0 ? ", never used" : std::format(", used {} ago", ago(used, now)));
}

std::string_view action_text(const StoredPolicy& policy) {
    if (lookup::blocks(policy)) return ", block";
    return policy.templates.empty() ? ", allow in clear" : "";
}

std::string name_of_policy(const StoredPolicy& policy) {
    return std::format("{}, {}", setkey::dump::policy_direction_word(policy.direction),
                       selector_text(policy.selector));
}

std::string policy_text(const StoredPolicy& policy) {
    std::string text = std::format("{}, priority {}, index {}", name_of_policy(policy),
                                   policy.priority, policy.index);
    if (policy.mark != Mark{})
        text += std::format(", mark {:#x}/{:#x}", policy.mark.value, policy.mark.mask);
    if (policy.if_id != IfId{}) text += std::format(", if_id {}", policy.if_id.value);
    return text.append(action_text(policy));
}

// "out, 0.0.0.0/0 -> 10.0.0.2/32, index 89, allow in clear: priority 2000 comes after 1000"
std::string loser_text(const lookup::LosingPolicy& loser, const lookup::PolicyChoice& choice) {
    return std::format("{}, index {}{}: {}", name_of_policy(*loser.policy), loser.policy->index,
                       action_text(*loser.policy), why_lost(loser, choice));
}

class Writer {
  public:
    Writer(const Answer& answer, const Survey& survey, const Origins& origins,
           const TextOptions& options)
        : answer_{answer}, survey_{survey}, origins_{origins}, options_{options} {}

    std::string run() {
        text_ =
            options_.style.paint(paint_of(answer_.verdict), headline(answer_, survey_)) + "\n\n";
        packet();
        const bool leaves_first = survey_.journey == Journey::Loop;
        if (answer_.departure && leaves_first) departure(*answer_.departure);
        if (answer_.arrival) arrival(*answer_.arrival);
        if (answer_.departure && !leaves_first) departure(*answer_.departure);
        sockets();
        counters();
        if (survey_.unreadable > 0)
            line("note", std::format("{} entries of the kernel's tables could not be read",
                                     survey_.unreadable));
        return std::move(text_);
    }

  private:
    // A label before the first of several lines.
    void line(std::string_view label, std::string_view value) {
        text_ += std::format("{:<{}}{}\n", label, kLabelWidth, value);
    }

    void packet() {
        std::string text = packet_text(survey_.flow);
        if (!survey_.comes_by.empty()) text += ", comes in by " + survey_.comes_by;
        if (!survey_.leaves_by.empty()) text += ", leaves by " + survey_.leaves_by;
        line("packet", text);
    }

    void policy(const lookup::PolicyChoice& choice, Direction direction) {
        if (choice.winner == nullptr) {
            line("policy", std::format("{}: none is for this packet", word_of(direction)));
            return;
        }
        line("policy", policy_text(*choice.winner));
        origin(*choice.winner);
        if (choice.uncertain)
            line("",
                 "another one of the same priority may win: the kernel does not tell their order");
    }

    void origin(const StoredPolicy& policy) {
        const auto found = origins_.find(policy.index);
        if (found != origins_.end())
            line("", std::format("of {}, {}", found->second.owner, found->second.place));
    }

    void losers(const lookup::PolicyChoice& choice) {
        const std::size_t shown =
            options_.all ? choice.losers.size() : std::min(kLosersShown, choice.losers.size());
        for (std::size_t i = 0; i < shown; ++i)
            line(i == 0 ? "not" : "", loser_text(choice.losers[i], choice));
        if (shown < choice.losers.size())
            line("", std::format("and {} more (--all)", choice.losers.size() - shown));
    }

    void arrival(const Arrival& arrival) {
        policy(arrival.policy(), arrival.direction);
        for (const lookup::Expectation& one : arrival.expected.templates) {
            wanted(*one.wanted, one.source, one.destination);
            line("", one.sa != nullptr ? sa_text(*one.sa, survey_.now) : "no SA");
            losers(one.losers, *one.wanted, one.source);
        }
        losers(arrival.policy());
    }

    void departure(const lookup::Outbound& departure) {
        policy(departure.policy, Direction::Out);
        for (const lookup::Resolution& resolution : departure.templates)
            this->resolution(resolution);
        losers(departure.policy);
    }

    void resolution(const lookup::Resolution& resolution) {
        const lookup::SaChoice& choice = resolution.choice;
        if (resolution.state == lookup::Resolution::State::Untried) {
            line("asks for", template_text(*resolution.wanted));
            line("", "not looked for, since the one before is missing");
            return;
        }
        wanted(*resolution.wanted, resolution.source, resolution.destination);
        if (choice.winner != nullptr)
            line("", sa_text(*choice.winner, survey_.now));
        else
            line("", choice.under_way ? "no SA yet: it is being negotiated" : "no SA");
        if (choice.foreign_source)
            line("",
                 std::format("this SA is from {}: the kernel finds it by the place in its table",
                             choice.winner->source.to_string()));
        if (choice.uncertain)
            line("",
                 "another SA of the same second may serve: the kernel does not tell their order");
        losers(choice.losers, *resolution.wanted, resolution.source);
    }

    // With its ends, unless it names them itself.
    void wanted(const StoredTemplate& wanted, const Address& source, const Address& destination) {
        line("asks for", template_text(wanted));
        if (wanted.source != source || wanted.destination != destination)
            line("", std::format("between {} and {}", source.to_string(), destination.to_string()));
    }

    void losers(const std::vector<lookup::LosingSa>& losers, const StoredTemplate& wanted,
                const Address& source) {
        const std::size_t shown =
            options_.all ? losers.size() : std::min(kLosersShown, losers.size());
        for (std::size_t i = 0; i < shown; ++i)
            line("", std::format("not {}: {}", sa_name(*losers[i].sa),
                                 why_lost(losers[i], wanted, source)));
        if (shown < losers.size())
            line("", std::format("and {} more SAs (--all)", losers.size() - shown));
    }

    // Those of IKE daemons are sockets' policies that let IKE pass.
    void sockets() {
        std::size_t count = 0;
        for (const StoredPolicy& policy : survey_.policies) {
            if (!policy.is_of_a_socket()) continue;
            ++count;
            if (options_.all) line(count == 1 ? "sockets" : "", policy_text(policy));
        }
        if (count == 0 || options_.all) return;
        line("sockets", count == 1 ? "1 policy belongs to a socket, which asks it first (--all)"
                                   : std::format("{} policies belong to sockets, which ask them "
                                                 "first (--all)",
                                                 count));
    }

    void counters() {
        std::string text;
        for (const std::string_view name : counters_of(answer_.cause, answer_.cause_is_outbound)) {
            const auto at = std::ranges::find(survey_.counters, name, &Counter::name);
            if (at != survey_.counters.end() && at->value != 0)
                text += std::format("{}{} {}", text.empty() ? "" : ", ", at->name, at->value);
        }
        if (!text.empty()) line("counters", text);
    }

    const Answer& answer_;
    const Survey& survey_;
    const Origins& origins_;
    const TextOptions& options_;
    std::string text_;
};

}  // namespace

std::string answer_text(const Answer& answer, const Survey& survey, const Origins& origins,
                        const TextOptions& options) {
    return Writer{answer, survey, origins, options}.run();
}

std::string moved_text(const std::vector<Counter>& before, const std::vector<Counter>& after,
                       unsigned seconds) {
    std::string text;
    for (const Counter& counter : moved(before, after))
        text += std::format("{}{} +{}", text.empty() ? "" : ", ", counter.name, counter.value);
    return std::format("in {} s: {}\n", seconds, text.empty() ? "no counter moved" : text);
}

}  // namespace xfrmd::explain
