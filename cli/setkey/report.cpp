// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/report.h"

#include <net/if.h>

#include <array>
#include <format>
#include <nlohmann/json.hpp>

#include "cli/setkey/language/print.h"
#include "cli/setkey/statements.h"

namespace xfrmd::setkey {

using cli::ExitCode;

namespace {

std::string interface_name(std::uint32_t index) {
    std::array<char, IF_NAMESIZE> name{};
    return ::if_indextoname(index, name.data()) != nullptr ? std::string{name.data()}
                                                           : interface_number(index);
}

std::string text_of(const xfrm::PolicySpec& policy) {
    return print(addition_of(policy, interface_name), Keys::Hide);
}

nlohmann::json json_of(const daemon::Diagnostic& diagnostic) {
    return {{"severity", diagnostic.severity == daemon::Severity::Error ? "error" : "warning"},
            {"file", diagnostic.file},
            {"line", diagnostic.line},
            {"column", diagnostic.column},
            {"text", diagnostic.text},
            {"source_line", diagnostic.source_line},
            {"hint", diagnostic.hint}};
}

void put(const std::string& text, std::FILE* to) {
    std::fwrite(text.data(), 1, text.size(), to);
}

}  // namespace

void Report::add_differences(const Plan& plan) {
    has_differences_ = true;
    unchanged_ = plan.unchanged_policies();
    for (const Difference& difference : plan.differences()) {
        using Kind = Difference::Kind;
        if (const auto* const policy = std::get_if<xfrm::PolicySpec>(&difference.entry)) {
            if (difference.kind == Kind::Removed) lines_.push_back({'-', text_of(*policy)});
            if (difference.before) lines_.push_back({'-', text_of(*difference.before)});
            if (difference.kind != Kind::Removed) lines_.push_back({'+', text_of(*policy)});
            continue;
        }
        if (difference.added != nullptr)
            lines_.push_back({'+', print(addition_of(*difference.added), Keys::Hide)});
        else
            lines_.push_back(
                {'-', print(deletion_of(std::get<xfrm::SaId>(difference.entry)), Keys::Hide)});
    }
}

void Report::complain(std::string what) {
    complaints_.push_back(std::move(what));
}

ExitCode Report::finish(const std::vector<daemon::Diagnostic>& diagnostics, ExitCode code) {
    if (json_)
        finish_json(diagnostics, code);
    else
        finish_text(diagnostics, code);
    return code;
}

void Report::finish_text(const std::vector<daemon::Diagnostic>& diagnostics, ExitCode code) {
    for (const auto& [sign, statement] : lines_)
        put(std::format("{} {}\n", sign, statement), streams_.out);
    if (has_differences_ && code == ExitCode::Ok)
        put(lines_.empty()   ? "nothing changes\n"
            : unchanged_ > 0 ? std::format("{} policies stay as they are\n", unchanged_)
                             : std::string{},
            streams_.err);
    put(daemon::render(diagnostics), streams_.err);
    for (const std::string& complaint : complaints_)
        put(std::format("xfrmctl: {}\n", complaint), streams_.err);
    if (code != ExitCode::Ok && may_change_)
        put("xfrmctl: nothing has been changed\n", streams_.err);
}

void Report::finish_json(const std::vector<daemon::Diagnostic>& diagnostics, ExitCode code) {
    nlohmann::json report{{"good", code == ExitCode::Ok},
                          {"diagnostics", nlohmann::json::array()},
                          {"complaints", complaints_}};
    for (const daemon::Diagnostic& diagnostic : diagnostics)
        report["diagnostics"].push_back(json_of(diagnostic));
    if (has_differences_) {
        report["unchanged_policies"] = unchanged_;
        report["differences"] = nlohmann::json::array();
        for (const auto& [sign, statement] : lines_)
            report["differences"].push_back(
                {{"kind", sign == '+' ? "added" : "removed"}, {"statement", statement}});
    }
    put(report.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n", streams_.out);
}

}  // namespace xfrmd::setkey
