// SPDX-License-Identifier: Apache-2.0
// A peer with the keys of its IKE SAs, before and after authentication.
// It says in them whatever the input wants: any exchange, payloads and message id, as initiator and
// as responder. Two simulated hosts: east is attacked, west attacks. All checkers of the simulator
// watch east. An impostor has keys and no credentials: never must east's kernel get an SA of it.
// Once west falls silent, nothing may be left of what it did.
#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string>

#include "tests/fuzz/byte_source.h"
#include "tests/fuzz/session_attack.h"
#include "tests/fuzz/target.h"
#include "tests/sim/checkers/table_checker.h"

namespace xfrmd::fuzz {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kActsMax = 64;
// Sooner or later liveness, retransmission or the half-open lifetime ends what a silent peer has
// left behind.
constexpr ike::Duration kSilence = 30min;

// The input begins with these octets.
struct Opening {
    explicit Opening(ByteSource& input) {
        constexpr auto kIke = std::to_array<const char*>(
            {"aes128gcm16-prfsha256-x25519", "aes128-sha256-prfsha256-x25519",
             "aes128gcm16-prfsha256-x25519-ke1_mlkem512-ke2_ecp256"});
        constexpr auto kEsp = std::to_array<const char*>(
            {"aes128gcm16", "aes128gcm16-x25519", "aes128gcm16-x25519-ke1_mlkem512-ke2_ecp256"});
        const std::uint8_t flags = input.octet();
        options.seed = input.octet();
        options.start_east = options.start_west = ike::Start::Passive;
        options.ike_east = options.ike_west = input.any(kIke);
        options.esp_east = options.esp_west = input.any(kEsp);
        options.certificates = (flags & 1) != 0;
        options.two_children = (flags & 2) != 0;
        options.mode = (flags & 4) != 0 ? xfrm::Mode::Tunnel : xfrm::Mode::Transport;
        options.cookies = (flags & 8) != 0;
        is_impostor = (flags & 16) != 0;
        if (is_impostor)
            options.quarrel =
                options.certificates ? sim::Quarrel::WrongAuthority : sim::Quarrel::WrongSecret;
    }

    sim::Options options;
    bool is_impostor = false;
};

class Session {
  public:
    Session(ByteSource input, bool with_ladder);
    // What is wrong; nothing if nothing is.
    std::optional<std::string> run();
    [[nodiscard]] const std::vector<std::string>& ladder() { return scene_.stage().ladder.lines(); }

  private:
    void act();
    void operate(std::size_t host);
    // East's kernel refuses new SAs with this probability.
    void set_kernel(double refusals);
    void attack();
    void let_time_pass();
    [[nodiscard]] std::optional<std::string> wrong();
    [[nodiscard]] std::optional<std::string> wrong_after_silence();

    ByteSource input_;
    Opening opening_;
    sim::Scene scene_;
    SessionAttack attack_;
};

Session::Session(ByteSource input, bool with_ladder)
    : input_{input}, opening_{input_}, scene_{opening_.options, with_ladder}, attack_{scene_} {
    scene_.distrust(1);
    for (sim::HostIndex host = 0; host < scene_.hosts(); ++host) {
        scene_.machine(host).set_faults({.kernel_latency_max = 1us, .crypto_latency_max = 1us});
        scene_.machine(host).start();
    }
    scene_.run_for(1ms);
}

std::optional<std::string> Session::run() {
    for (std::size_t acts = 0; acts < kActsMax && !input_.is_empty(); ++acts) {
        act();
        if (auto found = wrong()) return found;
    }
    return wrong_after_silence();
}

void Session::act() {
    switch (input_.below(10)) {
        case 0:
            return operate(0);
        case 1:
            return operate(1);
        case 2:
            return let_time_pass();
        case 3:
            return attack_.set_manners(input_.octet());
        case 4:
            return scene_.machine(0).expire_an_sa(input_.below(2) == 0);
        case 5:
            return scene_.send_probe(0, 1, 4000, input_.below(2) == 0);
        case 6:
            return set_kernel(input_.below(2) == 0 ? 0 : 1);
        default:
            return attack();
    }
}

// What the people at a host want of it.
void Session::operate(std::size_t host) {
    sim::Machine& machine = scene_.machine(host);
    const std::string connection = scene_.connection(1 - host);
    switch (input_.below(6)) {
        case 0:
        case 1:
            machine.up(connection);
            break;
        case 2:
            machine.command(ike::Rekey{connection, true, false});
            break;
        case 3:
            machine.command(ike::Rekey{connection, false, true});
            break;
        case 4:
            machine.command(ike::Rekey{connection, true, true});
            break;
        default:
            machine.down(connection);
            break;
    }
    scene_.run_for(20ms);
}

void Session::set_kernel(double refusals) {
    scene_.machine(0).set_faults(
        {.kernel_latency_max = 1us, .crypto_latency_max = 1us, .kernel_refusals = refusals});
}

void Session::attack() {
    attack_.say(input_);
    scene_.run_for(input_.below(4) == 0 ? 0ms : 20ms);
}

void Session::let_time_pass() {
    constexpr auto kTimes = std::to_array<ike::Duration>({0ms, 1ms, 20ms, 600ms, 6s, 35s, 2min});
    scene_.run_for(input_.any(kTimes));
}

std::optional<std::string> Session::wrong() {
    if (scene_.is_failed()) return scene_.stage().violation;
    if (!opening_.is_impostor) return std::nullopt;
    for (const auto& sa : scene_.machine(0).kernel().sas())
        if (!sa.larval) return "the kernel has an SA of a peer that was not authenticated";
    for (const ike::Event& event : scene_.machine(0).events())
        if (std::holds_alternative<ike::IkeSaUp>(event) ||
            std::holds_alternative<ike::ChildUp>(event))
            return "something of an impostor is announced as up";
    return std::nullopt;
}

std::optional<std::string> Session::wrong_after_silence() {
    const sim::Machine& east = scene_.machine(0);
    scene_.machine(1).crash();
    scene_.run_for(kSilence);
    if (auto found = wrong()) return found;
    if (auto found = sim::check_belief(east.kernel(), east.snapshot())) return found;
    return sim::check_nothing_left(east.kernel(), east.snapshot());
}

// ---- Seeds: the beginnings of sessions, and of attacks in them

enum Act : std::uint8_t { kEast, kWest, kTime, kManners, kExpire, kProbe, kKernel, kAttack };
enum Want : std::uint8_t { kUp, kUpAgain, kRekeyIke, kRekeyChild, kRekeyBoth, kDown };

Bytes script(std::uint8_t flags, std::uint8_t ike, std::uint8_t esp,
             std::initializer_list<Bytes> acts) {
    Bytes all{flags, 1, ike, esp};
    for (const Bytes& each : acts) append(all, each);
    return all;
}

// See SessionAttack::say().
Bytes attack(std::uint8_t direction, std::uint8_t exchange, Bytes payloads) {
    Bytes all{kAttack, 0, direction, exchange, 0};
    append(all, payloads);
    all.push_back(1);
    return all;
}

}  // namespace

std::vector<Bytes> seeds() {
    std::vector<Bytes> all;
    for (const std::uint8_t flags : std::to_array<std::uint8_t>({0, 1, 2, 4, 16, 17})) {
        for (std::uint8_t suite = 0; suite < 3; ++suite) {
            for (const Bytes& up : {Bytes{kEast, kUp}, Bytes{kWest, kUp}}) {
                all.push_back(script(
                    flags, suite, suite,
                    {up, {kEast, kRekeyBoth}, {kWest, kRekeyBoth}, {kTime, 4}, {kEast, kDown}}));
                all.push_back(script(
                    flags, suite, suite,
                    {up, {kManners, 7}, {kEast, kRekeyChild}, {kWest, kRekeyIke}, {kTime, 5}}));
                all.push_back(script(
                    flags, suite, suite,
                    {{kManners, 2}, up, {kTime, 2}, attack(0, 1, {3, 0, 1, 2}), {kTime, 6}}));
            }
        }
    }
    // What east has agreed to is refused by its kernel.
    all.push_back(script(
        0, 0, 1,
        {{kEast, kUp}, {kKernel, 1}, {kEast, kRekeyChild}, {kWest, kRekeyChild}, {kTime, 5}}));
    for (std::uint8_t exchange = 0; exchange < 7; ++exchange)
        for (std::uint8_t kind = 0; kind < 11; ++kind)
            all.push_back(script(0, 0, 1,
                                 {{kEast, kUp},
                                  {kManners, 2},
                                  attack(0, exchange, {2, kind, 1, kind, 2}),
                                  {kTime, 3},
                                  {kEast, kRekeyChild},
                                  attack(1, exchange, {2, kind, 1, kind, 2}),
                                  {kTime, 4}}));
    return all;
}

}  // namespace xfrmd::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace xfrmd::fuzz;
    const ByteSource input{xfrmd::View{data, size}};
    const auto wrong = Session{input, false}.run();
    if (!wrong) return 0;
    Session again{input, true};
    (void)again.run();
    for (const std::string& line : again.ladder()) std::fprintf(stderr, "%s\n", line.c_str());
    require(false, *wrong);
    return 0;
}
