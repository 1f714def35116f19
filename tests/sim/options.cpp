// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/options.h"

#include <array>
#include <utility>

#include "tests/sim/prng.h"

namespace xfrmd::sim {

namespace {

template <class T, std::size_t Size>
const T& pick(Prng& prng, const std::array<T, Size>& from) {
    return from[static_cast<std::size_t>(prng.below(Size))];
}

// Nothing half of the time, otherwise up to `most`: each fault is seen alone and in company.
double rate(Prng& prng, double most) {
    return prng.chance(0.5) ? 0.0 : most * static_cast<double>(prng.between(1, 100)) / 100.0;
}

// Groups that are cheap to compute; the others are tested on their own.
struct Algorithms {
    const char* east;
    const char* west;
};
constexpr auto kIkeAlgorithms = std::to_array<Algorithms>({
    {"aes128gcm16-prfsha256-x25519", "aes128gcm16-prfsha256-x25519"},
    {"aes256gcm16-prfsha384-x25519-ecp256", "aes256gcm16-prfsha384-ecp256-x25519"},
    {"aes128-sha256-ecp256", "aes256-aes128-sha256-x25519-ecp256"},
    {"chacha20poly1305-aes128gcm16-prfsha512-x25519", "aes128gcm16-chacha20poly1305-prfsha512-x25519"},
    {"aes256-sha512-ecp256-x25519", "aes256-sha512-sha256-x25519"},
    {"aes128gcm16-prfsha256-x25519-ke1_mlkem512", "aes128gcm16-prfsha256-x25519-ke1_mlkem768-ke1_mlkem512"},
    {"aes256gcm16-prfsha384-x25519-ke1_mlkem768-ke1_none", "aes256gcm16-prfsha384-x25519"},
});
constexpr auto kEspAlgorithms = std::to_array<Algorithms>({
    {"aes128gcm16", "aes128gcm16"},
    {"aes256gcm16-aes128gcm16-esn", "aes128gcm16-noesn-esn"},
    {"aes128-sha256-noesn", "aes256-aes128-sha256-sha512"},
    {"chacha20poly1305", "aes128gcm16-chacha20poly1305"},
    {"aes128gcm16-x25519", "aes256gcm16-aes128gcm16-x25519"},
    {"aes128gcm16-ecp256-x25519", "aes128gcm16-x25519-ecp256"},
});

// With additional key exchanges: IKE_INTERMEDIATE, and IKE_FOLLOWUP_KE in every rekey. RFC 9242, RFC 9370
constexpr auto kIkeWithMore = std::to_array<Algorithms>({
    {"aes128gcm16-prfsha256-x25519-ke1_mlkem512-ke2_mlkem768", "aes128gcm16-prfsha256-x25519-ke1_mlkem512-ke2_mlkem768"},
    {"aes128gcm16-prfsha256-x25519-ecp256-ke1_mlkem512", "aes128gcm16-prfsha256-ecp256-x25519-ke1_mlkem512"},
});
constexpr auto kEspWithMore = std::to_array<Algorithms>({
    {"aes128gcm16-x25519-ke1_mlkem512", "aes128gcm16-x25519-ke1_mlkem512"},
    {"aes128gcm16-x25519-ecp256-ke1_mlkem512", "aes128gcm16-ecp256-x25519-ke1_mlkem512"},
    {"aes128gcm16-x25519-ke1_mlkem512-ke1_none", "aes128gcm16-x25519"},
    {"aes128gcm16-x25519-ke1_mlkem512-ke2_ecp256", "aes128gcm16-x25519-ke1_mlkem768-ke1_mlkem512-ke2_ecp256"},
});

void draw_quarrel(Prng& prng, Options& options) {
    constexpr auto kQuarrels = std::to_array<Quarrel>(
        {Quarrel::WrongSecret, Quarrel::WrongAuthority, Quarrel::WrongIdentity, Quarrel::NoCommonAlgorithm,
         Quarrel::NoCommonChild, Quarrel::DisjointSelectors, Quarrel::DifferentModes});
    if (!prng.chance(0.2)) return;
    options.quarrel = pick(prng, kQuarrels);
    if (options.quarrel == Quarrel::WrongSecret) options.certificates = false;
    if (options.quarrel == Quarrel::WrongAuthority) options.certificates = true;
    if (options.quarrel == Quarrel::NoCommonAlgorithm) {
        options.ike_east = "aes128gcm16-prfsha256-x25519";
        options.ike_west = "aes256gcm16-prfsha256-x25519";
    }
    if (options.quarrel == Quarrel::NoCommonChild) {
        options.esp_east = "aes128gcm16";
        options.esp_west = "aes128-sha256";
    }
    if (options.quarrel == Quarrel::DisjointSelectors) options.mode = xfrm::Mode::Tunnel;
}

void draw_faults(Prng& prng, Options& options) {
    options.faults.delay_min = std::chrono::microseconds{prng.between(100, 2'000)};
    options.faults.delay_max = options.faults.delay_min + std::chrono::microseconds{prng.between(0, 80'000)};
    if (prng.chance(0.15)) return;  // a quiet day
    options.faults.loss = rate(prng, 0.4);
    options.faults.duplication = rate(prng, 0.3);
    options.faults.reordering = rate(prng, 0.3);
    options.faults.corruption = rate(prng, 0.2);
    options.slow_kernel = prng.chance(0.3);
    options.slow_crypto = prng.chance(0.3);
    options.kernel_refusals = prng.chance(0.7) ? 0.0 : 0.2;
    options.reordered_replies = prng.chance(0.2);
    options.lost_events = prng.chance(0.7) ? 0.0 : 0.3;
    options.crashes = rate(prng, 0.06);
    options.reboots = rate(prng, 0.03);
    options.sleeps = rate(prng, 0.03);
    options.wall_jumps = rate(prng, 0.03);
    options.reloads = rate(prng, 0.05);
    options.storms = rate(prng, 0.05);
    options.partitions = rate(prng, 0.06);
    options.commands = rate(prng, 0.1);
    options.expiries = rate(prng, 0.05);
    options.attacks = rate(prng, 20);
    options.late_peer = prng.chance(0.2);
    if (options.nat) options.nat_rebindings = rate(prng, 0.03);
    if (options.quarrel == Quarrel::None && prng.chance(0.1)) options.hostile = prng.below(options.hosts);
}

// East is behind it, so that only east can begin.
void draw_nat(Prng& prng, Options& options) {
    const auto dependence = [&] { return static_cast<NatDependence>(prng.below(3)); };
    options.nat = NatBehaviour{.mapping = dependence(),
                               .filtering = dependence(),
                               .lifetime = std::chrono::seconds{prng.between(120, 300)},
                               .keeps_ports = prng.chance(0.5)};
    options.family = xfrm::Family::V4;
    options.start_east = prng.chance(0.5) ? ike::Start::OnTraffic : ike::Start::Now;
    options.start_west = ike::Start::Passive;
}

void draw_rekeys(Prng prng, Options& options) {
    options.two_children = options.quarrel == Quarrel::None && prng.chance(0.3);
    options.short_lives = prng.chance(0.3);
    options.reauthenticates = prng.chance(0.1);
    options.rekeys = rate(prng, 0.5);
    if (options.quarrel != Quarrel::None) return;
    if (prng.chance(0.25)) {
        const Algorithms& ike = pick(prng, kIkeWithMore);
        options.ike_east = ike.east;
        options.ike_west = ike.west;
    }
    if (prng.chance(0.25)) {
        const Algorithms& esp = pick(prng, kEspWithMore);
        options.esp_east = esp.east;
        options.esp_west = esp.west;
    }
}

// Tunnels of ESP alone, as the configuration has it.
void draw_roaming(Prng prng, Options& options) {
    if (options.mode != xfrm::Mode::Tunnel || options.bundles || options.quarrel != Quarrel::None) return;
    options.mobike = prng.chance(0.5);
    if (options.mobike) options.roams = rate(prng, 0.1);
}

// What is served has no start of its own: the first packet begins, or the peer.
void draw_serving(Prng prng, Options& options) {
    if (options.mobike || options.nat || options.quarrel != Quarrel::None || options.selectors != Selectors::Same) return;
    if (!prng.chance(0.4)) return;
    options.served_east = prng.chance(0.6);
    options.served_west = !options.served_east || prng.chance(0.4);
    if (options.served_east && options.start_east == ike::Start::Now) options.start_east = ike::Start::OnTraffic;
    if (options.served_west && options.start_west == ike::Start::Now) options.start_west = ike::Start::OnTraffic;
}

const char* start_name(ike::Start start) {
    switch (start) {
        case ike::Start::OnTraffic: return "on_traffic";
        case ike::Start::Now: return "now";
        case ike::Start::Passive: return "passive";
    }
    std::unreachable();
}

std::string percent(double rate) { return std::to_string(static_cast<int>(rate * 100)) + "%"; }

}  // namespace

const char* quarrel_name(Quarrel quarrel) {
    switch (quarrel) {
        case Quarrel::None: return "none";
        case Quarrel::WrongSecret: return "wrong secret";
        case Quarrel::WrongAuthority: return "wrong authority";
        case Quarrel::WrongIdentity: return "wrong identity";
        case Quarrel::NoCommonAlgorithm: return "no common algorithm";
        case Quarrel::NoCommonChild: return "no common child algorithm";
        case Quarrel::DisjointSelectors: return "disjoint selectors";
        case Quarrel::DifferentModes: return "different modes";
    }
    std::unreachable();
}

Options draw_options(std::uint64_t seed) {
    Prng prng = Prng{seed}.split("options");
    Options options;
    options.seed = seed;
    options.family = prng.chance(0.3) ? xfrm::Family::V6 : xfrm::Family::V4;
    options.mode = prng.chance(0.5) ? xfrm::Mode::Tunnel : xfrm::Mode::Transport;
    constexpr auto kSelectors =
        std::to_array<Selectors>({Selectors::Same, Selectors::Same, Selectors::Narrower, Selectors::Several});
    options.selectors = pick(prng, kSelectors);
    options.certificates = prng.chance(0.25);
    constexpr auto kStarts = std::to_array<std::pair<ike::Start, ike::Start>>({
        {ike::Start::OnTraffic, ike::Start::Passive},
        {ike::Start::OnTraffic, ike::Start::OnTraffic},
        {ike::Start::Now, ike::Start::Passive},
        {ike::Start::Passive, ike::Start::Now},
        {ike::Start::Now, ike::Start::Now},
        {ike::Start::Now, ike::Start::OnTraffic},
    });
    std::tie(options.start_east, options.start_west) = pick(prng, kStarts);
    const Algorithms& ike = pick(prng, kIkeAlgorithms);
    options.ike_east = ike.east;
    options.ike_west = ike.west;
    const Algorithms& esp = pick(prng, kEspAlgorithms);
    options.esp_east = esp.east;
    options.esp_west = esp.west;
    options.cookies = prng.chance(0.2);
    options.small_fragments = prng.chance(0.3);
    options.faulty_for = std::chrono::seconds{prng.between(10, 90)};
    if (prng.chance(0.25))
        options.hosts = static_cast<std::size_t>(prng.between(3, 5));
    else if (prng.chance(0.15))
        draw_nat(prng, options);
    else
        draw_quarrel(prng, options);
    draw_faults(prng, options);
    draw_rekeys(Prng{seed}.split("rekeys"), options);
    options.compresses = Prng{seed}.split("compression").chance(0.15);
    options.bundles = !options.nat && options.quarrel == Quarrel::None && Prng{seed}.split("bundles").chance(0.15);
    draw_roaming(Prng{seed}.split("roaming"), options);
    draw_serving(Prng{seed}.split("serving"), options);
    return options;
}

std::string describe(const Options& options) {
    const auto per_second = [](const char* name, double rate) {
        return rate > 0 ? std::string{", "} + name + " " + percent(rate) : std::string{};
    };
    return std::to_string(options.hosts) + " hosts " + (options.family == xfrm::Family::V4 ? "v4 " : "v6 ") +
           (options.mode == xfrm::Mode::Tunnel ? "tunnel " : "transport ") +
           (options.certificates ? "certificates " : "secret ") + "start " + start_name(options.start_east) + "/" +
           start_name(options.start_west) + ", ike " + options.ike_east + " / " + options.ike_west + ", esp " +
           options.esp_east + " / " + options.esp_west + (options.cookies ? ", cookies" : "") + ", quarrel " +
           quarrel_name(options.quarrel) + ", loss " + percent(options.faults.loss) + " dup " +
           percent(options.faults.duplication) + " reorder " + percent(options.faults.reordering) + " corrupt " +
           percent(options.faults.corruption) +
           per_second("crashes", options.crashes) + per_second("reboots", options.reboots) +
           per_second("sleeps", options.sleeps) + per_second("wall clock jumps", options.wall_jumps) +
           per_second("partitions", options.partitions) + per_second("commands", options.commands) +
           per_second("rekeys", options.rekeys) + per_second("reloads", options.reloads) + per_second("storms", options.storms) +
           per_second("expiries", options.expiries) + per_second("NAT rebindings", options.nat_rebindings) +
           (options.mobike ? ", MOBIKE" : "") + per_second("roams", options.roams) +
           per_second("attacks", options.attacks) + per_second("kernel refuses", options.kernel_refusals) +
           per_second("kernel events lost", options.lost_events) + (options.nat ? ", NAT" : "") +
           (options.hostile ? ", hostile " + std::to_string(*options.hostile) : "") +
           (options.two_children ? ", two children" : "") + (options.compresses ? ", compressed" : "") + (options.bundles ? ", bundles" : "") +
           (options.served_east ? ", east served" : "") + (options.served_west ? ", west served" : "") + (options.short_lives ? ", short lives" : "") +
           (options.reauthenticates ? ", reauthenticates" : "") + (options.small_fragments ? ", small fragments" : "") +
           (options.late_peer ? ", late peer" : "") + (options.slow_kernel ? ", slow kernel" : "") +
           (options.slow_crypto ? ", slow crypto" : "") + (options.reordered_replies ? ", reordered replies" : "");
}

}  // namespace xfrmd::sim
