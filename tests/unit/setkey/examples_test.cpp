// SPDX-License-Identifier: Apache-2.0
// The files of setkey in examples/ are read as what their comments say.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "cli/setkey/language/parser.h"
#include "cli/setkey/language/print.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::setkey;

namespace fs = std::filesystem;
const fs::path kExamples = XFRMD_EXAMPLES;

std::vector<std::string> statements(const std::string& name) {
    std::ifstream in{kExamples / name};
    REQUIRE(in.is_open());
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    const Source source{name, text};
    const auto parsed = parse(source);
    INFO(daemon::render(parsed.diagnostics));
    REQUIRE(parsed.good);
    CHECK(parsed.diagnostics.empty());
    std::vector<std::string> all;
    for (const Statement& statement : parsed.statements) all.push_back(print(statement.value, Keys::Hide));
    return all;
}

}  // namespace

TEST_CASE("the how-to's files ask for ESP and AH between two hosts", "[setkey]") {
    CHECK(statements("kernel-policies/192.168.0.1.setkey.conf") ==
          std::vector<std::string>{
              "spdadd 192.168.0.0/24 10.1.2.3/32 any -P out ipsec esp/transport//require ah/transport//require;",
              "spdadd 10.1.2.3/32 192.168.0.0/24 any -P in ipsec esp/transport//require ah/transport//require;"});
    CHECK(statements("kernel-policies/10.1.2.3.setkey.conf") ==
          std::vector<std::string>{
              "spdadd 10.1.2.0/24 192.168.0.1/32 any -P out ipsec esp/transport//require ah/transport//require;",
              "spdadd 192.168.0.1/32 10.1.2.0/24 any -P in ipsec esp/transport//require ah/transport//require;"});
}

TEST_CASE("no file of setkey in the examples is left without a test", "[setkey]") {
    std::set<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator{kExamples})
        if (entry.path().string().ends_with(".setkey.conf"))
            files.insert(fs::relative(entry.path(), kExamples).string());
    CHECK(files == std::set<std::string>{"kernel-policies/10.1.2.3.setkey.conf",
                                         "kernel-policies/192.168.0.1.setkey.conf"});
}
