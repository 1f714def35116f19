// SPDX-License-Identifier: Apache-2.0
// Entries and notices as JSON: complete, described by SCHEMA.md, and without keys unless asked.
#include <catch2/catch_test_macros.hpp>

#include <linux/xfrm.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/setkey/dump/json.h"
#include "cli/setkey/dump/notice_text.h"
#include "daemon/api/json_text.h"
#include "tests/unit/setkey/dump/samples.h"

namespace xfrmd::setkey::dump::tests {

using namespace xfrm;
using Json = nlohmann::json;

namespace {

Json parsed(const std::string& line) {
    REQUIRE(line.ends_with('\n'));
    CHECK(line.find('\n') == line.size() - 1);
    auto json = api::parse_json(line);
    REQUIRE(json.has_value());
    return *std::move(json);
}

// The names of the fields of a JSON text that has comments and blanks as it likes.
Json expected(std::string_view text) {
    return Json::parse(text);
}

// Every name of a field at any depth.
void collect_names(const Json& json, std::set<std::string>& names) {
    if (json.is_object())
        for (const auto& [name, value] : json.items()) {
            names.insert(name);
            collect_names(value, names);
        }
    if (json.is_array())
        for (const Json& element : json) collect_names(element, names);
}

// The words between ` and ` in the first column of the tables of the schema.
std::set<std::string> names_of_schema() {
    std::ifstream in{XFRMD_DUMP_SCHEMA};
    REQUIRE(in.good());
    std::set<std::string> names;
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with("| `")) continue;
        const std::size_t end = line.find(" |", 2);
        std::string_view column = std::string_view{line}.substr(2, end - 2);
        for (std::size_t at = column.find('`'); at != column.npos; at = column.find('`')) {
            column.remove_prefix(at + 1);
            const std::size_t length = column.find('`');
            names.emplace(column.substr(0, length));
            column.remove_prefix(length + 1);
        }
    }
    return names;
}

}  // namespace

TEST_CASE("an SA of setkey's is shown with the fields of the control interface", "[setkey]") {
    CHECK(parsed(sa_json_line(esp(), false, kNow)) == expected(R"json({"sa": {
        "source": "192.0.2.1", "destination": "192.0.2.2", "protocol": "esp",
        "spi": "0x00012345", "mode": "transport", "reqid": 0, "sequence": 0,
        "state": "mature", "larval": false, "flags": [],
        "encryption": "cbc(aes)", "encryption_key_bits": 128,
        "integrity": "hmac(sha1)", "integrity_key_bits": 160, "icv_bits": 96,
        "traffic": {"source": "0.0.0.0/0", "destination": "0.0.0.0/0", "protocol": 0},
        "replay_window": 4, "extended_sequence_numbers": false,
        "replay": {"inbound_sequence": 0, "outbound_sequence": 0, "bitmap": ["0x00000000"]},
        "limits": {}, "bytes": 1260, "packets": 15,
        "replay_window_errors": 0, "replay_errors": 0, "integrity_failures": 0,
        "added_at": "2026-11-23T11:50:00.000Z", "first_used_at": "2026-11-23T11:50:10.000Z",
        "used_at": "2026-11-23T11:59:55.000Z"}})json"));
}

TEST_CASE("an SA with everything is shown with everything", "[setkey]") {
    CHECK(parsed(sa_json_line(laden_sa(), false, kNow)) == expected(R"json({"sa": {
        "source": "2001:db8::1", "destination": "2001:db8::2", "protocol": "esp",
        "spi": "0x00012345", "mode": "tunnel", "reqid": 16385, "sequence": 17,
        "state": "mature", "larval": false,
        "flags": ["noecn", "decap-dscp", "nopmtudisc", "wildrecv", "icmp", "af-unspec", "align4",
                  "esn", "dont-encap-dscp", "oseq-may-wrap", "0x80000000"],
        "aead": "rfc4106(gcm(aes))", "aead_key_bits": 160, "icv_bits": 128,
        "mark": "0x5/0xff", "output_mark": "0x10/0xf0", "if_id": 9,
        "selector": "10.1.0.1/16 -> 10.2.0.0/16[4096&61440] proto 6",
        "traffic": {"source": "10.1.0.1/16", "destination": "10.2.0.0/16", "protocol": 6,
                    "destination_port": 4096, "destination_port_mask": "0xf000",
                    "interface_index": 3},
        "encapsulation": "tcp 4500>4500", "care_of": "2001:db8::9",
        "security_context": {"domain": 1, "algorithm": 1, "length": 12,
                             "label": "system_u:r:\u001b"},
        "offload": {"interface_index": 3, "flags": ["in", "packet"]},
        "tfc_padding": 1500, "direction": "out", "cpu": 1,
        "nat_keepalive_seconds": 20, "mapping_report_seconds": 10,
        "replay_window": 64, "extended_sequence_numbers": true,
        "replay": {"inbound_sequence": 4294967301, "outbound_sequence": 8589934598,
                   "bitmap": ["0x0000001f", "0x80000000"]},
        "limits": {"soft_bytes": 1000000, "hard_bytes": 2000000, "soft_packets": 1000,
                   "hard_packets": 2000, "soft_add_seconds": 3600, "hard_add_seconds": 7200,
                   "soft_use_seconds": 1800, "hard_use_seconds": 5400},
        "bytes": 1260, "packets": 15,
        "replay_window_errors": 1, "replay_errors": 2, "integrity_failures": 3,
        "added_at": "2026-11-23T11:50:00.000Z", "first_used_at": "2026-11-23T11:50:10.000Z",
        "used_at": "2026-11-23T11:59:55.000Z",
        "other_attributes": [{"type": 40, "size": 2}]}})json"));
}

TEST_CASE("keys are in no JSON unless they are asked for", "[setkey]") {
    const Json with = parsed(sa_json_line(laden_sa(), true, kNow)).at("sa");
    CHECK(with.at("aead_key") == "0x000102030405060708090a0b0c0d0e0f10111213");
    CHECK(with.at("other_attributes").at(0).at("octets") == "abcd");
    const Json plain = parsed(sa_json_line(esp(), true, kNow)).at("sa");
    CHECK(plain.at("encryption_key") == "0x000102030405060708090a0b0c0d0e0f");
    CHECK(plain.at("integrity_key") == "0x000102030405060708090a0b0c0d0e0f10111213");
    for (const auto make : {esp, laden_sa})
        CHECK_FALSE(sa_json_line(make(), false, kNow).contains("000102"));
}

TEST_CASE("what has no word is a number in JSON, too", "[setkey]") {
    StoredSa sa = larval();
    sa.protocol = 43;
    sa.mode = 99;
    sa.encapsulation = StoredEncapsulation{9, 1, 2, address("10.0.0.7")};
    sa.selector.reset();
    sa.mark = {5, 0};
    sa.usage.add_time = 18'446'744'073'709'551'615U;
    const Json json = parsed(sa_json_line(sa, false, kNow)).at("sa");
    CHECK(json.at("protocol") == "43");
    CHECK(json.at("mode") == "99");
    CHECK(json.at("encapsulation") == "9 1>2");
    CHECK(json.at("original_address") == "10.0.0.7");
    CHECK(json.at("mark") == "0x5/0x0");
    CHECK_FALSE(json.contains("traffic"));
    CHECK_FALSE(json.contains("used_at"));
    CHECK(json.at("added_at") == "9999-12-31T23:59:59.000Z");
    const Json young = parsed(sa_json_line(larval(), false, kNow)).at("sa");
    CHECK(young.at("larval") == true);
    CHECK(young.at("state") == "larval");
}

TEST_CASE("a policy of setkey's is shown with the fields of the control interface", "[setkey]") {
    CHECK(parsed(policy_json_line(out_policy(), false)) == expected(R"json({"policy": {
        "direction": "out", "socket": false, "selector": "10.1.0.0/16 -> 10.2.0.0/16",
        "traffic": {"source": "10.1.0.0/16", "destination": "10.2.0.0/16", "protocol": 0},
        "action": "allow", "priority": 2147483648, "index": 353, "type": "main", "share": "any",
        "flags": [], "limits": {}, "bytes": 0, "packets": 0,
        "templates": [{"source": "0.0.0.0", "destination": "0.0.0.0", "protocol": "esp",
                       "mode": "transport", "reqid": 0, "optional": false}],
        "added_at": "2026-11-22T12:00:00.000Z"}})json"));
    const Json of_socket = parsed(policy_json_line(socket_policy(), false)).at("policy");
    CHECK(of_socket.at("direction") == "in");
    CHECK(of_socket.at("socket") == true);
    CHECK(of_socket.at("templates") == Json::array());
    CHECK(of_socket.at("used_at") == "2026-11-23T11:59:59.000Z");
}

TEST_CASE("a policy with everything is shown with everything", "[setkey]") {
    CHECK(parsed(policy_json_line(laden_policy(), false)) == expected(R"json({"policy": {
        "direction": "forward", "socket": false,
        "selector": "10.1.0.1/16[500] -> 10.2.0.0/16[4096&61440] proto 17",
        "traffic": {"source": "10.1.0.1/16", "destination": "10.2.0.0/16", "protocol": 17,
                    "source_port": 500, "destination_port": 4096,
                    "destination_port_mask": "0xf000", "interface_index": 3},
        "action": "allow", "priority": 2147483648, "index": 362, "type": "sub", "share": "unique",
        "flags": ["localok", "icmp", "cpu-acquire", "0x80"],
        "mark": "0x5/0xff", "if_id": 9,
        "templates": [
            {"source": "192.0.2.1", "destination": "192.0.2.2", "protocol": "esp",
             "mode": "tunnel", "reqid": 16385, "optional": false, "spi": "0x00000077",
             "share": "session", "integrity_algorithms": "0x10", "encryption_algorithms": "0x20",
             "compression_algorithms": "0x40"},
            {"source": "192.0.2.1", "destination": "192.0.2.2", "protocol": "43", "mode": "beet",
             "reqid": 0, "optional": true},
            {"source": "0.0.0.0", "destination": "0.0.0.0", "protocol": "255", "mode": "99",
             "reqid": 0, "optional": false}],
        "limits": {"soft_bytes": 1000000, "hard_bytes": 2000000, "soft_packets": 1000,
                   "hard_packets": 2000, "soft_add_seconds": 3600, "hard_add_seconds": 7200,
                   "soft_use_seconds": 1800, "hard_use_seconds": 5400},
        "bytes": 1260, "packets": 15,
        "security_context": {"domain": 1, "algorithm": 1, "length": 9, "label": "system_u"},
        "offload": {"interface_index": 3, "flags": ["packet"]},
        "added_at": "2026-11-22T12:00:00.000Z",
        "other_attributes": [{"type": 42, "size": 4}]}})json"));
}

TEST_CASE("text of a kernel that is no UTF-8 does not break JSON", "[setkey]") {
    StoredSa sa = esp();
    sa.encryption->name = "cbc(\xff\xfe)";
    CHECK(parsed(sa_json_line(sa, false, kNow)).at("sa").at("encryption") == "cbc(\uFFFD\uFFFD)");
}

TEST_CASE("each notice is an event with its type and its time", "[setkey]") {
    const EventTime at{std::chrono::seconds{kNow} + std::chrono::milliseconds{5}};
    std::set<std::string> types;
    for (const NamedNotice& named : notices()) {
        INFO(named.name);
        const Json event = parsed(notice_json_line(named.notice, at, false)).at("event");
        CHECK(event.at("at") == "2026-11-23T12:00:00.005Z");
        types.insert(event.at("type").get<std::string>());
        CHECK_FALSE(event.dump().contains("000102"));
    }
    CHECK(types == std::set<std::string>{"acquire", "sa_added", "sa_updated", "sa_deleted",
                                         "sa_expired", "sas_flushed", "policy_updated",
                                         "policy_expired", "policies_flushed", "policy_defaults",
                                         "counters", "report", "migrated", "mapping_changed",
                                         "other", "lost"});
}

TEST_CASE("notices say what they are about", "[setkey]") {
    const auto event = [](std::string_view name) {
        for (const NamedNotice& named : notices())
            if (named.name == name)
                return parsed(notice_json_line(named.notice, {}, false)).at("event");
        FAIL("no notice is named " << name);
        return Json{};
    };
    CHECK(event("acquire").at("packet").at("protocol") == 1);
    CHECK(event("acquire").at("policy").at("index") == 353);
    CHECK(event("SA added").at("sa").at("spi") == "0x00012345");
    // Of an expired SA the kernel tells no algorithms, so nothing is known of its state.
    CHECK(event("SA expired").at("hard") == true);
    CHECK_FALSE(event("SA expired").at("sa").contains("state"));
    CHECK(event("SAs flushed").at("protocol") == "all");
    CHECK(event("SAs of one protocol flushed").at("protocol") == "ah");
    CHECK(event("defaults changed") == expected(R"json({"at": "1970-01-01T00:00:00.000Z",
        "type": "policy_defaults", "in": "block", "forward": "accept", "out": "7"})json"));
    CHECK(event("counters").at("causes") == Json{"replay", "timer"});
    CHECK(event("migrated").at("steps").at(0).at("new_destination") == "192.0.2.3");
    CHECK(event("mapping changed").at("after") ==
          expected(R"json({"address": "192.0.2.7", "port": 34500})json"));
    CHECK(event("unreadable message").at("why") == "too short");
}

TEST_CASE("the schema names every field, and no other", "[setkey]") {
    std::set<std::string> shown;
    StoredSa sa = laden_sa();
    sa.encapsulation->original = address("10.0.0.7");
    sa.selector->source_port = {4096, 0xf000};
    sa.encryption = algorithm("cbc(aes)", 16);
    sa.integrity = algorithm("hmac(sha1)", 20, 96);
    sa.compression = algorithm("deflate", 0);
    collect_names(parsed(sa_json_line(sa, true, kNow)), shown);
    collect_names(parsed(policy_json_line(laden_policy(), true)), shown);
    collect_names(parsed(policy_json_line(socket_policy(), true)), shown);
    for (const NamedNotice& named : notices())
        collect_names(parsed(notice_json_line(named.notice, {}, true)), shown);
    CHECK(names_of_schema() == shown);
}

}  // namespace xfrmd::setkey::dump::tests
