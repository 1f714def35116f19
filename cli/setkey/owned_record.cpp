// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/owned_record.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <format>
#include <system_error>
#include <utility>

#include "cli/setkey/language/parser.h"
#include "cli/setkey/language/print.h"
#include "cli/setkey/numbers_only.h"
#include "cli/setkey/statements.h"
#include "cli/setkey/translator.h"

namespace xfrmd::setkey {

namespace {

constexpr std::string_view kHead =
    "# What setkey statements have installed in this network namespace, for \"flush\" and "
    "\"spdflush\".\n";
constexpr std::size_t kOctetsMax = 256 * 1024 * 1024;

std::string failure(std::string_view what, const std::string& name) {
    return std::format("{} {}: {}", what, name, std::generic_category().message(errno));
}

// The kernel's number for this namespace, never given twice until the next boot; or its inode.
std::string namespace_name() {
    std::uint64_t cookie = 0;
    socklen_t length = sizeof cookie;
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const bool known =
        fd >= 0 && ::getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) == 0;
    if (fd >= 0) ::close(fd);
    if (known) return std::format("owned.{}", cookie);
    struct stat status {};
    return ::stat("/proc/self/ns/net", &status) == 0 ? std::format("owned.inode.{}", status.st_ino)
                                                     : std::string{"owned"};
}

std::optional<std::string> read_all(int fd) {
    struct stat status {};
    // Whoever may write it may have us flush what is not ours.
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != ::geteuid())
        return std::nullopt;
    if (status.st_size < 0 || static_cast<std::size_t>(status.st_size) > kOctetsMax)
        return std::nullopt;
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t have = 0;
    while (have < text.size()) {
        const ssize_t count = ::read(fd, text.data() + have, text.size() - have);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return std::nullopt;
        have += static_cast<std::size_t>(count);
    }
    return text;
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(fd, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace

// ---- the text --------------------

std::string text_of(const Owned& owned) {
    constexpr std::size_t kLine = 80;
    std::string text{kHead};
    text.reserve(text.size() + kLine * (owned.sas.size() + owned.policies.size()));
    for (const auto& [key, source] : owned.sas)
        text +=
            print(deletion_of(xfrm::SaId{source, key.destination, key.protocol, key.spi, key.mark}),
                  Keys::Hide) +
            "\n";
    std::vector<std::pair<std::uint32_t, const xfrm::PolicyId*>> policies;
    for (const auto& [id, since] : owned.policies) policies.emplace_back(since, &id);
    std::ranges::sort(policies, {}, [](const auto& policy) { return policy.first; });
    for (const auto& [since, id] : policies)
        text += print(deletion_of(*id, interface_number), Keys::Hide) + "\n";
    return text;
}

Owned read_owned(std::string_view text) {
    const Source source{"record", text};
    NumbersOnly names;
    Mistakes mistakes;
    Parser parser{source, mistakes};
    Translator translator{names, mistakes, Semantics::Kernel};
    Owned owned;
    std::uint32_t since = 0;
    while (const auto statement = parser.next())
        for (const Action& action : translator.translate(*statement)) {
            if (const auto* const sa = std::get_if<action::RemoveSa>(&action))
                owned.sas[SaKey::of(sa->id)] = sa->id.source;
            if (const auto* const policy = std::get_if<action::RemovePolicy>(&action))
                owned.policies[policy->id] = ++since;
        }
    return owned;
}

// ---- the file --------------------

std::expected<OwnedRecord, std::string> OwnedRecord::open(const std::filesystem::path& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return std::unexpected{failure("cannot make", folder)};
    const int folder_fd = ::open(folder.c_str(), O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder_fd < 0) return std::unexpected{failure("cannot enter", folder)};
    OwnedRecord record{folder_fd, -1, namespace_name()};
    struct stat status {};
    if (::fstat(folder_fd, &status) != 0 || status.st_uid != ::geteuid() ||
        (status.st_mode & 077) != 0)
        return std::unexpected{std::format(
            "{} is not ours alone: it must belong to root, with mode 0700", folder.string())};
    record.lock_ = ::openat(folder_fd, (record.name_ + ".lock").c_str(),
                            O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (record.lock_ < 0) return std::unexpected{failure("cannot write in", folder)};
    while (::flock(record.lock_, LOCK_EX) != 0)
        if (errno != EINTR) return std::unexpected{failure("cannot lock", folder)};
    return record;
}

OwnedRecord::OwnedRecord(OwnedRecord&& other) noexcept
    : folder_{std::exchange(other.folder_, -1)},
      lock_{std::exchange(other.lock_, -1)},
      name_{std::move(other.name_)} {}

OwnedRecord::~OwnedRecord() {
    if (lock_ >= 0) ::close(lock_);
    if (folder_ >= 0) ::close(folder_);
}

Owned OwnedRecord::read() const {
    const int fd = ::openat(folder_, name_.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return {};
    const auto text = read_all(fd);
    ::close(fd);
    return text ? read_owned(*text) : Owned{};
}

std::expected<void, std::string> OwnedRecord::write(const Owned& owned) const {
    const std::string fresh = name_ + ".new";
    const int fd = ::openat(folder_, fresh.c_str(),
                            O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return std::unexpected{failure("cannot write", fresh)};
    const bool written = write_all(fd, text_of(owned));
    const bool closed = ::close(fd) == 0;
    if (!written || !closed || ::renameat(folder_, fresh.c_str(), folder_, name_.c_str()) != 0)
        return std::unexpected{failure("cannot write", fresh)};
    return {};
}

}  // namespace xfrmd::setkey
