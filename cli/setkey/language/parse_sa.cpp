// SPDX-License-Identifier: Apache-2.0
// Statements about security associations.
#include <array>
#include <format>

#include "cli/setkey/language/parts.h"

namespace xfrmd::setkey {

namespace {

using Kind = Token::Kind;

constexpr std::uint64_t kReplayWindowMax = 4096;  // XFRMA_REPLAY_ESN_MAX

bool is_number(std::string_view word) {
    return !word.empty() && word.front() >= '0' && word.front() <= '9' && !word.contains('.') &&
           !word.contains(':');
}

// ---- extensions --------------------

template <class Value>
void set(Cursor& cursor, Optional<Value>& member, Located<Value> value) {
    if (member)
        cursor.mistakes().warning({value.span, "this is said twice, and the last time counts", {}});
    member = std::move(value);
}

// What stands behind a flag, which was taken last.
using ReadExtension = Read<void> (*)(Cursor&, Extensions&);

template <auto Member, std::uint64_t Most = std::numeric_limits<std::uint64_t>::max()>
Read<void> read_count(Cursor& cursor, Extensions& extensions) {
    using Number = decltype((extensions.*Member)->value);
    constexpr auto kMost = std::min<std::uint64_t>(Most, std::numeric_limits<Number>::max());
    const std::string what = std::format("the number behind {}", cursor.text(cursor.last()));
    set(cursor, extensions.*Member, TRY(read_number<Number>(cursor, what, 0, kMost)));
    return {};
}

template <auto Member>
Read<void> read_marking(Cursor& cursor, Extensions& extensions) {
    set(cursor, extensions.*Member, TRY(read_mark(cursor)));
    return {};
}

Read<void> read_mode(Cursor& cursor, Extensions& extensions) {
    set(cursor, extensions.mode, TRY(read_word(cursor, kSaModes, "a mode")));
    return {};
}

Read<void> read_flag(Cursor& cursor, Extensions& extensions) {
    const auto flag = TRY(read_word(cursor, kSaFlags, "a flag"));
    extensions.flags.push_back(flag);
    return {};
}

Read<void> read_sa_context(Cursor& cursor, Extensions& extensions) {
    auto context = TRY(read_context(cursor));
    set(cursor, extensions.context, std::move(context));
    return {};
}

Read<void> read_esn(Cursor& cursor, Extensions& extensions) {
    extensions.extended_sequence_numbers = Located{Present{}, cursor.end_of_last()};
    return {};
}

Read<void> read_offload(Cursor& cursor, Extensions& extensions) {
    const auto kind = TRY(read_word(cursor, kOffloadKinds, "a kind of offload"));
    const Token device = TRY(cursor.take_word("the name of an interface"));
    const auto direction = TRY(read_word(cursor, kDirections, "a direction"));
    if (direction.value == xfrm::Direction::Forward)
        cursor.complain(direction.span, "an SA is used for packets that come in or go out");
    set(cursor, extensions.offload,
        Located{Offload{kind.value, std::string{cursor.text(device.span)},
                        direction.value == xfrm::Direction::In},
                cursor.since(kind.span)});
    return {};
}

constexpr auto kExtensions = std::to_array<Word<ReadExtension>>({
    {"-m", read_mode},
    {"-u", read_count<&Extensions::reqid>},
    {"-r", read_count<&Extensions::replay_window, kReplayWindowMax>},
    {"-lh", read_count<&Extensions::hard_seconds>},
    {"-ls", read_count<&Extensions::soft_seconds>},
    {"-bh", read_count<&Extensions::hard_bytes>},
    {"-bs", read_count<&Extensions::soft_bytes>},
    {"-ph", read_count<&Extensions::hard_packets>},
    {"-ps", read_count<&Extensions::soft_packets>},
    {"-f", read_flag},
    {"-ctx", read_sa_context},
    {"-esn", read_esn},
    {"-mark", read_marking<&Extensions::mark>},
    {"-output-mark", read_marking<&Extensions::output_mark>},
    {"-if_id", read_count<&Extensions::if_id>},
    {"-offload", read_offload},
});

Mistake unknown_extension(const Cursor& cursor, Span span) {
    auto known = texts_of(kExtensions);
    known.insert(known.end(), {"-E", "-A", "-C"});
    return unknown_word(cursor, span, "an extension", known);
}

// ---- algorithms --------------------

int value_of_hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The key behind 0x; setkey puts a zero before an odd number of digits.
std::optional<Secret> octets_of_hex(std::string_view digits) {
    Botan::secure_vector<std::uint8_t> octets((digits.size() + 1) / 2);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const int value = value_of_hex_digit(digits[digits.size() - 1 - i]);
        if (value < 0) return std::nullopt;
        octets[octets.size() - 1 - i / 2] |=
            static_cast<std::uint8_t>(value << (i % 2 == 0 ? 0 : 4));
    }
    return Secret{std::move(octets)};
}

Located<Key> hexadecimal_key(Cursor& cursor, Span span) {
    const std::string_view word = cursor.text(span);
    if (!word.starts_with("0x") && !word.starts_with("0X")) {
        cursor.complain(span, "a key is \"text in quotes\" or 0x and hexadecimal digits");
        return {{}, span};
    }
    const std::string_view digits = word.substr(2);
    auto octets = octets_of_hex(digits);
    if (!octets || digits.empty()) {
        cursor.complain(span, "behind the 0x of a key only hexadecimal digits stand");
        return {{}, span};
    }
    if (digits.size() % 2 != 0)
        cursor.mistakes().warning(
            {span, "the key has an odd number of digits", "a 0 is put before it, as setkey does"});
    return {Key{false, std::move(*octets)}, span};
}

Read<Optional<Key>> read_key(Cursor& cursor) {
    if (cursor.at(Kind::String)) {
        const Span span = cursor.take().span;
        return Located{Key{true, Secret{as_view(cursor.text({span.begin + 1, span.end - 1}))}},
                       span};
    }
    if (cursor.at(Kind::OpenString)) return std::unexpected{cursor.unexpected("a key")};
    if (!cursor.at_plain_word()) return std::nullopt;
    return hexadecimal_key(cursor, cursor.take().span);
}

Read<KeyedAlgorithm> read_keyed_algorithm(Cursor& cursor) {
    const Token name = TRY(cursor.take_word("an algorithm"));
    KeyedAlgorithm algorithm{{std::string{cursor.text(name.span)}, name.span}, {}, {}};
    if (cursor.take_if(Kind::Slash))
        algorithm.icv_bits =
            TRY(read_number<std::uint32_t>(cursor, "the length of an ICV in bits", 32, 512));
    algorithm.key = TRY(read_key(cursor));
    return algorithm;
}

Read<Compression> read_compression(Cursor& cursor) {
    const Token name = TRY(cursor.take_word("an algorithm"));
    const bool raw_cpi = cursor.take_if_word("-R");
    return Compression{{std::string{cursor.text(name.span)}, name.span}, raw_cpi};
}

template <class Part>
void set_algorithm(Cursor& cursor, Span flag, std::optional<Part>& member, Part part) {
    if (member) cursor.complain(flag, "this algorithm is given twice");
    member = std::move(part);
}

}  // namespace

Read<SaPair> read_sa_pair(Cursor& cursor) {
    SaPair pair;
    pair.families = read_family_options(cursor);
    pair.source = TRY(read_sa_end(cursor));
    pair.destination = TRY(read_sa_end(cursor));
    pair.protocol = TRY(read_word(cursor, kSaProtocols, "a protocol"));
    const bool original_address = pair.protocol.value == SaProtocol::EspUdp &&
                                  cursor.at_plain_word() && !is_number(cursor.text());
    if (original_address) pair.original_address = TRY(read_host(cursor));
    return pair;
}

Read<SaDefinition> read_sa_definition(Cursor& cursor) {
    SaDefinition definition;
    definition.pair = TRY(read_sa_pair(cursor));
    definition.spi = TRY(read_number<std::uint32_t>(cursor, "an SPI"));
    definition.extensions = TRY(read_extensions(cursor));
    definition.algorithms = TRY(read_algorithms(cursor));
    return definition;
}

Read<SaName> read_sa_name(Cursor& cursor) {
    SaName name;
    name.pair = TRY(read_sa_pair(cursor));
    name.spi = TRY(read_number<std::uint32_t>(cursor, "an SPI"));
    name.extensions = TRY(read_extensions(cursor));
    return name;
}

Read<Optional<SaProtocol>> read_optional_protocol(Cursor& cursor) {
    if (!cursor.at_plain_word()) return std::nullopt;
    return TRY(read_word(cursor, kSaProtocols, "a protocol"));
}

Read<Extensions> read_extensions(Cursor& cursor) {
    Extensions extensions;
    while (cursor.at(Kind::Word) && cursor.text().starts_with('-')) {
        const std::string_view flag = cursor.text();
        if (flag == "-E" || flag == "-A" || flag == "-C") break;
        const auto read = find_word(kExtensions, flag);
        const Span span = cursor.take().span;
        if (!read) return std::unexpected{unknown_extension(cursor, span)};
        TRY_VOID((*read)(cursor, extensions));
    }
    return extensions;
}

Read<Algorithms> read_algorithms(Cursor& cursor) {
    Algorithms algorithms;
    while (cursor.at(Kind::Word) && cursor.text().starts_with('-')) {
        const Span flag = cursor.take().span;
        const std::string_view letter = cursor.text(flag);
        if (letter == "-E") {
            set_algorithm(cursor, flag, algorithms.encryption, TRY(read_keyed_algorithm(cursor)));
        } else if (letter == "-A") {
            set_algorithm(cursor, flag, algorithms.authentication,
                          TRY(read_keyed_algorithm(cursor)));
        } else if (letter == "-C") {
            set_algorithm(cursor, flag, algorithms.compression, TRY(read_compression(cursor)));
        } else if (find_word(kExtensions, letter)) {
            return std::unexpected{
                Mistake{flag, std::format("{} stands behind the algorithms", cursor.quoted(flag)),
                        "extensions stand between the SPI and -E, -A or -C"}};
        } else {
            return std::unexpected{unknown_extension(cursor, flag)};
        }
    }
    return algorithms;
}

}  // namespace xfrmd::setkey
