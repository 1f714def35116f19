// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/system_names.h"

#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <format>
#include <memory>

namespace xfrmd::setkey {

namespace {

using xfrm::Address;

std::optional<Address> address_of(const sockaddr* socket_address) {
    if (socket_address->sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, socket_address, sizeof v4);
        return Address::v4(ntohl(v4.sin_addr.s_addr));
    }
    if (socket_address->sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, socket_address, sizeof v6);
        return Address::from_octets(View{v6.sin6_addr.s6_addr});
    }
    return std::nullopt;
}

Looked<std::vector<Address>> resolve(const std::string& name, const FamilyOptions& families) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_RAW;  // so that each address comes once
    hints.ai_family = families.v4 == families.v6 ? AF_UNSPEC : families.v4 ? AF_INET : AF_INET6;
    addrinfo* list = nullptr;
    const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &list);
    if (error != 0)
        return std::unexpected{
            std::format("the address of {} is not known: {}", name, ::gai_strerror(error))};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{list, &::freeaddrinfo};
    std::vector<Address> addresses;
    for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next)
        if (const auto address = address_of(entry->ai_addr);
            address && !std::ranges::contains(addresses, *address))
            addresses.push_back(*address);
    if (addresses.empty()) return std::unexpected{std::format("{} has no IP address", name)};
    return addresses;
}

std::optional<std::uint16_t> service_of(const std::string& name, const char* protocol) {
    const servent* const entry = ::getservbyname(name.c_str(), protocol);
    if (entry == nullptr) return std::nullopt;
    return ntohs(static_cast<std::uint16_t>(entry->s_port));
}

const char* word_for(std::uint8_t protocol) {
    switch (protocol) {
        case IPPROTO_TCP:
            return "tcp";
        case IPPROTO_UDP:
            return "udp";
        case IPPROTO_SCTP:
            return "sctp";
        case IPPROTO_DCCP:
            return "dccp";
        default:
            return nullptr;
    }
}

}  // namespace

Looked<std::vector<Address>> SystemNames::host(const std::string& name,
                                               const FamilyOptions& families) {
    if (numeric_ || families.numeric)
        return std::unexpected{std::format("{} is no address, and -n allows nothing else", name)};
    const Question question{name, families.v4, families.v6};
    auto known = hosts_.find(question);
    if (known == hosts_.end()) known = hosts_.emplace(question, resolve(name, families)).first;
    return known->second;
}

Looked<std::uint16_t> SystemNames::service(const std::string& name, std::uint8_t protocol) {
    // Of its own protocol, if that has a word; a name that only TCP has is good for any, too.
    if (const char* const word = word_for(protocol))
        if (const auto port = service_of(name, word)) return *port;
    if (const auto port = service_of(name, nullptr)) return *port;
    return std::unexpected{std::format("{} is no service of /etc/services", name)};
}

Looked<std::uint8_t> SystemNames::protocol(const std::string& name) {
    const protoent* const entry = ::getprotobyname(name.c_str());
    if (entry == nullptr || entry->p_proto < 0 || entry->p_proto > 255)
        return std::unexpected{std::format("{} is no protocol of /etc/protocols", name)};
    return static_cast<std::uint8_t>(entry->p_proto);
}

Looked<std::uint32_t> SystemNames::interface(const std::string& name) {
    const unsigned index = ::if_nametoindex(name.c_str());
    if (index == 0) return std::unexpected{std::format("this host has no interface {}", name)};
    return index;
}

}  // namespace xfrmd::setkey
