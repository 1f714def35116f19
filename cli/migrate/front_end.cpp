// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/front_end.h"

#include <format>
#include <map>
#include <ranges>

namespace xfrmd::migrate {

namespace {

std::string_view trimmed(std::string_view line) {
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
        line.remove_suffix(1);
    return line;
}

// The lines that say something.
std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    for (const auto part : std::views::split(text, '\n')) {
        const std::string_view line = trimmed({part.begin(), part.end()});
        if (!line.empty() && !line.starts_with('#')) lines.push_back(line);
    }
    return lines;
}

// "connection(berlin):", "peer(10.0.0.1):", "global:"
bool is_racoon_tool_section(std::string_view line) {
    return line.ends_with(':') &&
           (line == "global:" || line.starts_with("connection(") || line.starts_with("peer(") ||
            line.starts_with("spdinit:") || line.starts_with("spdadd("));
}

std::optional<FrontEnd> racoon_tool(const std::string& file,
                                    const std::vector<std::string_view>& lines) {
    bool sections = false;
    bool connections = false;
    for (const std::string_view line : lines) {
        sections = sections || is_racoon_tool_section(line);
        connections = connections || line.starts_with("connection(");
    }
    if (!sections) return std::nullopt;
    if (!connections)
        return FrontEnd{file,
                        "the configuration of Debian's racoon-tool, which defines no connection",
                        "", false};
    return FrontEnd{file,
                    "the configuration of Debian's racoon-tool, which writes racoon.conf and the "
                    "policies from it",
                    "migrate what it has written: --racoon /var/lib/racoon/racoon.conf, and its "
                    "policies as a setkey file "
                    "(racoon-tool dump, or setkey -DP, shows them)"};
}

using Variables = std::map<std::string, std::string, std::less<>>;

// NAME=VALUE, with or without quotes.
Variables variables_of(const std::vector<std::string_view>& lines) {
    Variables variables;
    for (std::string_view line : lines) {
        if (line.starts_with("export ")) line.remove_prefix(7);
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos || line.substr(0, equals).contains(' ')) continue;
        std::string_view value = line.substr(equals + 1);
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
            value.back() == value.front())
            value = value.substr(1, value.size() - 2);
        variables.emplace(line.substr(0, equals), value);
    }
    return variables;
}

std::string value_of(const Variables& variables, std::string_view name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string{} : found->second;
}

// What Red Hat's ifup-ipsec said to setkey.
std::string policies_of(const Variables& variables) {
    const auto value = [&](std::string_view name, std::string_view instead) {
        std::string text = value_of(variables, name);
        return text.empty() ? std::string{instead} : text;
    };
    const std::string destination = value("DST", "DST");
    const std::string source = value("SRC", "SRC");
    const bool networks = variables.contains("SRCNET") || variables.contains("DSTNET");
    const std::string ours = networks ? value("SRCNET", "SRCNET") : source;
    const std::string theirs = networks ? value("DSTNET", "DSTNET") : destination;
    const auto request = [&](const std::string& from, const std::string& to) {
        return networks ? std::format("esp/tunnel/{}-{}/require", from, to)
                        : std::string{"esp/transport//require"};
    };
    return std::format("spdadd {} {} any -P out ipsec {}; spdadd {} {} any -P in ipsec {};", ours,
                       theirs, request(source, destination), theirs, ours,
                       request(destination, source));
}

std::optional<FrontEnd> red_hat(const std::string& file,
                                const std::vector<std::string_view>& lines) {
    const Variables variables = variables_of(lines);
    if (value_of(variables, "TYPE") == "IPSEC" || value_of(variables, "TYPE") == "IPsec")
        return FrontEnd{
            file,
            "an IPsec interface of Red Hat: ifup writes the remote block and the policies from it",
            std::format("migrate /etc/racoon/racoon.conf with the files it includes, and give "
                        "these policies as a "
                        "setkey file (with ah behind esp unless AH_PROTO=none): {}",
                        policies_of(variables))};
    if (variables.contains("IKE_PSK"))
        return FrontEnd{file, "the secret of an IPsec interface of Red Hat",
                        "ifup has written it into /etc/racoon/psk.txt: migrate that"};
    return std::nullopt;
}

std::optional<FrontEnd> open_wrt(const std::string& file,
                                 const std::vector<std::string_view>& lines) {
    for (const std::string_view line : lines)
        for (const std::string_view section :
             {"config racoon", "config tunnel", "config sainfo", "config p1_proposal",
              "config p2_proposal", "package racoon"})
            if (line == section || line.starts_with(std::string{section} + " "))
                return FrontEnd{file,
                                "a UCI file of OpenWrt: its start script writes racoon.conf and "
                                "the policies from it",
                                "migrate what it has written: --racoon /var/racoon/racoon.conf, "
                                "and what setkey -DP shows as a setkey file"};
    return std::nullopt;
}

}  // namespace

std::optional<FrontEnd> recognise_front_end(const std::string& file, std::string_view text) {
    const auto lines = lines_of(text);
    if (auto found = racoon_tool(file, lines)) return found;
    if (auto found = red_hat(file, lines)) return found;
    return open_wrt(file, lines);
}

}  // namespace xfrmd::migrate
