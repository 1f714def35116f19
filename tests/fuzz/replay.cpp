// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target without libFuzzer:
//   TARGET_replay RUNS [NUMBER [FOLDER]]   its seeds, what was once found, what is in FOLDER, and
//                                          RUNS inputs derived from all these
//   TARGET_replay FILE…                    these inputs; NAME.hex holds hexadecimal digits
//   TARGET_replay --seeds FOLDER           writes its seeds, for libFuzzer to begin with
// An input that ends the program is shown in hexadecimal digits.
#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>

#include "tests/fuzz/mutator.h"
#include "tests/fuzz/target.h"

namespace xfrmd::fuzz {

namespace {

const Bytes* under_test = nullptr;

extern "C" void show_input(int signal) {
    std::signal(signal, SIG_DFL);
    if (under_test != nullptr) {
        std::fputs("the input was ", stderr);
        for (const std::uint8_t octet : *under_test) std::fprintf(stderr, "%02x", octet);
        std::fputs("\n", stderr);
    }
    std::raise(signal);
}

void run(const Bytes& input) {
    under_test = &input;
    LLVMFuzzerTestOneInput(input.data(), input.size());
    under_test = nullptr;
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// Digits two by two; everything else and what follows a '#' on its line is for people.
Bytes from_hex(const std::string& text) {
    Bytes octets;
    std::string digits;
    bool is_comment = false;
    for (const char each : text) {
        is_comment = (is_comment || each == '#') && each != '\n';
        if (!is_comment && std::isxdigit(static_cast<unsigned char>(each)) != 0) digits += each;
    }
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        octets.push_back(
            static_cast<std::uint8_t>(std::strtoul(digits.substr(i, 2).c_str(), nullptr, 16)));
    return octets;
}

Bytes read_input(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in) {
        std::fprintf(stderr, "cannot read %s\n", path.c_str());
        std::exit(2);
    }
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    return path.extension() == ".hex" ? from_hex(text) : Bytes{text.begin(), text.end()};
}

// The files of a folder whose names begin so, in the order of their names.
void add_inputs(std::vector<Bytes>& inputs, const std::filesystem::path& folder,
                const std::string& prefix) {
    std::vector<std::filesystem::path> paths;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator{folder, error})
        if (entry.path().filename().string().starts_with(prefix)) paths.push_back(entry.path());
    std::ranges::sort(paths);
    for (const auto& path : paths) inputs.push_back(read_input(path));
}

int write_seeds(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    std::size_t count = 0;
    for (const Bytes& seed : seeds()) {
        std::ofstream out{folder / ("seed-" + std::to_string(++count)), std::ios::binary};
        for (const std::uint8_t octet : seed) out.put(static_cast<char>(octet));
        if (!out.flush()) return 2;
    }
    return 0;
}

int run_derived(std::uint64_t runs, std::uint64_t first, const char* folder) {
    std::vector<Bytes> inputs = seeds();
    add_inputs(inputs, XFRMD_FOUND, XFRMD_TARGET "-");
    if (folder != nullptr) add_inputs(inputs, folder, "");
    for (const Bytes& input : inputs) run(input);
    Mutator mutator{first, inputs};
    for (std::uint64_t i = 0; i < runs; ++i) run(mutator.next());
    std::printf("%zu inputs that are kept, %llu derived from them\n", inputs.size(),
                static_cast<unsigned long long>(runs));
    return 0;
}

int usage() {
    std::fputs("usage: TARGET_replay RUNS [NUMBER [FOLDER]] | FILE… | --seeds FOLDER\n", stderr);
    return 2;
}

int replay(std::span<char*> arguments) {
    if (arguments.size() < 2) return usage();
    const std::string_view first = arguments[1];
    if (first == "--seeds") return arguments.size() == 3 ? write_seeds(arguments[2]) : usage();
    if (const auto runs = number(first))
        return run_derived(*runs, arguments.size() > 2 ? number(arguments[2]).value_or(1) : 1,
                           arguments.size() > 3 ? arguments[3] : nullptr);
    for (const char* path : arguments.subspan(1)) run(read_input(path));
    return 0;
}

}  // namespace

}  // namespace xfrmd::fuzz

int main(int argc, char** argv) {
    std::signal(SIGABRT, xfrmd::fuzz::show_input);
    std::signal(SIGSEGV, xfrmd::fuzz::show_input);
    return xfrmd::fuzz::replay({argv, static_cast<std::size_t>(argc)});
}
