// SPDX-License-Identifier: Apache-2.0
// What the statements of a racoon.conf say, typed: who the peers are, how they are authenticated,
// and which algorithms go with which traffic. What is not needed for that stays in the statements.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/racoon/algorithm.h"
#include "cli/racoon/tree.h"
#include "netlink/model/address.h"

namespace xfrmd::racoon {

// A value and the statement that says it.
template <class T>
struct Said {
    T value{};
    const Statement* by = nullptr;
};

enum class IdentifierType : std::uint8_t { Address, Subnet, Fqdn, UserFqdn, KeyId, Asn1Dn };

struct Identifier {
    enum class Qualifier : std::uint8_t { None, Tag, File };
    IdentifierType type = IdentifierType::Address;
    Qualifier qualifier = Qualifier::None;
    std::string text;  // empty: what goes without saying (our address, our certificate's subject)
};

enum class ExchangeMode : std::uint8_t { Main, Aggressive, Base };
enum class ProposalCheck : std::uint8_t { Obey, Strict, Claim, Exact };
enum class Generate : std::uint8_t { Off, On, Require, Unique };
enum class Force : std::uint8_t { Off, On, Force };

// certificate_type, ca_type, peers_certfile.
struct Certificate {
    enum class Kind : std::uint8_t { X509, PlainRsa, Dnssec };
    Kind kind = Kind::X509;
    std::string file;
    std::string key;  // of certificate_type x509
};

// proposal { … }
struct Proposal {
    const Statement* by = nullptr;
    std::optional<Said<Algorithm>> encryption;
    std::optional<Said<Algorithm>> hash;
    std::optional<Said<Algorithm>> group;
    std::optional<Said<Algorithm>> method;
    std::optional<Said<std::chrono::seconds>> lifetime;
};

// remote … { … }, with what it inherits.
struct Remote {
    const Statement* by = nullptr;
    std::string name;  // of a named block
    bool anonymous = false;
    const Statement* parent = nullptr;     // the block that it inherits from
    std::optional<xfrm::Address> address;  // of the block's head or of remote_address
    std::uint16_t port = 500;
    std::vector<Said<ExchangeMode>> exchange_modes;
    std::optional<Said<Identifier>> my_identifier;
    std::vector<Said<Identifier>> peers_identifiers;
    std::optional<Said<bool>> verify_identifier;
    std::optional<Said<Certificate>> certificate;
    std::optional<Said<Certificate>> ca;
    std::vector<Said<Certificate>> peers_certificates;
    std::optional<Said<bool>> verify_cert;
    std::optional<Said<bool>> passive;
    std::optional<Said<bool>> mode_cfg;
    std::optional<Said<ProposalCheck>> proposal_check;
    std::optional<Said<Generate>> generate_policy;
    std::optional<Said<Force>> nat_traversal;
    std::optional<Said<std::uint32_t>> dpd_delay;
    std::optional<Said<std::uint32_t>> ph1id;
    std::optional<Said<std::chrono::seconds>> lifetime;
    std::optional<Said<xfrm::Address>> local_address;  // Apple
    std::vector<Proposal> proposals;

    // "remote 10.0.0.1", "remote anonymous", "remote \"berlin\"".
    [[nodiscard]] std::string to_string() const;
};

// One side of a sainfo.
struct AnyTraffic {};
struct ClientAddress {};
struct TrafficOf {
    xfrm::Address first;  // a prefix is first to last of it
    xfrm::Address last;
    std::optional<std::uint8_t> prefix;  // none: first-last
    std::optional<std::uint16_t> port;   // none: any
    std::uint8_t protocol = 0;           // 0: any
};
using TrafficId = std::variant<AnyTraffic, ClientAddress, TrafficOf, Identifier>;

// sainfo … { … }
struct Sainfo {
    const Statement* by = nullptr;
    TrafficId local;
    TrafficId remote;
    std::optional<Identifier> from;
    std::string group;  // of XAuth
    std::optional<Said<Algorithm>> pfs_group;
    std::optional<Said<std::chrono::seconds>> lifetime;
    std::optional<Said<std::uint64_t>> lifetime_bytes;
    std::optional<Said<std::uint32_t>> remoteid;
    std::vector<Said<Algorithm>> encryption;
    std::vector<Said<Algorithm>> authentication;
    std::vector<Said<Algorithm>> compression;
};

struct Listen {
    xfrm::Address address;
    std::uint16_t port = 500;
    bool natt = false;
    const Statement* by = nullptr;
};

struct Configuration {
    std::vector<Remote> remotes;
    std::vector<Sainfo> sainfos;
    std::vector<Listen> listen;
    std::optional<Said<std::string>> pre_shared_key_path;
    std::optional<Said<std::string>> certificate_path;
    std::optional<Said<std::chrono::seconds>> natt_keepalive;
    const Statement* mode_cfg = nullptr;  // the section
};

// Total: what is not understood is told in `mistakes` and left out. The tree must outlive the
// result.
[[nodiscard]] Configuration interpret(const Tree& tree, Mistakes& mistakes);

}  // namespace xfrmd::racoon
