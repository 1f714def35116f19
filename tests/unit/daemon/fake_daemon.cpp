// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/daemon/fake_daemon.h"

#include <chrono>
#include <memory>

namespace xfrmd::test {
namespace {

using namespace std::chrono_literals;

xfrm::Address address(const char* text) {
    return xfrm::Address::parse(text).value();
}
ike::Time at(std::chrono::seconds seconds) {
    return ike::Time{seconds};
}

ike::Child sample_child() {
    ike::Child child;
    child.name = "all";
    child.mode = xfrm::Mode::Transport;
    child.local = {ike::AddressRange::of(xfrm::Prefix::host(address("192.0.2.10")))};
    child.remote = {ike::AddressRange::of(xfrm::Prefix::host(address("192.0.2.20")))};
    child.reqid = {16385};
    return child;
}

std::shared_ptr<const ike::Configuration> sample_configuration() {
    auto configuration = std::make_shared<ike::Configuration>();
    configuration->number = 3;
    ike::Connection db;
    db.name = "db";
    db.local = address("192.0.2.10");
    db.remote = address("192.0.2.20");
    db.local_id = ike::parse_identity("host.example.net").value();
    db.peer_id = ike::IdentityPattern::parse("*.example.net").value();
    db.children = {sample_child()};
    db.origin = "/etc/xfrmd/xfrmd.toml:9";
    ike::Connection branch = db;
    branch.name = "branch";
    branch.local = address("2001:db8::1");
    branch.remote = address("2001:db8::2");
    branch.start = ike::Start::Now;
    branch.when_down = ike::WhenDown::Clear;
    branch.children.front().reqid = {16386};
    branch.children.front().name = "lan";
    branch.children.front().mode = xfrm::Mode::Tunnel;
    configuration->connections = {db, branch};
    return configuration;
}

ike::IkeSaSnapshot sample_ike_sa() {
    ike::IkeSaSnapshot sa;
    sa.connection = "db";
    sa.initiator_spi = {0x0123456789abcdef};
    sa.responder_spi = {0xfedcba9876543210};
    sa.role = ike::Role::Responder;
    sa.state = "established";
    sa.local = {address("192.0.2.10"), 500};
    sa.remote = {address("192.0.2.20"), 500};
    sa.local_id = "host.example.net";
    sa.peer_id = "db1.example.net\xff";
    sa.suite = "aes256gcm16-prfsha256-x25519";
    sa.since = at(60s);
    ike::ChildSnapshot child;
    child.connection = "db";
    child.name = "all";
    child.reqid = {16385};
    child.inbound = {0xc0ffee01};
    child.outbound = {0x00000abc};
    child.suite = "aes256gcm16";
    child.local = sample_child().local;
    child.remote = sample_child().remote;
    child.since = at(61s);
    sa.children = {child};
    return sa;
}

}  // namespace

ike::Snapshot sample_snapshot() {
    const auto configuration = sample_configuration();
    ike::Snapshot snapshot;
    snapshot.configuration = 3;
    ike::ConnectionSnapshot db;
    db.name = "db";
    db.state = ike::ConnectionState::Up;
    db.since = at(61s);
    db.ike_sas = {sample_ike_sa()};
    db.configuration = configuration;
    db.connection = &configuration->connections[0];
    ike::ConnectionSnapshot branch;
    branch.name = "branch";
    branch.state = ike::ConnectionState::Retrying;
    branch.since = at(90s);
    branch.last_failure = ike::Failure{.reason = ike::Reason::AuthenticationFailed,
                                       .detail = "the peer rejected our AUTH",
                                       .said_by_peer = true,
                                       .at = at(90s)};
    branch.next_attempt = at(118s);
    branch.configuration = configuration;
    branch.connection = &configuration->connections[1];
    snapshot.connections = {db, branch};
    snapshot.statistics.ike_sas = 1;
    snapshot.statistics.dropped[static_cast<std::size_t>(ike::Dropped::Malformed)] = 7;
    return snapshot;
}

xfrm::SaInfo sample_sa() {
    xfrm::SaInfo sa;
    sa.spec.id = {
        .source = address("192.0.2.20"), .destination = address("192.0.2.10"), .spi = {0xc0ffee01}};
    sa.spec.reqid = {16385};
    sa.spec.aead = xfrm::AeadAlgorithm{"rfc4106(gcm(aes))", Secret{Bytes(36, 0xee)}, 128};
    sa.spec.replay_window = 128;
    sa.spec.encapsulation =
        xfrm::UdpEncapsulation{.source_port = 4500, .destination_port = 4500, .original = {}};
    sa.usage = {.bytes = 1000, .packets = 10, .add_time = 1'795'000'000, .use_time = 0};
    return sa;
}

xfrm::PolicyInfo sample_policy() {
    xfrm::PolicyInfo policy;
    policy.spec.id.direction = xfrm::Direction::Out;
    policy.spec.id.selector.source = xfrm::Prefix::host(address("192.0.2.10"));
    policy.spec.id.selector.destination = xfrm::Prefix::host(address("192.0.2.20"));
    policy.spec.priority = 1000;
    policy.spec.templates = {
        {.source = address("192.0.2.10"), .destination = address("192.0.2.20"), .reqid = {16385}}};
    policy.index = 9;
    return policy;
}

ike::ExportedKeys sample_keys(const ike::SpiPair& spis) {
    return {.connection = "db",
            .spis = spis,
            .suite = {.encryption = ike::EncryptionId::AesGcm16, .key_bits = 256},
            .ei = Secret{Bytes(2, 0xe1)},
            .er = Secret{Bytes(2, 0xe2)},
            .ai = {},
            .ar = {}};
}

FakeDaemon::FakeDaemon() {
    kernel = [](const xfrm::KernelRequest&) { return xfrm::KernelResult{xfrm::Done{}}; };
    reload_outcome = daemon::Reloaded{.configuration = 4, .connections = 2, .warnings = {}};
    services = {
        .snapshot = [this] { return snapshot; },
        .status =
            [] {
                return daemon::DriverStatus{.version = "1.2.3",
                                            .started = at(1s),
                                            .configured = at(2s),
                                            .problems = {},
                                            .kernel_trouble = {},
                                            .kernel_pending = 5,
                                            .kernel_resyncs = 1,
                                            .datagrams_received = 11,
                                            .datagrams_sent = 12,
                                            .send_errors = 13};
            },
        .command =
            [this](auto what, auto on_reply) {
                commands.emplace_back(std::move(what), std::move(on_reply));
            },
        .kernel = [this](auto request, auto on_reply) { on_reply(kernel(request)); },
        .reload = [this](auto on_done) { on_done(reload_outcome); },
        .plan = [this] { return planned; },
        .apply =
            [this](auto within, auto on_done) {
                confirm_within = within;
                auto outcome = reload_outcome;
                if (outcome && within) outcome->confirm_by = now + *within;
                on_done(outcome);
            },
        .confirm = [this] { return confirmable ? std::optional{std::uint64_t{4}} : std::nullopt; },
        .change_tables = [this](auto,
                                const auto& asked) -> std::expected<void, daemon::TableRefusal> {
            if (table_refusal) return std::unexpected{*table_refusal};
            statements.insert(statements.end(), asked.begin(), asked.end());
            return {};
        },
        .keep_tables = [this](auto, const auto&) { return kept = statements.size(); },
        .take_back_tables =
            [this](auto) {
                taken_back = statements.size();
                statements.clear();
                return std::string{};
            },
        .flush = [this](auto on_done) { on_done(flush_outcome); },
        .metrics = [](auto on_text) { on_text("# EOF\n"); },
        .log_level = [this] { return log_level; },
        .set_log_level = [this](auto level, const auto&) { return std::exchange(log_level, level); },
        .keys =
            [this](const auto& known) {
                std::vector<ike::ExportedKeys> all;
                for (const ike::SpiPair& spis : key_owners)
                    if (!known.contains(spis)) all.push_back(sample_keys(spis));
                return all;
            },
        .tell_of_key_export =
            [this](const auto&, auto count, auto seconds) { key_exports_told.emplace_back(count, seconds); },
        .end_key_exports_at = [this](auto at) { key_exports_end = at; },
        .stopping = [this] { return stopping; },
        .now = [this] { return now; },
        // The core's origin is at midnight.
        .wall_offset =
            [] {
                return std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}.time_since_epoch();
            },
        .reply = [this](auto client,
                        const api::Reply& reply) { replies.emplace_back(client, reply); },
        .stream =
            [this](auto client, auto source) {
                while (auto next = source()) {
                    replies.emplace_back(client, *next);
                    if (!next->continues) break;
                }
            }};
}

void FakeDaemon::answer(std::expected<std::monostate, ike::CommandFailure> result) {
    auto [what, on_reply] = std::move(commands.front());
    commands.erase(commands.begin());
    on_reply({.id = {1}, .result = std::move(result)});
}

}  // namespace xfrmd::test
