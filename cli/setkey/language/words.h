// SPDX-License-Identifier: Apache-2.0
// The words of the language and what they stand for: read by the parser and by the printer.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/setkey/language/ast.h"

namespace xfrmd::setkey {

template <class Value>
struct Word {
    std::string_view text;
    Value value;
};

// Of two words for one value the printer takes the first.
template <class Table>
constexpr auto find_word(const Table& table, std::string_view text) {
    const auto found = std::ranges::find(table, text, &Table::value_type::text);
    return found == table.end() ? std::nullopt : std::optional{found->value};
}
template <class Table, class Value>
constexpr std::string_view word_for(const Table& table, const Value& value) {
    const auto found = std::ranges::find(table, value, &Table::value_type::value);
    return found == table.end() ? std::string_view{} : found->text;
}
template <class Table>
std::vector<std::string> texts_of(const Table& table) {
    std::vector<std::string> texts;
    for (const auto& word : table) texts.emplace_back(word.text);
    return texts;
}

enum class Verb : std::uint8_t {
    Add,
    Update,
    GetSpi,
    Get,
    Delete,
    DeleteAll,
    Flush,
    Dump,
    SpdAdd,
    SpdUpdate,
    SpdDelete,
    SpdFlush,
    SpdDump,
    Exit,
};

inline constexpr auto kVerbs = std::to_array<Word<Verb>>({
    {"add", Verb::Add},
    {"update", Verb::Update},
    {"getspi", Verb::GetSpi},
    {"get", Verb::Get},
    {"delete", Verb::Delete},
    {"deleteall", Verb::DeleteAll},
    {"flush", Verb::Flush},
    {"dump", Verb::Dump},
    {"spdadd", Verb::SpdAdd},
    {"spdupdate", Verb::SpdUpdate},
    {"spddelete", Verb::SpdDelete},
    {"spdflush", Verb::SpdFlush},
    {"spddump", Verb::SpdDump},
    {"exit", Verb::Exit},
    {"quit", Verb::Exit},
    {"bye", Verb::Exit},
});

inline constexpr auto kSaProtocols = std::to_array<Word<SaProtocol>>({
    {"esp", SaProtocol::Esp},
    {"esp-old", SaProtocol::EspOld},
    {"esp-udp", SaProtocol::EspUdp},
    {"ah", SaProtocol::Ah},
    {"ah-old", SaProtocol::AhOld},
    {"ipcomp", SaProtocol::Ipcomp},
    {"tcp", SaProtocol::Tcp},
});

inline constexpr auto kSaModes = std::to_array<Word<SaMode>>({
    {"any", SaMode::Any},
    {"transport", SaMode::Transport},
    {"tunnel", SaMode::Tunnel},
    {"beet", SaMode::Beet},
});

inline constexpr auto kSaFlags = std::to_array<Word<SaFlag>>({
    {"zero-pad", SaFlag::ZeroPad},
    {"random-pad", SaFlag::RandomPad},
    {"seq-pad", SaFlag::SeqPad},
    {"nocyclic-seq", SaFlag::NocyclicSeq},
    {"align4", SaFlag::Align4},
    {"no-align4", SaFlag::NoAlign4},
    {"decap-dscp", SaFlag::DecapDscp},
    {"dont-encap-dscp", SaFlag::DontEncapDscp},
    {"nopmtudisc", SaFlag::NoPmtuDisc},
    {"noecn", SaFlag::NoEcn},
    {"icmp", SaFlag::Icmp},
    {"wildrecv", SaFlag::WildRecv},
    {"af-unspec", SaFlag::AfUnspec},
    {"oseq-may-wrap", SaFlag::OseqMayWrap},
});

inline constexpr auto kOffloadKinds = std::to_array<Word<Offload::Kind>>({
    {"crypto", Offload::Kind::Crypto},
    {"packet", Offload::Kind::Packet},
});

inline constexpr auto kDirections = std::to_array<Word<xfrm::Direction>>({
    {"in", xfrm::Direction::In},
    {"out", xfrm::Direction::Out},
    {"fwd", xfrm::Direction::Forward},
});

inline constexpr auto kPriorityBases = std::to_array<Word<Priority::Base>>({
    {"low", Priority::Base::Low},
    {"def", Priority::Base::Default},
    {"high", Priority::Base::High},
});

inline constexpr auto kVerdicts = std::to_array<Word<PolicyVerdict>>({
    {"discard", PolicyVerdict::Discard},
    {"none", PolicyVerdict::None},
    {"ipsec", PolicyVerdict::Ipsec},
    {"entrust", PolicyVerdict::Entrust},
    {"bypass", PolicyVerdict::Bypass},
});

inline constexpr auto kRequestProtocols = std::to_array<Word<xfrm::IpsecProtocol>>({
    {"esp", xfrm::IpsecProtocol::Esp},
    {"ah", xfrm::IpsecProtocol::Ah},
    {"ipcomp", xfrm::IpsecProtocol::Ipcomp},
});

inline constexpr auto kRequestModes = std::to_array<Word<xfrm::Mode>>({
    {"transport", xfrm::Mode::Transport},
    {"tunnel", xfrm::Mode::Tunnel},
});

inline constexpr auto kLevels = std::to_array<Word<Level::Kind>>({
    {"default", Level::Kind::Default},
    {"use", Level::Kind::Use},
    {"require", Level::Kind::Require},
    {"unique", Level::Kind::Unique},
});

}  // namespace xfrmd::setkey
