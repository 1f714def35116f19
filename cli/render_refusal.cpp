// SPDX-License-Identifier: Apache-2.0
// Refusals by the daemon and diagnostics of the configuration: what is wrong and what to do.
#include <algorithm>
#include <format>

#include "cli/render.h"
#include "cli/text.h"
#include "daemon/api/failure_text.h"
#include "daemon/api/interface.h"
#include "daemon/configuration/diagnostic.h"

namespace xfrmd::cli {

namespace {

namespace error = api::error;

std::uint32_t position(const Fields& diagnostic, std::string_view key) {
    constexpr std::int64_t kLast = 0xffff'ffff;
    return static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(diagnostic.integer(key).value_or(0), 0, kLast));
}

std::string connection_failure(const Fields& parameters) {
    const std::string name = parameters.text("connection");
    return std::format("{} did not come up: {}\nsee: xfrmctl show {}, journalctl -u xfrmd", name,
                       api::failure_text(parameters.text("detail"), parameters.text("reason")),
                       name);
}

}  // namespace

std::string render_diagnostics(const std::vector<Fields>& diagnostics) {
    std::vector<daemon::Diagnostic> all;
    for (const Fields& fields : diagnostics)
        all.push_back({.severity = fields.raw("severity") == "warning" ? daemon::Severity::Warning
                                                                       : daemon::Severity::Error,
                       .file = fields.text("file"),
                       .line = position(fields, "line"),
                       .column = position(fields, "column"),
                       .text = fields.text("text"),
                       .source_line = fields.raw(
                           "source_line"),  // escaped by render(), which places the caret
                       .hint = fields.text("hint")});
    return daemon::render(all);
}

std::string render_reload(const Fields& reply) {
    const auto connections = reply.integer("connections").value_or(0);
    return render_diagnostics(reply.objects("warnings")) +
           std::format("configuration {} is in force: {} connection{}\n",
                       reply.digits("configuration"), connections, connections == 1 ? "" : "s");
}

std::string render_flush(const Fields& reply) {
    const auto counted = [&](std::string_view field, std::string_view one, std::string_view many) {
        const auto count = reply.integer(field).value_or(0);
        return std::format("{} {}", count, count == 1 ? one : many);
    };
    std::string text = std::format(
        "closed {}; took {} and {} out of the kernel\n", counted("ike_sas", "IKE SA", "IKE SAs"),
        counted("sas", "SA", "SAs"), counted("policies", "policy", "policies"));
    if (!reply.flag("confirmed")) text += "not every peer has confirmed that it knows\n";
    return text + "nothing is protected any more, until: xfrmctl reload\n";
}

Refusal render_refusal(std::string_view name, const Fields& parameters) {
    if (name == error::kUnknownConnection)
        return {ExitCode::NotUpOrNotFound, std::format("there is no connection \"{}\"; those that "
                                                       "are configured: xfrmctl list connections",
                                                       parameters.text("connection"))};
    if (name == error::kNegotiationFailed)
        return {ExitCode::Failed, connection_failure(parameters)};
    if (name == error::kNothingToConfirm)
        return {
            ExitCode::NotUpOrNotFound,
            "nothing waits to be confirmed; if it was too late, what was there before is in force: "
            "xfrmctl plan"};
    if (name == error::kNotPermitted)
        return {ExitCode::Denied,
                std::format("not permitted: {} needs {}; use root, or an account that has it",
                            parameters.text("method"), parameters.text("needed"))};
    if (name == error::kConfigurationInvalid)
        return {ExitCode::Failed,
                "the configuration has mistakes; the former one stays in force\n" +
                    render_diagnostics(parameters.objects("diagnostics"))};
    if (name == error::kShuttingDown)
        return {ExitCode::Unreachable, "xfrmd is stopping; start it again: systemctl start xfrmd"};
    if (name == error::kKernelFailed)
        return {ExitCode::Failed,
                std::format("the kernel did not do it: {}", parameters.text("detail"))};
    if (name == error::kOverrun)
        return {
            ExitCode::Failed,
            "xfrmctl was too slow for the daemon's replies, and some were lost; start it again"};
    if (name == error::kReplyTooLarge)
        return {ExitCode::Failed,
                std::format("there is too much to tell in one reply ({} octets, at most {}); try: "
                            "xfrmctl list connections, xfrmctl show NAME",
                            parameters.digits("octets"), parameters.digits("octets_max"))};
    if (name == error::kTooManyClients)
        return {ExitCode::Failed,
                std::format("xfrmd serves {} clients already; end some of them (xfrmctl monitor?)",
                            parameters.digits("clients_max"))};
    if (name == error::kMethodNotFound || name == error::kInterfaceNotFound ||
        name == error::kMethodNotImplemented || name == error::kExpectedMore)
        return {ExitCode::Failed,
                std::format(
                    "this xfrmd does not know what xfrmctl asked for ({}): are they of the same "
                    "version? see: xfrmctl version",
                    printable(name))};
    if (name == error::kInvalidParameter)
        return {ExitCode::Failed,
                std::format("xfrmd does not accept the value of {}", parameters.text("parameter"))};
    return {ExitCode::Failed, std::format("xfrmd refused: {}", printable(name))};
}

}  // namespace xfrmd::cli
