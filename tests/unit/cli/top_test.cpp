// SPDX-License-Identifier: Apache-2.0
// Rates from two looks at the kernel's counters.
#include <catch2/catch_test_macros.hpp>
#include <format>
#include <string>
#include <vector>

#include "cli/top.h"

namespace {

using namespace xfrmd::cli;
using namespace std::chrono_literals;

constexpr std::string_view kStatus = R"({"status":{"connections":[
    {"name":"bob","state":"up","remote":"10.0.0.2","child_names":["main","extra"],
     "children":[{"name":"main","inbound_spi":"0x00000001","outbound_spi":"0x00000002"},
                 {"name":"main","inbound_spi":"0x00000003","outbound_spi":"0x00000004"}]},
    {"name":"dave","state":"retrying","remote":"10.0.0.4","child_names":["main"],"children":[]}]}})";

struct Sa {
    std::string spi;
    std::string destination;
    int octets = 0;
    int packets = 0;
    std::string owner = "bob/main";
    std::string protocol = "esp";
    bool larval = false;
};

std::vector<Fields> replies(const std::vector<Sa>& sas) {
    std::vector<Fields> all;
    for (const Sa& sa : sas)
        all.push_back(Fields::parse(std::format(
            R"({{"sa":{{"spi":"{}","destination":"{}","bytes":{},"packets":{},"owner":"{}","protocol":"{}",)"
            R"("larval":{},"used_at":"2026-11-23T11:59:50Z"}}}})",
            sa.spi, sa.destination, sa.octets, sa.packets, sa.owner, sa.protocol, sa.larval)));
    return all;
}

Look look(std::chrono::seconds at, const std::vector<Sa>& sas, std::string_view status = kStatus) {
    return make_look(std::chrono::steady_clock::time_point{at}, Fields::parse(status), replies(sas));
}

}  // namespace

TEST_CASE("rates are what has passed between two looks, by direction", "[cli]") {
    const auto rows = top_rows(look(10s, {{"0x00000001", "10.0.0.1", 1000, 10}, {"0x00000002", "10.0.0.2", 500, 5}}),
                               look(12s, {{"0x00000001", "10.0.0.1", 5000, 20}, {"0x00000002", "10.0.0.2", 700, 6}}));
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].connection == "bob");
    CHECK(rows[0].child == "main");
    CHECK(rows[0].in_octets == 2000);
    CHECK(rows[0].in_packets == 5);
    CHECK(rows[0].out_octets == 100);
    CHECK(rows[0].out_packets == 0.5);
    CHECK(rows[0].used_at == "2026-11-23T11:59:50Z");
}

TEST_CASE("a rekey is no gap: what is new counts from zero", "[cli]") {
    const auto rows = top_rows(look(10s, {{"0x00000001", "10.0.0.1", 1000, 10}}),
                               look(11s, {{"0x00000001", "10.0.0.1", 1200, 12}, {"0x00000003", "10.0.0.1", 300, 3}}));
    CHECK(rows[0].in_octets == 500);
    // The same SPI once more, with counters that begin anew.
    CHECK(top_rows(look(10s, {{"0x00000001", "10.0.0.1", 1000, 10}}), look(11s, {{"0x00000001", "10.0.0.1", 100, 1}}))[0]
              .in_octets == 100);
}

TEST_CASE("what is not counted twice, not ours, or not made yet", "[cli]") {
    const auto rows = top_rows(look(10s, {}), look(11s, {{"0x00000001", "10.0.0.1", 100, 1, "bob/main", "ipcomp"},
                                                         {"0x00000009", "10.0.0.9", 100, 1, "somebody/else"},
                                                         {"0x00000003", "10.0.0.1", 100, 1, "bob/main", "esp", true}}));
    for (const TopRow& row : rows) CHECK(row.in_octets + row.out_octets == 0);
}

TEST_CASE("SAs of a former run are told apart by where they go", "[cli]") {
    const auto rows = top_rows(look(10s, {}), look(11s, {{"0x00000077", "10.0.0.2", 100, 1}, {"0x00000078", "10.0.0.1", 30, 1}}));
    CHECK(rows[0].out_octets == 100);
    CHECK(rows[0].in_octets == 30);
}

TEST_CASE("the busiest come first, then what is not up, then the others by name", "[cli]") {
    const auto names = [](const std::vector<TopRow>& rows) {
        std::string all;
        for (const TopRow& row : rows) all += row.connection + "/" + row.child + " ";
        return all;
    };
    CHECK(names(top_rows(look(10s, {}), look(11s, {}))) == "dave/main bob/extra bob/main ");
    CHECK(names(top_rows(look(10s, {}), look(11s, {{"0x00000001", "10.0.0.1", 1, 1}}))) ==
          "bob/main dave/main bob/extra ");
}

TEST_CASE("top shows rates in units that fit, and nothing as a dash", "[cli]") {
    const Scene scene{{}, WallTime{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 12h}};
    CHECK(render_top(look(10s, {}), look(11s, {{"0x00000001", "10.0.0.1", 4096, 20}}), scene) ==
          "1/2 up; in 4.0 KiB/s, out -\n"
          "\n"
          "CONNECTION  CHILD  STATE     PEER             IN  OUT  PACKETS IN  OUT  LAST PACKET\n"
          "bob         main   up        10.0.0.2  4.0 KiB/s    -          20    -      10s ago\n"
          "dave        main   retrying  10.0.0.4          -    -           -    -\n"
          "bob         extra  up        10.0.0.2          -    -           -    -\n");
    CHECK(render_top(look(10s, {}, "{}"), look(11s, {}, "{}"), scene) ==
          "0/0 up; in -, out -\n\nNo connections are configured\n");
}

TEST_CASE("top as JSON is one object in one line", "[cli]") {
    CHECK(top_json(look(10s, {}), look(11s, {{"0x00000001", "10.0.0.1", 4096, 20}})).starts_with(
        R"({"children":[{"connection":"bob","child":"main","state":"up","remote":"10.0.0.2","in_octets_per_second":4096.0,)"
        R"("out_octets_per_second":0.0,"in_packets_per_second":20.0,"out_packets_per_second":0.0,)"
        R"("used_at":"2026-11-23T11:59:50Z"},)"));
}
