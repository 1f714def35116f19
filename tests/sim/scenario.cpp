// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/scenario.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "ike/wire/header.h"
#include "netlink/model/result.h"
#include "tests/sim/scene.h"
#include "tests/sim/transcript.h"

namespace xfrmd::sim {

using namespace std::chrono_literals;

namespace {

// After each command: long enough for what follows from it, and shorter than the first retransmission.
constexpr Duration kAfterwards = 300ms;
constexpr Duration kWhileHeld = 20ms;
constexpr Duration kOneWay = 5ms;

using Words = std::vector<std::string>;
using Done = std::expected<void, std::string>;

Words split(std::string_view line) {
    Words words;
    while (!line.empty()) {
        const auto end = std::min(line.find(' '), line.size());
        if (end > 0) words.emplace_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return words;
}

std::expected<std::size_t, std::string> number(const std::string& word) {
    std::size_t value = 0;
    const auto [at, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || at != word.data() + word.size()) return std::unexpected{word + " is no number"};
    return value;
}

// ---- hosts KEY=VALUE…

std::expected<ike::Start, std::string> start(const std::string& word) {
    if (word == "now") return ike::Start::Now;
    if (word == "on_traffic") return ike::Start::OnTraffic;
    if (word == "passive") return ike::Start::Passive;
    return std::unexpected{word + " is no start"};
}

std::expected<Quarrel, std::string> quarrel(const std::string& word) {
    for (int i = 0; i <= static_cast<int>(Quarrel::DifferentModes); ++i) {
        std::string name = quarrel_name(static_cast<Quarrel>(i));
        std::ranges::replace(name, ' ', '-');
        if (name == word) return static_cast<Quarrel>(i);
    }
    return std::unexpected{word + " is no quarrel"};
}

Done set(Options& options, const std::string& word) {
    const auto equals = word.find('=');
    const std::string key = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (key == "seed") {
        options.seed = TRY(number(value));
    } else if (key == "start_east") {
        options.start_east = TRY(start(value));
    } else if (key == "start_west") {
        options.start_west = TRY(start(value));
    } else if (key == "ike_east") {
        options.ike_east = value;
    } else if (key == "ike_west") {
        options.ike_west = value;
    } else if (key == "esp_east") {
        options.esp_east = value;
    } else if (key == "esp_west") {
        options.esp_west = value;
    } else if (key == "quarrel") {
        options.quarrel = TRY(quarrel(value));
    } else if (key == "two_children") {
        options.two_children = true;
    } else if (key == "tunnel") {
        options.mode = xfrm::Mode::Tunnel;
    } else if (key == "certificates") {
        options.certificates = true;
    } else if (key == "cookies") {
        options.cookies = true;
    } else if (key == "nat") {
        options.nat = NatBehaviour{};
    } else {
        return std::unexpected{key + " is no option"};
    }
    return {};
}

struct Opening {
    Options options;
    bool is_up = false;  // before the first command
};

std::expected<Opening, std::string> opening_of(const Words& words) {
    Opening opening;
    Options& options = opening.options;
    options.seed = 1;
    options.start_east = options.start_west = ike::Start::Passive;
    options.ike_east = options.ike_west = "aes128gcm16-prfsha256-x25519";
    options.esp_east = options.esp_west = "aes128gcm16";
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i] == "up")
            opening.is_up = true;
        else if (auto done = set(options, words[i]); !done)
            return std::unexpected{done.error()};
    }
    return opening;
}

// ---- The play

class Play {
  public:
    explicit Play(const Opening& opening);

    // What follows from one command, a line each.
    std::expected<Words, std::string> perform(const Words& words);

  private:
    using Command = Done (Play::*)(const Words&);
    struct Entry {
        std::string_view name;
        std::size_t words;  // at least
        Command command;
    };
    static const std::array<Entry, 14> kCommands;

    Done up(const Words& words);
    Done down(const Words& words);
    Done rekey(const Words& words);
    Done start(const Words& words);
    Done crash(const Words& words);
    Done traffic(const Words& words);
    Done expire(const Words& words);
    Done lose(const Words& words);
    Done hold(const Words& words);
    Done release(const Words& words);
    Done deliver(const Words& words);
    Done drop(const Words& words);
    Done pass(const Words& words);
    Done states(const Words& words);

    struct Held {
        HostIndex from = 0;
        Frame frame;
    };
    bool on_wire(HostIndex from, const Frame& frame);
    void send(const Frame& frame);
    std::expected<Held, std::string> take_held(const Words& words);
    std::expected<HostIndex, std::string> host(const std::string& word) const;
    std::string line(HostIndex from, const Frame& frame);
    void say(std::string text) { lines_.push_back(std::move(text)); }
    void learn();

    Scene scene_;
    Transcript transcript_;
    Words lines_;
    std::size_t to_lose_ = 0;
    std::optional<HostIndex> lose_from_;
    bool holding_ = false;
    std::deque<Held> held_;
};

const std::array<Play::Entry, 14> Play::kCommands{{
    {"up", 2, &Play::up},
    {"down", 2, &Play::down},
    {"rekey", 3, &Play::rekey},
    {"start", 2, &Play::start},
    {"crash", 2, &Play::crash},
    {"traffic", 2, &Play::traffic},
    {"expire", 2, &Play::expire},
    {"lose", 2, &Play::lose},
    {"hold", 1, &Play::hold},
    {"release", 1, &Play::release},
    {"deliver", 1, &Play::deliver},
    {"drop", 1, &Play::drop},
    {"pass", 2, &Play::pass},
    {"states", 1, &Play::states},
}};

Play::Play(const Opening& opening) : scene_{opening.options, false} {
    scene_.network().set_faults({.delay_min = kOneWay, .delay_max = kOneWay});
    scene_.stage().is_read = true;
    scene_.intercept = [this](HostIndex from, const Frame& frame) { return on_wire(from, frame); };
    scene_.stage().told = [this](HostIndex at, const ike::Event& event) {
        learn();
        if (const std::string text = transcript_.event(event); !text.empty())
            say(std::string{host_name(at)} + " * " + text);
    };
    for (HostIndex each = 0; each < scene_.hosts(); ++each) {
        // A microsecond for everything: nothing happens by chance.
        scene_.machine(each).set_faults({.kernel_latency_max = 1us, .crypto_latency_max = 1us});
        scene_.machine(each).start();
    }
    scene_.run_for(kAfterwards);
    if (!opening.is_up) return;
    scene_.machine(0).up(scene_.connection(1));
    scene_.run_for(kAfterwards);
    lines_.clear();
}

std::expected<Words, std::string> Play::perform(const Words& words) {
    const auto entry = std::ranges::find(kCommands, words[0], &Entry::name);
    if (entry == kCommands.end()) return std::unexpected{words[0] + " is no command"};
    if (words.size() < entry->words) return std::unexpected{words[0] + " needs to be told more"};
    if (auto done = (this->*entry->command)(words); !done) return std::unexpected{done.error()};
    scene_.run_for(holding_ ? kWhileHeld : kAfterwards);
    if (scene_.is_failed()) say("VIOLATION " + *scene_.stage().violation);
    return std::exchange(lines_, {});
}

std::expected<HostIndex, std::string> Play::host(const std::string& word) const {
    for (HostIndex each = 0; each < scene_.hosts(); ++each)
        if (word == host_name(each)) return each;
    return std::unexpected{word + " is no host"};
}

void Play::learn() {
    for (HostIndex each = 0; each < scene_.hosts(); ++each)
        transcript_.learn(scene_.machine(each).kernel(), host_name(each));
}

// ---- The wire

std::string Play::line(HostIndex from, const Frame& frame) {
    learn();
    const HostIndex to = from == 0 ? 1 : 0;
    return std::string{host_name(from)} + " -> " + host_name(to) + "  " +
           transcript_.message(std::get<IkeDatagram>(frame.content));
}

bool Play::on_wire(HostIndex from, const Frame& frame) {
    if (!std::holds_alternative<IkeDatagram>(frame.content)) return false;
    const bool lost = to_lose_ > 0 && (!lose_from_ || *lose_from_ == from);
    if (lost) --to_lose_;
    say(line(from, frame) + (lost ? "   (lost)" : holding_ ? "   (held)" : ""));
    if (!lost && holding_) held_.push_back({from, frame});
    return lost || holding_;
}

void Play::send(const Frame& frame) {
    scene_.stage().world.in(kOneWay, [this, frame] { scene_.deliver(frame); });
}

// "deliver", "deliver from east", "deliver response from east"
std::expected<Play::Held, std::string> Play::take_held(const Words& words) {
    std::optional<HostIndex> from;
    std::optional<bool> response;
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i] == "request" || words[i] == "response")
            response = words[i] == "response";
        else if (words[i] == "from" && i + 1 < words.size())
            from = TRY(host(words[++i]));
        else
            return std::unexpected{words[i] + " says nothing here"};
    }
    const auto at = std::ranges::find_if(held_, [&](const Held& held) {
        const auto header = ike::parse_header(std::get<IkeDatagram>(held.frame.content).octets);
        return (!from || held.from == *from) && (!response || (header && header->response == *response));
    });
    if (at == held_.end()) return std::unexpected{"no such message is held"};
    Held taken = std::move(*at);
    held_.erase(at);
    return taken;
}

Done Play::lose(const Words& words) {
    to_lose_ = TRY(number(words[1]));
    lose_from_.reset();
    if (words.size() > 3 && words[2] == "from") lose_from_ = TRY(host(words[3]));
    return {};
}

Done Play::hold(const Words&) {
    holding_ = true;
    return {};
}

Done Play::release(const Words&) {
    holding_ = false;
    for (const Held& each : std::exchange(held_, {})) send(each.frame);
    return {};
}

Done Play::deliver(const Words& words) {
    const Held held = TRY(take_held(words));
    say("arrives: " + line(held.from, held.frame));
    send(held.frame);
    return {};
}

Done Play::drop(const Words& words) {
    const Held held = TRY(take_held(words));
    say("lost: " + line(held.from, held.frame));
    return {};
}

// ---- What hosts do

Done Play::up(const Words& words) {
    const HostIndex who = TRY(host(words[1]));
    scene_.machine(who).up(scene_.connection(who == 0 ? 1 : 0));
    return {};
}

Done Play::down(const Words& words) {
    const HostIndex who = TRY(host(words[1]));
    scene_.machine(who).down(scene_.connection(who == 0 ? 1 : 0));
    return {};
}

// "rekey child east", "rekey ike east", "rekey both east"
Done Play::rekey(const Words& words) {
    const bool both = words[1] == "both";
    const bool ike = words[1] == "ike" || both;
    const bool child = words[1] == "child" || both;
    if (!ike && !child) return std::unexpected{words[1] + " is nothing to be rekeyed"};
    const HostIndex who = TRY(host(words[2]));
    scene_.machine(who).command(ike::Rekey{scene_.connection(who == 0 ? 1 : 0), ike, child});
    return {};
}

Done Play::start(const Words& words) {
    scene_.machine(TRY(host(words[1]))).start();
    return {};
}

Done Play::crash(const Words& words) {
    scene_.machine(TRY(host(words[1]))).crash();
    return {};
}

Done Play::traffic(const Words& words) {
    const HostIndex who = TRY(host(words[1]));
    const HostIndex to = who == 0 ? 1 : 0;
    const std::uint64_t mark = scene_.stage().oracle.last_probe();
    scene_.send_probe(who, to, 4000);
    scene_.run_for(2 * kOneWay);
    say(scene_.stage().oracle.arrived_since(who, to, mark) ? "the packet arrives" : "the packet is dropped");
    return {};
}

// "expire east", "expire east soft", "expire east child net", "expire east soft child net"
Done Play::expire(const Words& words) {
    sim::Machine& machine = scene_.machine(TRY(host(words[1])));
    const bool soft = words.size() > 2 && words[2] == "soft";
    const std::size_t rest = soft ? 3 : 2;
    if (words.size() == rest + 2 && words[rest] == "child") {
        if (machine.expire_child(words[rest + 1], !soft)) return {};
        return std::unexpected{"the kernel has no child " + words[rest + 1]};
    }
    machine.expire_an_sa(!soft);
    return {};
}

// "pass 30s", "pass 2min"
Done Play::pass(const Words& words) {
    const std::string& text = words[1];
    const auto unit = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto count = static_cast<std::int64_t>(TRY(number(text.substr(0, unit))));
    if (text.substr(unit) == "ms")
        scene_.run_for(std::chrono::milliseconds{count});
    else if (text.substr(unit) == "s")
        scene_.run_for(std::chrono::seconds{count});
    else if (text.substr(unit) == "min")
        scene_.run_for(std::chrono::minutes{count});
    else
        return std::unexpected{text + " is no time"};
    return {};
}

Done Play::states(const Words&) {
    learn();
    for (HostIndex each = 0; each < scene_.hosts(); ++each) {
        for (const std::string& text : transcript_.state(scene_.machine(each).snapshot()))
            say(std::string{host_name(each)} + "  " + text);
        say(std::string{host_name(each)} + "  kernel: " + transcript_.kernel(scene_.machine(each).kernel()));
    }
    return {};
}

}  // namespace

std::expected<std::string, std::string> play_scenario(std::string_view text) {
    std::string played;
    std::unique_ptr<Play> play;
    std::size_t line_number = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string line{text.substr(0, end)};
        text.remove_prefix(std::min(end + 1, text.size()));
        ++line_number;
        if (line.starts_with("    ")) continue;  // what followed when it was written down
        played += line + "\n";
        const Words words = split(line);
        if (words.empty() || line.starts_with('#')) continue;
        const auto at_line = [&](const std::string& what) {
            return std::unexpected{"line " + std::to_string(line_number) + ": " + what};
        };
        if (words[0] == "hosts") {
            const auto opening = opening_of(words);
            if (!opening) return at_line(opening.error());
            play = std::make_unique<Play>(*opening);
            continue;
        }
        if (!play) return at_line("the first command is hosts");
        const auto follows = play->perform(words);
        if (!follows) return at_line(follows.error());
        for (const std::string& each : *follows) played += "    " + each + "\n";
    }
    return played;
}

}  // namespace xfrmd::sim
