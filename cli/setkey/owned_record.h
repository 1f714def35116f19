// SPDX-License-Identifier: Apache-2.0
// What statements have installed, remembered from one run to the next: a text in the setkey
// language itself, of `delete` and `spddelete` statements in the order in which things were added,
// without keys. So people can read it, and run it.
//
// It lives as long as the kernel's tables (in /run), in a folder that only root may enter, one file
// for each network namespace. An entry that is not there any more does no harm, a file that is not
// there, or that somebody has spoilt, only makes `flush` leave things alone.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>

#include "cli/setkey/tables.h"

namespace xfrmd::setkey {

inline constexpr const char* kRecordFolder = "/run/xfrmctl";

[[nodiscard]] std::string text_of(const Owned& owned);
// What is no line of ours is passed over.
[[nodiscard]] Owned read_owned(std::string_view text);

// The record of the calling thread's network namespace, locked as long as this lives, so that runs
// follow each other.
class OwnedRecord {
  public:
    // Waits for the lock. The error is a sentence.
    static std::expected<OwnedRecord, std::string> open(
        const std::filesystem::path& folder = kRecordFolder);
    OwnedRecord(OwnedRecord&& other) noexcept;
    OwnedRecord& operator=(OwnedRecord&&) = delete;
    ~OwnedRecord();

    [[nodiscard]] Owned read() const;
    // In one step; the error is a sentence.
    std::expected<void, std::string> write(const Owned& owned) const;

  private:
    OwnedRecord(int folder, int lock, std::string name)
        : folder_{folder}, lock_{lock}, name_{std::move(name)} {}

    int folder_ = -1;
    int lock_ = -1;
    std::string name_;
};

}  // namespace xfrmd::setkey
