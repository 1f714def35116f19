// SPDX-License-Identifier: Apache-2.0
// The explicit teardown: closing every IKE SA, then taking all that is ours out of the kernel.
#include <chrono>
#include <format>
#include <utility>

#include "daemon/daemon.h"
#include "daemon/service_notify.h"

namespace xfrmd::daemon {
namespace {

// How long peers get to answer our Deletes.
constexpr std::chrono::seconds kCloseWait{3};

template <class T>
std::vector<T> dump_of(xfrm::KernelResult result) {
    auto* dump = result ? std::get_if<std::vector<T>>(&*result) : nullptr;
    return dump == nullptr ? std::vector<T>{} : std::move(*dump);
}

}  // namespace

void Daemon::flush(OnFlush on_done) {
    if (flush_) return on_done(std::unexpected{std::string{"another flush is under way"}});
    flush_ = Flush{.on_done = std::move(on_done), .gone = {}};
    journal_.notice("flush: closing every IKE SA and taking out SAs and policies, by command");
    for (const ike::ConnectionSnapshot& connection : host_->snapshot().connections)
        flush_->gone.ike_sas += connection.ike_sas.size();
    if (record_) {
        flush_->gone.sas = record_->holdings().sas.size();
        flush_->gone.policies = record_->holdings().policies.size();
    }
    flush_at_latest_.set(EventLoop::now() + kCloseWait);
    // The policies stay until the peers know: nothing leaves in clear before.
    command(ike::Shutdown{}, [this](const ike::CommandReply&) {
        if (flush_ && !flush_->closed && !stopping_) flush_policies();
    });
}

void Daemon::flush_policies() {
    flush_->closed = true;
    flush_at_latest_.clear();
    auto nothing = std::make_shared<ike::Configuration>();
    nothing->number = configuration_number_ + 1;
    nothing->limits = in_force_->limits;
    nothing->options = in_force_->options;
    LoadedConfiguration loaded{.configuration = std::move(nothing), .credentials = credentials_, .daemon = settings_, .warnings = {}};
    put_into_force(std::move(loaded), [this](const ReloadOutcome& outcome) {
        flushed_ = true;
        if (!outcome) return end_flush(std::unexpected{outcome.error().what});
        flush_rest();
    });
}

// What a former run has left, and what went wrong before.
void Daemon::flush_rest() {
    if (!record_) return end_flush({});
    kernel_->submit(xfrm::DumpSas{}, [this](xfrm::KernelResult sas) {
        kernel_->submit(xfrm::DumpPolicies{}, [this, sas = dump_of<xfrm::SaInfo>(std::move(sas))](
                                                  xfrm::KernelResult policies) mutable {
            remove_rest(std::move(sas), dump_of<xfrm::PolicyInfo>(std::move(policies)));
        });
    });
}

void Daemon::remove_rest(std::vector<xfrm::SaInfo> sas, std::vector<xfrm::PolicyInfo> policies) {
    xfrm::RemoveSas our_sas;
    for (const xfrm::SaInfo& sa : sas)
        if (record_->holdings().has(sa)) our_sas.sas.push_back(sa.spec.id);
    xfrm::RemovePolicies our_policies;
    for (const xfrm::PolicyInfo& policy : policies)
        if (record_->holdings().has(policy)) our_policies.policies.push_back(policy.spec.id);
    kernel_->submit(std::move(our_sas), [this, our_policies = std::move(our_policies)](
                                            xfrm::KernelResult sas_removed) mutable {
        kernel_->submit(std::move(our_policies), [this, sas_removed = std::move(sas_removed)](
                                                     xfrm::KernelResult policies_removed) {
            if (!sas_removed) return end_flush(std::unexpected{sas_removed.error().what});
            if (!policies_removed) return end_flush(std::unexpected{policies_removed.error().what});
            end_flush({});
        });
    });
}

void Daemon::end_flush(std::expected<void, std::string> result) {
    const std::optional<Flush> flush = std::exchange(flush_, std::nullopt);
    tell_status();
    if (!result) {
        journal_.error("flush: not all of it could be taken out: " + result.error());
        return flush->on_done(std::unexpected{std::move(result.error())});
    }
    const Flushed& gone = flush->gone;
    journal_.write(Level::Warning,
                   std::format("flush: {} IKE SAs are closed, {} SAs and {} policies are out of the kernel; nothing is "
                               "protected until the configuration is loaded again",
                               gone.ike_sas, gone.sas, gone.policies),
                   {{"event", "flushed"}});
    flush->on_done(gone);
}

}  // namespace xfrmd::daemon
