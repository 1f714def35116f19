// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/tidy.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <optional>
#include <ranges>

namespace xfrmd::tidy {

namespace {

using Words = std::vector<std::string_view>;

// One room: which of our folders it may include, and which system headers it may not do without
// asking here.
struct Room {
    std::string_view folder;
    Words may_include;  // prefixes
    bool system_headers_listed = false;
};

const std::vector<Room>& rooms() {
    static const std::vector<Room> all{
        {"netlink/model/", {"netlink/model/"}, true},
        {"netlink/lookup/", {"netlink/lookup/", "netlink/model/"}, true},
        {"netlink/", {"netlink/"}, false},
        {"ike/", {"ike/", "netlink/model/"}, true},
        // What clients ask of the kernel's tables comes in setkey's language.
        {"daemon/", {"daemon/", "ike/", "netlink/", "cli/setkey/change_text.h"}, false},
        // The setkey language is pure, as the core is; it tells mistakes as the configuration does.
        {"cli/setkey/language/",
         {"cli/setkey/language/", "netlink/model/", "daemon/configuration/diagnostic.h",
          "daemon/configuration/did_you_mean.h"},
         true},
        // `xfrmctl pki` certifies what the daemon will verify, so both look at certificates with
        // the same code; what the daemon refuses to read, it refuses too.
        {"cli/pki/",
         {"cli/", "ike/auth/", "ike/identity.h", "ike/crypto/digest.h", "netlink/model/",
          "daemon/configuration/credential_file.h"},
         false},
        // `xfrmctl migrate` looks at certificates and identities as the daemon will.
        {"cli/migrate/",
         {"cli/", "ike/auth/", "ike/identity.h", "netlink/model/", "daemon/configuration/"},
         false},
        // `xfrmctl check` reads a configuration as the daemon would, without a daemon.
        {"cli/",
         {"cli/", "daemon/api/", "daemon/configuration/", "netlink/", "ike/crypto/registry.h"},
         false},
    };
    return all;
}

// Nothing here reaches a clock, a thread, a file or a terminal.
constexpr auto kPureHeaders = std::to_array<std::string_view>({
    "algorithm", "array",   "bit",        "charconv",         "chrono",   "compare",
    "concepts",  "cstddef", "cstdint",    "cstring",          "deque",    "exception",
    "expected",  "format",  "functional", "initializer_list", "iterator", "limits",
    "map",       "memory",  "new",        "numeric",          "optional", "ranges",
    "set",       "span",    "string",     "string_view",      "tuple",    "type_traits",
    "utility",   "variant", "vector",
});
// Where Botan may be seen: headers get two of its own, the rest stays behind the seams.
constexpr auto kBotanInHeaders = std::to_array<std::string_view>({"botan/secmem.h", "botan/rng.h"});
constexpr auto kBotanFolders = std::to_array<std::string_view>({"ike/crypto/", "ike/auth/"});
// inet_pton() and inet_ntop() know the text forms of addresses.
constexpr std::string_view kAddressText = "netlink/model/address.cpp";

constexpr auto kBannedInCore = std::to_array<std::string_view>({
    "std::thread",
    "std::jthread",
    "std::mutex",
    "std::atomic",
    "system_clock",
    "steady_clock",
    "high_resolution_clock",
    "clock_gettime",
    "random_device",
    "getenv",
    "printf",
    "fprintf",
    "snprintf",
    "syslog",
    "cout",
    "cerr",
    "throw",
    "reinterpret_cast",
    "dynamic_cast",
    "const_cast",
    "std::unordered_map",
    "std::unordered_set",
    "TODO",
    "FIXME",
    "assert",
});

// There may be a hundred thousand IKE SAs. What tells of all of them looks at all, and so does who
// has lost track of the kernel, or shuts down; nothing does that a message, or the end of one of
// them, sets to work.
constexpr std::string_view kAllIkeSas = "ike_sas.for_each";
constexpr auto kMaySeeAllIkeSas =
    std::to_array<std::string_view>({"ike/observe.cpp", "ike/resync.cpp", "ike/connections.cpp", "ike/key_export.cpp"});

bool starts_with_any(std::string_view text, std::ranges::input_range auto const& prefixes) {
    return std::ranges::any_of(prefixes,
                               [&](std::string_view prefix) { return text.starts_with(prefix); });
}

const Room* room_of(std::string_view path) {
    const auto at = std::ranges::find_if(
        rooms(), [&](const Room& room) { return path.starts_with(room.folder); });
    return at == rooms().end() ? nullptr : &*at;
}

bool is_core(std::string_view path) {
    constexpr auto kCore =
        std::to_array<std::string_view>({"ike/", "netlink/lookup/", "netlink/model/"});
    return starts_with_any(path, kCore);
}

bool is_part_of_a_word(char character) {
    return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '_';
}

bool has_word(std::string_view line, std::string_view word) {
    for (std::size_t at = line.find(word); at != std::string_view::npos;
         at = line.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool begins = at == 0 || !is_part_of_a_word(line[at - 1]);
        const bool ends = end == line.size() || !is_part_of_a_word(line[end]);
        if (begins && ends) return true;
    }
    return false;
}

// The target of an #include with these delimiters, if the line is one.
std::optional<std::string_view> included(std::string_view line, char open, char close) {
    constexpr std::string_view kDirective = "#include ";
    if (!line.starts_with(kDirective)) return std::nullopt;
    line.remove_prefix(kDirective.size());
    if (line.empty() || line.front() != open) return std::nullopt;
    const std::size_t end = line.find(close, 1);
    if (end == std::string_view::npos) return std::nullopt;
    return line.substr(1, end - 1);
}

std::optional<std::string> check_own_include(std::string_view path, std::string_view target) {
    const Room* room = room_of(path);
    if (room == nullptr || starts_with_any(target, room->may_include)) return std::nullopt;
    return std::string{room->folder} + " must not include " + std::string{target};
}

std::optional<std::string> check_system_include(std::string_view path, std::string_view target) {
    const Room* room = room_of(path);
    if (room == nullptr || !room->system_headers_listed) return std::nullopt;
    if (std::ranges::contains(kPureHeaders, target)) return std::nullopt;
    if (std::ranges::contains(kBotanInHeaders, target)) return std::nullopt;
    if (path == kAddressText && target == "arpa/inet.h") return std::nullopt;
    const bool source = path.ends_with(".cpp");
    if (target.starts_with("botan/") && source && starts_with_any(path, kBotanFolders))
        return std::nullopt;
    return "the core must not include <" + std::string{target} + "> here";
}

// Ownership is by value; only what is immutable and as large as a configuration is shared.
bool shares_something_else(std::string_view line) {
    return has_word(line, "shared_ptr") && !line.contains("shared_ptr<const Configuration>");
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    for (const auto line : std::views::split(text, '\n'))
        lines.emplace_back(line.begin(), line.end());
    return lines;
}

// The homes of somebody's machine have no place in the project: one at the beginning of a literal
// or a word.
bool has_home_path(std::string_view line) {
    constexpr auto kHomes = std::to_array<std::string_view>({"root/", "home/", "work/"});
    for (std::size_t at = line.find('/'); at != std::string_view::npos;
         at = line.find('/', at + 1)) {
        const bool begins = at == 0 || line[at - 1] == '"' || line[at - 1] == ' ';
        if (begins && starts_with_any(line.substr(at + 1), kHomes)) return true;
    }
    return false;
}

}  // namespace

std::string without_comments_and_literals(std::string_view text) {
    enum class Inside : std::uint8_t {
        Code,
        LineComment,
        BlockComment,
        String,
        Character
    } inside = Inside::Code;
    std::string code;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char now = text[i];
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        const bool separator = i > 0 && is_part_of_a_word(text[i - 1]) && is_part_of_a_word(next);
        switch (inside) {
            case Inside::Code:
                if (now == '/' && next == '/') inside = Inside::LineComment;
                if (now == '/' && next == '*') inside = Inside::BlockComment;
                if (now == '"') inside = Inside::String;
                if (now == '\'' && !separator) inside = Inside::Character;  // 1'000 is a number
                code += inside == Inside::Code ? now : ' ';
                continue;
            case Inside::LineComment:
                if (now == '\n') inside = Inside::Code;
                break;
            case Inside::BlockComment:
                if (now == '/' && i > 0 && text[i - 1] == '*') inside = Inside::Code;
                break;
            case Inside::String:
            case Inside::Character:
                if (now == '\\') {
                    code += "  ";
                    ++i;
                    continue;
                }
                if (now == (inside == Inside::String ? '"' : '\'') || now == '\n')
                    inside = Inside::Code;
                break;
        }
        code += now == '\n' ? '\n' : ' ';
    }
    return code;
}

std::vector<Complaint> check_file(std::string_view path, std::string_view text) {
    std::vector<Complaint> complaints;
    const auto complain = [&](std::size_t line, std::string what) {
        complaints.push_back({std::string{path}, line, std::move(what)});
    };
    const bool cpp = path.ends_with(".h") || path.ends_with(".cpp");
    const std::string_view mark =
        cpp ? "// SPDX-License-Identifier: Apache-2.0" : "# SPDX-License-Identifier: Apache-2.0";
    const auto lines = lines_of(text);
    if (lines.empty() || !lines.front().starts_with(mark))
        complain(1, "the first line must name the licence");
    const std::string code_text = cpp ? without_comments_and_literals(text) : std::string{text};
    const auto code = lines_of(code_text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (has_home_path(lines[i])) complain(i + 1, "an absolute path of somebody's machine");
        if (!cpp) continue;
        if (const auto target = included(lines[i], '"', '"'))
            if (auto wrong = check_own_include(path, *target)) complain(i + 1, *std::move(wrong));
        if (const auto target = included(lines[i], '<', '>'))
            if (auto wrong = check_system_include(path, *target))
                complain(i + 1, *std::move(wrong));
        if (!is_core(path)) continue;
        for (const std::string_view banned : kBannedInCore)
            if (has_word(code[i], banned))
                complain(i + 1, "the core has no use for " + std::string{banned});
        if (code[i].contains(kAllIkeSas) && !std::ranges::contains(kMaySeeAllIkeSas, path))
            complain(i + 1, "nothing but what tells of all IKE SAs looks at all of them");
        if (shares_something_else(code[i]))
            complain(i + 1, "the core shares nothing but its Configuration");
    }
    return complaints;
}

}  // namespace xfrmd::tidy
