// SPDX-License-Identifier: Apache-2.0
// Each sample with what is made of it and what is said about it, as reports/NAME.txt has it.
// XFRMD_UPDATE_GOLDEN=1 writes those anew.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/migrate/render.h"
#include "cli/migrate/toml.h"
#include "tests/unit/migrate/files.h"

namespace {

using namespace xfrmd;
namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
}

// The certificates that the samples name, as if they were there.
void add_certificates(migrate::Facts& facts) {
    const auto add = [&](const std::string& file, const std::string& subject,
                         std::vector<std::string> names) {
        names.push_back(subject);
        facts.certificates["/etc/racoon/" + file] = {
            .problem = {}, .subject = subject, .names = std::move(names)};
    };
    add("thishostname_cert.pem", "CN=thishostname,O=Example,C=DE", {"thishostname.example.net"});
    add("certs/branch.pem", "CN=branch,O=Example,C=DE", {"branch.example.net"});
    add("certs/server.pem", "CN=server,O=Example,C=DE", {"vpn.example.net"});
    add("certs/authority.pem", "CN=authority,O=Example,C=DE", {});
    facts.folder = {
        .path = "/etc/racoon", .problem = {}, .authorities = {"/etc/racoon/ca.pem"}, .crls = {}};
}

std::string told(const fs::path& sample) {
    test::Parsed parsed{{.racoon = read(sample / "racoon.conf"),
                         .setkey = read(sample / "setkey.conf"),
                         .psk = read(sample / "psk.txt")}};
    REQUIRE(parsed.good());
    add_certificates(parsed.facts());
    const auto migration = parsed.convert();
    std::string text = to_text(migration.report, {}, {}) + "\n---- the configuration\n" +
                       to_toml(migration.model, {"racoon.conf", "setkey.conf", "psk.txt"});
    const Secret kept = to_setkey(migration.model);
    if (!kept.empty())
        text += "\n---- what stays in a setkey file\n" +
                std::string{kept.view().begin(), kept.view().end()};
    return text;
}

}  // namespace

TEST_CASE("each sample becomes what its report says", "[migrate]") {
    const bool update = std::getenv("XFRMD_UPDATE_GOLDEN") != nullptr;
    std::size_t samples = 0;
    for (const auto& entry : fs::directory_iterator{XFRMD_SAMPLES}) {
        if (!entry.is_directory() || entry.path().filename() == "everything") continue;
        INFO(entry.path().filename().string());
        const fs::path golden =
            fs::path{XFRMD_REPORTS} / (entry.path().filename().string() + ".txt");
        const std::string text = told(entry.path());
        if (update)
            std::ofstream{golden, std::ios::trunc} << text;
        else
            CHECK(text == read(golden));
        ++samples;
    }
    CHECK(samples >= 7);
}
