// SPDX-License-Identifier: Apache-2.0
#include "cli/keys/export.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <expected>
#include <format>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "cli/fields.h"
#include "cli/keys/wireshark.h"
#include "cli/text.h"
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

class Export {
  public:
    Export(const Request& request, const Environment& environment) : request_{request}, environment_{environment} {}

    Done run() {
        if (Done made = make_folder(request_.folder); !made) return made;
        if (Done made = esp_.create(request_.folder / kEspFile, request_.force); !made) return made;
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{request_.watch_seconds};
        for (;;) {
            if (Done done = add_esp(); !done) return done;
            if (std::chrono::steady_clock::now() >= end) return {};
            ::usleep(250'000);
        }
    }
    void tell();

  private:
    Done add_esp();
    void leave_out(const std::string& why) { ++left_out_[why]; }

    const Request& request_;
    const Environment& environment_;
    KeyFile esp_;
    std::set<std::string> seen_left_out_;
    std::map<std::string, std::size_t> left_out_;  // why -> how many SAs
};

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

void Export::tell() {
    if (environment_.json) {
        std::string why;
        for (const auto& [reason, count] : left_out_)
            why += std::format("{}{{\"why\":{},\"sas\":{}}}", why.empty() ? "" : ",", json_string(reason), count);
        std::fputs(std::format("{{\"folder\":{},\"{}\":{},\"left_out\":[{}]}}\n",
                               json_string(request_.folder.string()), kEspFile, esp_.lines(), why)
                       .c_str(),
                   environment_.out);
        return;
    }
    std::string text = std::format("{}: keys of {} ESP SAs, each in one direction\n", (request_.folder / kEspFile).string(),
                                   esp_.lines());
    text += std::format(
        "Whoever has these files and a capture reads the traffic. For Wireshark:\n"
        "  WIRESHARK_CONFIG_DIR={} tshark -o esp.enable_encryption_decode:TRUE -r CAPTURE\n",
        request_.folder.string());
    std::fputs(text.c_str(), environment_.out);
    for (const auto& [reason, count] : left_out_)
        std::fputs(std::format("xfrmctl: {} SAs are left out: {}\n", count, printable(reason)).c_str(), environment_.err);
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
