// SPDX-License-Identifier: Apache-2.0
// What other processes have used, from /proc.
#include "tests/bench/processes.h"

#include <unistd.h>

#include <chrono>
#include <format>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>

namespace xfrmd::bench {
namespace {

// proc_pid_stat(5): utime and stime are the 14th and 15th field; the second may hold any character
// and ends with the last parenthesis.
double processor_seconds_of(pid_t process) {
    std::ifstream file{std::format("/proc/{}/stat", process)};
    std::string text;
    std::getline(file, text);
    const std::size_t after_name = text.rfind(')');
    if (after_name == std::string::npos) return 0;
    std::istringstream fields{text.substr(after_name + 1)};
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// proc_pid_statm(5): pages, the second number is what is resident.
double resident_octets_of(pid_t process) {
    std::ifstream file{std::format("/proc/{}/statm", process)};
    double size = 0;
    double resident = 0;
    file >> size >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

Usage usage_of(std::span<const pid_t> processes) {
    Usage usage;
    for (const pid_t process : processes) {
        usage.processor_seconds += processor_seconds_of(process);
        usage.resident_octets += resident_octets_of(process);
    }
    return usage;
}

std::optional<double> guest_seconds(const std::filesystem::path& folder) {
    constexpr std::chrono::milliseconds kInterval{20};
    constexpr std::chrono::seconds kPatience{5};
    const std::filesystem::path answer = folder / "answer";
    std::error_code ignored;
    std::filesystem::remove(answer, ignored);
    if (!(std::ofstream{folder / "ask"} << "how much?\n").flush()) return std::nullopt;
    for (auto waited = kInterval; waited < kPatience; waited += kInterval) {
        std::this_thread::sleep_for(kInterval);
        std::ifstream file{answer};
        double seconds = 0;
        if (file >> seconds) return seconds;
    }
    return std::nullopt;
}

}  // namespace xfrmd::bench
