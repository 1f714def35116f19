// SPDX-License-Identifier: Apache-2.0
// xfrmd_scenario [--rewrite] FILE…: plays scenarios and compares what follows with what is written. --rewrite writes it.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "tests/sim/scenario.h"

namespace {

std::string read(const char* path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

// The first lines that differ.
void show_difference(const std::string& written, const std::string& played) {
    std::istringstream left{written};
    std::istringstream right{played};
    std::string was;
    std::string is;
    for (int number = 1;; ++number) {
        const bool more_left = static_cast<bool>(std::getline(left, was));
        const bool more_right = static_cast<bool>(std::getline(right, is));
        if (!more_left && !more_right) return;
        if (more_left && more_right && was == is) continue;
        std::printf("line %d\n  written: %s\n  happens: %s\n", number, more_left ? was.c_str() : "(nothing)",
                    more_right ? is.c_str() : "(nothing)");
        return;
    }
}

bool play(const char* path, bool rewrite) {
    const std::string written = read(path);
    const auto played = xfrmd::sim::play_scenario(written);
    if (!played) {
        std::printf("%s: %s\n", path, played.error().c_str());
        return false;
    }
    if (*played == written && !written.empty()) return true;
    if (rewrite) {
        std::ofstream{path} << *played;
        return true;
    }
    std::printf("%s does not go as it is written:\n", path);
    show_difference(written, *played);
    std::printf("all of it:\n%s", played->c_str());
    return false;
}

}  // namespace

int main(int count, char** words) {
    bool rewrite = false;
    bool good = count > 1;
    for (int i = 1; i < count; ++i) {
        if (std::strcmp(words[i], "--rewrite") == 0)
            rewrite = true;
        else
            good = play(words[i], rewrite) && good;
    }
    return good ? 0 : 1;
}
