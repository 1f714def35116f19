// SPDX-License-Identifier: Apache-2.0
// The samples as files of a host with certificates: migrated by the command, and loaded by the
// loader of `xfrmctl check`.
#include <stdlib.h>
#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ranges>

#include "cli/migrate/migrate.h"
#include "daemon/configuration/load.h"
#include "tests/support/test_pki.h"

namespace {

using namespace xfrmd;
namespace fs = std::filesystem;
using cli::ExitCode;

std::string read(const fs::path& path) {
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
}

unsigned mode_of(const fs::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0U;
}

// One sample in a folder of its own.
class Host {
  public:
    explicit Host(const std::string& sample) {
        std::string name = (fs::temp_directory_path() / "xfrmd-migrate-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        folder_ = name;
        fs::copy(fs::path{XFRMD_SAMPLES} / sample, folder_, fs::copy_options::recursive);
        fs::create_directories(folder_ / "certs");
        add_certificates();
        if (fs::exists(folder_ / "psk.txt")) ::chmod((folder_ / "psk.txt").c_str(), 0600);
    }
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    ~Host() {
        std::error_code error;
        fs::remove_all(folder_, error);
    }

    fs::path at(const std::string& name) const { return folder_ / name; }
    void write(const std::string& name, const std::string& text, unsigned mode = 0600) const {
        std::ofstream{at(name), std::ios::trunc} << text;
        ::chmod(at(name).c_str(), mode);
    }
    migrate::Options options() const {
        migrate::Options options;
        options.wanted.racoon = at("racoon.conf");
        if (fs::exists(at("setkey.conf"))) options.wanted.setkey = {at("setkey.conf")};
        options.output = at("out/xfrmd.toml");
        return options;
    }
    migrate::Result migrate() const { return migrate::migrate(options()); }
    daemon::LoadResult load(const std::string& name) const {
        daemon::LoadEnvironment environment;
        environment.offline = true;
        environment.now = ike::WallTime{test::kNow};
        return daemon::load_configuration_files({at(name)}, environment);
    }

  private:
    void add_certificates() const {
        test::TestPki pki{7};
        const auto authority = pki.make_root("authority");
        const auto add = [&](const std::string& certificate, const std::string& key,
                             const std::string& dns) {
            const auto host = pki.make_host(authority, dns);
            write(certificate, host.certificate_pem);
            write(key, host.private_key_pem);
        };
        add("thishostname_cert.pem", "thishostname_key.pem", "thishostname.example.net");
        add("certs/branch.pem", "certs/branch.key", "branch.example.net");
        add("certs/server.pem", "certs/server.key", "vpn.example.net");
        write("certs/authority.pem", authority.certificate_pem);
        write("ca.pem", authority.certificate_pem);
        fs::create_symlink("ca.pem", at("0a1b2c3d.0"));
        fs::create_symlink("authority.pem", at("certs/0a1b2c3d.0"));
        fs::create_symlink("branch.pem", at("certs/4e5f6071.0"));
    }

    fs::path folder_;
};

// Every second line in the place of its first.
std::string compatible(const std::string& toml) {
    std::vector<std::string> lines;
    for (const auto part : std::views::split(toml, '\n')) {
        std::string line{part.begin(), part.end()};
        const bool second =
            line.starts_with("# ") && line.contains(" # compatible: ") && line.contains(" = ");
        if (second && !line.contains("id = ")) {
            const std::string key = line.substr(2, line.find(' ', 2) - 2);
            if (!lines.empty() && lines.back().starts_with(key + " ")) lines.pop_back();
            line = line.substr(2);
        }
        lines.push_back(line);
    }
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    return all;
}

// racoon's role in place of the connections.
std::string with_role(const std::string& toml) {
    std::string all;
    bool role = false;
    bool other = false;
    for (const auto part : std::views::split(toml, '\n')) {
        std::string line{part.begin(), part.end()};
        if (line.starts_with("# [connection.kernel]")) role = true;
        if (line.starts_with("[")) other = line.contains("connection.");
        if (role && line.starts_with("# ")) line = line.substr(2);
        if (role || !other) all += line + "\n";
    }
    return role ? all : std::string{};
}

}  // namespace

TEST_CASE("what is made of each sample loads without a mistake, with either of its lines",
          "[migrate]") {
    for (const auto& entry : fs::directory_iterator{XFRMD_SAMPLES}) {
        const std::string sample = entry.path().filename().string();
        if (!entry.is_directory() || sample == "everything") continue;
        const Host host{sample};
        const migrate::Result result = host.migrate();
        INFO(sample << "\n" << result.out << result.err);
        REQUIRE(result.code != ExitCode::Failed);
        const std::string toml = read(host.at("out/xfrmd.toml"));
        INFO(toml);
        const auto loaded = host.load("out/xfrmd.toml");
        CHECK((loaded ? std::string{} : daemon::render(loaded.error())) == "");
        host.write("out/compatible.toml", compatible(toml));
        const auto old = host.load("out/compatible.toml");
        CHECK((old ? std::string{} : daemon::render(old.error())) == "");
        const std::string role = with_role(toml);
        if (role.empty()) continue;
        host.write("out/role.toml", role);
        const auto served = host.load("out/role.toml");
        CHECK((served ? std::string{} : daemon::render(served.error())) == "");
        CHECK((served && served->configuration->connections.size() == 1));
    }
}

TEST_CASE("the exit code says whether something is to be decided", "[migrate]") {
    CHECK(Host{"gateways"}.migrate().code == ExitCode::Ok);
    CHECK(Host{"host-to-host-psk"}.migrate().code == ExitCode::Ok);
    CHECK(Host{"natt"}.migrate().code == ExitCode::Ok);
    CHECK(Host{"howto"}.migrate().code == ExitCode::ToDecide);
    CHECK(Host{"plainrsa"}.migrate().code == ExitCode::ToDecide);
}

TEST_CASE("of the how-to, what is to be decided is who the peer is", "[migrate]") {
    const Host host{"howto"};
    const migrate::Result result = host.migrate();
    CHECK(result.out.contains("TO DECIDE (1)"));
    const std::string toml = read(host.at("out/xfrmd.toml"));
    CHECK(toml.contains("local_id  = \"CN=thishostname.example.net,O=Test\""));
    CHECK(toml.contains("ca        = [\"" + host.at("ca.pem").string() + "\"]"));
    // As published it has a typing error, which is pointed at.
    auto options = host.options();
    options.wanted.setkey = {host.at("setkey-as-published.conf")};
    options.output = host.at("other.toml");
    const migrate::Result refused = migrate::migrate(options);
    CHECK(refused.code == ExitCode::Failed);
    CHECK(refused.err.contains(":6:20: error: 192.168.0.0.0 is no address"));
    CHECK_FALSE(fs::exists(host.at("other.toml")));
}

TEST_CASE("secrets go to files of their own, which nobody else can read", "[migrate]") {
    const Host host{"gateways"};
    const migrate::Result result = host.migrate();
    const std::string secret = "a secret of the branch in Berlin";
    CHECK(read(host.at("out/berlin.psk")) == secret);
    CHECK(mode_of(host.at("out/berlin.psk")) == 0600);
    CHECK(mode_of(host.at("out/xfrmd.setkey")) == 0600);
    CHECK(read(host.at("out/xfrmd.setkey")).contains("hunter2"));
    for (const std::string& text : {result.out, result.err, read(host.at("out/xfrmd.toml"))}) {
        CHECK_FALSE(text.contains(secret));
        CHECK_FALSE(text.contains("hunter2"));
    }
}

TEST_CASE("what is there is replaced by force only, and otherwise nothing is written",
          "[migrate]") {
    const Host host{"gateways"};
    fs::create_directories(host.at("out"));
    host.write("out/berlin.psk", "another secret");
    const migrate::Result refused = host.migrate();
    CHECK(refused.code == ExitCode::Failed);
    CHECK(refused.err.contains("berlin.psk is there already"));
    CHECK(read(host.at("out/berlin.psk")) == "another secret");
    CHECK_FALSE(fs::exists(host.at("out/xfrmd.toml")));
    auto options = host.options();
    options.force = true;
    CHECK(migrate::migrate(options).code == ExitCode::Ok);
    CHECK(read(host.at("out/berlin.psk")) == "a secret of the branch in Berlin");
    // Nothing is left of the names under which files were written.
    CHECK(std::ranges::distance(fs::directory_iterator{host.at("out")}) == 4);
}

TEST_CASE("without -o nothing is written, and the configuration is printed", "[migrate]") {
    const Host host{"gateways"};
    auto options = host.options();
    options.output.reset();
    const migrate::Result result = migrate::migrate(options);
    CHECK(result.out.contains("[connection.berlin]"));
    CHECK(result.out.contains("psk = \"/etc/xfrmd/berlin.psk\""));
    CHECK(result.err.contains("secrets are written only with -o"));
    CHECK_FALSE(fs::exists(host.at("out")));
}

TEST_CASE("secrets stand beside conf.d, not in it", "[migrate]") {
    const Host host{"gateways"};
    auto options = host.options();
    options.output = host.at("out/conf.d/racoon.toml");
    fs::create_directories(host.at("out/conf.d"));
    CHECK(migrate::migrate(options).code == ExitCode::Ok);
    CHECK(fs::exists(host.at("out/berlin.psk")));
    CHECK(fs::exists(host.at("out/racoon.setkey")));
    CHECK(fs::exists(host.at("out/conf.d/racoon.toml")));
}

TEST_CASE("the report as JSON has every entry, and no secret", "[migrate]") {
    const Host host{"gateways"};
    auto options = host.options();
    options.json = true;
    options.output.reset();
    const migrate::Result result = migrate::migrate(options);
    CHECK(result.err.empty());
    CHECK_FALSE(result.out.contains("hunter2"));
    CHECK_FALSE(result.out.contains("a secret of the branch"));
    const auto json = nlohmann::json::parse(result.out);
    CHECK(json["counts"]["decide"] == 0);
    CHECK(json["entries"].size() > 30);
    CHECK(json["entries"][0].contains("verdict"));
    CHECK(json["peers"][0]["address"] == "198.51.100.7");
    CHECK(json["configuration"].get<std::string>().contains("[connection.berlin]"));
    options.wanted.racoon = host.at("psk.txt");
    const auto failed = nlohmann::json::parse(migrate::migrate(options).out);
    CHECK(failed["diagnostics"].size() >= 1);
}

TEST_CASE("a psk.txt that others can read is told, and one that is elsewhere is found beside",
          "[migrate]") {
    const Host host{"gateways"};
    ::chmod(host.at("psk.txt").c_str(), 0644);
    host.write("racoon.conf", [&] {
        std::string text = read(host.at("racoon.conf"));
        const std::string name = "\"psk.txt\"";
        return text.replace(text.find(name), name.size(), "\"/nonexistent/racoon/psk.txt\"");
    }());
    const migrate::Result result = host.migrate();
    CHECK(result.code == ExitCode::Ok);
    CHECK(result.out.contains("others than its owner can read the secrets in it (mode 0644)"));
}

TEST_CASE("the files of other front ends are told for what they are", "[migrate]") {
    const Host host{"racoon-tool"};
    const migrate::Result beside = host.migrate();
    CHECK(beside.code == ExitCode::ToDecide);
    CHECK(beside.out.contains("racoon-tool.conf\n      the configuration of Debian's racoon-tool"));
    auto options = host.options();
    options.wanted.racoon = host.at("racoon-tool.conf");
    const migrate::Result itself = migrate::migrate(options);
    CHECK(itself.code == ExitCode::Failed);
    CHECK(itself.err.contains("this is the configuration of Debian's racoon-tool"));
    CHECK(itself.err.contains("/var/lib/racoon/racoon.conf"));
}

TEST_CASE("included files are read, relative to racoon.conf", "[migrate]") {
    const Host host{"plainrsa"};
    fs::create_directories(host.at("peers"));
    host.write("peers/b.conf", "log debug;\n");
    host.write("peers/a.conf", "padding { randomize on; }\n");
    host.write("racoon.conf", read(host.at("racoon.conf")) + "include \"peers/*.conf\";\n");
    const migrate::Result result = host.migrate();
    CHECK(result.out.contains("peers/a.conf:1: padding"));
    CHECK(result.out.contains("peers/b.conf:1: log debug"));
}

TEST_CASE("files that are not there, are folders or cannot be read are mistakes", "[migrate]") {
    const Host host{"plainrsa"};
    auto options = host.options();
    options.wanted.setkey = {host.at("nothing.conf")};
    CHECK(migrate::migrate(options).err.contains("No such file"));
    options.wanted.setkey = {host.at("certs")};
    CHECK(migrate::migrate(options).err.contains("directory"));
    options = host.options();
    options.wanted.psk = host.at("nothing.txt");
    CHECK(migrate::migrate(options).code == ExitCode::Failed);
}
