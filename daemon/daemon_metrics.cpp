// SPDX-License-Identifier: Apache-2.0
// Gathering what monitoring systems ask for.
#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <utility>
#include <variant>

#include "daemon/daemon.h"
#include "daemon/metrics.h"

namespace xfrmd::daemon {
namespace {

// The service sees no more of /proc than processes, and its own network namespace through itself.
constexpr const char* kXfrmStat = "/proc/self/net/xfrm_stat";

std::string read_xfrm_stat() {
    std::ifstream in{kXfrmStat};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::map<std::string, std::int64_t> certificate_ends(const ike::Configuration& configuration,
                                                     const ike::CredentialStore& credentials) {
    std::map<std::string, std::int64_t> ends;
    for (const ike::Connection& connection : configuration.connections) {
        const auto* certificate = std::get_if<ike::LocalCertificate>(&connection.local_authentication);
        const auto* identity = certificate == nullptr ? nullptr : credentials.identity(certificate->identity);
        if (identity != nullptr) ends[certificate->identity] = identity->not_after;
    }
    return ends;
}

}  // namespace

void Daemon::gather_metrics(OnMetrics on_text) {
    kernel_->submit(xfrm::DumpSas{}, [this, on_text = std::move(on_text)](xfrm::KernelResult result) {
        const DriverStatus status = driver_status();
        const api::WallOffset offset =
            std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()) -
            EventLoop::now().time_since_epoch();
        MetricsInput input{
            .version = status.version,
            .snapshot = host_->snapshot(),
            .sas = {},
            .events = counted_.counts(),
            .certificate_ends = certificate_ends(*in_force_, *credentials_),
            .xfrm_stat = parse_xfrm_stat(read_xfrm_stat()),
            .wall = offset,
            .started = static_cast<std::uint64_t>(
                std::chrono::floor<std::chrono::seconds>(api::to_wall(status.started, offset).time_since_epoch()).count()),
            .last_reload_succeeded = mistakes_.empty(),
            .kernel_resyncs = status.kernel_resyncs,
            .datagrams_received = status.datagrams_received,
            .datagrams_sent = status.datagrams_sent,
            .send_errors = status.send_errors};
        if (auto* sas = result ? std::get_if<std::vector<xfrm::SaInfo>>(&*result) : nullptr)
            input.sas = std::move(*sas);
        on_text(render_metrics(input));
    });
}

}  // namespace xfrmd::daemon
