// SPDX-License-Identifier: Apache-2.0
// A folder that stands for a host's file system: configuration files, secrets, certificates made
// for the occasion.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/configuration/load.h"

namespace xfrmd::test {

class TestHost {
  public:
    TestHost();
    TestHost(const TestHost&) = delete;
    TestHost& operator=(const TestHost&) = delete;
    ~TestHost();

    const std::filesystem::path& root() const { return root_; }
    // Writes below the root; makes the folders. `path` is absolute as the host sees it.
    void write(std::string_view path, std::string_view text, unsigned mode = 0600) const;
    // The certificates and secrets that the examples and the table of mistakes name.
    void write_credentials() const;
    // Where the host sees `path`.
    std::filesystem::path at(std::string_view path) const;
    // An environment of this host; the route's source is 192.0.2.1 or 2001:db8::1.
    daemon::LoadEnvironment environment() const;
    // `text` without the root's path, so that it reads as on the host.
    std::string as_seen(std::string text) const;

    daemon::LoadResult load(std::string_view configuration) const;

  private:
    std::filesystem::path root_;
};

// 2026-11-23T00:00:00Z, in the validity of the certificates.
inline constexpr std::int64_t kNow = 1'795'392'000;

std::string rendered(const std::vector<daemon::Diagnostic>& diagnostics);
std::string read_text(const std::filesystem::path& path);

}  // namespace xfrmd::test
