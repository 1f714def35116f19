// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/credential_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "test_host.h"

namespace {

using namespace xfrmd;
using daemon::CredentialFiles;
using test::TestHost;

std::string text_of(View view) {
    const void* octets = view.data();
    return {static_cast<const char*>(octets), view.size()};
}

CredentialFiles files_of(const TestHost& host) {
    return {host.root(), host.at("/run/credentials")};
}

std::string refusal(const TestHost& host, std::string_view reference, std::size_t size_max = 100) {
    const auto file = files_of(host).read_private(reference, size_max);
    REQUIRE_FALSE(file.has_value());
    return host.as_seen(file.error().text);
}

}  // namespace

TEST_CASE("a private file of ours is read", "[configuration]") {
    TestHost host;
    host.write("/etc/xfrmd/a.key", "secret", 0600);
    host.write("/etc/xfrmd/b.key", "secret", 0400);
    for (const auto name : {"/etc/xfrmd/a.key", "/etc/xfrmd/b.key", "//etc//xfrmd/a.key"}) {
        const auto file = files_of(host).read_private(name, 100);
        REQUIRE(file.has_value());
        CHECK(text_of(file->view()) == "secret");
    }
}

TEST_CASE("a private file that others may touch is refused", "[configuration]") {
    TestHost host;
    for (const unsigned mode : {0640U, 0604U, 0660U, 0602U, 0610U, 0777U}) {
        host.write("/etc/xfrmd/a.key", "secret", mode);
        INFO(mode);
        CHECK(refusal(host, "/etc/xfrmd/a.key").contains("is accessible to"));
    }
}

TEST_CASE("a private file of another user is refused", "[configuration]") {
    TestHost host;
    host.write("/etc/xfrmd/a.key", "secret");
    if (::geteuid() != 0) SKIP("needs root to give a file away");
    REQUIRE(::chown(host.at("/etc/xfrmd/a.key").c_str(), 12345, 0) == 0);
    CHECK(refusal(host, "/etc/xfrmd/a.key") ==
          "/etc/xfrmd/a.key belongs to user 12345, who could read and replace it");
}

TEST_CASE("a private file is not read through links, wherever they are", "[configuration]") {
    TestHost host;
    host.write("/etc/xfrmd/a.key", "secret");
    std::filesystem::create_symlink("a.key", host.at("/etc/xfrmd/link.key"));
    std::filesystem::create_symlink("xfrmd", host.at("/etc/linked"));
    CHECK(refusal(host, "/etc/xfrmd/link.key").contains("symbolic link"));
    CHECK(refusal(host, "/etc/linked/a.key").contains("symbolic link"));
    const auto file = files_of(host).read_private("/etc/linked/a.key", 100);
    REQUIRE_FALSE(file.has_value());
    CHECK(host.as_seen(file.error().hint) == "write the real path: \"/etc/xfrmd/a.key\"");
}

TEST_CASE("what is no regular file is refused without waiting for it", "[configuration]") {
    TestHost host;
    host.write("/etc/xfrmd/a.key", "secret");
    REQUIRE(::mkfifo(host.at("/etc/xfrmd/fifo").c_str(), 0600) == 0);
    CHECK(refusal(host, "/etc/xfrmd/fifo").contains("no regular file"));
    CHECK(refusal(host, "/etc/xfrmd").contains("no regular file"));
    CHECK(refusal(host, "/").contains("folder"));
}

TEST_CASE("size is bounded", "[configuration]") {
    TestHost host;
    host.write("/a", std::string(100, 'x'));
    host.write("/b", std::string(101, 'x'));
    host.write("/c", "");
    CHECK(files_of(host).read_private("/a", 100).has_value());
    CHECK(refusal(host, "/b") == "/b is larger than 100 octets");
    CHECK(refusal(host, "/c") == "/c is empty");
}

TEST_CASE("missing files and impossible names are told", "[configuration]") {
    TestHost host;
    CHECK(refusal(host, "/none") == "cannot open /none: No such file or directory");
    CHECK(refusal(host, "relative").contains("names no file"));
    CHECK(refusal(host, "@").contains("no name of a credential"));
    CHECK(refusal(host, "@..").contains("no name of a credential"));
    CHECK(refusal(host, "@../etc/passwd").contains("no name of a credential"));
    CHECK(refusal(host, std::string{"/a\0b", 4}).contains("NUL"));
}

TEST_CASE("credentials of systemd are found by their name, also with the prefix of the service",
          "[configuration]") {
    TestHost host;
    host.write("/run/credentials/plain", "one", 0400);
    host.write("/run/credentials/xfrmd.imported", "two",
               0440);  // with an ACL for the service's user
    host.write("/run/credentials/open", "three", 0444);
    const CredentialFiles files = files_of(host);
    REQUIRE(files.read_private("@plain", 100).has_value());
    REQUIRE(files.read_private("@imported", 100).has_value());
    CHECK(text_of(files.read_private("@imported", 100)->view()) == "two");
    CHECK(refusal(host, "@open").contains("accessible to everybody"));
    const CredentialFiles without{host.root(), std::nullopt};
    REQUIRE_FALSE(without.read_private("@plain", 100).has_value());
    CHECK(without.read_private("@plain", 100).error().no_credentials_directory);
}

TEST_CASE("a certificate may be a link and readable, not writable by everybody",
          "[configuration]") {
    TestHost host;
    host.write("/etc/a.pem", "certificate", 0644);
    host.write("/etc/b.pem", "certificate", 0666);
    std::filesystem::create_symlink("a.pem", host.at("/etc/link.pem"));
    REQUIRE(files_of(host).read_public("/etc/link.pem", 100).has_value());
    const auto writable = files_of(host).read_public("/etc/b.pem", 100);
    REQUIRE_FALSE(writable.has_value());
    CHECK(host.as_seen(writable.error().text) == "everybody can write /etc/b.pem");
}
