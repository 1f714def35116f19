// SPDX-License-Identifier: Apache-2.0
// What one program has put into the kernel, written down so that its next run, or a tool, can tell
// it from what others have put there. No secrets, and nothing that a reboot should survive: the
// file belongs below /run.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "netlink/model/kernel.h"

namespace xfrmd::netlink {

// An SA without its ends: a migration changes those.
struct RecordedSa {
    xfrm::IpsecProtocol protocol = xfrm::IpsecProtocol::Esp;
    xfrm::EspSpi spi;
    xfrm::ReqId reqid;
    auto operator<=>(const RecordedSa&) const = default;
};

// A policy's looks beside its id, by which it is still ours if the kernel has them.
struct PolicyMarks {
    xfrm::ReqId reqid;  // of its first template; 0: it has none
    std::uint32_t priority = 0;
    auto operator<=>(const PolicyMarks&) const = default;
};

struct Holdings {
    std::set<RecordedSa> sas;
    std::map<xfrm::PolicyId, PolicyMarks> policies;

    // Whether what the kernel shows is what was put there, and has not been replaced by others.
    [[nodiscard]] bool has(const xfrm::SaInfo& sa) const;
    [[nodiscard]] bool has(const xfrm::PolicyInfo& policy) const;
};

// The changes are appended, one a line, before the kernel is asked to add something and after it has
// removed something: whenever the program ends, all that is its own is in the file.
class Record {
  public:
    // A file that is not there, or is no record, counts as empty. It is written anew at once. Error:
    // a sentence.
    [[nodiscard]] static std::expected<Record, std::string> open(std::filesystem::path path);
    // The same without writing: for a tool that looks.
    [[nodiscard]] static Holdings read(const std::filesystem::path& path);
    Record(Record&& other) noexcept;
    Record& operator=(Record&& other) noexcept;
    Record(const Record&) = delete;
    Record& operator=(const Record&) = delete;
    ~Record();

    // What a request would change, to be handed back with its result.
    struct Change {
        std::vector<RecordedSa> sas;
        std::vector<xfrm::PolicyId> policies;
        bool adds = false;
    };
    [[nodiscard]] Change before(const xfrm::KernelRequest& request);
    void after(const Change& change, bool succeeded);
    // It is not in the kernel any more.
    void gone(const RecordedSa& sa);
    void gone(const xfrm::PolicyId& policy);

    // Everything, of former runs too.
    [[nodiscard]] const Holdings& holdings() const { return holdings_; }
    // The policies that were asked for since the record was opened.
    [[nodiscard]] const std::set<xfrm::PolicyId>& of_this_run() const { return of_this_run_; }
    // Why the file is not up to date; empty if it is. The holdings are right in any case.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

  private:
    explicit Record(std::filesystem::path path) : path_{std::move(path)} {}
    void add(const RecordedSa& sa, Change& change);
    void add(const xfrm::PolicySpec& policy, Change& change);
    void write();
    std::expected<void, std::string> rewrite();

    std::filesystem::path path_;
    int fd_ = -1;
    Holdings holdings_;
    std::set<xfrm::PolicyId> of_this_run_;
    std::string lines_;           // to be written
    std::size_t lines_since_ = 0;  // in the file, since it was written anew
    std::string trouble_;
};

}  // namespace xfrmd::netlink
