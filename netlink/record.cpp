// SPDX-License-Identifier: Apache-2.0
#include "netlink/record.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <format>
#include <optional>
#include <utility>

#include "netlink/record_lines.h"

namespace xfrmd::netlink {
namespace {

constexpr std::string_view kHeading = "what xfrmd has put into the kernel, 1\n";
// Of lines that say nothing any more: so many, and as many as those that do.
constexpr std::size_t kStaleLinesMin = 2048;

class File {
  public:
    explicit File(int fd) : fd_{fd} {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int fd() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }

  private:
    int fd_;
};

// Nothing if there is none that only its owner or root can have written.
std::optional<std::string> read_file(const std::filesystem::path& path) {
    const File file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    struct stat about{};
    if (file.fd() < 0 || ::fstat(file.fd(), &about) != 0) return std::nullopt;
    if (!S_ISREG(about.st_mode) || (about.st_mode & 022) != 0) return std::nullopt;
    std::string text;
    std::array<char, 64 * 1024> buffer;
    while (true) {
        const ssize_t got = ::read(file.fd(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        if (got == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

std::string trouble_with(const std::filesystem::path& path, const char* what) {
    return std::format("cannot {} {}: {}; what is in the kernel now would not be known after a crash", what,
                       path.string(), std::strerror(errno));
}

RecordedSa recorded(const xfrm::SaId& id, xfrm::ReqId reqid) { return {id.protocol, id.spi, reqid}; }

PolicyMarks marks_of(const xfrm::PolicySpec& policy) {
    return {policy.templates.empty() ? xfrm::ReqId{} : policy.templates.front().reqid, policy.priority};
}

}  // namespace

bool Holdings::has(const xfrm::SaInfo& sa) const {
    return sas.contains(recorded(sa.spec.id, sa.spec.reqid));
}

bool Holdings::has(const xfrm::PolicyInfo& policy) const {
    const auto found = policies.find(policy.spec.id);
    return found != policies.end() && found->second == marks_of(policy.spec);
}

std::expected<Record, std::string> Record::open(std::filesystem::path path) {
    Record record{std::move(path)};
    record.holdings_ = read(record.path_);
    if (auto written = record.rewrite(); !written) return std::unexpected{std::move(written.error())};
    return record;
}

Holdings Record::read(const std::filesystem::path& path) {
    Holdings holdings;
    const auto text = read_file(path);
    if (!text || !text->starts_with(kHeading)) return holdings;
    std::string_view rest = std::string_view{*text}.substr(kHeading.size());
    // The last line may be half written.
    for (std::size_t end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
        read_record_line(rest.substr(0, end), holdings);
        rest.remove_prefix(end + 1);
    }
    return holdings;
}

Record::Record(Record&& other) noexcept
    : path_{std::move(other.path_)},
      fd_{std::exchange(other.fd_, -1)},
      holdings_{std::move(other.holdings_)},
      of_this_run_{std::move(other.of_this_run_)},
      lines_{std::move(other.lines_)},
      lines_since_{other.lines_since_},
      trouble_{std::move(other.trouble_)} {}

Record& Record::operator=(Record&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(fd_, other.fd_);
    std::swap(holdings_, other.holdings_);
    std::swap(of_this_run_, other.of_this_run_);
    std::swap(lines_, other.lines_);
    std::swap(lines_since_, other.lines_since_);
    std::swap(trouble_, other.trouble_);
    return *this;
}

Record::~Record() {
    if (fd_ >= 0) ::close(fd_);
}

Record::Change Record::before(const xfrm::KernelRequest& request) {
    Change change;
    if (const auto* install = std::get_if<xfrm::InstallSas>(&request)) {
        change.adds = true;
        for (const xfrm::SaSpec& sa : install->sas) add(recorded(sa.id, sa.reqid), change);
    } else if (const auto* policies = std::get_if<xfrm::InstallPolicies>(&request)) {
        change.adds = true;
        for (const xfrm::PolicySpec& policy : policies->policies) add(policy, change);
    } else if (const auto* remove = std::get_if<xfrm::RemoveSas>(&request)) {
        for (const xfrm::SaId& id : remove->sas)
            for (auto at = holdings_.sas.lower_bound({id.protocol, id.spi, {}});
                 at != holdings_.sas.end() && at->protocol == id.protocol && at->spi == id.spi; ++at)
                change.sas.push_back(*at);
    } else if (const auto* removed = std::get_if<xfrm::RemovePolicies>(&request)) {
        change.policies = removed->policies;
    }
    write();
    return change;
}

void Record::after(const Change& change, bool succeeded) {
    // What could not be added is not there; what could not be removed still is.
    if (change.adds == succeeded) return;
    for (const RecordedSa& sa : change.sas) gone(sa);
    for (const xfrm::PolicyId& policy : change.policies) gone(policy);
}

void Record::add(const RecordedSa& sa, Change& change) {
    if (!holdings_.sas.insert(sa).second) return;
    change.sas.push_back(sa);
    lines_ += record_line('+', sa);
    ++lines_since_;
}

// One that was ours before stays ours when its replacement is refused.
void Record::add(const xfrm::PolicySpec& policy, Change& change) {
    const PolicyMarks marks = marks_of(policy);
    of_this_run_.insert(policy.id);
    const auto [at, is_new] = holdings_.policies.try_emplace(policy.id, marks);
    if (is_new) change.policies.push_back(policy.id);
    if (!is_new && at->second == marks) return;
    at->second = marks;
    lines_ += record_line('+', policy.id, marks);
    ++lines_since_;
}

void Record::gone(const RecordedSa& sa) {
    if (holdings_.sas.erase(sa) == 0) return;
    lines_ += record_line('-', sa);
    ++lines_since_;
    write();
}

void Record::gone(const xfrm::PolicyId& policy) {
    const auto found = holdings_.policies.find(policy);
    if (found == holdings_.policies.end()) return;
    lines_ += record_line('-', policy, found->second);
    of_this_run_.erase(policy);
    ++lines_since_;
    holdings_.policies.erase(found);
    write();
}

void Record::write() {
    const std::size_t living = holdings_.sas.size() + holdings_.policies.size();
    // After trouble the file lacks lines: only a new one is whole again.
    if (!trouble_.empty() || lines_since_ > 2 * living + kStaleLinesMin) {
        auto written = rewrite();
        trouble_ = written ? std::string{} : std::move(written.error());
        return;
    }
    if (!lines_.empty() && !write_all(fd_, lines_)) trouble_ = trouble_with(path_, "write to");
    lines_.clear();
}

// Whole under another name first, so that a crash leaves one of the two.
std::expected<void, std::string> Record::rewrite() {
    std::filesystem::path draft = path_;
    draft += ".new";
    ::unlink(draft.c_str());
    File file{::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (file.fd() < 0) return std::unexpected{trouble_with(draft, "create")};
    std::string text{kHeading};
    for (const RecordedSa& sa : holdings_.sas) text += record_line('+', sa);
    for (const auto& [policy, marks] : holdings_.policies) text += record_line('+', policy, marks);
    if (!write_all(file.fd(), text)) return std::unexpected{trouble_with(draft, "write")};
    if (::rename(draft.c_str(), path_.c_str()) != 0) return std::unexpected{trouble_with(path_, "replace")};
    if (fd_ >= 0) ::close(fd_);
    fd_ = file.release();
    lines_.clear();
    lines_since_ = 0;
    return {};
}

}  // namespace xfrmd::netlink
