// SPDX-License-Identifier: Apache-2.0
// The rules hold for every file of the checkout, and each rule is shown something that breaks it.
#include "tests/tidy/tidy.h"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace xfrmd::tidy;

namespace {

namespace fs = std::filesystem;

const fs::path kCheckout = XFRMD_CHECKOUT;

std::string read(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

// Our sources and build files, relative to the checkout.
std::vector<std::string> our_files() {
    std::vector<std::string> files{"CMakeLists.txt"};
    constexpr auto kFolders = std::to_array<const char*>({"cli", "cmake", "daemon", "docs", "ike", "netlink", "tests"});
    for (const char* folder : kFolders) {
        for (const auto& entry : fs::recursive_directory_iterator{kCheckout / folder}) {
            const std::string extension = entry.path().extension().string();
            const bool ours = extension == ".h" || extension == ".cpp" || extension == ".cmake" ||
                              entry.path().filename() == "CMakeLists.txt";
            if (entry.is_regular_file() && ours) files.push_back(fs::relative(entry.path(), kCheckout).generic_string());
        }
    }
    return files;
}

// What is said of a file with these lines after the licence; empty if nothing.
std::string complaint(std::string_view path, std::string_view line) {
    const auto found = check_file(path, "// SPDX-License-Identifier: Apache-2.0\n" + std::string{line} + "\n");
    if (found.empty()) return "";
    CHECK(found.size() == 1);
    CHECK(found[0].line == 2);
    return found[0].what;
}

}  // namespace

TEST_CASE("every file keeps the rules of its room", "[tidy]") {
    const auto files = our_files();
    REQUIRE(files.size() > 100);
    for (const std::string& file : files)
        for (const Complaint& wrong : check_file(file, read(kCheckout / file)))
            FAIL_CHECK(wrong.path << ":" << wrong.line << ": " << wrong.what);
}

TEST_CASE("an include against the direction of dependency is found", "[tidy]") {
    CHECK(complaint("ike/host.cpp", "#include \"netlink/socket.h\"") == "ike/ must not include netlink/socket.h");
    CHECK(complaint("ike/host.cpp", "#include \"daemon/daemon.h\"") != "");
    CHECK(complaint("netlink/kernel.cpp", "#include \"ike/io.h\"") == "netlink/ must not include ike/io.h");
    CHECK(complaint("netlink/model/kernel.h", "#include \"netlink/socket.h\"") != "");
    CHECK(complaint("netlink/model/kernel.h", "#include \"ike/io.h\"") != "");
    CHECK(complaint("cli/list.cpp", "#include \"ike/host.h\"") != "");
    CHECK(complaint("cli/list.cpp", "#include \"daemon/daemon.h\"") != "");
    CHECK(complaint("daemon/daemon.cpp", "#include \"tests/sim/world.h\"") != "");

    CHECK(complaint("cli/setkey/language/parser.cpp", "#include \"netlink/kernel.h\"") != "");
    CHECK(complaint("cli/setkey/language/parser.cpp", "#include <netdb.h>") != "");

    CHECK(complaint("cli/setkey/runner.cpp", "#include \"netlink/kernel.h\"") == "");
    CHECK(complaint("cli/setkey/language/parser.cpp", "#include \"netlink/model/secret.h\"") == "");
    CHECK(complaint("ike/host.cpp", "#include \"netlink/model/kernel.h\"") == "");
    CHECK(complaint("cli/list.cpp", "#include \"ike/crypto/registry.h\"") == "");
    CHECK(complaint("cli/list.cpp", "#include \"ike/auth/x509.h\"") != "");
    CHECK(complaint("cli/pki/verify.cpp", "#include \"ike/auth/x509.h\"") == "");
    CHECK(complaint("cli/pki/verify.cpp", "#include \"ike/host.h\"") != "");
    CHECK(complaint("cli/pki/verify.cpp", "#include \"daemon/configuration/load.h\"") != "");
    CHECK(complaint("cli/list.cpp", "#include \"daemon/api/json.h\"") == "");
    CHECK(complaint("daemon/daemon.cpp", "#include \"ike/host.h\"") == "");
    CHECK(complaint("tests/sim/world.cpp", "#include \"daemon/daemon.h\"") == "");
}

TEST_CASE("a system header that the core must not have is found", "[tidy]") {
    for (const char* header : {"thread", "mutex", "iostream", "fstream", "random", "libmnl/libmnl.h", "sys/socket.h",
                               "nlohmann/json.hpp", "CLI/CLI.hpp", "unordered_map", "cstdlib", "arpa/inet.h"})
        CHECK(complaint("ike/core.cpp", "#include <" + std::string{header} + ">") ==
              "the core must not include <" + std::string{header} + "> here");
    CHECK(complaint("ike/core.cpp", "#include <vector>") == "");
    CHECK(complaint("netlink/socket.cpp", "#include <libmnl/libmnl.h>") == "");
    CHECK(complaint("netlink/model/address.cpp", "#include <arpa/inet.h>") == "");
}

TEST_CASE("Botan behind its seams only", "[tidy]") {
    CHECK(complaint("ike/crypto/prf.cpp", "#include <botan/mac.h>") == "");
    CHECK(complaint("ike/auth/x509.cpp", "#include <botan/x509cert.h>") == "");
    CHECK(complaint("ike/crypto/prf.h", "#include <botan/mac.h>") != "");
    CHECK(complaint("ike/core.cpp", "#include <botan/mac.h>") != "");
    CHECK(complaint("ike/core.h", "#include <botan/rng.h>") == "");
    CHECK(complaint("netlink/model/secret.h", "#include <botan/secmem.h>") == "");
}

TEST_CASE("what looks at all IKE SAs is found, but for the few that may", "[tidy]") {
    CHECK(complaint("ike/teardown.cpp", "core.ike_sas.for_each([](IkeSa&) {});") == "nothing but what tells of all IKE SAs looks at all of them");
    CHECK(complaint("ike/observe.cpp", "core.ike_sas.for_each([](IkeSa&) {});") == "");
    CHECK(complaint("tests/sim/scene.cpp", "core.ike_sas.for_each([](IkeSa&) {});") == "");
}

TEST_CASE("a word that the core must not have is found", "[tidy]") {
    CHECK(complaint("ike/core.cpp", "auto now = std::chrono::steady_clock::now();") != "");
    CHECK(complaint("ike/core.cpp", "std::mutex lock;") != "");
    CHECK(complaint("ike/core.cpp", "throw 1;") == "the core has no use for throw");
    CHECK(complaint("ike/core.cpp", "auto x = reinterpret_cast<char*>(y);") != "");
    CHECK(complaint("ike/core.cpp", "const char* home = getenv(\"HOME\");") != "");
    CHECK(complaint("ike/core.cpp", "std::printf(\"\");") != "");
    CHECK(complaint("netlink/model/selector.cpp", "std::unordered_map<int, int> m;") != "");
    CHECK(complaint("ike/core.cpp", "std::shared_ptr<IkeSa> sa;") == "the core shares nothing but its Configuration");

    CHECK(complaint("ike/core.cpp", "std::shared_ptr<const Configuration> c;") == "");
    CHECK(complaint("ike/core.cpp", "// this may throw, says the printf of getenv") == "");
    CHECK(complaint("ike/core.cpp", "say(\"throw\"); int rethrown = 1'000;") == "");
    CHECK(complaint("daemon/main.cpp", "throw 1;") == "");
}

TEST_CASE("a file without licence and a path of somebody's machine are found", "[tidy]") {
    REQUIRE(check_file("ike/x.cpp", "#include <vector>\n").size() == 1);
    CHECK(check_file("ike/CMakeLists.txt", "# SPDX-License-Identifier: Apache-2.0\n").empty());
    CHECK(check_file("ike/CMakeLists.txt", "add_library(x y.cpp)\n").size() == 1);
    const std::string path = std::string{"\"/ho"} + "me/me/x\"";
    CHECK(complaint("daemon/main.cpp", "open(" + path + ");") == "an absolute path of somebody's machine");
}

TEST_CASE("comments and literals are blanked, lines stay", "[tidy]") {
    CHECK(without_comments_and_literals("a/*b\nc*/d") == "a   \n   d");
    CHECK(without_comments_and_literals("a \"x\\\"y\" b // c\nd") == "a        b     \nd");
    CHECK(without_comments_and_literals("f('\"', 1'000);") == "f(   , 1'000);");
}
