// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <format>
#include <string_view>

#include "cli/racoon/interpret.h"

namespace xfrmd::racoon {

namespace {

std::optional<std::uint8_t> prefix_length(std::string_view text, unsigned max) {
    std::uint8_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || length > max)
        return std::nullopt;
    return length;
}

class SainfoReader {
  public:
    SainfoReader(const Statement& statement, Mistakes& mistakes)
        : statement_{statement}, mistakes_{mistakes}, arguments_{statement, mistakes} {}

    std::optional<Sainfo> read();

  private:
    bool head(Sainfo& sainfo);
    std::optional<TrafficId> id();
    std::optional<TrafficId> network();
    bool addresses(TrafficOf& traffic);
    bool port(TrafficOf& traffic);
    bool protocol(TrafficOf& traffic);
    void body(Sainfo& sainfo, const Statement& statement);
    void algorithm_list(std::vector<Said<Algorithm>>& list, AlgorithmClass kind,
                        const Statement& statement);
    void check();

    const Statement& statement_;
    Mistakes& mistakes_;
    Arguments arguments_;
};

std::optional<Sainfo> SainfoReader::read() {
    Sainfo sainfo;
    sainfo.by = &statement_;
    const bool good = head(sainfo);
    if (good) arguments_.finish();
    for (const Statement& each : statement_.block) body(sainfo, each);
    if (!good || arguments_.failed()) return std::nullopt;
    check();
    return sainfo;
}

// LOCAL REMOTE | anonymous, then [from ID | group "NAME"]
bool SainfoReader::head(Sainfo& sainfo) {
    const bool local_anonymous = arguments_.skip_if("anonymous");
    if (!local_anonymous) {
        auto local = id();
        if (!local) return false;
        sainfo.local = *std::move(local);
    }
    const bool ends =
        arguments_.at_end() || arguments_.next_is("from") || arguments_.next_is("group");
    if (ends && !local_anonymous) {
        arguments_.fail("a sainfo names both ends, ours first",
                        std::format("{};", statement_.directive->synopsis));
        return false;
    }
    if (arguments_.skip_if("clientaddr")) {
        sainfo.remote = ClientAddress{};
    } else if (!arguments_.skip_if("anonymous") && !ends) {
        auto remote = id();
        if (!remote) return false;
        sainfo.remote = *std::move(remote);
    }
    if (arguments_.skip_if("from")) {
        sainfo.from = read_identifier(arguments_);
        return sainfo.from.has_value();
    }
    if (!arguments_.skip_if("group")) return true;
    const auto name = arguments_.string();
    if (name) sainfo.group = *name;
    return name.has_value();
}

// address|subnet NETWORK … , or fqdn "NAME" and the like.
std::optional<TrafficId> SainfoReader::id() {
    if (arguments_.next_is("address") || arguments_.next_is("subnet")) {
        arguments_.skip();
        if (!arguments_.next_is(TokenKind::String)) return network();
        const auto text = arguments_.string();
        if (!text) return std::nullopt;
        return Identifier{.type = IdentifierType::Address, .text = *text};
    }
    auto identifier = read_identifier(arguments_);
    if (!identifier) return std::nullopt;
    return *std::move(identifier);
}

// ADDRESS[/PREFIX][[PORT]] PROTOCOL, or a range FIRST-LAST.
std::optional<TrafficId> SainfoReader::network() {
    TrafficOf traffic;
    if (!addresses(traffic) || !port(traffic) || !protocol(traffic)) return std::nullopt;
    return traffic;
}

bool SainfoReader::addresses(TrafficOf& traffic) {
    const Token* token = arguments_.peek();
    if (token == nullptr || token->kind != TokenKind::Word) {
        arguments_.address();  // tells it
        return false;
    }
    std::string text = token->text;
    const auto refuse = [&](std::string_view what) {
        arguments_.fail(std::format("\"{}\" is no {}", text, what),
                        "a network such as 10.0.0.0/8, or a range such as 10.0.0.1-10.0.0.9");
        return false;
    };
    const std::size_t cut = text.find_first_of("/-");
    const auto first = xfrm::Address::parse(text.substr(0, cut));
    if (!first) return refuse("address");
    arguments_.skip();
    std::string rest = cut == std::string::npos ? "" : text.substr(cut);
    // What follows may stand apart.
    for (const Token* next = arguments_.peek();
         next != nullptr && next->kind == TokenKind::Word &&
         (next->text.starts_with('/') || next->text.starts_with('-'));
         next = arguments_.peek()) {
        rest += next->text;
        arguments_.skip();
    }
    traffic.first = traffic.last = *first;
    traffic.prefix = static_cast<std::uint8_t>(first->bits());
    if (rest.starts_with('-')) {
        const auto last = xfrm::Address::parse(
            rest.substr(1, rest.find('/') == std::string::npos ? rest.size() : rest.find('/') - 1));
        if (!last || last->family() != first->family() || *last < *first)
            return refuse("range of addresses");
        traffic.last = *last;
        traffic.prefix.reset();
    } else if (rest.starts_with('/')) {
        const auto length = prefix_length(std::string_view{rest}.substr(1), first->bits());
        if (!length) return refuse("network");
        const auto prefix = xfrm::Prefix::make(*first, *length);
        traffic.first = prefix->first();
        traffic.last = prefix->last();
        traffic.prefix = length;
    }
    return true;
}

bool SainfoReader::port(TrafficOf& traffic) {
    if (!arguments_.next_is(TokenKind::Bracketed)) return true;
    const std::string text = arguments_.peek()->text;
    if (text != "any") {
        std::uint16_t port = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
        if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
            arguments_.fail(std::format("\"[{}]\" is no port", text),
                            "a number, such as [500], or [any]");
            return false;
        }
        if (port != 0) traffic.port = port;
    }
    arguments_.skip();
    return true;
}

bool SainfoReader::protocol(TrafficOf& traffic) {
    constexpr auto kProtocols = std::to_array<Word<std::uint8_t>>({{"any", 0},
                                                                   {"esp", 50},
                                                                   {"ah", 51},
                                                                   {"ipcomp", 108},
                                                                   {"icmp", 1},
                                                                   {"icmp6", 58},
                                                                   {"tcp", 6},
                                                                   {"udp", 17},
                                                                   {"gre", 47}});
    const Token* token = arguments_.peek();
    if (token != nullptr && token->kind == TokenKind::Word) {
        if (const auto number = prefix_length(token->text, 255)) {
            traffic.protocol = *number == 255 ? 0 : *number;
            arguments_.skip();
            return true;
        }
    }
    const auto protocol = arguments_.word(kProtocols);
    if (protocol) traffic.protocol = *protocol;
    return protocol.has_value();
}

void SainfoReader::body(Sainfo& sainfo, const Statement& statement) {
    const std::string_view word = statement.directive->word;
    if (word == "lifetime") {
        const auto [time, bytes] = read_lifetime(statement, mistakes_);
        set(sainfo.lifetime, time, statement);
        return set(sainfo.lifetime_bytes, bytes, statement);
    }
    if (word == "encryption_algorithm")
        return algorithm_list(sainfo.encryption, AlgorithmClass::Encryption, statement);
    if (word == "authentication_algorithm")
        return algorithm_list(sainfo.authentication, AlgorithmClass::Authentication, statement);
    if (word == "compression_algorithm")
        return algorithm_list(sainfo.compression, AlgorithmClass::Compression, statement);
    Arguments arguments{statement, mistakes_};
    if (word == "pfs_group")
        set(sainfo.pfs_group, arguments.algorithm(AlgorithmClass::Group, false), statement);
    else if (word == "remoteid") {
        if (const auto number = arguments.number())
            set(sainfo.remoteid, std::optional{static_cast<std::uint32_t>(*number)}, statement);
    } else {
        static_cast<void>(read_identifier(arguments));  // my_identifier, which racoon never used
    }
    arguments.finish();
}

void SainfoReader::algorithm_list(std::vector<Said<Algorithm>>& list, AlgorithmClass kind,
                                  const Statement& statement) {
    Arguments arguments{statement, mistakes_};
    list.clear();
    do {
        const auto algorithm = arguments.algorithm(kind, false);
        if (!algorithm) return;
        list.push_back({*algorithm, &statement});
    } while (arguments.skip_comma());
    arguments.finish();
}

void SainfoReader::check() {
    warn_of_missing(statement_, "the sainfo",
                    {"encryption_algorithm", "authentication_algorithm", "compression_algorithm"},
                    mistakes_);
}

}  // namespace

std::optional<Sainfo> read_sainfo(const Statement& statement, Mistakes& mistakes) {
    return SainfoReader{statement, mistakes}.read();
}

}  // namespace xfrmd::racoon
