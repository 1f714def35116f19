// SPDX-License-Identifier: Apache-2.0
// How far something long has come, on a terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

namespace xfrmd::setkey {

// "[#########           ]  45 %  45,000 of 100,000"
[[nodiscard]] std::string progress_text(std::size_t done, std::size_t total);

// Writes over its own line, a few times a second, and takes it away at its end. Nothing at all
// where there is no terminal, or too little to do.
class Progress {
  public:
    Progress(std::FILE* terminal, std::size_t total);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();

    void show(std::size_t done);

  private:
    std::FILE* terminal_;
    std::size_t total_;
    bool shown_ = false;
    std::chrono::steady_clock::time_point next_;
};

}  // namespace xfrmd::setkey
