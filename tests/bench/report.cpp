// SPDX-License-Identifier: Apache-2.0
// bench_report FOLDER DOCUMENTS KEY=VALUE…: makes a table for people, DOCUMENTS/setups.md, and
// DOCUMENTS/setups.json for machines of what ./dev bench has measured: FOLDER/COUNT[.WAY] has files
// RESPONDER.RUN.NAME.json of xfrmd_load, and says in the file "about" when and of what. Each figure is
// the median of the runs. The keys and values (versions, machine) are told with them. For plots it
// writes tables in columns, one for each responder, to FOLDER/plots.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "bench_report: %s\n", why.c_str());
    std::exit(1);
}

constexpr std::string_view kResponders[] = {"xfrmd", "strongswan", "libreswan", "openiked"};
constexpr std::string_view kTitles[] = {"xfrmd", "strongSwan", "libreswan", "OpenIKED"};

// One row: where its figure stands in a file of xfrmd_load, as a JSON pointer within the step.
struct Row {
    std::string_view about;
    std::string_view file;
    std::string_view step;
    const char* pointer;
    int digits;
    double factor = 1;
    std::uint32_t count_min = 0;
};

// The guest's clock counts processor time in hundredths of a second: a tenth of fewer is chance.
constexpr std::uint32_t kPartsCountMin = 1'000;

constexpr Row kRows[] = {
    {"processor time of the responder for a set-up, ms", "setups", "open",
     "/responder/processor_ms_each", 2},
    {"… for each of the first tenth, ms", "setups", "open",
     "/responder/parts/0/processor_ms_each", 2, 1, kPartsCountMin},
    {"… for each of the last tenth, ms", "setups", "open", "/responder/parts/9/processor_ms_each",
     2, 1, kPartsCountMin},
    {"processor time of the whole guest for a set-up, both ends, ms", "setups", "open",
     "/guest/processor_ms_each", 2},
    {"set-ups a second, both ends on one processor", "setups", "open", "/per_second", 0},
    {"time of a set-up, median, ms", "setups", "open", "/latency_ms/p50", 1},
    {"… 99 of 100, ms", "setups", "open", "/latency_ms/p99", 1},
    {"… 999 of 1,000, ms", "setups", "open", "/latency_ms/p999", 1},
    {"memory of an IKE SA with its child, kB", "setups", "open", "/responder/octets_each", 1, 1e-3},
    {"processor while nothing happens, %", "setups", "hold", "/responder/processor_per_cent", 2},
    {"list of all IKE SAs, s", "setups", "run", "/seconds", 2},
    {"processor time of the responder for a child's rekey, ms", "setups", "rekey",
     "/responder/processor_ms_each", 2},
    {"… of the whole guest, both ends, ms", "setups", "rekey", "/guest/processor_ms_each", 2},
    {"rekeys of a child a second", "setups", "rekey", "/per_second", 0},
    {"processor time of the responder for a close, ms", "setups", "close",
     "/responder/processor_ms_each", 2},
    {"… of the whole guest, both ends, ms", "setups", "close", "/guest/processor_ms_each", 2},
    {"set-up beside no flood, 99 of 100, ms", "idle", "open", "/latency_ms/p99", 1},
    {"set-up beside 300 half-open ones a second, 99 of 100, ms", "flood", "open",
     "/latency_ms/p99", 1},
    {"… that failed", "flood", "open", "/failed", 0},
};

// The runs of one responder: file name without run, and what each run's file says.
using Runs = std::map<std::string, std::vector<Json>>;

struct Bench {
    std::uint32_t count = 0;
    std::string way;    // of setting up, where it is not the usual one: "modp2048"
    std::string about;  // when, and of which commit
    std::map<std::string, Runs, std::less<>> responders;
};

Json read(const fs::path& path) {
    std::ifstream file{path};
    Json json = Json::parse(file, nullptr, false);
    if (json.is_discarded()) give_up(path.string() + " is no JSON");
    return json;
}

Bench read_bench(const fs::path& folder) {
    Bench bench;
    const std::string name = folder.filename().string();
    const char* const end =
        std::from_chars(name.data(), name.data() + name.size(), bench.count).ptr;
    if (bench.count == 0) return bench;  // of a run that goes on
    if (*end == '.') bench.way = end + 1;
    std::ifstream about{folder / "about"};
    std::getline(about, bench.about);
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator{folder})
        if (entry.path().extension() == ".json") paths.push_back(entry.path());
    std::ranges::sort(paths);
    for (const fs::path& path : paths) {
        const std::string stem = path.stem().string();  // RESPONDER.RUN.NAME
        const auto first = stem.find('.');
        const auto last = stem.rfind('.');
        if (first == last) continue;
        bench.responders[stem.substr(0, first)][stem.substr(last + 1)].push_back(read(path));
    }
    return bench;
}

std::optional<double> figure(const Json& file, const Row& row) {
    for (const Json& step : file.value("steps", Json::array())) {
        if (step.value("step", "") != row.step) continue;
        const Json::json_pointer pointer{row.pointer};
        if (step.contains(pointer) && step[pointer].is_number())
            return step[pointer].get<double>() * row.factor;
    }
    return std::nullopt;
}

std::optional<double> median(const Bench& bench, std::string_view responder, const Row& row) {
    const auto runs = bench.responders.find(responder);
    if (runs == bench.responders.end()) return std::nullopt;
    const auto files = runs->second.find(std::string{row.file});
    if (files == runs->second.end()) return std::nullopt;
    std::vector<double> figures;
    for (const Json& file : files->second)
        if (const auto one = figure(file, row)) figures.push_back(*one);
    if (figures.empty()) return std::nullopt;
    std::ranges::sort(figures);
    const std::size_t middle = figures.size() / 2;
    return figures.size() % 2 == 1 ? figures[middle]
                                   : (figures[middle - 1] + figures[middle]) / 2;
}

std::size_t runs_of(const Bench& bench, std::string_view responder) {
    const auto runs = bench.responders.find(responder);
    if (runs == bench.responders.end()) return 0;
    const auto files = runs->second.find("setups");
    return files == runs->second.end() ? 0 : files->second.size();
}

std::string title_of(const Bench& bench) {
    std::string title = std::format("{} IKE SAs", bench.count);
    std::string way = bench.way;
    std::ranges::replace(way, '.', ' ');
    if (!way.empty()) title += ", " + way;
    return title;
}

std::string table(const Bench& bench) {
    std::string text = "\n## " + title_of(bench) + "\n\n";
    if (!bench.about.empty()) text += bench.about + "\n\n";
    text += '|';
    for (const std::string_view title : kTitles) text += std::format(" | {}", title);
    text += " |\n|---|---|---|---|---|\n| runs";
    for (const std::string_view responder : kResponders)
        text += std::format(" | {}", runs_of(bench, responder));
    text += " |\n";
    for (const Row& row : kRows) {
        if (bench.count < row.count_min) continue;
        text += std::format("| {}", row.about);
        for (const std::string_view responder : kResponders) {
            const auto value = median(bench, responder, row);
            text += value ? std::format(" | {:.{}f}", *value, row.digits) : " | not run";
        }
        text += " |\n";
    }
    return text;
}

Json as_json(const Bench& bench) {
    Json json = {{"count", bench.count}, {"way", bench.way}, {"about", bench.about}};
    for (const auto& [responder, runs] : bench.responders)
        for (const auto& [name, files] : runs) json["runs"][responder][name] = files;
    return json;
}

void write(const fs::path& path, const std::string& text) {
    std::ofstream file{path};
    file << text;
    if (!file.flush()) give_up(path.string() + " cannot be written");
}

// ---- for plots

// One line of a table for gnuplot, which takes "?" for what there is not.
std::string columns(const std::string& first, const std::function<std::optional<double>(std::string_view)>& value) {
    std::string line = first;
    for (const std::string_view responder : kResponders) {
        const auto figure = value(responder);
        line += figure ? std::format(" {:.3f}", *figure) : " ?";
    }
    return line + '\n';
}

// By count: a figure of a row whose place is `step` and `pointer`.
std::string by_count(const std::vector<Bench>& benches, const Row& row) {
    std::string text;
    for (const Bench& bench : benches)
        if (bench.way.empty())
            text += columns(std::format("{}", bench.count), [&](std::string_view responder) {
                return median(bench, responder, row);
            });
    return text;
}

// What a set-up costs while there are more and more: by how many there are.
std::string by_part(const Bench& bench) {
    std::string text;
    for (int part = 0; part < 10; ++part) {
        const std::string pointer = std::format("/responder/parts/{}/processor_ms_each", part);
        const Row row{"", "setups", "open", pointer.c_str(), 2};
        text += columns(std::format("{}", bench.count * (2 * part + 1) / 20),
                        [&](std::string_view responder) { return median(bench, responder, row); });
    }
    return text;
}

// How many of a hundred set-ups took at most so many milliseconds.
std::string by_latency(const Bench& bench) {
    std::map<double, std::map<std::string, double, std::less<>>> counts;  // by bound and responder
    std::map<std::string, double, std::less<>> totals;
    for (const auto& [responder, runs] : bench.responders) {
        const auto files = runs.find("setups");
        if (files == runs.end()) continue;
        for (const Json& file : files->second)
            for (const Json& step : file.value("steps", Json::array())) {
                if (step.value("step", "") != "open" || !step["latency_ms"].is_object()) continue;
                for (const Json& bar : step["latency_ms"]["histogram"]) {
                    counts[bar["up_to_ms"].get<double>()][responder] += bar["count"].get<double>();
                    totals[responder] += bar["count"].get<double>();
                }
            }
    }
    std::string text;
    std::map<std::string, double, std::less<>> sums;
    for (const auto& [bound, of_responder] : counts) {
        for (const auto& [responder, count] : of_responder) sums[responder] += count;
        text += columns(std::format("{}", bound),
                        [&](std::string_view responder) -> std::optional<double> {
                            const auto total = totals.find(responder);
                            if (total == totals.end()) return std::nullopt;
                            const auto sum = sums.find(responder);
                            return sum == sums.end() ? 0 : 100 * sum->second / total->second;
                        });
    }
    return text;
}

void write_plots(const std::vector<Bench>& benches, const fs::path& folder) {
    fs::create_directories(folder);
    write(folder / "cost.dat",
          by_count(benches, {"", "setups", "open", "/guest/processor_ms_each", 2}));
    write(folder / "memory.dat", by_count(benches, {"", "setups", "open", "/responder/octets_each", 1, 1e-3}));
    for (const Bench& bench : benches) {
        if (!bench.way.empty()) continue;
        write(folder / std::format("latency-{}.dat", bench.count), by_latency(bench));
        if (bench.count >= kPartsCountMin)
            write(folder / std::format("growth-{}.dat", bench.count), by_part(bench));
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) give_up("usage: bench_report FOLDER DOCUMENTS KEY=VALUE...");
    std::vector<Bench> benches;
    for (const auto& entry : fs::directory_iterator{argv[1]}) {
        if (!entry.is_directory()) continue;
        Bench bench = read_bench(entry.path());
        if (bench.count > 0 && !bench.responders.empty()) benches.push_back(std::move(bench));
    }
    std::ranges::sort(benches, {}, [](const Bench& bench) { return std::pair{bench.count, bench.way}; });

    std::string text =
        "# Set-ups, side by side\n\n"
        "Made by `./dev bench`. README.md says what is measured, and how each is configured.\n\n";
    Json report = Json::object();
    for (int i = 3; i < argc; ++i) {
        const std::string_view word = argv[i];
        const auto equals = word.find('=');
        if (equals == std::string_view::npos) give_up(std::string{word} + " is no KEY=VALUE");
        text += std::format("- {}: {}\n", word.substr(0, equals), word.substr(equals + 1));
        report[std::string{word.substr(0, equals)}] = word.substr(equals + 1);
    }
    for (const Bench& bench : benches) {
        text += table(bench);
        report["benches"].push_back(as_json(bench));
    }
    write(fs::path{argv[2]} / "setups.md", text);
    write(fs::path{argv[2]} / "setups.json", report.dump() + '\n');
    write_plots(benches, fs::path{argv[1]} / "plots");
    return 0;
}
