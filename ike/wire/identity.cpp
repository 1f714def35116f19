// SPDX-License-Identifier: Apache-2.0
#include "ike/wire/identity.h"

#include <algorithm>
#include <utility>

#include "ike/wire/reader.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

// RFC 7296 §3.5: the address types fix the length of what follows.
bool length_fits(const Identification& identification) {
    if (identification.type == IdType::Ipv4Address) return identification.data.size() == 4;
    if (identification.type == IdType::Ipv6Address) return identification.data.size() == 16;
    return true;
}

// RFC 7296 §3.5, the body after the generic header
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   ID Type     |                 RESERVED                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                   Identification Data                         ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<Identification> parse_identification(View body) {
    Reader in{body};
    const auto head = TRY(in.fixed<4>());
    Identification identification{.type = IdType{head.at<std::uint8_t, 0>()},
                                  .data = to_bytes(in.rest())};
    if (!length_fits(identification)) return refuse(DecodeFault::BadLength);
    return identification;
}

void write_identification(Writer& out, const Identification& identification) {
    out.u8(std::to_underlying(identification.type));
    out.zeros(3);
    out.bytes(identification.data);
}

// The encodings whose requests name authorities by hashes: RFC 7296 §3.7.
bool names_authorities_by_hash(CertificateEncoding encoding) {
    return encoding == CertificateEncoding::X509Signature ||
           encoding == CertificateEncoding::HashAndUrlX509 ||
           encoding == CertificateEncoding::HashAndUrlX509Bundle;
}

}  // namespace

Decoded<IdentificationInitiator> IdentificationInitiator::parse(View body) {
    return IdentificationInitiator{TRY(parse_identification(body))};
}

void IdentificationInitiator::write(Writer& out) const { write_identification(out, value); }

Decoded<IdentificationResponder> IdentificationResponder::parse(View body) {
    return IdentificationResponder{TRY(parse_identification(body))};
}

void IdentificationResponder::write(Writer& out) const { write_identification(out, value); }

Bytes write_identification_body(const Identification& identification) {
    Writer out;
    write_identification(out, identification);
    return std::move(out).finish();
}

// RFC 7296 §3.6, the body after the generic header
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Cert Encoding |                                               |
// +-+-+-+-+-+-+-+-+                                               |
// ~                       Certificate Data                        ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<Certificate> Certificate::parse(View body) {
    Reader in{body};
    const auto head = TRY(in.fixed<1>());
    return Certificate{.encoding = CertificateEncoding{head.at<std::uint8_t, 0>()},
                       .data = to_bytes(in.rest())};
}

void Certificate::write(Writer& out) const {
    out.u8(std::to_underlying(encoding));
    out.bytes(data);
}

// RFC 7296 §3.7, the body after the generic header
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Cert Encoding |                                               |
// +-+-+-+-+-+-+-+-+                                               |
// ~                    Certification Authority                    ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<CertificateRequest> CertificateRequest::parse(View body) {
    Reader in{body};
    const auto head = TRY(in.fixed<1>());
    CertificateRequest request{.encoding = CertificateEncoding{head.at<std::uint8_t, 0>()},
                               .authorities = to_bytes(in.rest())};
    if (names_authorities_by_hash(request.encoding) &&
        request.authorities.size() % AuthorityHash{}.size() != 0)
        return refuse(DecodeFault::BadLength);
    return request;
}

void CertificateRequest::write(Writer& out) const {
    out.u8(std::to_underlying(encoding));
    out.bytes(authorities);
}

std::vector<AuthorityHash> CertificateRequest::authority_hashes() const {
    constexpr std::size_t kOctets = AuthorityHash{}.size();
    std::vector<AuthorityHash> hashes;
    if (!names_authorities_by_hash(encoding) || authorities.size() % kOctets != 0) return hashes;
    for (View rest{authorities}; !rest.empty(); rest = rest.subspan(kOctets))
        std::ranges::copy(rest.first(kOctets), hashes.emplace_back().begin());
    return hashes;
}

// RFC 7296 §3.8, the body after the generic header
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Auth Method   |                RESERVED                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                      Authentication Data                      ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<Authentication> Authentication::parse(View body) {
    Reader in{body};
    const auto head = TRY(in.fixed<4>());
    return Authentication{.method = AuthMethod{head.at<std::uint8_t, 0>()},
                          .data = to_bytes(in.rest())};
}

void Authentication::write(Writer& out) const {
    out.u8(std::to_underlying(method));
    out.zeros(3);
    out.bytes(data);
}

// RFC 7427 §3, the authentication data
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | ASN.1 Length  | AlgorithmIdentifier ASN.1 object              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~        AlgorithmIdentifier ASN.1 object continuing            ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                         Signature Value                       ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Decoded<DigitalSignature> DigitalSignature::parse(View authentication_data) {
    Reader in{authentication_data};
    const auto head = TRY(in.fixed<1>());
    const View algorithm = TRY(in.take(head.at<std::uint8_t, 0>()));
    if (algorithm.empty() || in.done()) return refuse(DecodeFault::BadLength);
    return DigitalSignature{.algorithm_identifier = to_bytes(algorithm),
                            .signature = to_bytes(in.rest())};
}

Bytes DigitalSignature::write() const {
    Writer out;
    out.count<std::uint8_t>(algorithm_identifier.size());
    out.bytes(algorithm_identifier);
    out.bytes(signature);
    return std::move(out).finish();
}

}  // namespace xfrmd::ike
