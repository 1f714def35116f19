// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/file.h"

#include <botan/mem_ops.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <format>
#include <utility>

#include "cli/pki/key.h"
#include "daemon/configuration/credential_file.h"
#include "netlink/model/result.h"

namespace xfrmd::cli::pki {

namespace {

using Outcome = std::expected<void, std::string>;

constexpr std::size_t kPublicFileOctetsMax = 64UL * 1024 * 1024;  // as many as a CRL may have

std::unexpected<std::string> failed(std::string_view what, const std::filesystem::path& path) {
    return std::unexpected{
        std::format("cannot {} {}: {}", what, path.string(), std::strerror(errno))};
}

std::unexpected<std::string> taken_by(const std::filesystem::path& path) {
    return std::unexpected{
        std::format("{} exists, and is not replaced without --force", path.string())};
}

// A file that goes away again unless it was given its name.
class Draft {
  public:
    explicit Draft(const std::filesystem::path& path)
        : path_{path},
          draft_{path.parent_path() / std::format(".{}.XXXXXX", path.filename().string())} {}
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft() {
        if (fd_ >= 0) ::close(fd_);
        if (made_) ::unlink(draft_.c_str());
    }

    Outcome write(View content, mode_t mode);
    Outcome name_it(Existing existing);

  private:
    Outcome name_it_if_free();

    const std::filesystem::path& path_;
    std::string draft_;
    int fd_ = -1;
    bool made_ = false;
};

Outcome Draft::write(View content, mode_t mode) {
    fd_ = ::mkostemp(draft_.data(), O_CLOEXEC);  // made anew (O_EXCL), and nobody else's (0600)
    if (fd_ < 0) return failed("write", path_);
    made_ = true;
    while (!content.empty()) {
        const ssize_t written = ::write(fd_, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed("write", path_);
        content = content.subspan(static_cast<std::size_t>(written));
    }
    if (::fchmod(fd_, mode) != 0 || ::fsync(fd_) != 0) return failed("write", path_);
    return {};
}

Outcome Draft::name_it_if_free() {
    if (::renameat2(AT_FDCWD, draft_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) == 0) {
        made_ = false;
        return {};
    }
    // Where the file system cannot do that (NFS), a second name replaces nothing either.
    if (errno == EINVAL && ::link(draft_.c_str(), path_.c_str()) == 0) return {};
    return errno == EEXIST ? Outcome{taken_by(path_)} : failed("write", path_);
}

Outcome Draft::name_it(Existing existing) {
    if (existing == Existing::Keep) {
        TRY_VOID(name_it_if_free());
    } else {
        if (::rename(draft_.c_str(), path_.c_str()) != 0) return failed("replace", path_);
        made_ = false;
    }
    const std::filesystem::path folder = path_.has_parent_path() ? path_.parent_path() : ".";
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return {};  // a folder that may be written but not read
    Outcome kept;
    if (::fsync(directory) != 0 && errno != EINVAL) kept = failed("write", path_);
    ::close(directory);
    return kept;
}

// The daemon's own hint about a file that is not there is about configuration files.
std::string sentence(const daemon::FileError& error, const std::filesystem::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 && errno == ENOENT)
        return std::format("there is no file {}", path.string());
    return error.hint.empty() ? error.text : std::format("{} ({})", error.text, error.hint);
}

daemon::CredentialFiles files() {
    return {"/", std::nullopt};
}

// Nothing if there is no current folder any more; then opening fails, and says so.
std::string full(const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::absolute(path, error).lexically_normal().string();
}

}  // namespace

Outcome write_file(const std::filesystem::path& path, View content, mode_t mode,
                   Existing existing) {
    Draft draft{path};
    TRY_VOID(draft.write(content, mode));
    return draft.name_it(existing);
}

Outcome must_not_exist(const std::filesystem::path& path, Existing existing) {
    struct stat status {};
    if (existing == Existing::Replace || ::lstat(path.c_str(), &status) != 0) return {};
    return taken_by(path);
}

std::expected<Bytes, std::string> read_public(const std::filesystem::path& path) {
    auto content = files().read_public(full(path), kPublicFileOctetsMax);
    if (!content) return std::unexpected{sentence(content.error(), path)};
    return *std::move(content);
}

std::expected<Secret, std::string> read_any(const std::filesystem::path& path) {
    Bytes content = TRY(read_public(path));
    Secret secret{View{content}};
    Botan::secure_scrub_memory(content.data(), content.size());
    return secret;
}

std::expected<Secret, std::string> read_private(const std::filesystem::path& path) {
    auto content = files().read_private(full(path), kKeyFileOctetsMax);
    if (!content) return std::unexpected{sentence(content.error(), path)};
    return *std::move(content);
}

}  // namespace xfrmd::cli::pki
