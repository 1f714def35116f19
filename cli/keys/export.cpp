// SPDX-License-Identifier: Apache-2.0
#include "cli/keys/export.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <expected>
#include <format>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "cli/fields.h"
#include "cli/keys/wireshark.h"
#include "cli/text.h"
#include "daemon/api/client.h"
#include "daemon/api/interface.h"
#include "netlink/model/octets.h"
#include "netlink/table.h"

namespace xfrmd::cli::keys {

using namespace xfrm;
using Sentence = std::string;
using Done = std::expected<void, Sentence>;

namespace {

std::unexpected<Sentence> failed(std::string_view what, const std::filesystem::path& path) {
    return std::unexpected{std::format("cannot {} {}: {}", what, path.string(), std::strerror(errno))};
}

// A table of Wireshark's that grows line by line, readable by root alone.
class KeyFile {
  public:
    KeyFile() = default;
    KeyFile(const KeyFile&) = delete;
    KeyFile& operator=(const KeyFile&) = delete;
    ~KeyFile() {
        if (fd_ >= 0) ::close(fd_);
    }

    Done create(const std::filesystem::path& path, bool force) {
        path_ = path;
        if (force && ::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("replace", path);
        fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd_ >= 0) return {};
        if (errno != EEXIST) return failed("make", path);
        return std::unexpected{std::format("{} is there already: name another folder, or give --force", path.string())};
    }
    // Once for each `id`. The line is wiped.
    Done add(const std::string& id, std::string line) {
        Done done;
        if (known_.insert(id).second &&
            ::write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
            done = failed("write", path_);
        wipe_text(line);
        return done;
    }
    [[nodiscard]] std::size_t lines() const { return known_.size(); }

  private:
    std::filesystem::path path_;
    int fd_ = -1;
    std::set<std::string> known_;
};

Done make_folder(const std::filesystem::path& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", folder);
    struct stat status{};
    if (::stat(folder.c_str(), &status) != 0) return failed("look at", folder);
    if (!S_ISDIR(status.st_mode)) return std::unexpected{std::format("{} is no folder", folder.string())};
    if (status.st_uid != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return std::unexpected{std::format(
            "{} is writable by others than root, who could put files of theirs in the place of these: name another folder",
            folder.string())};
    return {};
}

using Clock = std::chrono::steady_clock;

// Asks the daemon for keys of IKE SAs: once, or for a time, and then again if it was restarted meanwhile.
class IkeKeys {
  public:
    // `end`: until when what comes up is wanted too; nothing for what there is now.
    IkeKeys(const Environment& environment, std::optional<Clock::time_point> end)
        : environment_{environment}, end_{end} {}

    // Hands over what has come, waiting until `until` if there is a time.
    Done receive(Clock::time_point until, const std::function<Done(const Fields&)>& take);
    // Why there are none; empty if there may be some.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

  private:
    std::expected<void, std::string> ask();
    Done lose(std::string why) {
        client_.reset();
        trouble_ = std::move(why);
        return {};
    }

    const Environment& environment_;
    std::optional<Clock::time_point> end_;
    std::optional<api::Client> client_;  // with a call under way
    std::string trouble_;
};

std::expected<void, std::string> IkeKeys::ask() {
    const auto left = end_ ? std::chrono::ceil<std::chrono::seconds>(*end_ - Clock::now()) : std::chrono::seconds{0};
    auto client = api::Client::connect(environment_.socket);
    if (!client) return std::unexpected{client.error().what};
    const auto sent = client->send({.method = std::string{api::method::kExportKeys},
                                    .parameters = std::format("{{\"seconds\":{}}}", std::max<long long>(left.count(), 0)),
                                    .more = true});
    if (!sent) return std::unexpected{sent.error().what};
    client_ = *std::move(client);
    trouble_.clear();
    return {};
}

Done IkeKeys::receive(Clock::time_point until, const std::function<Done(const Fields&)>& take) {
    using std::chrono::milliseconds;
    if (!client_)
        if (auto asked = ask(); !asked) return lose(asked.error());
    for (;;) {
        const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
        if (end_ && left.count() <= 0) return {};
        auto reply = client_->receive(end_ ? left : environment_.reply_max);
        if (!reply && end_ && reply.error().code == api::ClientError::Code::TimedOut) return {};
        if (!reply) return lose(reply.error().what);
        if (reply->failed()) return lose("xfrmd refuses: " + reply->error);
        const Fields keys = Fields::parse(reply->parameters).object("keys");
        wipe_text(reply->parameters);
        if (keys)
            if (Done done = take(keys); !done) return done;
        if (reply->continues) continue;
        client_.reset();
        return {};
    }
}

class Export {
  public:
    Export(const Request& request, const Environment& environment)
        : request_{request}, environment_{environment} {}

    Done run();
    void tell();

  private:
    Done add_esp();
    Done add_ike(const Fields& keys);
    void leave_out(const std::string& why) { ++left_out_[why]; }

    const Request& request_;
    const Environment& environment_;
    KeyFile esp_;
    KeyFile ike_;
    std::string no_ike_;  // why there are no keys of IKE SAs
    std::set<std::string> seen_left_out_;
    std::map<std::string, std::size_t> left_out_;  // why -> how many SAs
};

Done Export::run() {
    constexpr std::chrono::milliseconds kLookAgain{250};
    if (Done made = make_folder(request_.folder); !made) return made;
    if (Done made = esp_.create(request_.folder / kEspFile, request_.force); !made) return made;
    if (Done made = ike_.create(request_.folder / kIkeFile, request_.force); !made) return made;
    const auto end = Clock::now() + std::chrono::seconds{request_.watch_seconds};
    IkeKeys daemon{environment_, request_.watch_seconds > 0 ? std::optional{end} : std::nullopt};
    for (;;) {
        const auto next = std::min(Clock::now() + kLookAgain, end);
        if (Done done = add_esp(); !done) return done;
        const Done done = daemon.receive(next, [this](const Fields& keys) { return add_ike(keys); });
        no_ike_ = daemon.trouble();
        if (!done || Clock::now() >= end) return done;
        std::this_thread::sleep_until(next);
    }
}

Done Export::add_esp() {
    Done done;
    const auto add = [&](const StoredSa& sa) {
        if (sa.protocol != IPPROTO_ESP || sa.spi.value == 0 || (!sa.aead && !sa.encryption)) return true;
        const std::string id = std::format("{} {:#x}", sa.destination.to_string(), sa.spi.value);
        auto line = esp_line(sa);
        if (line)
            done = esp_.add(id, *std::move(line));
        else if (seen_left_out_.insert(id).second)
            leave_out(line.error());
        return done.has_value();
    };
    const auto end = netlink::for_each_sa({.protocol = IPPROTO_ESP, .with_keys = true}, add);
    if (!end) return std::unexpected{end.error().what};
    return done;
}

Done Export::add_ike(const Fields& keys) {
    const std::string id = keys.raw("initiator_spi") + keys.raw("responder_spi");
    auto line = ike_line({.initiator_spi = keys.raw("initiator_spi"),
                          .responder_spi = keys.raw("responder_spi"),
                          .encryption = keys.raw("encryption"),
                          .integrity = keys.raw("integrity"),
                          .ei = keys.raw("ei"),
                          .er = keys.raw("er"),
                          .ai = keys.raw("ai"),
                          .ar = keys.raw("ar")});
    if (line) return ike_.add(id, *std::move(line));
    if (seen_left_out_.insert(id).second) leave_out(line.error());
    return {};
}

void Export::tell() {
    const std::string folder = request_.folder.string();
    if (environment_.json) {
        std::string why;
        for (const auto& [reason, count] : left_out_)
            why += std::format("{}{{\"why\":{},\"sas\":{}}}", why.empty() ? "" : ",", json_string(reason), count);
        const std::string text = std::format("{{\"folder\":{},\"{}\":{},\"{}\":{},\"left_out\":[{}]}}\n", json_string(folder),
                                             kEspFile, esp_.lines(), kIkeFile, ike_.lines(), why);
        std::fputs(text.c_str(), environment_.out);
    } else {
        const std::string text = std::format(
            "{}: keys of {} ESP SAs, each in one direction\n"
            "{}: keys of {} IKE SAs\n"
            "Whoever has these files and a capture reads the traffic. For Wireshark:\n"
            "  WIRESHARK_CONFIG_DIR={} tshark -o esp.enable_encryption_decode:TRUE -r CAPTURE\n",
            (request_.folder / kEspFile).string(), esp_.lines(), (request_.folder / kIkeFile).string(), ike_.lines(), folder);
        std::fputs(text.c_str(), environment_.out);
        for (const auto& [reason, count] : left_out_)
            std::fputs(std::format("xfrmctl: {} SAs are left out: {}\n", count, printable(reason)).c_str(), environment_.err);
    }
    if (!no_ike_.empty())
        std::fputs(std::format("xfrmctl: no keys of IKE SAs: {}\n", printable(no_ike_)).c_str(), environment_.err);
}

}  // namespace

ExitCode run(const Request& request, const Environment& environment) {
    const auto complain = [&](const std::string& text) {
        std::fputs(std::format("xfrmctl: {}\n", text).c_str(), environment.err);
    };
    if (::geteuid() != 0) {
        complain("keys are for root only");
        return ExitCode::Denied;
    }
    Export exported{request, environment};
    const Done done = exported.run();
    if (!done) {
        complain(done.error());
        return ExitCode::Failed;
    }
    exported.tell();
    return ExitCode::Ok;
}

}  // namespace xfrmd::cli::keys
