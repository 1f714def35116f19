// SPDX-License-Identifier: Apache-2.0
#include "netlink/lookup/sa_buckets.h"

#include <bit>
#include <cstring>

namespace xfrmd::lookup {

using namespace xfrm;

namespace {

constexpr std::uint32_t kInet = 2;    // AF_INET
constexpr std::uint32_t kInet6 = 10;  // AF_INET6

// The kernel reads addresses as words of the machine, whose octets stand in network order.
std::uint32_t word(const Address& address, std::size_t index) {
    std::uint32_t octets = 0;
    std::memcpy(&octets, address.octets().data() + index * sizeof octets, sizeof octets);
    return octets;
}

std::uint32_t from_network(std::uint32_t octets) {
    return std::endian::native == std::endian::big ? octets : std::byteswap(octets);
}

std::uint32_t hash_v4(const Address& source, const Address& destination) {
    return from_network(word(destination, 0) + word(source, 0));
}

// Bob Jenkins's hash of four words (lookup3, hashword()), as linux/jhash.h has it.
std::uint32_t hash_v6(const Address& address) {
    constexpr std::uint32_t kStart = 0xdeadbeef + (4U << 2);
    std::uint32_t a = kStart + word(address, 0);
    std::uint32_t b = kStart + word(address, 1);
    std::uint32_t c = kStart + word(address, 2);
    const auto mix = [](std::uint32_t& x, std::uint32_t& y, std::uint32_t z, int bits) {
        x -= y;
        x ^= std::rotl(y, bits);
        y += z;
    };
    mix(a, c, b, 4);
    mix(b, a, c, 6);
    mix(c, b, a, 8);
    mix(a, c, b, 16);
    mix(b, a, c, 19);
    mix(c, b, a, 4);
    a += word(address, 3);
    const auto finish = [](std::uint32_t& x, std::uint32_t y, int bits) {
        x ^= y;
        x -= std::rotl(y, bits);
    };
    finish(c, b, 14);
    finish(a, c, 11);
    finish(b, a, 25);
    finish(c, b, 16);
    finish(a, c, 4);
    finish(b, a, 14);
    finish(c, b, 24);
    return c;
}

}  // namespace

std::uint32_t SaBuckets::of(const Address& source, const Address& destination, ReqId reqid) const {
    const std::uint32_t ends = destination.is_v4()
                                   ? kInet ^ hash_v4(source, destination)
                                   : kInet6 ^ hash_v6(destination) ^ hash_v6(source);
    const std::uint32_t hash = ends ^ reqid.value;
    return (hash ^ (hash >> 16)) & mask_;
}

}  // namespace xfrmd::lookup
