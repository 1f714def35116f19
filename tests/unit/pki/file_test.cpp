// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/file.h"

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "fixture.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::cli::pki;
using namespace xfrmd::cli::pki::test;

unsigned mode_of(const std::filesystem::path& file) {
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

std::size_t entries(const std::filesystem::path& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{folder}, {}));
}

}  // namespace

TEST_CASE("a file gets the mode it is to have, whatever the umask", "[pki]") {
    const TemporaryDirectory folder;
    for (const mode_t mask : {mode_t{0}, mode_t{077}, mode_t{022}}) {
        const mode_t before = ::umask(mask);
        REQUIRE(write_file(folder.path() / "key", as_view("k"), kPrivateMode, Existing::Replace));
        REQUIRE(write_file(folder.path() / "certificate", as_view("c"), kPublicMode,
                           Existing::Replace));
        ::umask(before);
        CHECK(mode_of(folder.path() / "key") == 0600);
        CHECK(mode_of(folder.path() / "certificate") == 0644);
    }
}

TEST_CASE("what exists is replaced only when told, and nothing else is left behind", "[pki]") {
    const TemporaryDirectory folder;
    const auto file = folder.path() / "key";
    write_text(file, "old", 0644);
    const auto kept = write_file(file, as_view("new"), kPrivateMode, Existing::Keep);
    CHECK(kept.error() == file.string() + " exists, and is not replaced without --force");
    CHECK(must_not_exist(file, Existing::Keep).error() == kept.error());
    CHECK(read_text(file) == "old");
    CHECK(entries(folder.path()) == 1);

    CHECK(must_not_exist(file, Existing::Replace).has_value());
    REQUIRE(write_file(file, as_view("new"), kPrivateMode, Existing::Replace));
    CHECK(read_text(file) == "new");
    CHECK(mode_of(file) == 0600);
    CHECK(entries(folder.path()) == 1);
}

TEST_CASE("a link is no way to write elsewhere", "[pki]") {
    const TemporaryDirectory folder;
    const auto target = folder.path() / "target";
    write_text(target, "precious");
    for (const auto& to : {target, folder.path() / "nothing"}) {
        const auto link = folder.path() / "link";
        std::filesystem::remove(link);
        std::filesystem::create_symlink(to, link);
        CHECK_FALSE(write_file(link, as_view("new"), kPrivateMode, Existing::Keep).has_value());
        CHECK_FALSE(must_not_exist(link, Existing::Keep).has_value());
        // Replaced is the link, not what it leads to.
        REQUIRE(write_file(link, as_view("new"), kPrivateMode, Existing::Replace));
        CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(link)));
        CHECK(read_text(target) == "precious");
    }
}

TEST_CASE("of many that write the same name at once, one succeeds, and its file is whole",
          "[pki]") {
    const TemporaryDirectory folder;
    const auto file = folder.path() / "key";
    std::vector<int> wins(4, 0);
    {
        std::vector<std::jthread> writers;
        for (std::size_t i = 0; i < wins.size(); ++i)
            writers.emplace_back([&, i] {
                const std::string content(100'000, static_cast<char>('a' + i));
                wins[i] = write_file(file, as_view(content), kPrivateMode, Existing::Keep) ? 1 : 0;
            });
    }
    REQUIRE(std::ranges::count(wins, 1) == 1);
    const auto winner = std::ranges::find(wins, 1) - wins.begin();
    CHECK(read_text(file) == std::string(100'000, static_cast<char>('a' + winner)));
}

TEST_CASE("private files are read only if they are private", "[pki]") {
    const TemporaryDirectory folder;
    const auto file = folder.path() / "key";
    write_text(file, "secret", 0640);
    CHECK(read_private(file).error().contains("chmod 0600"));
    CHECK(read_any(file).has_value());
    write_text(file, "secret", 0600);
    CHECK(read_private(file).has_value());
    CHECK(read_private(folder.path() / "nothing").error() ==
          "there is no file " + (folder.path() / "nothing").string());
    CHECK_FALSE(read_public(folder.path()).has_value());
}
