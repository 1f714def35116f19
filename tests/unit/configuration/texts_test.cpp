// SPDX-License-Identifier: Apache-2.0
// The small languages inside the values: secrets, durations, words.
#include <catch2/catch_test_macros.hpp>

#include "daemon/configuration/byte_count_text.h"
#include "daemon/configuration/did_you_mean.h"
#include "daemon/configuration/duration_text.h"
#include "daemon/configuration/secret_text.h"

using namespace xfrmd;
using namespace std::chrono_literals;

namespace {

std::string secret(std::string_view text) {
    const auto parsed = daemon::parse_secret(as_view(text));
    return parsed ? to_hex(parsed->view()) : "refused";
}

}  // namespace

TEST_CASE("a secret stands for itself, in hexadecimal or in base64", "[configuration]") {
    CHECK(secret("abc") == "616263");
    CHECK(secret("abc\n") == "616263");
    CHECK(secret("abc\r\n") == "616263");
    CHECK(secret("abc\n\n") == "6162630a");
    CHECK(secret(" abc ") == "2061626320");
    CHECK(secret("0x00fF10\n") == "00ff10");
    CHECK(secret("0sAAECAw==\n") == "00010203");
    CHECK(secret("0z") == "307a");
    CHECK(secret("\xff\xfe") == "fffe");
}

TEST_CASE("a malformed secret is refused without being repeated", "[configuration]") {
    for (const auto text :
         {"", "\n", "0x", "0s", "0x123", "0xgg", "0x12 34", "0sA", "0s!!!!", "0sAAEC Aw=="}) {
        INFO(text);
        CHECK(secret(text) == "refused");
    }
    CHECK_FALSE(daemon::parse_secret(as_view("0xsecret")).error().contains("secret "));
}

TEST_CASE("durations have a unit", "[configuration]") {
    CHECK(daemon::parse_duration("30s") == 30s);
    CHECK(daemon::parse_duration("5m") == 300s);
    CHECK(daemon::parse_duration("2h") == 7200s);
    CHECK(daemon::parse_duration("1d") == 86400s);
    CHECK(daemon::parse_duration("0s") == 0s);
    for (const auto text : {"", "s", "30", "30 s", "-1s", "+1s", "1.5h", "30S", "1w",
                            "99999999999999999999s", "367d", "0x10s"}) {
        INFO(text);
        CHECK_FALSE(daemon::parse_duration(text).has_value());
    }
}

TEST_CASE("amounts of data have a binary unit", "[configuration]") {
    CHECK(daemon::parse_byte_count("100KiB") == 102'400);
    CHECK(daemon::parse_byte_count("512MiB") == 512ULL << 20);
    CHECK(daemon::parse_byte_count("64GiB") == 64ULL << 30);
    CHECK(daemon::parse_byte_count("1048576TiB") == 1ULL << 60);
    CHECK(daemon::parse_byte_count("0MiB") == 0);
    for (const auto text : {"", "MiB", "64", "64GB", "64 GiB", "-1GiB", "+1GiB", "1.5GiB", "64gib",
                            "1048577TiB", "99999999999999999999GiB", "0x10MiB"}) {
        INFO(text);
        CHECK_FALSE(daemon::parse_byte_count(text).has_value());
    }
}

TEST_CASE("slips are recognised, other words are not", "[configuration]") {
    const std::vector<std::string> words{"remote", "local", "local_id", "when_down", "protect"};
    CHECK(daemon::did_you_mean("remtoe", words) == "remote");
    CHECK(daemon::did_you_mean("Remote", words) == "remote");
    CHECK(daemon::did_you_mean("local-id", words) == "local_id");
    CHECK(daemon::did_you_mean("locl", words) == "local");
    CHECK(daemon::did_you_mean("whendown", words) == "when_down");
    CHECK_FALSE(daemon::did_you_mean("remote", words).has_value());
    CHECK_FALSE(daemon::did_you_mean("banana", words).has_value());
    CHECK_FALSE(daemon::did_you_mean("", words).has_value());
    CHECK_FALSE(daemon::did_you_mean(std::string(100'000, 'a'), words).has_value());
    CHECK_FALSE(daemon::did_you_mean("remote", {}).has_value());
}
