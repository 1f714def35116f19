// SPDX-License-Identifier: Apache-2.0
// Configurations on trial: what a reload would change, and one that goes back unless it is
// confirmed.
#include <format>
#include <memory>
#include <utility>

#include "daemon/daemon.h"
#include "daemon/held_back.h"
#include "daemon/service_notify.h"
#include "ike/held_traffic.h"

namespace xfrmd::daemon {

std::expected<Planned, std::vector<Diagnostic>> Daemon::plan() {
    auto loaded = load();
    if (!loaded) return std::unexpected{std::move(loaded.error())};
    const Level level = log_level_with(loaded->daemon);
    return Planned{.plan = changes_with(*loaded->configuration),
                   .log_level = level == journal_.threshold() ? std::nullopt : std::optional{level},
                   .warnings = std::move(loaded->warnings)};
}

ConfigurationPlan Daemon::changes_with(const ike::Configuration& wanted) const {
    static const ike::Configuration kNothing;
    return plan_of(in_force_ ? *in_force_ : kNothing, wanted);
}

void Daemon::apply(std::optional<ike::Duration> confirm_within, OnReload on_done) {
    if (!confirm_within) return reload(std::move(on_done));
    // Of several trials in a row the last that was confirmed counts.
    const InForce former = former_.value_or(in_force());
    const ike::Time confirm_by = EventLoop::now() + *confirm_within;
    reload([this, former, confirm_by, on_done = std::move(on_done)](ReloadOutcome outcome) {
        if (outcome) {
            former_ = former;
            confirm_at_latest_.set(confirm_by);
            outcome->confirm_by = confirm_by;
            journal_.notice(std::format(
                "configuration {} goes back to the former one unless it is confirmed in time",
                outcome->configuration));
        }
        on_done(std::move(outcome));
    });
}

std::optional<std::uint64_t> Daemon::confirm() {
    if (!former_) return std::nullopt;
    former_.reset();
    confirm_at_latest_.clear();
    journal_.info(std::format("configuration {} is confirmed", configuration_number_));
    return configuration_number_;
}

void Daemon::go_back() {
    if (!former_ || stopping_) return;
    const InForce former = *std::exchange(former_, std::nullopt);
    journal_.warning("nobody has confirmed the configuration: the former one comes back");
    service::notify_reloading();
    put_back(once_more(former),
             [this](const ReloadOutcome&) { service::notify_ready(status_line()); });
}

LoadedConfiguration Daemon::once_more(const InForce& what) {
    auto again = std::make_shared<ike::Configuration>(*what.configuration);
    again->number = configuration_number_ + 1;
    const Unroutable unroutable =
        take_addresses(again->connections, [this](const xfrm::Address& remote) { return local_address_for(remote); });
    LoadedConfiguration loaded{.configuration = std::move(again),
                               .credentials = what.credentials,
                               .daemon = what.settings,
                               .warnings = {}};
    warn_of_held_back(loaded, unroutable);
    return loaded;
}

void Daemon::put_back(LoadedConfiguration loaded, OnReload on_done) {
    put_into_force(std::move(loaded), std::move(on_done));
    gone_back_ = true;
    Diagnostic unconfirmed;
    unconfirmed.severity = Severity::Warning;
    unconfirmed.text =
        "what the files say was applied and not confirmed in time: what was in force "
        "before is in force again";
    unconfirmed.hint = "xfrmctl plan shows the difference, xfrmctl apply puts it into force";
    mistakes_ = {std::move(unconfirmed)};
}

}  // namespace xfrmd::daemon
