// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/credential_file.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>
#include <span>
#include <system_error>
#include <utility>

#include "netlink/model/result.h"

namespace xfrmd::daemon {

namespace {

// systemd's own prefix for the credentials of this service: ImportCredential=xfrmd.*
constexpr std::string_view kCredentialPrefix = "xfrmd.";
constexpr int kOpenFlags =
    O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;  // a FIFO must not make us wait

enum class Privacy { Private, PrivateCredential, Public };

class FileDescriptor {
  public:
    explicit FileDescriptor(int fd) : fd_{fd} {}
    FileDescriptor(FileDescriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }

  private:
    int fd_;
};

std::unexpected<FileError> refuse(std::string text, std::string hint) {
    return std::unexpected{FileError{std::move(text), std::move(hint), false}};
}

// The end of a chain of links, for the hint.
std::string real_path(const std::filesystem::path& path) {
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    return error ? std::string{} : real.string();
}

// The user that the service runs as, if this host has it.
std::optional<uid_t> service_user() {
    const passwd* const service = ::getpwnam("xfrmd");
    if (service == nullptr) return std::nullopt;
    return service->pw_uid;
}

std::string how_to_permit(const std::string& name) {
    if (::geteuid() != 0) return "run this as root; for the service: chown xfrmd: " + name;
    return service_user() ? "the service's user must be able to read it: chown xfrmd: " + name
                          : "look at the permissions of the folders above it";
}

std::unexpected<FileError> cannot_open(const std::filesystem::path& path, int error) {
    const std::string name = path.string();
    if (error == ELOOP)
        return refuse(
            std::format(
                "{} is reached through a symbolic link, and keys are not read through links", name),
            std::format("write the real path: \"{}\"", real_path(path)));
    std::string hint;
    if (error == ENOENT) hint = "check the path; a credential of systemd is written \"@name\"";
    if (error == EACCES || error == EPERM) hint = how_to_permit(name);
    if (error == ENOTDIR) hint = "a part of the path is a file, not a folder";
    return refuse(std::format("cannot open {}: {}", name, std::strerror(error)), hint);
}

// openat2(2) with RESOLVE_NO_SYMLINKS would do the same, but systemd's RestrictSUIDSGID= takes that call away.
int open_without_links(int base, const std::filesystem::path& below) {
    FileDescriptor folder{::fcntl(base, F_DUPFD_CLOEXEC, 0)};
    for (const std::filesystem::path& name : below.parent_path()) {
        FileDescriptor next{::openat(folder.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
        struct stat status{};
        if (next.get() < 0 || ::fstat(next.get(), &status) != 0) return -1;
        if (S_ISLNK(status.st_mode)) {
            errno = ELOOP;
            return -1;
        }
        folder = std::move(next);
    }
    return ::openat(folder.get(), below.filename().c_str(), kOpenFlags | O_NOFOLLOW);
}

std::expected<FileDescriptor, FileError> open_at(const std::filesystem::path& directory,
                                                 const std::string& below, Privacy privacy) {
    const FileDescriptor base{::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (base.get() < 0) return cannot_open(directory, errno);
    FileDescriptor file{privacy == Privacy::Public
                            ? ::openat(base.get(), below.c_str(), kOpenFlags)
                            : open_without_links(base.get(), below)};
    if (file.get() < 0) return cannot_open(directory / below, errno);
    return file;
}

// Root, who checks what the service is going to read, takes its user's files too.
bool is_trusted_owner(uid_t owner) {
    const uid_t we = ::geteuid();
    return owner == 0 || owner == we || (we == 0 && owner == service_user());
}

std::expected<void, FileError> check_access(const struct stat& status, const std::string& name,
                                            Privacy privacy) {
    if (!S_ISREG(status.st_mode)) return refuse(std::format("{} is no regular file", name), "");
    if (privacy == Privacy::Public) {
        if ((status.st_mode & S_IWOTH) != 0)
            return refuse(std::format("everybody can write {}", name),
                          std::format("chmod o-w {}", name));
        return {};
    }
    if (!is_trusted_owner(status.st_uid))
        return refuse(std::format("{} belongs to user {}, who could read and replace it", name,
                                  status.st_uid),
                      std::format("chown root: {}", name));
    // Where systemd lets the service's user read a credential by an ACL, the mask stands in the
    // group's bits.
    const mode_t refused = privacy == Privacy::PrivateCredential ? S_IRWXO : S_IRWXG | S_IRWXO;
    if ((status.st_mode & refused) != 0)
        return refuse(std::format("{} is accessible to {} (mode {:04o})", name,
                                  (status.st_mode & S_IRWXO) != 0 ? "everybody" : "its group",
                                  static_cast<unsigned>(status.st_mode & 07777)),
                      std::format("chmod 0600 {}", name));
    return {};
}

// Reads into `buffer`, which is one octet larger than what is allowed. The number of octets read.
std::expected<std::size_t, FileError> read_into(const FileDescriptor& file,
                                                std::span<std::uint8_t> buffer,
                                                const std::string& name) {
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        const ssize_t got = ::read(file.get(), buffer.data() + filled, buffer.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return refuse(std::format("cannot read {}: {}", name, std::strerror(errno)), "");
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    if (filled == buffer.size())
        return refuse(std::format("{} is larger than {} octets", name, buffer.size() - 1),
                      "is it the right file?");
    return filled;
}

struct Location {
    std::filesystem::path directory;
    std::string below;
    bool is_credential = false;
    std::string shown() const { return (directory / below).string(); }
};

std::expected<Location, FileError> locate(
    std::string_view reference, const std::filesystem::path& root,
    const std::optional<std::filesystem::path>& credentials_directory) {
    if (reference.contains('\0')) return refuse("the path holds a NUL character", "");
    if (reference.starts_with('/')) {
        const auto first = reference.find_first_not_of('/');
        if (first == std::string_view::npos)
            return refuse("/ is a folder", "write the path of a file");
        return Location{root, std::string{reference.substr(first)}, false};
    }
    if (!reference.starts_with('@'))
        return refuse(std::format("\"{}\" names no file", reference),
                      "write an absolute path, or \"@name\" for a credential of systemd");
    const std::string name{reference.substr(1)};
    if (name.empty() || name == "." || name == ".." || name.contains('/') || name.size() > 255)
        return refuse(std::format("\"{}\" is no name of a credential", reference),
                      "@ and a file name without slashes");
    if (!credentials_directory)
        return std::unexpected{FileError{
            std::format(
                "\"{}\" names a credential of systemd, and there is no folder of credentials here",
                reference),
            std::format("start xfrmd by its unit, put the file into /etc/credstore/{}{}, or write "
                        "an absolute path",
                        kCredentialPrefix, name),
            true}};
    const std::string prefixed = std::string{kCredentialPrefix} + name;
    std::error_code error;
    const bool plain = std::filesystem::exists(*credentials_directory / name, error);
    const bool imported =
        !plain && std::filesystem::exists(*credentials_directory / prefixed, error);
    return Location{*credentials_directory, imported ? prefixed : name, true};
}

template <class Buffer>
std::expected<Buffer, FileError> read_file(const Location& location, Privacy privacy,
                                           std::size_t size_max) {
    const std::string name = location.shown();
    const FileDescriptor file = TRY(open_at(location.directory, location.below, privacy));
    struct stat status {};
    if (::fstat(file.get(), &status) != 0)
        return refuse(std::format("cannot look at {}: {}", name, std::strerror(errno)), "");
    TRY_VOID(check_access(status, name, privacy));
    if (status.st_size > 0 && std::cmp_greater(status.st_size, size_max))
        return refuse(std::format("{} is larger than {} octets", name, size_max),
                      "is it the right file?");
    // Some files do not tell their size. One octet more than is allowed, so that too much is
    // noticed.
    const auto size = static_cast<std::size_t>(status.st_size);
    Buffer buffer((size > 0 ? size : size_max) + 1);
    const std::size_t filled = TRY(read_into(file, buffer, name));
    if (filled == 0) return refuse(std::format("{} is empty", name), "");
    buffer.resize(filled);
    return buffer;
}

}  // namespace

CredentialFiles::CredentialFiles(std::filesystem::path root,
                                 std::optional<std::filesystem::path> credentials_directory)
    : root_{std::move(root)}, credentials_directory_{std::move(credentials_directory)} {}

std::expected<Secret, FileError> CredentialFiles::read_private(std::string_view reference,
                                                               std::size_t size_max) const {
    const Location location = TRY(locate(reference, root_, credentials_directory_));
    const Privacy privacy = location.is_credential ? Privacy::PrivateCredential : Privacy::Private;
    return Secret{TRY(read_file<Botan::secure_vector<std::uint8_t>>(location, privacy, size_max))};
}

std::expected<Bytes, FileError> CredentialFiles::read_public(std::string_view reference,
                                                             std::size_t size_max) const {
    return read_file<Bytes>(TRY(locate(reference, root_, credentials_directory_)), Privacy::Public,
                            size_max);
}

}  // namespace xfrmd::daemon
