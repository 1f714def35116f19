// SPDX-License-Identifier: Apache-2.0
// The text of a configuration file.
// The host has the credentials that the examples name. A load ends with a configuration, or with
// diagnostics that have a place and a sentence.
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "daemon/configuration/document.h"
#include "daemon/configuration/load.h"
#include "tests/fuzz/target.h"
#include "tests/unit/configuration/test_certificates.h"

namespace xfrmd::fuzz {

namespace {

// 2026-11-23T00:00:00Z, in the validity of the certificates.
constexpr std::int64_t kNow = 1'795'392'000;

// A folder that stands for the host's file system, for as long as the program runs.
class HostFiles {
  public:
    HostFiles() {
        std::string name = (std::filesystem::temp_directory_path() / "xfrmd-fuzz-XXXXXX").string();
        require(::mkdtemp(name.data()) != nullptr, "no temporary folder");
        root_ = name;
        std::filesystem::create_directories(root_ / "etc/xfrmd");
        const test::Certificates& certificates = test::test_certificates();
        write("host.pem", certificates.host);
        write("host.key", certificates.host_key);
        write("fleet-ca.pem", certificates.authority);
        write("fleet-ca.crl", certificates.revocations);
        for (const char* secret : {"alpha.psk", "beta.psk", "xfrmd.psk.berlin"})
            write(secret, "L1fVrqRRCg7J6S0OrFTNuVRFqYzSmjkzs1YWKLKTb0E=\n");
    }
    HostFiles(const HostFiles&) = delete;
    HostFiles& operator=(const HostFiles&) = delete;
    ~HostFiles() {
        std::error_code error;
        std::filesystem::remove_all(root_, error);
    }

    [[nodiscard]] const std::filesystem::path& root() const { return root_; }

  private:
    void write(const char* name, const std::string& text) {
        const auto path = root_ / "etc/xfrmd" / name;
        std::ofstream{path, std::ios::binary} << text;
        ::chmod(path.c_str(), 0600);
    }

    std::filesystem::path root_;
};

const HostFiles& host_files() {
    static const HostFiles files;
    return files;
}

daemon::LoadEnvironment environment(const HostFiles& files) {
    daemon::LoadEnvironment environment;
    environment.local_address_for =
        [](const xfrm::Address& remote) -> std::expected<xfrm::Address, std::string> {
        return *xfrm::Address::parse(remote.is_v4() ? "192.0.2.1" : "2001:db8::1");
    };
    environment.root = files.root();
    environment.credentials_directory = files.root() / "etc/xfrmd";
    environment.now = ike::WallTime{kNow};
    return environment;
}

void check_diagnostics(const std::vector<daemon::Diagnostic>& diagnostics, std::size_t lines) {
    for (const daemon::Diagnostic& diagnostic : diagnostics) {
        require(!diagnostic.text.empty() && !diagnostic.file.empty(),
                "a diagnostic without a place or a sentence");
        require(diagnostic.line <= lines + 1, "a diagnostic beyond the end of the file");
        require(daemon::render(diagnostic).ends_with("\n"),
                "a diagnostic is rendered without its end");
    }
}

// As a file that is nowhere but in memory.
daemon::LoadResult load(const HostFiles& files, std::string_view text) {
    const int fd = ::memfd_create("xfrmd.toml", MFD_CLOEXEC);
    require(fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
            "no file in memory");
    ::fchmod(fd, 0600);
    auto result = daemon::load_configuration_files({"/proc/self/fd/" + std::to_string(fd)},
                                                   environment(files));
    ::close(fd);
    return result;
}

}  // namespace

std::vector<Bytes> seeds() {
    std::vector<Bytes> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{XFRMD_EXAMPLES}) {
        if (entry.path().extension() != ".toml") continue;
        std::ifstream in{entry.path(), std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{in}, {}};
        require(load(host_files(), text).has_value(), "an example is refused");
        all.emplace_back(text.begin(), text.end());
    }
    return all;
}

}  // namespace xfrmd::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace xfrmd::fuzz;
    const std::string text{data, data + size};
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    const auto loaded = load(host_files(), text);
    if (!loaded) {
        require(!loaded.error().empty(), "a load is refused without a reason");
        check_diagnostics(loaded.error(), lines);
        return 0;
    }
    require(loaded->configuration != nullptr && loaded->credentials != nullptr,
            "a load without a result");
    check_diagnostics(loaded->warnings, lines);
    return 0;
}
