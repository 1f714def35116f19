// SPDX-License-Identifier: Apache-2.0
#include "test_host.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <sstream>

#include "test_certificates.h"

namespace xfrmd::test {

TestHost::TestHost() {
    std::string name = (std::filesystem::temp_directory_path() / "xfrmd-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root_ = name;
}

TestHost::~TestHost() {
    std::error_code error;
    std::filesystem::remove_all(root_, error);
}

std::filesystem::path TestHost::at(std::string_view path) const {
    return root_ / std::filesystem::path{path}.relative_path();
}

void TestHost::write(std::string_view path, std::string_view text, unsigned mode) const {
    const auto file = at(path);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream out{file, std::ios::binary | std::ios::trunc};
    out << text;
    out.close();
    REQUIRE(out.good());
    REQUIRE(::chmod(file.c_str(), static_cast<mode_t>(mode)) == 0);
}

void TestHost::write_credentials() const {
    const Certificates& certificates = test_certificates();
    write("/etc/xfrmd/host.pem", certificates.host, 0644);
    write("/etc/xfrmd/host.key", certificates.host_key);
    write("/etc/xfrmd/expired.pem", certificates.expired, 0644);
    write("/etc/xfrmd/other.key", certificates.other_key);
    write("/etc/xfrmd/open.key", certificates.host_key, 0644);
    write("/etc/xfrmd/fleet-ca.pem", certificates.authority, 0644);
    write("/etc/xfrmd/fleet-ca.crl", certificates.revocations, 0644);
    write("/etc/xfrmd/alpha.psk", "L1fVrqRRCg7J6S0OrFTNuVRFqYzSmjkzs1YWKLKTb0E=\n");
    write("/etc/xfrmd/beta.psk", "L1fVrqRRCg7J6S0OrFTNuVRFqYzSmjkzs1YWKLKTb0E=\n");
    write("/etc/xfrmd/weak.psk", "hunter2\n");
    write("/etc/xfrmd/bad-hex.psk", "0x123\n");
    write("/etc/xfrmd/empty.psk", "");
    write("/etc/xfrmd/huge.psk", std::string(5000, 'x'));
    write("/run/credentials/xfrmd.psk.berlin",
          "0x000102030405060708090a0b0c0d0e0f1011121314151617\n", 0400);
    if (!std::filesystem::is_symlink(at("/etc/xfrmd/link.psk")))
        std::filesystem::create_symlink("beta.psk", at("/etc/xfrmd/link.psk"));
}

daemon::LoadEnvironment TestHost::environment() const {
    daemon::LoadEnvironment environment;
    environment.local_address_for =
        [](const xfrm::Address& remote) -> std::expected<xfrm::Address, std::string> {
        return *xfrm::Address::parse(remote.is_v4() ? "192.0.2.1" : "2001:db8::1");
    };
    environment.credentials_directory = at("/run/credentials");
    environment.root = root_;
    environment.number = 7;
    environment.now = ike::WallTime{kNow};
    return environment;
}

std::string TestHost::as_seen(std::string text) const {
    const std::string root = root_.string();
    for (auto found = text.find(root); found != std::string::npos; found = text.find(root))
        text.erase(found, root.size());
    return text;
}

daemon::LoadResult TestHost::load(std::string_view configuration) const {
    write("/etc/xfrmd/xfrmd.toml", configuration);
    return daemon::load_configuration({at("/etc/xfrmd")}, environment());
}

std::string rendered(const std::vector<daemon::Diagnostic>& diagnostics) {
    return daemon::render(diagnostics);
}

std::string read_text(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    INFO(path.string());
    REQUIRE(in.good());
    return text.str();
}

}  // namespace xfrmd::test
