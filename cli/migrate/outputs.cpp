// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/outputs.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <format>
#include <system_error>

#include "netlink/model/result.h"

namespace xfrmd::migrate {

namespace {

constexpr const char* kServiceUser = "xfrmd";

std::unexpected<std::string> refuse(const std::filesystem::path& path, int error) {
    return std::unexpected{std::format("cannot write {}: {}", path.string(), std::strerror(error))};
}

bool write_all(int fd, View content) {
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        content = content.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

// Files that do not exist yet, under names of their own until all are whole.
class Writing {
  public:
    Writing() = default;
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;
    ~Writing() {
        for (const auto& [temporary, path] : pending_) ::unlink(temporary.c_str());
    }

    std::expected<void, std::string> write(const OutputFile& file);
    // link() refuses where rename() would replace.
    std::expected<void, std::string> finish(bool force);

  private:
    struct Pending {
        std::filesystem::path temporary;
        std::filesystem::path path;
    };
    std::vector<Pending> pending_;
};

std::expected<void, std::string> Writing::write(const OutputFile& file) {
    std::string name = file.path.string() + ".XXXXXX";
    const int fd = ::mkostemp(name.data(), O_CLOEXEC);  // mode 0600
    if (fd < 0) return refuse(file.path, errno);
    pending_.push_back({name, file.path});
    int error = write_all(fd, file.content) ? 0 : errno;
    if (error == 0 && !file.secret && ::fchmod(fd, 0644) != 0) error = errno;
    if (error == 0 && file.secret && ::geteuid() == 0)
        if (const ::passwd* user = ::getpwnam(kServiceUser);
            user != nullptr && ::fchown(fd, user->pw_uid, user->pw_gid) != 0)
            error = errno;
    if (error == 0 && ::fsync(fd) != 0) error = errno;
    ::close(fd);
    if (error != 0) return refuse(file.path, error);
    return {};
}

std::expected<void, std::string> Writing::finish(bool force) {
    std::vector<std::filesystem::path> made;
    for (const auto& [temporary, path] : pending_) {
        const bool good = force ? ::rename(temporary.c_str(), path.c_str()) == 0
                                : ::link(temporary.c_str(), path.c_str()) == 0;
        if (good) {
            made.push_back(path);
            continue;
        }
        const int error = errno;
        if (!force)
            for (const std::filesystem::path& each : made) ::unlink(each.c_str());
        return refuse(path, error);
    }
    return {};
}

}  // namespace

std::expected<void, std::string> write_outputs(const std::vector<OutputFile>& files, bool force) {
    if (!force)
        for (const OutputFile& file : files) {
            std::error_code error;
            if (std::filesystem::exists(std::filesystem::symlink_status(file.path, error)))
                return std::unexpected{
                    std::format("{} is there already, and nothing was written; --force replaces it",
                                file.path.string())};
        }
    Writing writing;
    for (const OutputFile& file : files) TRY_VOID(writing.write(file));
    return writing.finish(force);
}

}  // namespace xfrmd::migrate
