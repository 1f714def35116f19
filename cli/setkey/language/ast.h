// SPDX-License-Identifier: Apache-2.0
// A text in the setkey language as values: what was written, not yet what it means to the kernel.
// Names stand as names; who looks them up is not here. Comparing two statements leaves their places
// out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/setkey/language/source.h"
#include "netlink/model/address.h"
#include "netlink/model/ids.h"
#include "netlink/model/secret.h"

namespace xfrmd::setkey {

template <class Value>
struct Located {
    Value value{};
    Span span;
    friend bool operator==(const Located& left, const Located& right) {
        return left.value == right.value;
    }
};

// A part that may be left out.
template <class Value>
using Optional = std::optional<Located<Value>>;

// A flag that was given.
struct Present {
    auto operator<=>(const Present&) const = default;
};

// ---- addresses and ports --------------------

// -4, -6, -n behind the verb.
struct FamilyOptions {
    bool v4 = false;
    bool v6 = false;
    bool numeric = false;  // names are refused
    auto operator<=>(const FamilyOptions&) const = default;
};

struct ScopedAddress {
    xfrm::Address address;
    std::string zone;  // behind %, empty if none
    auto operator<=>(const ScopedAddress&) const = default;
};
struct HostName {
    std::string name;
    auto operator<=>(const HostName&) const = default;
};
using Host = std::variant<ScopedAddress, HostName>;

struct AnyPort {
    auto operator<=>(const AnyPort&) const = default;
};
struct ServiceName {
    std::string name;
    auto operator<=>(const ServiceName&) const = default;
};
// In brackets behind an address. 0 means any, too: the kernel cannot say "port 0 alone" to setkey.
using Port = std::variant<AnyPort, std::uint16_t, ServiceName>;

// One end of an SA: 192.0.2.1, 192.0.2.1[4500]
struct SaEnd {
    Located<Host> host;
    Optional<Port> port;
    bool operator==(const SaEnd&) const = default;
};

// One side of a policy: 10.1.0.0/16, 2001:db8::1[any], db.example.net/32[5432]
struct Side {
    Located<Host> host;
    Optional<std::uint8_t> prefix_length;  // none: the whole address
    Optional<Port> port;
    bool operator==(const Side&) const = default;
};

// ---- security associations --------------------

enum class SaProtocol : std::uint8_t { Esp, EspOld, EspUdp, Ah, AhOld, Ipcomp, Tcp };

// The pair of hosts and the protocol: what `deleteall` is about.
struct SaPair {
    FamilyOptions families;
    SaEnd source;
    SaEnd destination;
    Located<SaProtocol> protocol;
    Optional<Host> original_address;  // esp-udp ADDRESS, the NAT-OA
    bool operator==(const SaPair&) const = default;
};

enum class SaMode : std::uint8_t { Any, Transport, Tunnel, Beet };

// -f WORD. The first four are setkey's, and Linux does what the first three ask for in any case or
// not at all; the others are the flags of XFRM, by the names that `ip xfrm` has for them.
enum class SaFlag : std::uint8_t {
    ZeroPad,
    RandomPad,
    SeqPad,
    NocyclicSeq,
    Align4,
    NoAlign4,
    DecapDscp,
    DontEncapDscp,
    NoPmtuDisc,
    NoEcn,
    Icmp,
    WildRecv,
    AfUnspec,
    OseqMayWrap,
};

// -ctx DOI ALGORITHM "LABEL"; 1 1 is SELinux.
struct SecurityContext {
    std::uint8_t doi = 0;
    std::uint8_t algorithm = 0;
    std::string label;
    auto operator<=>(const SecurityContext&) const = default;
};

// -offload crypto|packet DEVICE [in|out]
struct Offload {
    enum class Kind : std::uint8_t { Crypto, Packet };
    Kind kind = Kind::Crypto;
    std::string device;
    bool inbound = false;
    auto operator<=>(const Offload&) const = default;
};

// What may stand between the SPI and the algorithms, in any order.
struct Extensions {
    Optional<SaMode> mode;                  // -m
    Optional<std::uint32_t> reqid;          // -u
    Optional<std::uint32_t> replay_window;  // -r, packets
    Optional<std::uint64_t> hard_seconds;   // -lh, since it was added
    Optional<std::uint64_t> soft_seconds;   // -ls
    Optional<std::uint64_t> hard_bytes;     // -bh
    Optional<std::uint64_t> soft_bytes;     // -bs
    std::vector<Located<SaFlag>> flags;     // -f
    Optional<SecurityContext> context;      // -ctx
    // Ours.
    Optional<std::uint64_t> hard_packets;         // -ph
    Optional<std::uint64_t> soft_packets;         // -ps
    Optional<Present> extended_sequence_numbers;  // -esn
    Optional<xfrm::Mark> mark;                    // -mark VALUE[/MASK]
    Optional<xfrm::Mark> output_mark;             // -output-mark VALUE[/MASK]
    Optional<std::uint32_t> if_id;                // -if_id
    Optional<Offload> offload;                    // -offload
    bool operator==(const Extensions&) const = default;
};

// A key as it was written. Two keys are compared in constant time.
struct Key {
    bool quoted = false;  // "text"; otherwise 0x…
    Secret octets;
    bool operator==(const Key& other) const {
        return quoted == other.quoted && equal_in_constant_time(octets.view(), other.octets.view());
    }
};

// -E NAME[/BITS] KEY or -A NAME[/BITS] KEY. The bits are those of the ICV, and ours.
struct KeyedAlgorithm {
    Located<std::string> name;
    Optional<std::uint32_t> icv_bits;
    Optional<Key> key;
    bool operator==(const KeyedAlgorithm&) const = default;
};

// -C NAME [-R]
struct Compression {
    Located<std::string> name;
    bool raw_cpi = false;  // -R: the SPI is the CPI on the wire
    bool operator==(const Compression&) const = default;
};

struct Algorithms {
    std::optional<KeyedAlgorithm> encryption;
    std::optional<KeyedAlgorithm> authentication;
    std::optional<Compression> compression;
    bool operator==(const Algorithms&) const = default;
};

// What `add` and `update` say.
struct SaDefinition {
    SaPair pair;
    Located<std::uint32_t> spi;
    Extensions extensions;
    Algorithms algorithms;
    bool operator==(const SaDefinition&) const = default;
};

// What `getspi`, `get` and `delete` say. Of `get` and `delete` only the mark counts.
struct SaName {
    SaPair pair;
    Located<std::uint32_t> spi;
    Extensions extensions;
    bool operator==(const SaName&) const = default;
};

// ---- security policies --------------------

struct AnyProtocol {
    auto operator<=>(const AnyProtocol&) const = default;
};
struct ProtocolName {
    std::string name;
    auto operator<=>(const ProtocolName&) const = default;
};
using UpperProtocol = std::variant<AnyProtocol, std::uint8_t, ProtocolName>;

// Behind the protocol: "8,0" (ICMP and Mobility Header), 192.0.2.1 (a GRE key), 1234 (either).
struct TypeAndCode {
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    auto operator<=>(const TypeAndCode&) const = default;
};
struct DottedKey {
    std::uint32_t key = 0;
    auto operator<=>(const DottedKey&) const = default;
};
using UpperArgument = std::variant<TypeAndCode, DottedKey, std::uint32_t>;

struct PolicySelector {
    FamilyOptions families;
    Side source;
    Side destination;
    Located<UpperProtocol> protocol;
    Optional<UpperArgument> argument;
    Optional<SecurityContext> context;  // -ctx
    // Ours.
    Optional<xfrm::Mark> mark;      // -mark VALUE[/MASK]
    Optional<std::uint32_t> if_id;  // -if_id
    Optional<std::string> device;   // -dev
    bool operator==(const PolicySelector&) const = default;
};

// tagged "TAG": for the packet filters of the BSDs.
struct Tag {
    Located<std::string> text;
    bool operator==(const Tag&) const = default;
};

// The lower the kernel's number the earlier a policy counts, so a positive offset makes it smaller.
struct Priority {
    enum class Base : std::uint8_t { Low, Default, High };
    Base base = Base::Default;
    std::int64_t offset = 0;
    auto operator<=>(const Priority&) const = default;
};

enum class PolicyVerdict : std::uint8_t { Discard, None, Ipsec, Entrust, Bypass };

// Between the slashes of a request: nothing, A-B, me-any, any-me.
struct NoEnds {
    auto operator<=>(const NoEnds&) const = default;
};
struct TunnelEnds {
    SaEnd source;
    SaEnd destination;
    bool operator==(const TunnelEnds&) const = default;
};
struct MeToAny {
    auto operator<=>(const MeToAny&) const = default;
};
struct AnyToMe {
    auto operator<=>(const AnyToMe&) const = default;
};
using Ends = std::variant<NoEnds, TunnelEnds, MeToAny, AnyToMe>;

struct Level {
    enum class Kind : std::uint8_t { Default, Use, Require, Unique };
    Kind kind = Kind::Default;
    std::optional<std::uint32_t> reqid;  // unique:N
    auto operator<=>(const Level&) const = default;
};

// esp/tunnel/192.0.2.1-192.0.2.2/require
struct Request {
    Located<xfrm::IpsecProtocol> protocol;
    Located<xfrm::Mode> mode;
    Located<Ends> ends;
    Located<Level> level;
    bool operator==(const Request&) const = default;
};

// What stands behind -P.
struct PolicyText {
    Located<xfrm::Direction> direction;
    Optional<Priority> priority;
    Located<PolicyVerdict> verdict;
    std::vector<Request> requests;
    bool operator==(const PolicyText&) const = default;
};

struct PolicyDefinition {
    std::variant<PolicySelector, Tag> selector;
    PolicyText policy;
    bool operator==(const PolicyDefinition&) const = default;
};

// ---- statements --------------------

namespace statement {

struct Add : SaDefinition {
    bool operator==(const Add&) const = default;
};
struct Update : SaDefinition {
    bool operator==(const Update&) const = default;
};
struct GetSpi : SaName {
    bool operator==(const GetSpi&) const = default;
};
struct Get : SaName {
    bool operator==(const Get&) const = default;
};
struct Delete : SaName {
    bool operator==(const Delete&) const = default;
};
struct DeleteAll {
    SaPair pair;
    bool operator==(const DeleteAll&) const = default;
};
struct Flush {
    Optional<SaProtocol> protocol;  // none: all
    bool operator==(const Flush&) const = default;
};
struct Dump {
    Optional<SaProtocol> protocol;
    bool operator==(const Dump&) const = default;
};
struct SpdAdd : PolicyDefinition {
    bool operator==(const SpdAdd&) const = default;
};
struct SpdUpdate : PolicyDefinition {
    bool operator==(const SpdUpdate&) const = default;
};
struct SpdDelete {
    std::variant<PolicySelector, Tag> selector;
    Located<xfrm::Direction> direction;
    bool operator==(const SpdDelete&) const = default;
};
struct SpdFlush {
    bool operator==(const SpdFlush&) const = default;
};
struct SpdDump {
    bool operator==(const SpdDump&) const = default;
};
// exit, quit, bye: what follows is not read.
struct Exit {
    bool operator==(const Exit&) const = default;
};

}  // namespace statement

using AnyStatement =
    std::variant<statement::Add, statement::Update, statement::GetSpi, statement::Get,
                 statement::Delete, statement::DeleteAll, statement::Flush, statement::Dump,
                 statement::SpdAdd, statement::SpdUpdate, statement::SpdDelete, statement::SpdFlush,
                 statement::SpdDump, statement::Exit>;

// With its ;
using Statement = Located<AnyStatement>;

}  // namespace xfrmd::setkey
