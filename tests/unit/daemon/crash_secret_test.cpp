// SPDX-License-Identifier: Apache-2.0
#include "daemon/crash_secret.h"

#include <botan/auto_rng.h>
#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>

#include "tests/support/temporary_directory.h"

using namespace xfrmd;

TEST_CASE("the secret behind crash tokens is made once and then the same", "[daemon]") {
    const test::TemporaryDirectory folder;
    Botan::AutoSeeded_RNG rng;
    const auto first = daemon::crash_secret(folder.path(), rng);
    const auto second = daemon::crash_secret(folder.path(), rng);
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first->size() == 32);
    CHECK(equal(first->view(), second->view()));
    struct stat about{};
    REQUIRE(::stat((folder.path() / "crash-secret").c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
}

TEST_CASE("a secret that others may read, that is a link, or that is cut short is not used", "[daemon]") {
    Botan::AutoSeeded_RNG rng;
    for (const int how : {0, 1, 2}) {
        const test::TemporaryDirectory folder;
        const auto path = folder.path() / "crash-secret";
        const auto first = daemon::crash_secret(folder.path(), rng);
        REQUIRE(first);
        if (how == 0) REQUIRE(::chmod(path.c_str(), 0640) == 0);
        if (how == 1) {
            std::filesystem::rename(path, folder.path() / "elsewhere");
            std::filesystem::create_symlink(folder.path() / "elsewhere", path);
        }
        if (how == 2) std::filesystem::resize_file(path, 31);
        const auto second = daemon::crash_secret(folder.path(), rng);
        REQUIRE(second);
        CHECK_FALSE(equal(first->view(), second->view()));
        CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(path)));
    }
}

TEST_CASE("without a folder there is no secret, and a sentence why", "[daemon]") {
    Botan::AutoSeeded_RNG rng;
    const auto secret = daemon::crash_secret("/nonexistent", rng);
    REQUIRE_FALSE(secret);
    CHECK(secret.error().contains("/nonexistent"));
}
