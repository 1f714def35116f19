// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/child_builder.h"

#include <algorithm>
#include <format>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "daemon/configuration/protection_builder.h"

namespace xfrmd::daemon {

namespace {

using Networks = std::vector<Located<ike::AddressRange>>;

class ChildBuilder {
  public:
    // `section` is null if the connection has no [[….child]].
    ChildBuilder(const ConnectionSection& connection, const ChildSection* section,
                 Diagnostics& diagnostics);

    std::optional<ike::Child> build(const xfrm::Address& local, const xfrm::Address& remote);

  private:
    std::optional<std::vector<TrafficItem>> items();
    std::optional<TrafficSelectors> transport_selectors(const xfrm::Address& local,
                                                        const xfrm::Address& remote,
                                                        std::span<const TrafficItem> items);
    std::optional<TrafficSelectors> tunnel_selectors(std::span<const TrafficItem> items);
    std::optional<Networks> networks(const std::optional<Texts>& texts, std::string_view key);
    std::optional<ike::AddressRange> network(const Text& text);
    std::optional<ike::AddressRange> range(const Text& text, std::size_t dash);
    bool every_network_has_a_partner(const Networks& ours, const Networks& others,
                                     std::string_view others_key);
    bool every_item_says_something(std::span<const ike::AddressRange> networks,
                                   std::span<const TrafficItem> items);
    void error(const Place& place, std::string text, std::string hint);

    const ConnectionSection& connection_;
    Diagnostics& diagnostics_;
    const ChildSection* section_;
    const std::optional<Texts>& protect_;
    xfrm::Mode mode_ = xfrm::Mode::Transport;
    Place mode_place_;
    std::size_t errors_before_;
};

ChildBuilder::ChildBuilder(const ConnectionSection& connection, const ChildSection* section,
                           Diagnostics& diagnostics)
    : connection_{connection},
      diagnostics_{diagnostics},
      section_{section},
      protect_{section_ != nullptr && section_->protect ? section_->protect : connection.protect},
      mode_{section_ != nullptr ? xfrm::Mode::Tunnel : xfrm::Mode::Transport},
      mode_place_{section_ != nullptr ? section_->place : connection.name.place},
      errors_before_{diagnostics.errors()} {
    const auto& written = section_ != nullptr && section_->mode ? section_->mode : connection.mode;
    if (!written) return;
    mode_ = written->value;
    mode_place_ = written->place;
}

std::optional<ike::Child> ChildBuilder::build(const xfrm::Address& local,
                                              const xfrm::Address& remote) {
    ike::Child child;
    build_protection(section_ != nullptr ? section_->protection : connection_.protection,
                     connection_.protection, child, diagnostics_);
    const auto traffic = items();
    const std::span<const TrafficItem> wanted =
        traffic ? std::span{*traffic} : std::span<const TrafficItem>{};
    const auto selectors = mode_ == xfrm::Mode::Transport
                               ? transport_selectors(local, remote, wanted)
                               : tunnel_selectors(wanted);
    if (!traffic || !selectors) return std::nullopt;
    const auto policies = ike::to_selectors(selectors->local, selectors->remote, kSelectorsMax);
    if (!policies) error(mode_place_, policies.error(), "");
    if (diagnostics_.errors() > errors_before_) return std::nullopt;

    child.name =
        section_ != nullptr && section_->name ? section_->name->value : std::string{kOnlyChild};
    child.mode = mode_;
    child.local = selectors->local;
    child.remote = selectors->remote;
    child.policy_priority = policy_priority(*selectors);
    return child;
}

std::optional<std::vector<TrafficItem>> ChildBuilder::items() {
    std::vector<TrafficItem> all;
    if (!protect_) return all;
    std::vector<const Text*> written;
    for (const Text& text : protect_->value) {
        const auto item = parse_traffic_item(text.value);
        if (!item) {
            error(text.place, item.error().text, item.error().hint);
            continue;
        }
        all.push_back(*item);
        written.push_back(&text);
    }
    if (const auto pair = widening_pair(all)) {
        const std::string protocol =
            written[pair->first]->value.substr(0, written[pair->first]->value.find('/'));
        error(written[pair->second]->place,
              std::format("\"{}\" and \"{}\" cannot stand side by side: one child protects every "
                          "pair of its ports here and "
                          "there, which would be all of {}",
                          written[pair->first]->value, written[pair->second]->value, protocol),
              std::format("write \"{}\" if that is what you want, else keep one of the two",
                          protocol));
        return std::nullopt;
    }
    if (all.size() != protect_->value.size()) return std::nullopt;
    return all;
}

std::optional<TrafficSelectors> ChildBuilder::transport_selectors(
    const xfrm::Address& local, const xfrm::Address& remote, std::span<const TrafficItem> items) {
    if (section_ != nullptr) {
        for (const auto* networks : {&section_->local, &section_->remote})
            if (*networks)
                error((*networks)->place,
                      "transport mode protects what the two hosts themselves say, not networks",
                      "mode = \"tunnel\" for networks; protect = [\"tcp/443\"] chooses among the "
                      "traffic of the hosts");
    }
    const auto ours = ike::AddressRange::of(xfrm::Prefix::host(local));
    const auto theirs = ike::AddressRange::of(xfrm::Prefix::host(remote));
    if (!every_item_says_something({&theirs, 1}, items)) return std::nullopt;
    return traffic_selectors({&ours, 1}, {&theirs, 1}, items);
}

std::optional<TrafficSelectors> ChildBuilder::tunnel_selectors(std::span<const TrafficItem> items) {
    if (section_ == nullptr) {
        error(mode_place_, "tunnel mode needs a child that says which networks it joins",
              std::format("[[connection.{}.child]] with name, local = [\"10.1.0.0/16\"] and remote "
                          "= [\"10.2.0.0/16\"]",
                          connection_.name.value));
        return std::nullopt;
    }
    const auto local = networks(section_->local, "local");
    const auto remote = networks(section_->remote, "remote");
    if (!local || !remote) return std::nullopt;
    const bool local_fits = every_network_has_a_partner(*local, *remote, "remote");
    const bool remote_fits = every_network_has_a_partner(*remote, *local, "local");
    if (!local_fits || !remote_fits) return std::nullopt;

    std::vector<ike::AddressRange> ours;
    std::vector<ike::AddressRange> theirs;
    for (const auto& [value, place] : *local) ours.push_back(value);
    for (const auto& [value, place] : *remote) theirs.push_back(value);
    if (!every_item_says_something(theirs, items)) return std::nullopt;
    return traffic_selectors(ours, theirs, items);
}

std::optional<Networks> ChildBuilder::networks(const std::optional<Texts>& texts,
                                               std::string_view key) {
    if (!texts) {
        error(section_->place, std::format("the child says no {} networks", key),
              std::format("{} = [\"10.{}.0.0/16\"]", key, key == "local" ? 1 : 2));
        return std::nullopt;
    }
    Networks all;
    for (const Text& text : texts->value) {
        const auto parsed = network(text);
        if (!parsed) continue;
        const auto around = std::ranges::find_if(all, [&](const auto& other) {
            return ike::covers({other.value}, {*parsed});
        });
        if (around != all.end())
            diagnostics_.warning(
                text.place,
                std::format("{} is part of {} already", text.value, around->value.to_string()),
                "remove it");
        all.push_back({*parsed, text.place});
    }
    if (all.size() != texts->value.size()) return std::nullopt;
    return all;
}

std::optional<ike::AddressRange> ChildBuilder::network(const Text& text) {
    if (const auto parsed = xfrm::Prefix::parse(text.value)) return ike::AddressRange::of(*parsed);
    if (const auto dash = text.value.find('-'); dash != std::string::npos) return range(text, dash);
    std::string hint =
        "networks are written \"10.1.0.0/16\", \"2001:db8::/32\" or \"10.1.0.5-10.1.0.9\"";
    std::string what = std::format("\"{}\" is no network", text.value);
    if (text.value == "any") hint = "everything is [\"0.0.0.0/0\", \"::/0\"]";
    // The same with the bits behind the prefix cleared, if that is all that is wrong.
    const auto slash = text.value.find('/');
    const auto address = xfrm::Address::parse(text.value.substr(0, slash));
    if (address && slash != std::string::npos && text.value.size() <= slash + 4) {
        for (unsigned length = 0; length <= address->bits(); ++length) {
            if (text.value.substr(slash + 1) != std::to_string(length)) continue;
            what = std::format("\"{}\" has bits set behind its prefix", text.value);
            hint = std::format("write \"{}\" for the network, or \"{}\" for the one host",
                               xfrm::Prefix::make(*address, length)->to_string(),
                               address->to_string());
        }
    }
    error(text.place, std::move(what), std::move(hint));
    return std::nullopt;
}

std::optional<ike::AddressRange> ChildBuilder::range(const Text& text, std::size_t dash) {
    const auto first = xfrm::Address::parse(text.value.substr(0, dash));
    const auto last = xfrm::Address::parse(text.value.substr(dash + 1));
    if (!first || !last || first->family() != last->family()) {
        error(text.place, std::format("\"{}\" is no range of addresses", text.value),
              "ranges are written \"10.1.0.5-10.1.0.9\"");
        return std::nullopt;
    }
    if (*last < *first) {
        error(text.place, std::format("the range \"{}\" ends before it begins", text.value),
              "swap the two");
        return std::nullopt;
    }
    ike::AddressRange range;
    range.first = *first;
    range.last = *last;
    return range;
}

bool ChildBuilder::every_network_has_a_partner(const Networks& ours, const Networks& others,
                                               std::string_view others_key) {
    bool good = true;
    for (const auto& [network, place] : ours) {
        const auto family = network.first.family();
        if (std::ranges::any_of(
                others, [&](const auto& other) { return other.value.first.family() == family; }))
            continue;
        good = false;
        error(place,
              std::format("{} has no partner: no network of {} is {}", network.to_string(),
                          others_key, family == xfrm::Family::V4 ? "IPv4" : "IPv6"),
              "both ends name networks of each family, or neither does");
    }
    return good;
}

bool ChildBuilder::every_item_says_something(std::span<const ike::AddressRange> networks,
                                             std::span<const TrafficItem> items) {
    bool good = true;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!traffic_selectors({}, networks, items.subspan(i, 1)).remote.empty()) continue;
        good = false;
        error(protect_->value[i].place,
              std::format("\"{}\" never occurs between these addresses", protect_->value[i].value),
              "\"icmp\" is ICMP for IPv4 and ICMPv6 for IPv6");
    }
    return good;
}

void ChildBuilder::error(const Place& place, std::string text, std::string hint) {
    diagnostics_.error(place, std::move(text), std::move(hint));
}

void check_names(const ConnectionSection& connection, Diagnostics& diagnostics) {
    std::set<std::string> names;
    for (const ChildSection& child : connection.children) {
        if (!child.name)
            diagnostics.error(child.place, "the child has no name", "name = \"lan\"");
        else if (!names.insert(child.name->value).second)
            diagnostics.error(child.name->place,
                              std::format("there are two children \"{}\"", child.name->value),
                              "names are unique in a connection");
    }
}

// For peers that accept one pair of selectors only: one child for each pair. What people may write
// as a name holds no '#', so these names meet no other.
std::vector<ike::Child> split(const ike::Child& child) {
    std::vector<ike::Child> pairs;
    for (const ike::AddressRange& local : child.local) {
        for (const ike::AddressRange& remote : child.remote) {
            if (!ike::meet(local, remote)) continue;
            ike::Child& pair = pairs.emplace_back(child);
            pair.name = std::format("{}#{}", child.name, pairs.size());
            pair.local = {local};
            pair.remote = {remote};
            pair.policy_priority = policy_priority({pair.local, pair.remote});
        }
    }
    if (pairs.size() == 1) pairs.front().name = child.name;
    return pairs;
}

}  // namespace

std::optional<std::vector<ike::Child>> build_children(const ConnectionSection& connection,
                                                      const xfrm::Address& local,
                                                      const xfrm::Address& remote,
                                                      Diagnostics& diagnostics) {
    const std::size_t errors_before = diagnostics.errors();
    check_names(connection, diagnostics);
    if (!connection.children.empty() && connection.protect)
        diagnostics.error(connection.protect->place, "protect stands beside a child",
                          "move it into the child");
    std::vector<const ChildSection*> sections;
    for (const ChildSection& section : connection.children) sections.push_back(&section);
    if (sections.empty()) sections.push_back(nullptr);

    std::vector<ike::Child> children;
    for (const ChildSection* section : sections) {
        auto child = ChildBuilder{connection, section, diagnostics}.build(local, remote);
        if (!child) continue;
        const auto& protection = section != nullptr ? section->protection : connection.protection;
        for (ike::Child& part : connection.split_children ? split(*child) : std::vector{*child}) {
            auto outer = build_outer(protection, connection.protection, part, local, remote, diagnostics);
            children.push_back(std::move(part));
            if (outer) children.push_back(*std::move(outer));
        }
    }
    if (children.size() > kChildrenMax)
        diagnostics.error(connection.name.place,
                          std::format("connection \"{}\" has {} children, at most {} are possible",
                                      connection.name.value, children.size(), kChildrenMax),
                          connection.split_children
                              ? "split_children makes one of each pair of selectors: write fewer"
                              : "list several networks in one child");
    if (diagnostics.errors() > errors_before) return std::nullopt;
    return children;
}

}  // namespace xfrmd::daemon
