// SPDX-License-Identifier: Apache-2.0
#include "daemon/crash_secret.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <format>
#include <optional>

namespace xfrmd::daemon {

namespace {

constexpr std::size_t kSecretOctets = 32;
constexpr const char* kFile = "crash-secret";
constexpr const char* kDraft = "crash-secret.new";

class File {
  public:
    explicit File(int fd) : fd_{fd} {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int fd() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_;
};

std::unexpected<std::string> failed(const char* what, const std::filesystem::path& path) {
    return std::unexpected{std::format("cannot {} {}: {}; peers will not notice a crash of xfrmd at once", what,
                                       path.string(), std::strerror(errno))};
}

// Nothing if there is none that may be used: a secret that others could have read or written is as good as none.
std::optional<Secret> read(const std::filesystem::path& path) {
    const File file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    struct stat about{};
    if (!file || ::fstat(file.fd(), &about) != 0) return std::nullopt;
    const bool ours = S_ISREG(about.st_mode) && about.st_uid == ::geteuid() && (about.st_mode & 077) == 0;
    if (!ours || about.st_size != static_cast<off_t>(kSecretOctets)) return std::nullopt;
    Botan::secure_vector<std::uint8_t> octets(kSecretOctets);
    if (::read(file.fd(), octets.data(), octets.size()) != static_cast<ssize_t>(octets.size()))
        return std::nullopt;
    return Secret{std::move(octets)};
}

}  // namespace

std::expected<Secret, std::string> crash_secret(const std::filesystem::path& folder,
                                                Botan::RandomNumberGenerator& rng) {
    const std::filesystem::path path = folder / kFile;
    if (auto secret = read(path)) return *std::move(secret);
    Secret fresh{rng.random_vec(kSecretOctets)};
    // Written whole under another name first, so that a crash leaves no half of it.
    const std::filesystem::path draft = folder / kDraft;
    ::unlink(draft.c_str());
    const File file{::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file) return failed("create", draft);
    const View octets = fresh.view();
    if (::write(file.fd(), octets.data(), octets.size()) != static_cast<ssize_t>(octets.size()) ||
        ::fsync(file.fd()) != 0)
        return failed("write", draft);
    if (::rename(draft.c_str(), path.c_str()) != 0) return failed("replace", path);
    return fresh;
}

}  // namespace xfrmd::daemon
