// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/varlink.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>
#include <ranges>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "daemon/api/interface.h"
#include "daemon/api/timestamp.h"

using namespace xfrmd::api;

namespace {

std::string without_end(std::string message) {
    REQUIRE(message.ends_with('\0'));
    message.pop_back();
    return message;
}

// What the description says nothing about: "io.xfrmd: method Up", "io.xfrmd: Up.step". A comment stands right above what it is
// about; the words of a type that is a list of words may be explained above the type.
std::vector<std::string> undocumented(std::string_view interface) {
    const std::regex declaration{"(type|method|error) (\\w+).*"};
    const std::regex field{"\t(\\w+)(: .*|,?)"};
    std::vector<std::string> found;
    std::string block;
    std::string comment;
    bool is_about_words = false;
    for (const auto range : std::views::split(interface_description(interface), '\n')) {
        const std::string line{range.begin(), range.end()};
        std::smatch match;
        const bool commented = !comment.empty();
        if (std::regex_match(line, match, declaration)) {
            block = match[2];
            is_about_words = block == "ConnectionState";
            if (!commented) found.push_back(std::string{interface} + ": " + line);
        } else if (std::regex_match(line, match, field) && !commented && !is_about_words) {
            found.push_back(std::string{interface} + ": " + block + "." + match[1].str());
        }
        const std::size_t text = line.find_first_not_of('\t');
        comment = text != line.npos && line[text] == '#' ? line : std::string{};
    }
    return found;
}

}  // namespace

TEST_CASE("every method, type, error and field of the interfaces is explained", "[daemon]") {
    CHECK(undocumented(kInterface) == std::vector<std::string>{});
    CHECK(undocumented(kServiceInterface) == std::vector<std::string>{});
}

TEST_CASE("A call is written and read back", "[daemon]") {
    const Call call{.method = "io.xfrmd.Up", .parameters = R"({"connection":"db"})", .more = true};
    const std::string text = without_end(encode(call));
    CHECK(text == R"({"method":"io.xfrmd.Up","parameters":{"connection":"db"},"more":true})");
    const auto read = decode_call(text);
    REQUIRE(read);
    CHECK(read->method == call.method);
    CHECK(read->parameters == call.parameters);
    CHECK(read->more);
    CHECK_FALSE(read->oneway);
    CHECK_FALSE(read->upgrade);
}

TEST_CASE("A reply and an error are written and read back", "[daemon]") {
    const std::string text =
        without_end(encode(Reply{.parameters = "{}", .error = "io.xfrmd.Overrun"}));
    CHECK(text == R"({"error":"io.xfrmd.Overrun","parameters":{}})");
    const auto failed = decode_reply(text);
    REQUIRE(failed);
    CHECK(failed->failed());
    CHECK(failed->error == "io.xfrmd.Overrun");
    const auto partial = decode_reply(R"({"parameters":{"a":1},"continues":true})");
    REQUIRE(partial);
    CHECK(partial->continues);
    CHECK(partial->parameters == R"({"a":1})");
}

TEST_CASE("Missing and null parameters are an empty object, unknown members are tolerated",
          "[daemon]") {
    for (const char* text :
         {R"({"method":"a.b.C"})", R"({"method":"a.b.C","parameters":null,"more":null})",
          R"({"method":"a.b.C","parameters":{},"org.example.x":{"y":1}})"}) {
        const auto call = decode_call(text);
        REQUIRE(call);
        CHECK(call->parameters == "{}");
        CHECK_FALSE(call->more);
    }
}

TEST_CASE("What is no call is refused", "[daemon]") {
    for (const char* text :
         {"", "x", "[]", "1", "\"a\"", "{}", R"({"method":1})", R"({"method":"a","parameters":[]})",
          R"({"method":"a","more":1})", R"({"method":"a"}x)", "{\"method\":\"\xff\"}"}) {
        INFO(text);
        CHECK_FALSE(decode_call(text));
    }
    CHECK_FALSE(decode_reply(R"({"error":""})"));
}

TEST_CASE("Nesting is counted before the parser sees it", "[daemon]") {
    CHECK(nesting_depth("{}") == 1);
    CHECK(nesting_depth(R"({"a":[{"b":"[[[["}]})") == 3);
    CHECK(nesting_depth(R"("\"[[")") == 0);
    const std::string deep(100'000, '[');
    CHECK(nesting_depth(deep) == 100'000);
    CHECK_FALSE(parse_json(deep + std::string(100'000, ']')));
    CHECK(parse_json(std::string(kMessageDepthMax, '[') + std::string(kMessageDepthMax, ']')));
    CHECK_FALSE(parse_json(std::string(kMessageDepthMax + 1, '[') +
                           std::string(kMessageDepthMax + 1, ']')));
}

TEST_CASE("A text past the size limit is refused", "[daemon]") {
    CHECK(parse_json('"' + std::string(kMessageSizeMax - 2, 'a') + '"'));
    CHECK_FALSE(parse_json('"' + std::string(kMessageSizeMax - 1, 'a') + '"'));
}

TEST_CASE("Octets that are no UTF-8 do not stop a reply", "[daemon]") {
    CHECK(to_text(nlohmann::json("a\xff")) == "\"a\xef\xbf\xbd\"");
}

TEST_CASE("Messages are cut from a stream however it comes in pieces", "[daemon]") {
    using namespace std::string_literals;
    const std::string stream = "one\0two\0\0three\0rest"s;
    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
        Deframer deframer;
        std::vector<std::string> messages;
        for (std::size_t at = 0; at < stream.size(); at += piece) {
            REQUIRE(deframer.feed(std::string_view{stream}.substr(at, piece)));
            while (const auto message = deframer.next()) messages.push_back(*message);
        }
        CHECK(messages == std::vector<std::string>{"one", "two", "", "three"});
        CHECK(deframer.has_partial());
    }
}

TEST_CASE("A message without an end is cut off at the limit, many short ones are not", "[daemon]") {
    Deframer deframer{10};
    CHECK(deframer.feed("0123456789"));
    CHECK_FALSE(deframer.feed("0"));
    Deframer many{10};
    for (int i = 0; i < 100; ++i) CHECK(many.feed(std::string{"0123456\0", 8}));
    int count = 0;
    while (many.next()) ++count;
    CHECK(count == 100);
    CHECK_FALSE(many.has_partial());
    CHECK_FALSE(Deframer{10}.feed(std::string{"01234567890\0", 12}));
}

TEST_CASE("A message that comes octet by octet costs no more than its length", "[daemon]") {
    // Looked at anew for each octet, it would take minutes: ctest would end the test.
    Deframer deframer;
    for (std::size_t i = 0; i < kMessageSizeMax; ++i) REQUIRE(deframer.feed("x"));
    CHECK_FALSE(deframer.next());
    CHECK_FALSE(deframer.feed("x"));
}

TEST_CASE("Whole messages are counted until they are handed out", "[daemon]") {
    using namespace std::string_literals;
    Deframer deframer;
    REQUIRE(deframer.feed("one\0two\0thr"s));
    CHECK(deframer.whole() == 2);
    CHECK(deframer.next() == "one");
    CHECK(deframer.whole() == 1);
    REQUIRE(deframer.feed("ee\0"s));
    CHECK(deframer.next() == "two");
    CHECK(deframer.next() == "three");
    CHECK(deframer.whole() == 0);
}

TEST_CASE("Points in time are written in RFC 3339 and read back", "[daemon]") {
    using namespace std::chrono;
    const WallTime time{sys_days{2026y / November / 23} + 22h + 47min + 10s + 123456us};
    CHECK(rfc3339(time) == "2026-11-23T22:47:10.123Z");
    CHECK(parse_rfc3339("2026-11-23T22:47:10.123Z") == floor<milliseconds>(time));
    CHECK(parse_rfc3339("2026-11-23T22:47:10Z") == floor<seconds>(time));
    CHECK(parse_rfc3339("2026-11-23T22:47:10.123456789Z") == time);
    for (const char* text :
         {"", "2026-11-23", "2026-13-23T22:47:10Z", "2026-02-30T22:47:10Z", "2026-11-23T24:00:00Z",
          "2026-11-23T22:47:10", "2026-11-23T22:47:10+01:00", "2026-11-23T22:47:10.Z",
          "2026-1-23T22:47:10Z"})
        CHECK_FALSE(parse_rfc3339(text));
}

TEST_CASE("The types of events and the log levels in the code are those of the description", "[daemon]") {
    const std::string text{interface_description(kInterface)};
    const auto words_of = [&](const std::string& type) {
        const std::size_t begin = text.find("\ntype " + type + " (") + type.size() + 8;
        std::set<std::string> words;
        std::istringstream lines{text.substr(begin, text.find(")\n", begin) - begin)};
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("\t#")) continue;
            std::ranges::replace(line, ',', ' ');
            std::istringstream in{line};
            for (std::string word; in >> word;) words.insert(word);
        }
        return words;
    };
    CHECK(words_of("EventType") == std::set<std::string>(kEventTypes.begin(), kEventTypes.end()));
    CHECK(words_of("LogLevel") == std::set<std::string>(kLogLevels.begin(), kLogLevels.end()));
}

TEST_CASE("Every method and error that has a name in the code is in the description", "[daemon]") {
    const std::string_view description = interface_description(kInterface);
    for (const std::string_view name :
         {method::kStatus, method::kListConnections, method::kListIkeSas, method::kListChildren,
          method::kListPolicies, method::kListSas, method::kFindOwner, method::kShow, method::kUp,
          method::kDown, method::kMonitor, method::kReload, method::kPlan, method::kApply,
          method::kConfirm, method::kChangeTables, method::kExportKeys, method::kFlush,
          method::kGetLogLevel, method::kSetLogLevel, method::kRekey, method::kMetrics}) {
        INFO(name);
        CHECK(
            description.contains("method " + std::string{name.substr(name.rfind('.') + 1)} + "("));
    }
    for (const std::string_view name :
         {error::kUnknownConnection, error::kNegotiationFailed, error::kNotPermitted,
          error::kConfigurationInvalid, error::kShuttingDown, error::kKernelFailed, error::kOverrun,
          error::kReplyTooLarge, error::kTooManyClients}) {
        INFO(name);
        CHECK(
            description.contains("error " + std::string{name.substr(name.rfind('.') + 1)} + " ("));
    }
    CHECK(interface_description("io.example").empty());
}
