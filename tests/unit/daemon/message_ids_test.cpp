// SPDX-License-Identifier: Apache-2.0
// The numbers of the journal's lines, and the catalog that explains them.
#include "daemon/message_ids.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "daemon/event_lines.h"

using namespace xfrmd;

namespace {

// Number -> what the catalog says.
std::map<std::string, std::string> read_catalog() {
    std::ifstream in{XFRMD_CATALOG};
    REQUIRE(in.good());
    std::map<std::string, std::string> entries;
    std::string* entry = nullptr;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("-- ")) {
            CHECK_FALSE(entries.contains(line.substr(3)));
            entry = &entries[line.substr(3)];
        } else if (entry != nullptr) {
            *entry += line + "\n";
        }
    }
    return entries;
}

template <class Event>
Event of_db() {
    Event event;
    event.connection = "db";
    return event;
}

// One of each kind.
std::vector<ike::Event> events() {
    return {of_db<ike::IkeSaUp>(),     of_db<ike::IkeSaRekeyed>(),
            of_db<ike::IkeSaMoved>(),  of_db<ike::IkeSaDown>(),
            of_db<ike::ChildUp>(),     of_db<ike::ChildRekeyed>(),
            of_db<ike::ChildDown>(),   of_db<ike::NegotiationFailed>(),
            of_db<ike::PolicyFailed>(), of_db<ike::PoliciesInstalled>(),
            of_db<ike::Ikev1PeerSeen>()};
}

}  // namespace

TEST_CASE("each kind of line has a number of its own, and an entry in the catalog", "[daemon]") {
    const auto catalog = read_catalog();
    std::set<std::string_view> ids;
    for (const daemon::MessageKind& kind : daemon::message_kinds()) {
        INFO(kind.event);
        CHECK(std::regex_match(std::string{kind.id}, std::regex{"[0-9a-f]{32}"}));
        CHECK(ids.insert(kind.id).second);
        REQUIRE(catalog.contains(std::string{kind.id}));
        const std::string& entry = catalog.at(std::string{kind.id});
        CHECK(entry.starts_with("Subject: "));
        CHECK(entry.contains("\nDefined-By: xfrmd\n"));
        CHECK(entry.find("\n\n") + 4 < entry.size());
    }
    CHECK(catalog.size() == ids.size());
    CHECK(daemon::message_id("sunrise").empty());
}

TEST_CASE("every change of state has a number, and the fields that its entry quotes", "[daemon]") {
    const auto catalog = read_catalog();
    for (const ike::Event& event : events()) {
        const daemon::LogLine line = daemon::describe(event);
        const std::string& name = line.fields.front().value;
        INFO(name);
        const std::string id{daemon::message_id(name)};
        REQUIRE_FALSE(id.empty());
        const std::string& entry = catalog.at(id);
        const std::regex quoted{"@(XFRMD_[A-Z_]+)@"};
        const auto journal = daemon::journal_entry(line.level, line.message, line.fields);
        for (std::sregex_iterator at{entry.begin(), entry.end(), quoted}, end; at != end; ++at) {
            const std::string field = (*at)[1].str() + "=";
            INFO(field);
            CHECK(std::ranges::any_of(journal, [&](const std::string& each) { return each.starts_with(field); }));
        }
    }
}

TEST_CASE("what a peer says of itself stays one printable field of its line", "[daemon]") {
    const std::string hostile{"a\nPRIORITY=0\r\x1b[2J%n%s\0\"'\\ \xe2\x80\xae\xff@XFRMD_EVENT@", 43};
    auto event = of_db<ike::IkeSaUp>();
    event.peer_id = hostile;
    const daemon::LogLine line = daemon::describe(event);
    const auto entries = daemon::journal_entry(line.level, line.message, line.fields);
    for (const std::string& entry : entries)
        for (const char c : entry) CHECK(static_cast<unsigned char>(c) >= 0x20);
    CHECK(std::ranges::count_if(entries, [](const std::string& entry) { return entry.starts_with("PRIORITY="); }) == 1);
    CHECK(std::ranges::count_if(entries, [](const std::string& entry) { return entry.starts_with("MESSAGE_ID="); }) == 1);
    CHECK(std::ranges::contains(entries, "MESSAGE_ID=" + std::string{daemon::message_id("ike_sa_up")}));
}
