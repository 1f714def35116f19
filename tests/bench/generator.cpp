// SPDX-License-Identifier: Apache-2.0
// Many initiators in one process.
#include "tests/bench/generator.h"

#include <botan/system_rng.h>

#include <algorithm>
#include <ctime>
#include <format>
#include <map>
#include <utility>

#include "ike/auth/run_job.h"
#include "netlink/model/result.h"

namespace xfrmd::bench {
namespace {

using daemon::EventLoop;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kFloodMark = 0xf100d000;  // first half of the SPIs of the flood
constexpr std::uint32_t kHopeless = 3;              // failures, when nothing has succeeded yet
constexpr std::size_t kIkeSpiSize = 8;

void put(Bytes& octets, std::size_t at, std::uint32_t number) {
    for (std::size_t i = 0; i < 4; ++i)
        octets[at + i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
}

// Answers to the flood, which whoever sent it would never see.
bool is_of_flood(const Bytes& octets) {
    if (octets.size() < kIkeSpiSize) return false;
    std::uint32_t first = 0;
    for (std::size_t i = 0; i < 4; ++i) first = first << 8 | octets[i];
    return first == kFloodMark;
}

ike::Time after(ike::Time start, double count, double rate) {
    return start + std::chrono::duration_cast<ike::Duration>(
                       std::chrono::duration<double>{count / rate});
}

}  // namespace

// One operation for each initiator.
struct Generator::Round {
    Operation operation;
    const OnProgress& on_progress;
    ike::Time start;
    std::uint64_t first_command = 0;
    std::uint64_t flooded_before = 0;
    std::uint32_t begun = 0;
    std::map<std::uint32_t, ike::Time> under_way{};  // by number: when it was due
    Outcome outcome{};
};

std::expected<std::unique_ptr<Generator>, std::string> Generator::create(GeneratorOptions options) {
    auto loop = EventLoop::create();
    if (!loop) return std::unexpected{loop.error()};
    auto socket = daemon::UdpSocket::open({.family = options.terms.server.family(),
                                           .port = options.local_port,
                                           .encapsulated = false});
    if (!socket) return std::unexpected{socket.error().what};
    std::unique_ptr<Generator> generator{
        new Generator{std::move(options), *std::move(loop), *std::move(socket)}};
    auto watch = generator->loop_->watch(generator->socket_.fd(), true, false,
                                         [raw = generator.get()](auto) { raw->receive(); });
    if (!watch) return std::unexpected{watch.error()};
    generator->watch_ = *std::move(watch);
    TRY_VOID(generator->take_certificates());
    generator->configure();
    return generator;
}

Generator::Generator(GeneratorOptions options, std::unique_ptr<EventLoop> loop,
                     daemon::UdpSocket socket)
    : options_{std::move(options)},
      loop_{std::move(loop)},
      socket_{std::move(socket)},
      end_{Botan::system_rng(), options_.secret} {}

Generator::~Generator() = default;

std::expected<void, std::string> Generator::take_certificates() {
    if (!options_.certificates) return {};
    const Certificates& files = *options_.certificates;
    const auto what = [](ike::CredentialError error) { return std::move(error.what); };
    TRY_VOID(end_.credentials.add_identity("own", View{files.key}, View{files.certificate})
                 .transform_error(what));
    TRY_VOID(end_.credentials.add_trust("authority", View{files.authority}, {}, ike::CrlMode::Off)
                 .transform_error(what));
    options_.terms.certified = Certified{
        {"own", TRY(end_.credentials.chain_of("own").transform_error(what))},
        {"authority",
         TRY(end_.credentials.authority_key_hashes("authority").transform_error(what))}};
    return {};
}

void Generator::configure() {
    auto configuration = std::make_shared<ike::Configuration>();
    configuration->number = 1;
    configuration->limits = no_limits(options_.count);
    for (std::uint32_t i = 0; i < options_.count; ++i) {
        ike::Connection connection = connection_of(i, false, options_.terms);
        connection.remote_port = options_.remote_port;
        connection.liveness_interval = ike::Duration::zero();
        connection.ike_rekey = ike::Duration::zero();
        connection.children.front().rekey.time = ike::Duration::zero();
        configuration->connections.push_back(std::move(connection));
    }
    input(ike::Command{ike::CommandId{++commands_}, ike::Configure{std::move(configuration), {}}});
    if (options_.flood > 0) make_flood_template();
}

// An IKE_SA_INIT of our own, of a host that is then forgotten.
void Generator::make_flood_template() {
    End stranger{Botan::system_rng(), options_.secret};
    auto configuration = std::make_shared<ike::Configuration>();
    configuration->number = 1;
    configuration->limits = no_limits(1);
    configuration->connections.push_back(connection_of(0, false, options_.terms));
    std::vector<ike::Input> inputs;
    inputs.emplace_back(
        ike::Command{ike::CommandId{1}, ike::Configure{std::move(configuration), {}}});
    inputs.emplace_back(ike::Command{ike::CommandId{2}, ike::Up{name_of(0)}});
    while (!inputs.empty()) {
        ike::Effects effects = stranger.host->step(EventLoop::now(), std::move(inputs.front()));
        inputs.erase(inputs.begin());
        for (ike::Effect& effect : effects)
            if (auto* transmit = std::get_if<ike::Transmit>(&effect))
                flood_template_ = std::move(transmit->octets);
            else if (auto* request = std::get_if<ike::KernelRequest>(&effect))
                inputs.emplace_back(
                    ike::KernelReply{request->id, answer(request->request, next_spi_)});
            else if (auto* crypto = std::get_if<ike::CryptoRequest>(&effect))
                inputs.emplace_back(ike::CryptoResult{
                    crypto->id, ike::run_job(crypto->job, stranger.credentials,
                                             ike::WallTime{std::time(nullptr)})});
    }
}

std::expected<Outcome, std::string> Generator::run(Operation operation,
                                                   const OnProgress& on_progress) {
    Round round{.operation = operation,
                .on_progress = on_progress,
                .start = EventLoop::now(),
                .first_command = commands_ + 1,
                .flooded_before = flooded_};
    commands_ += options_.count;
    round_ = &round;
    while (round.outcome.done + round.outcome.failed < options_.count) {
        const ike::Time now = EventLoop::now();
        begin_due(round, now);
        flood(round, now);
        ike::Time until = now + milliseconds{100};
        if (options_.rate > 0 && round.begun < options_.count)
            until = std::min(until, after(round.start, round.begun, options_.rate));
        auto turned = turn(until);
        if (turned && round.outcome.done == 0 && round.outcome.failed >= kHopeless)
            turned = std::unexpected{"none has succeeded. " + round.outcome.first_failure};
        if (!turned) {
            round_ = nullptr;
            return std::unexpected{turned.error()};
        }
    }
    round_ = nullptr;
    send();
    round.outcome.took = EventLoop::now() - round.start;
    round.outcome.flooded = flooded_ - round.flooded_before;
    return std::move(round.outcome);
}

std::expected<std::uint64_t, std::string> Generator::hold(ike::Duration duration) {
    const ike::Time end = EventLoop::now() + duration;
    const std::uint64_t before = received_;
    while (EventLoop::now() < end)
        if (auto turned = turn(end); !turned) return std::unexpected{turned.error()};
    return received_ - before;
}

void Generator::begin_due(Round& round, ike::Time now) {
    // The oldest ones first: numbers are begun in their order.
    while (!round.under_way.empty() &&
           now - round.under_way.begin()->second > options_.patience)
        end(round, round.under_way.begin()->first,
            std::format("nothing came of it within {} s",
                        std::chrono::duration_cast<seconds>(options_.patience).count()));
    while (round.begun < options_.count && round.under_way.size() < options_.parallel) {
        ike::Time due = now;
        if (options_.rate > 0) {
            due = after(round.start, round.begun, options_.rate);
            if (due > now) return;
        }
        begin(round, round.begun++, due);
    }
}

void Generator::begin(Round& round, std::uint32_t number, ike::Time due) {
    round.under_way.emplace(number, due);
    const std::string name = name_of(number);
    ike::Command command{ike::CommandId{round.first_command + number}, ike::Up{name}};
    switch (round.operation) {
        case Operation::Open: break;
        case Operation::RekeyChild: command.what = ike::Rekey{name, false, true}; break;
        case Operation::RekeyIkeSa: command.what = ike::Rekey{name, true, false}; break;
        case Operation::Close: command.what = ike::Down{name}; break;
    }
    input(std::move(command));
}

void Generator::end(Round& round, std::uint32_t number, std::string failure) {
    const auto found = round.under_way.find(number);
    if (found == round.under_way.end()) return;
    if (failure.empty()) {
        round.outcome.latencies.push_back(EventLoop::now() - found->second);
        ++round.outcome.done;
    } else {
        if (round.outcome.failed++ == 0)
            round.outcome.first_failure = std::format("{}: {}", name_of(number), failure);
    }
    round.under_way.erase(found);
    round.on_progress(round.outcome.done + round.outcome.failed);
}

// Sends what is due since the last turn, as if from an initiator's address, each with an SPI of its
// own.
void Generator::flood(const Round& round, ike::Time now) {
    if (flood_template_.empty()) return;
    const std::chrono::duration<double> elapsed = now - round.start;
    const std::uint64_t due =
        round.flooded_before + static_cast<std::uint64_t>(elapsed.count() * options_.flood);
    for (; flooded_ < due; ++flooded_) {
        const auto number = static_cast<std::uint32_t>(flooded_);
        Bytes octets = flood_template_;
        put(octets, 0, kFloodMark);
        put(octets, 4, number);
        outgoing_.push_back(
            {.path = {.local = {address_of(number % options_.count), socket_.port()},
                      .remote = {options_.terms.server, options_.remote_port}},
             .octets = std::move(octets)});
    }
}

// Sends what there is, and waits for a datagram, a deadline of the core or `until`.
std::expected<void, std::string> Generator::turn(ike::Time until) {
    send();
    if (const auto deadline = end_.host->next_deadline()) until = std::min(until, deadline->at);
    if (!flood_template_.empty()) until = std::min(until, EventLoop::now() + milliseconds{5});
    const ike::Duration wait = std::max(until - EventLoop::now(), ike::Duration::zero());
    if (auto ran = loop_->run_once(wait); !ran) return ran;
    const auto deadline = end_.host->next_deadline();
    if (deadline && deadline->at <= EventLoop::now()) input(ike::Tick{});
    return {};
}

void Generator::send() {
    static_cast<void>(socket_.send(outgoing_));  // what is lost is retransmitted
    outgoing_.clear();
}

void Generator::receive() {
    std::vector<ike::Datagram> datagrams;
    while (socket_.receive(datagrams) == daemon::UdpSocket::kBatch) continue;
    for (ike::Datagram& datagram : datagrams) {
        if (is_of_flood(datagram.octets)) continue;
        ++received_;
        const auto number = number_of(datagram.path.local.address);
        input(std::move(datagram));
        if (round_ != nullptr && round_->operation == Operation::Close && number)
            end(*round_, *number, {});
    }
}

void Generator::input(ike::Input what) {
    carry_out(end_.host->step(EventLoop::now(), std::move(what)));
}

void Generator::carry_out(ike::Effects effects) {
    for (ike::Effect& effect : effects) {
        if (auto* transmit = std::get_if<ike::Transmit>(&effect)) {
            outgoing_.push_back(std::move(*transmit));
        } else if (auto* request = std::get_if<ike::KernelRequest>(&effect)) {
            input(ike::KernelReply{request->id, answer(request->request, next_spi_)});
        } else if (auto* crypto = std::get_if<ike::CryptoRequest>(&effect)) {
            input(ike::CryptoResult{crypto->id,
                                    ike::run_job(crypto->job, end_.credentials,
                                                 ike::WallTime{std::time(nullptr)})});
        } else if (round_ == nullptr) {
            continue;
        } else if (const auto* event = std::get_if<ike::Event>(&effect)) {
            notice(*event);
        } else if (const auto* reply = std::get_if<ike::CommandReply>(&effect)) {
            notice(*reply);
        }
    }
}

// A rekey is over when the event says so, an opening when its command is answered, a close with the
// responder's answer to the Delete.
void Generator::notice(const ike::Event& event) {
    std::optional<std::uint32_t> number;
    if (const auto* child = std::get_if<ike::ChildRekeyed>(&event)) {
        if (round_->operation == Operation::RekeyChild) number = number_of(child->connection);
    } else if (const auto* rekeyed = std::get_if<ike::IkeSaRekeyed>(&event)) {
        if (round_->operation == Operation::RekeyIkeSa) number = number_of(rekeyed->connection);
    }
    if (number) end(*round_, *number, {});
}

void Generator::notice(const ike::CommandReply& reply) {
    if (reply.id.value < round_->first_command ||
        reply.id.value >= round_->first_command + options_.count)
        return;
    const auto number = static_cast<std::uint32_t>(reply.id.value - round_->first_command);
    if (!reply.result) {
        const ike::CommandFailure& failure = reply.result.error();
        end(*round_, number,
            failure.what.empty() ? std::string{ike::reason_name(failure.reason)} : failure.what);
    } else if (round_->operation == Operation::Open) {
        end(*round_, number, {});
    }
}

}  // namespace xfrmd::bench
