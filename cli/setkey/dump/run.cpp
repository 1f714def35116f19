// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/dump/run.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <format>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "cli/setkey/dump/json.h"
#include "cli/setkey/dump/policy_text.h"
#include "cli/setkey/dump/sa_text.h"
#include "netlink/monitor.h"
#include "netlink/table.h"

namespace xfrmd::setkey::dump {

using namespace xfrm;
using cli::ExitCode;

namespace {

EventTime time_now() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::uint64_t seconds_of(EventTime time) {
    return static_cast<std::uint64_t>(
        std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

class Printer {
  public:
    explicit Printer(const Streams& streams) : streams_{streams} {}

    // False once something could not be written. What is printed may hold keys, so it is wiped.
    bool print(std::string text) {
        good_ = good_ && std::fwrite(text.data(), 1, text.size(), streams_.out) == text.size();
        wipe_text(text);
        return good_;
    }
    bool flush() {
        good_ = good_ && std::fflush(streams_.out) == 0;
        return good_;
    }
    void complain(std::string_view text) {
        const std::string line = std::format("xfrmctl: {}\n", text);
        std::fwrite(line.data(), 1, line.size(), streams_.err);
    }
    ExitCode refuse(const KernelError& error) {
        flush();
        complain(error.what);
        const bool denied = error.error_number == EPERM || error.error_number == EACCES;
        return denied ? ExitCode::Denied : ExitCode::Failed;
    }
    ExitCode finish() {
        if (flush()) return ExitCode::Ok;
        complain("the output could not be written");
        return ExitCode::Failed;
    }

  private:
    Streams streams_;
    bool good_ = true;
};

bool may_see_keys(const Options& options, Printer& printer) {
    if (!options.with_keys || geteuid() == 0) return true;
    printer.complain("keys are shown to root only");
    return false;
}

// Shows entries with their places: counted from 1, and 0 for the last, which is known to be that
// only when there is no other. One entry is held back for it.
template <class Entry>
class Places {
  public:
    using Show = std::function<bool(const Entry&, std::uint32_t place)>;
    explicit Places(Show show) : show_{std::move(show)} {}

    bool add(Entry entry) {
        const bool goes_on = !held_ || show_(*held_, ++count_);
        held_ = std::move(entry);
        return goes_on;
    }
    void finish() {
        if (held_) show_(*held_, 0);
    }

  private:
    Show show_;
    std::optional<Entry> held_;
    std::uint32_t count_ = 0;
};

// One pass through a table.
class Pass {
  public:
    Pass(const TableRequest& request, const Scene& scene, Printer& printer)
        : request_{request}, scene_{scene}, printer_{printer} {}

    std::expected<void, KernelError> run() {
        const auto end = request_.table == Table::Sas ? show_sas() : show_policies();
        if (!end) return std::unexpected{end.error()};
        if (!any_shown_ && !request_.json)
            printer_.print(std::string{request_.table == Table::Sas ? kNoSas : kNoPolicies});
        if (end->unreadable > 0)
            printer_.complain(std::format("{} entries of the table could not be read: {}",
                                          end->unreadable, end->why_unreadable));
        return {};
    }

  private:
    std::expected<netlink::TableEnd, KernelError> show_sas() {
        Places<StoredSa> places{
            [this](const StoredSa& sa, std::uint32_t place) { return show(sa, place); }};
        const netlink::SaQuery query{.protocol = request_.protocol,
                                     .with_keys = request_.options.with_keys};
        auto end =
            netlink::for_each_sa(query, [&](StoredSa sa) { return places.add(std::move(sa)); });
        places.finish();
        return end;
    }
    std::expected<netlink::TableEnd, KernelError> show_policies() {
        Places<StoredPolicy> places{[this](const StoredPolicy& policy, std::uint32_t place) {
            return show(policy, place);
        }};
        auto end = netlink::for_each_policy(
            [&](StoredPolicy policy) { return places.add(std::move(policy)); });
        places.finish();
        return end;
    }

    bool show(const StoredSa& sa, std::uint32_t place) {
        const bool is_dead = state_of(sa, scene_.now) == SaState::Dead;
        if (is_dead && !request_.with_dead && !request_.json) return true;
        any_shown_ = true;
        if (request_.json)
            return printer_.print(sa_json_line(sa, request_.options.with_keys, scene_.now));
        if (request_.forever) return printer_.print(short_sa_text(sa, scene_));
        return printer_.print(sa_text(sa, place, request_.options, scene_));
    }
    bool show(const StoredPolicy& policy, std::uint32_t place) {
        if (request_.without_sockets && policy.is_of_a_socket()) return true;
        any_shown_ = true;
        if (request_.json)
            return printer_.print(policy_json_line(policy, request_.options.with_keys));
        return printer_.print(policy_text(policy, place, request_.options, scene_));
    }

    const TableRequest& request_;
    const Scene& scene_;
    Printer& printer_;
    bool any_shown_ = false;
};

std::string told_text(const WatchRequest& request, const netlink::RawNotice& raw,
                      const Notice& notice, EventTime at, const Scene& scene) {
    if (request.json) return notice_json_line(notice, at, request.options.with_keys);
    std::string text = stamp_text(at, request.stamp, scene) + ' ';
    text += notice_text(notice, request.options, scene);
    if (request.hex)
        text += hex_text(raw.octets, request.options.with_keys ? std::vector<View>{} : raw.keys);
    return text + '\n';
}

}  // namespace

ExitCode show_table(const TableRequest& request, const Streams& streams) {
    Printer printer{streams};
    if (!may_see_keys(request.options, printer)) return ExitCode::Denied;
    const ProtocolNames names = host_protocol_names();
    Scene scene{.protocol_names = &names, .pid = static_cast<std::uint32_t>(getpid())};
    if (request.forever && !request.json) printer.print(short_sa_title());
    for (;;) {
        scene.now = seconds_of(time_now());
        if (const auto passed = Pass{request, scene, printer}.run(); !passed)
            return printer.refuse(passed.error());
        if (!request.forever || !printer.flush()) return printer.finish();
        sleep(1);
    }
}

ExitCode show_sa(const SaId& id, const TableRequest& request, const Streams& streams) {
    Printer printer{streams};
    if (!may_see_keys(request.options, printer)) return ExitCode::Denied;
    const auto sa = netlink::find_sa(id, request.options.with_keys);
    if (!sa) {
        const ExitCode code = printer.refuse(sa.error());
        return sa.error().error_number == ESRCH ? ExitCode::NotUpOrNotFound : code;
    }
    const ProtocolNames names = host_protocol_names();
    const Scene scene{.now = seconds_of(time_now()),
                      .protocol_names = &names,
                      .pid = static_cast<std::uint32_t>(getpid())};
    printer.print(request.json ? sa_json_line(*sa, request.options.with_keys, scene.now)
                               : sa_text(*sa, 0, request.options, scene));
    return printer.finish();
}

ExitCode watch(const WatchRequest& request, const Streams& streams) {
    Printer printer{streams};
    if (!may_see_keys(request.options, printer)) return ExitCode::Denied;
    auto monitor = netlink::Monitor::open(request.options.with_keys);
    if (!monitor) return printer.refuse(monitor.error());
    const ProtocolNames names = host_protocol_names();
    Scene scene{.protocol_names = &names};
    for (;;) {
        pollfd entry{.fd = monitor->fd(), .events = POLLIN, .revents = 0};
        if (poll(&entry, 1, -1) < 0 && errno != EINTR)
            return printer.refuse({errno, "cannot wait for the kernel"});
        monitor->read([&](const netlink::RawNotice& raw, const Notice& notice) {
            const EventTime at = time_now();
            scene.now = seconds_of(at);
            printer.print(told_text(request, raw, notice, at, scene));
        });
        if (!printer.flush()) return printer.finish();
    }
}

}  // namespace xfrmd::setkey::dump
