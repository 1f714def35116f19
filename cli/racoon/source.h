// SPDX-License-Identifier: Apache-2.0
// The text of a racoon.conf with its lines, and the mistakes found in it. It may hold secrets: it
// is wiped when it goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/configuration/diagnostic.h"

namespace xfrmd::racoon {

// More than anybody writes by hand, and far less than would hurt.
inline constexpr std::size_t kFileSizeMax = 1024 * 1024;

class Source {
  public:
    Source(std::string file, std::string text);
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    ~Source();

    [[nodiscard]] const std::string& file() const { return file_; }
    [[nodiscard]] const std::string& text() const { return text_; }
    // Line `number`, counted from 1, as diagnostics may show it: cut where a secret begins. Empty
    // if there is no such line.
    [[nodiscard]] std::string line(std::uint32_t number) const;
    // From this character of the line on there is a secret.
    void hide(std::uint32_t line, std::uint32_t column);

  private:
    struct Hidden {
        std::uint32_t line = 0;
        std::uint32_t column = 0;
    };
    std::string file_;
    std::string text_;
    std::vector<std::size_t> begins_;  // of each line
    std::vector<Hidden> hidden_;
};

// A position in a file. Line and column from 1, columns in characters; 0 = the whole file.
struct Place {
    const Source* source = nullptr;
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    // "racoon.conf:12", or only the file's name.
    [[nodiscard]] std::string to_string() const;
};

// Gathers mistakes so that all of them are told at once. Beyond a bound it only counts.
class Mistakes {
  public:
    void error(const Place& place, std::string text, std::string hint = {});
    // What racoon accepted or refused in another way than one would expect, and is understood here.
    void warning(const Place& place, std::string text, std::string hint = {});

    [[nodiscard]] bool has_errors() const { return errors_ > 0; }
    // In the order of the files and positions; empties this.
    [[nodiscard]] std::vector<daemon::Diagnostic> take();

  private:
    void add(daemon::Severity severity, const Place& place, std::string text, std::string hint);

    std::vector<daemon::Diagnostic> all_;
    std::size_t errors_ = 0;
    std::size_t left_out_ = 0;
};

}  // namespace xfrmd::racoon
