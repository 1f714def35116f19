// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "test_host.h"

namespace {

using namespace xfrmd;
using test::TestHost;

std::vector<std::filesystem::path> layers(const TestHost& host) {
    return {host.at("/usr/lib/xfrmd"), host.at("/run/xfrmd"), host.at("/etc/xfrmd")};
}

std::vector<std::string> files(const TestHost& host) {
    std::vector<std::string> seen;
    const auto found = daemon::configuration_files(layers(host));
    REQUIRE(found.has_value());
    for (const auto& file : *found) seen.push_back(host.as_seen(file.string()));
    return seen;
}

using Files = std::vector<std::string>;

}  // namespace

TEST_CASE("no file at all is a configuration without connections", "[configuration]") {
    TestHost host;
    CHECK(files(host).empty());
    const auto loaded = daemon::load_configuration(layers(host), host.environment());
    REQUIRE(loaded.has_value());
    CHECK(loaded->configuration->connections.empty());
    CHECK(loaded->warnings.empty());
}

TEST_CASE("the main file comes first, drop-ins follow by name whatever their layer",
          "[configuration]") {
    TestHost host;
    host.write("/etc/xfrmd/xfrmd.toml", "# main\n");
    host.write("/etc/xfrmd/conf.d/20-b.toml", "#\n");
    host.write("/usr/lib/xfrmd/conf.d/10-a.toml", "#\n");
    host.write("/run/xfrmd/conf.d/30-c.toml", "#\n");
    host.write("/etc/xfrmd/conf.d/README", "no configuration");
    host.write("/etc/xfrmd/conf.d/.hidden.toml", "no configuration");
    host.write("/etc/xfrmd/conf.d/40-d.toml.bak", "no configuration");
    CHECK(files(host) == Files{"/etc/xfrmd/xfrmd.toml", "/usr/lib/xfrmd/conf.d/10-a.toml",
                               "/etc/xfrmd/conf.d/20-b.toml", "/run/xfrmd/conf.d/30-c.toml"});
}

TEST_CASE("a file overrides those of the same name in lower layers", "[configuration]") {
    TestHost host;
    host.write("/usr/lib/xfrmd/xfrmd.toml", "broken = ");
    host.write("/run/xfrmd/xfrmd.toml", "# good\n");
    host.write("/usr/lib/xfrmd/conf.d/a.toml", "broken = ");
    host.write("/etc/xfrmd/conf.d/a.toml", "# good\n");
    CHECK(files(host) == Files{"/run/xfrmd/xfrmd.toml", "/etc/xfrmd/conf.d/a.toml"});
    CHECK(daemon::load_configuration(layers(host), host.environment()).has_value());
}

TEST_CASE("an empty file or a link to /dev/null masks", "[configuration]") {
    TestHost host;
    host.write("/usr/lib/xfrmd/xfrmd.toml", "broken = ");
    host.write("/etc/xfrmd/xfrmd.toml", "");
    host.write("/usr/lib/xfrmd/conf.d/a.toml", "broken = ");
    std::filesystem::create_directories(host.at("/etc/xfrmd/conf.d"));
    std::filesystem::create_symlink("/dev/null", host.at("/etc/xfrmd/conf.d/a.toml"));
    CHECK(files(host).empty());
}

TEST_CASE("sections of several files make one configuration", "[configuration]") {
    TestHost host;
    host.write_credentials();
    host.write("/etc/xfrmd/xfrmd.toml", "[trust.fleet]\nca = '/etc/xfrmd/fleet-ca.pem'\n");
    host.write("/run/xfrmd/conf.d/a.toml",
               "[identity.host]\ncert = '/etc/xfrmd/host.pem'\nkey = '/etc/xfrmd/host.key'\n");
    host.write("/etc/xfrmd/conf.d/b.toml",
               "[connection.b]\nremote = '192.0.2.2'\nidentity = 'host'\npeer = { trust = 'fleet', "
               "id = 'b.example' }\n");
    const auto loaded = daemon::load_configuration(layers(host), host.environment());
    INFO((loaded ? "" : test::rendered(loaded.error())));
    REQUIRE(loaded.has_value());
    CHECK(loaded->configuration->connections.size() == 1);
}

TEST_CASE("[daemon] may stand in one file, and says nothing of its own accord", "[configuration]") {
    TestHost host;
    host.write("/etc/xfrmd/conf.d/a.toml", "[ike]\nrefuse_ikev1 = true\n");
    const auto silent = daemon::load_configuration(layers(host), host.environment());
    REQUIRE(silent.has_value());
    CHECK_FALSE(silent->daemon.log_level);
    host.write("/etc/xfrmd/xfrmd.toml", "[daemon]\nlog_level = 'debug'\n");
    const auto loaded = daemon::load_configuration(layers(host), host.environment());
    REQUIRE(loaded.has_value());
    CHECK(loaded->daemon.log_level == daemon::Level::Debug);
    host.write("/etc/xfrmd/conf.d/b.toml", "[daemon]\nlog_level = 'info'\n");
    const auto twice = daemon::load_configuration(layers(host), host.environment());
    REQUIRE_FALSE(twice.has_value());
    CHECK(twice.error()[0].text == "[daemon] is there twice");
}

TEST_CASE("a file that is no TOML does not keep the others from being checked", "[configuration]") {
    TestHost host;
    host.write("/etc/xfrmd/xfrmd.toml", "[trust.fleet\n");
    host.write("/etc/xfrmd/conf.d/b.toml",
               "[connection.b]\nremote = 'nowhere'\nidentity = 'host'\npeer = { trust = 'fleet', "
               "id = 'b.example' }\n");
    const auto loaded = daemon::load_configuration(layers(host), host.environment());
    REQUIRE_FALSE(loaded.has_value());
    // What the broken file may define is not complained about.
    REQUIRE(loaded.error().size() == 2);
    CHECK(host.as_seen(loaded.error()[0].file) == "/etc/xfrmd/xfrmd.toml");
    CHECK(host.as_seen(loaded.error()[1].file) == "/etc/xfrmd/conf.d/b.toml");
    CHECK(loaded.error()[1].line == 2);
}

TEST_CASE("the same name in two files is told with both places", "[configuration]") {
    TestHost host;
    host.write_credentials();
    const std::string connection =
        "[connection.b]\nremote = '192.0.2.2'\npeer = { id = 'b.example', psk = "
        "'/etc/xfrmd/beta.psk' }\n";
    host.write("/etc/xfrmd/conf.d/a.toml", connection);
    host.write("/etc/xfrmd/conf.d/b.toml", connection);
    const auto loaded = daemon::load_configuration(layers(host), host.environment());
    REQUIRE_FALSE(loaded.has_value());
    REQUIRE(loaded.error().size() == 1);
    CHECK(host.as_seen(loaded.error()[0].file) == "/etc/xfrmd/conf.d/b.toml");
    CHECK(loaded.error()[0].text == "connection \"b\" is defined twice");
    CHECK(host.as_seen(loaded.error()[0].hint).contains("/etc/xfrmd/conf.d/a.toml:1"));
}

TEST_CASE("a file that is named and missing is an error", "[configuration]") {
    TestHost host;
    const auto loaded =
        daemon::load_configuration_files({host.at("/none.toml"), host.root()}, host.environment());
    REQUIRE_FALSE(loaded.has_value());
    REQUIRE(loaded.error().size() == 2);
    CHECK(loaded.error()[0].text == "cannot open the file: No such file or directory");
    CHECK(loaded.error()[1].text == "cannot read the file: Is a directory");
}

TEST_CASE("a missing route is told as something that may heal", "[configuration]") {
    TestHost host;
    host.write_credentials();
    host.write("/etc/xfrmd/xfrmd.toml",
               "[connection.b]\nremote = '192.0.2.2'\npeer = { id = 'b.example', psk = "
               "'/etc/xfrmd/beta.psk' }\n");
    auto environment = host.environment();
    environment.local_address_for =
        [](const xfrm::Address&) -> std::expected<xfrm::Address, std::string> {
        return std::unexpected{std::string{"the network is unreachable"}};
    };
    const auto loaded = daemon::load_configuration(layers(host), environment);
    REQUIRE_FALSE(loaded.has_value());
    REQUIRE(loaded.error().size() == 1);
    CHECK(loaded.error()[0].waits_for_network);
    CHECK(loaded.error()[0].text ==
          "no address of ours towards 192.0.2.2: the network is unreachable");

    // Offline nobody asks for routes, and credentials of systemd are out of reach.
    host.write(
        "/etc/xfrmd/xfrmd.toml",
        "[connection.b]\nremote = '192.0.2.2'\npeer = { id = 'b.example', psk = '@psk.berlin' }\n");
    environment.local_address_for = nullptr;
    environment.credentials_directory.reset();
    environment.offline = true;
    const auto checked = daemon::load_configuration(layers(host), environment);
    REQUIRE(checked.has_value());
    REQUIRE(checked->warnings.size() == 1);
    CHECK(checked->warnings[0].text.contains("was not checked"));
}
