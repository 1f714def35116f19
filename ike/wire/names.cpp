// SPDX-License-Identifier: Apache-2.0
// One table for each registry.
#include "ike/wire/names.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

namespace xfrmd::ike {

namespace {

template <class E>
struct Named {
    E value;
    std::string_view text;
};

template <class E, std::size_t kSize>
std::string look_up(const Named<E> (&table)[kSize], E value) {
    const auto row = std::ranges::find(table, value, &Named<E>::value);
    if (row == std::ranges::end(table)) return std::to_string(std::to_underlying(value));
    return std::string{row->text};
}

constexpr Named<PayloadType> kPayloadTypes[] = {
    {PayloadType::None, "none"},
    {PayloadType::SecurityAssociation, "SA"},
    {PayloadType::KeyExchange, "KE"},
    {PayloadType::IdentificationInitiator, "IDi"},
    {PayloadType::IdentificationResponder, "IDr"},
    {PayloadType::Certificate, "CERT"},
    {PayloadType::CertificateRequest, "CERTREQ"},
    {PayloadType::Authentication, "AUTH"},
    {PayloadType::Nonce, "Nonce"},
    {PayloadType::Notify, "N"},
    {PayloadType::Delete, "D"},
    {PayloadType::VendorId, "V"},
    {PayloadType::TrafficSelectorsInitiator, "TSi"},
    {PayloadType::TrafficSelectorsResponder, "TSr"},
    {PayloadType::Encrypted, "SK"},
    {PayloadType::Configuration, "CP"},
    {PayloadType::Eap, "EAP"},
    {PayloadType::EncryptedFragment, "SKF"},
};

constexpr Named<ExchangeType> kExchangeTypes[] = {
    {ExchangeType::IkeSaInit, "IKE_SA_INIT"},
    {ExchangeType::IkeAuth, "IKE_AUTH"},
    {ExchangeType::CreateChildSa, "CREATE_CHILD_SA"},
    {ExchangeType::Informational, "INFORMATIONAL"},
    {ExchangeType::IkeIntermediate, "IKE_INTERMEDIATE"},
    {ExchangeType::IkeFollowupKe, "IKE_FOLLOWUP_KE"},
};

constexpr Named<ProtocolId> kProtocols[] = {
    {ProtocolId::None, "none"},
    {ProtocolId::Ike, "IKE"},
    {ProtocolId::Ah, "AH"},
    {ProtocolId::Esp, "ESP"},
};

constexpr Named<TransformType> kTransformTypes[] = {
    {TransformType::Encryption, "ENCR"},
    {TransformType::Prf, "PRF"},
    {TransformType::Integrity, "INTEG"},
    {TransformType::KeyExchange, "KE"},
    {TransformType::SequenceNumbers, "SN"},
    {TransformType::AdditionalKeyExchange1, "ADDKE1"},
    {TransformType::AdditionalKeyExchange2, "ADDKE2"},
    {TransformType::AdditionalKeyExchange3, "ADDKE3"},
    {TransformType::AdditionalKeyExchange4, "ADDKE4"},
    {TransformType::AdditionalKeyExchange5, "ADDKE5"},
    {TransformType::AdditionalKeyExchange6, "ADDKE6"},
    {TransformType::AdditionalKeyExchange7, "ADDKE7"},
};

constexpr Named<EncryptionId> kEncryptionIds[] = {
    {EncryptionId::DesIv64, "ENCR_DES_IV64"},
    {EncryptionId::Des, "ENCR_DES"},
    {EncryptionId::TripleDes, "ENCR_3DES"},
    {EncryptionId::Null, "ENCR_NULL"},
    {EncryptionId::AesCbc, "ENCR_AES_CBC"},
    {EncryptionId::AesCtr, "ENCR_AES_CTR"},
    {EncryptionId::AesCcm8, "ENCR_AES_CCM_8"},
    {EncryptionId::AesCcm12, "ENCR_AES_CCM_12"},
    {EncryptionId::AesCcm16, "ENCR_AES_CCM_16"},
    {EncryptionId::AesGcm8, "ENCR_AES_GCM_8"},
    {EncryptionId::AesGcm12, "ENCR_AES_GCM_12"},
    {EncryptionId::AesGcm16, "ENCR_AES_GCM_16"},
    {EncryptionId::NullAesGmac, "ENCR_NULL_AUTH_AES_GMAC"},
    {EncryptionId::ChaCha20Poly1305, "ENCR_CHACHA20_POLY1305"},
};

constexpr Named<PrfId> kPrfIds[] = {
    {PrfId::HmacMd5, "PRF_HMAC_MD5"},          {PrfId::HmacSha1, "PRF_HMAC_SHA1"},
    {PrfId::Aes128Xcbc, "PRF_AES128_XCBC"},    {PrfId::HmacSha256, "PRF_HMAC_SHA2_256"},
    {PrfId::HmacSha384, "PRF_HMAC_SHA2_384"},  {PrfId::HmacSha512, "PRF_HMAC_SHA2_512"},
    {PrfId::Aes128Cmac, "PRF_AES128_CMAC"},
};

constexpr Named<IntegrityId> kIntegrityIds[] = {
    {IntegrityId::None, "NONE"},
    {IntegrityId::HmacMd5_96, "AUTH_HMAC_MD5_96"},
    {IntegrityId::HmacSha1_96, "AUTH_HMAC_SHA1_96"},
    {IntegrityId::AesXcbc96, "AUTH_AES_XCBC_96"},
    {IntegrityId::AesCmac96, "AUTH_AES_CMAC_96"},
    {IntegrityId::HmacSha256_128, "AUTH_HMAC_SHA2_256_128"},
    {IntegrityId::HmacSha384_192, "AUTH_HMAC_SHA2_384_192"},
    {IntegrityId::HmacSha512_256, "AUTH_HMAC_SHA2_512_256"},
};

// The registry has phrases here ("2048-bit MODP Group"); these are their short forms.
constexpr Named<KeyExchangeMethod> kKeyExchangeMethods[] = {
    {KeyExchangeMethod::None, "NONE"},
    {KeyExchangeMethod::Modp768, "MODP_768"},
    {KeyExchangeMethod::Modp1024, "MODP_1024"},
    {KeyExchangeMethod::Modp1536, "MODP_1536"},
    {KeyExchangeMethod::Modp2048, "MODP_2048"},
    {KeyExchangeMethod::Modp3072, "MODP_3072"},
    {KeyExchangeMethod::Modp4096, "MODP_4096"},
    {KeyExchangeMethod::Modp6144, "MODP_6144"},
    {KeyExchangeMethod::Modp8192, "MODP_8192"},
    {KeyExchangeMethod::EcpP256, "ECP_256"},
    {KeyExchangeMethod::EcpP384, "ECP_384"},
    {KeyExchangeMethod::EcpP521, "ECP_521"},
    {KeyExchangeMethod::Modp1024s160, "MODP_1024_S160"},
    {KeyExchangeMethod::X25519, "CURVE25519"},
    {KeyExchangeMethod::X448, "CURVE448"},
    {KeyExchangeMethod::MlKem512, "ML_KEM_512"},
    {KeyExchangeMethod::MlKem768, "ML_KEM_768"},
    {KeyExchangeMethod::MlKem1024, "ML_KEM_1024"},
};

constexpr Named<SequenceNumbersId> kSequenceNumbersIds[] = {
    {SequenceNumbersId::ThirtyTwoBit, "NO_ESN"},
    {SequenceNumbersId::Extended, "ESN"},
};

constexpr Named<IdType> kIdTypes[] = {
    {IdType::Ipv4Address, "ID_IPV4_ADDR"},
    {IdType::Fqdn, "ID_FQDN"},
    {IdType::Rfc822Address, "ID_RFC822_ADDR"},
    {IdType::Ipv6Address, "ID_IPV6_ADDR"},
    {IdType::DerAsn1Dn, "ID_DER_ASN1_DN"},
    {IdType::DerAsn1Gn, "ID_DER_ASN1_GN"},
    {IdType::KeyId, "ID_KEY_ID"},
    {IdType::Null, "ID_NULL"},
};

constexpr Named<CertificateEncoding> kCertificateEncodings[] = {
    {CertificateEncoding::Pkcs7X509, "PKCS #7 wrapped X.509 certificate"},
    {CertificateEncoding::Pgp, "PGP Certificate"},
    {CertificateEncoding::DnsSignedKey, "DNS Signed Key"},
    {CertificateEncoding::X509Signature, "X.509 Certificate - Signature"},
    {CertificateEncoding::KerberosToken, "Kerberos Token"},
    {CertificateEncoding::Crl, "Certificate Revocation List (CRL)"},
    {CertificateEncoding::Arl, "Authority Revocation List (ARL)"},
    {CertificateEncoding::Spki, "SPKI Certificate"},
    {CertificateEncoding::X509Attribute, "X.509 Certificate - Attribute"},
    {CertificateEncoding::RawRsaKey, "Raw RSA key (deprecated)"},
    {CertificateEncoding::HashAndUrlX509, "Hash and URL of X.509 certificate"},
    {CertificateEncoding::HashAndUrlX509Bundle, "Hash and URL of X.509 bundle"},
    {CertificateEncoding::OcspContent, "OCSP Content"},
    {CertificateEncoding::RawPublicKey, "Raw Public Key"},
};

constexpr Named<AuthMethod> kAuthMethods[] = {
    {AuthMethod::RsaPkcs1Sha1, "RSA Digital Signature"},
    {AuthMethod::SharedKey, "Shared Key Message Integrity Code"},
    {AuthMethod::DssSha1, "DSS Digital Signature"},
    {AuthMethod::Ecdsa256, "ECDSA with SHA-256 on the P-256 curve"},
    {AuthMethod::Ecdsa384, "ECDSA with SHA-384 on the P-384 curve"},
    {AuthMethod::Ecdsa521, "ECDSA with SHA-512 on the P-521 curve"},
    {AuthMethod::SecurePassword, "Generic Secure Password Authentication Method"},
    {AuthMethod::Null, "NULL Authentication"},
    {AuthMethod::DigitalSignature, "Digital Signature"},
};

constexpr Named<NotifyType> kNotifyTypes[] = {
    {NotifyType::UnsupportedCriticalPayload, "UNSUPPORTED_CRITICAL_PAYLOAD"},
    {NotifyType::InvalidIkeSpi, "INVALID_IKE_SPI"},
    {NotifyType::InvalidMajorVersion, "INVALID_MAJOR_VERSION"},
    {NotifyType::InvalidSyntax, "INVALID_SYNTAX"},
    {NotifyType::InvalidMessageId, "INVALID_MESSAGE_ID"},
    {NotifyType::InvalidSpi, "INVALID_SPI"},
    {NotifyType::NoProposalChosen, "NO_PROPOSAL_CHOSEN"},
    {NotifyType::InvalidKePayload, "INVALID_KE_PAYLOAD"},
    {NotifyType::AuthenticationFailed, "AUTHENTICATION_FAILED"},
    {NotifyType::SinglePairRequired, "SINGLE_PAIR_REQUIRED"},
    {NotifyType::NoAdditionalSas, "NO_ADDITIONAL_SAS"},
    {NotifyType::InternalAddressFailure, "INTERNAL_ADDRESS_FAILURE"},
    {NotifyType::FailedCpRequired, "FAILED_CP_REQUIRED"},
    {NotifyType::TsUnacceptable, "TS_UNACCEPTABLE"},
    {NotifyType::InvalidSelectors, "INVALID_SELECTORS"},
    {NotifyType::UnacceptableAddresses, "UNACCEPTABLE_ADDRESSES"},
    {NotifyType::UnexpectedNatDetected, "UNEXPECTED_NAT_DETECTED"},
    {NotifyType::UseAssignedHoa, "USE_ASSIGNED_HoA"},
    {NotifyType::TemporaryFailure, "TEMPORARY_FAILURE"},
    {NotifyType::ChildSaNotFound, "CHILD_SA_NOT_FOUND"},
    {NotifyType::InvalidGroupId, "INVALID_GROUP_ID"},
    {NotifyType::AuthorizationFailed, "AUTHORIZATION_FAILED"},
    {NotifyType::StateNotFound, "STATE_NOT_FOUND"},
    {NotifyType::TsMaxQueue, "TS_MAX_QUEUE"},
    {NotifyType::InitialContact, "INITIAL_CONTACT"},
    {NotifyType::SetWindowSize, "SET_WINDOW_SIZE"},
    {NotifyType::AdditionalTsPossible, "ADDITIONAL_TS_POSSIBLE"},
    {NotifyType::IpcompSupported, "IPCOMP_SUPPORTED"},
    {NotifyType::NatDetectionSourceIp, "NAT_DETECTION_SOURCE_IP"},
    {NotifyType::NatDetectionDestinationIp, "NAT_DETECTION_DESTINATION_IP"},
    {NotifyType::Cookie, "COOKIE"},
    {NotifyType::UseTransportMode, "USE_TRANSPORT_MODE"},
    {NotifyType::HttpCertLookupSupported, "HTTP_CERT_LOOKUP_SUPPORTED"},
    {NotifyType::RekeySa, "REKEY_SA"},
    {NotifyType::EspTfcPaddingNotSupported, "ESP_TFC_PADDING_NOT_SUPPORTED"},
    {NotifyType::NonFirstFragmentsAlso, "NON_FIRST_FRAGMENTS_ALSO"},
    {NotifyType::MobikeSupported, "MOBIKE_SUPPORTED"},
    {NotifyType::AdditionalIp4Address, "ADDITIONAL_IP4_ADDRESS"},
    {NotifyType::AdditionalIp6Address, "ADDITIONAL_IP6_ADDRESS"},
    {NotifyType::NoAdditionalAddresses, "NO_ADDITIONAL_ADDRESSES"},
    {NotifyType::UpdateSaAddresses, "UPDATE_SA_ADDRESSES"},
    {NotifyType::Cookie2, "COOKIE2"},
    {NotifyType::NoNatsAllowed, "NO_NATS_ALLOWED"},
    {NotifyType::AuthLifetime, "AUTH_LIFETIME"},
    {NotifyType::MultipleAuthSupported, "MULTIPLE_AUTH_SUPPORTED"},
    {NotifyType::AnotherAuthFollows, "ANOTHER_AUTH_FOLLOWS"},
    {NotifyType::RedirectSupported, "REDIRECT_SUPPORTED"},
    {NotifyType::Redirect, "REDIRECT"},
    {NotifyType::RedirectedFrom, "REDIRECTED_FROM"},
    {NotifyType::TicketLtOpaque, "TICKET_LT_OPAQUE"},
    {NotifyType::TicketRequest, "TICKET_REQUEST"},
    {NotifyType::TicketAck, "TICKET_ACK"},
    {NotifyType::TicketNack, "TICKET_NACK"},
    {NotifyType::TicketOpaque, "TICKET_OPAQUE"},
    {NotifyType::LinkId, "LINK_ID"},
    {NotifyType::UseWespMode, "USE_WESP_MODE"},
    {NotifyType::RohcSupported, "ROHC_SUPPORTED"},
    {NotifyType::EapOnlyAuthentication, "EAP_ONLY_AUTHENTICATION"},
    {NotifyType::ChildlessIkev2Supported, "CHILDLESS_IKEV2_SUPPORTED"},
    {NotifyType::QuickCrashDetection, "QUICK_CRASH_DETECTION"},
    {NotifyType::Ikev2MessageIdSyncSupported, "IKEV2_MESSAGE_ID_SYNC_SUPPORTED"},
    {NotifyType::IpsecReplayCounterSyncSupported, "IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED"},
    {NotifyType::Ikev2MessageIdSync, "IKEV2_MESSAGE_ID_SYNC"},
    {NotifyType::IpsecReplayCounterSync, "IPSEC_REPLAY_COUNTER_SYNC"},
    {NotifyType::SecurePasswordMethods, "SECURE_PASSWORD_METHODS"},
    {NotifyType::PskPersist, "PSK_PERSIST"},
    {NotifyType::PskConfirm, "PSK_CONFIRM"},
    {NotifyType::ErxSupported, "ERX_SUPPORTED"},
    {NotifyType::IfomCapability, "IFOM_CAPABILITY"},
    {NotifyType::Ikev2FragmentationSupported, "IKEV2_FRAGMENTATION_SUPPORTED"},
    {NotifyType::SignatureHashAlgorithms, "SIGNATURE_HASH_ALGORITHMS"},
    {NotifyType::CloneIkeSaSupported, "CLONE_IKE_SA_SUPPORTED"},
    {NotifyType::CloneIkeSa, "CLONE_IKE_SA"},
    {NotifyType::Puzzle, "PUZZLE"},
    {NotifyType::UsePpk, "USE_PPK"},
    {NotifyType::PpkIdentity, "PPK_IDENTITY"},
    {NotifyType::NoPpkAuth, "NO_PPK_AUTH"},
    {NotifyType::IntermediateExchangeSupported, "INTERMEDIATE_EXCHANGE_SUPPORTED"},
    {NotifyType::Ip4Allowed, "IP4_ALLOWED"},
    {NotifyType::Ip6Allowed, "IP6_ALLOWED"},
    {NotifyType::AdditionalKeyExchange, "ADDITIONAL_KEY_EXCHANGE"},
    {NotifyType::UseAggfrag, "USE_AGGFRAG"},
    {NotifyType::SupportedAuthMethods, "SUPPORTED_AUTH_METHODS"},
    {NotifyType::SaResourceInfo, "SA_RESOURCE_INFO"},
    {NotifyType::UsePpkInt, "USE_PPK_INT"},
    {NotifyType::PpkIdentityKey, "PPK_IDENTITY_KEY"},
    {NotifyType::IkeSaInitFullTranscriptAuth, "IKE_SA_INIT_FULL_TRANSCRIPT_AUTH"},
    {NotifyType::BundleAround, "BUNDLE_AROUND"},
};

constexpr Named<SignatureHash> kSignatureHashes[] = {
    {SignatureHash::Sha1, "SHA1"},         {SignatureHash::Sha2_256, "SHA2-256"},
    {SignatureHash::Sha2_384, "SHA2-384"}, {SignatureHash::Sha2_512, "SHA2-512"},
    {SignatureHash::Identity, "Identity"},
};

constexpr Named<TsType> kTsTypes[] = {
    {TsType::Ipv4AddressRange, "TS_IPV4_ADDR_RANGE"},
    {TsType::Ipv6AddressRange, "TS_IPV6_ADDR_RANGE"},
    {TsType::SecurityLabel, "TS_SECLABEL"},
};

constexpr Named<ConfigurationType> kConfigurationTypes[] = {
    {ConfigurationType::Request, "CFG_REQUEST"},
    {ConfigurationType::Reply, "CFG_REPLY"},
    {ConfigurationType::Set, "CFG_SET"},
    {ConfigurationType::Ack, "CFG_ACK"},
};

constexpr Named<ConfigurationAttributeType> kConfigurationAttributeTypes[] = {
    {ConfigurationAttributeType::InternalIp4Address, "INTERNAL_IP4_ADDRESS"},
    {ConfigurationAttributeType::InternalIp4Netmask, "INTERNAL_IP4_NETMASK"},
    {ConfigurationAttributeType::InternalIp4Dns, "INTERNAL_IP4_DNS"},
    {ConfigurationAttributeType::InternalIp4Nbns, "INTERNAL_IP4_NBNS"},
    {ConfigurationAttributeType::InternalIp4Dhcp, "INTERNAL_IP4_DHCP"},
    {ConfigurationAttributeType::ApplicationVersion, "APPLICATION_VERSION"},
    {ConfigurationAttributeType::InternalIp6Address, "INTERNAL_IP6_ADDRESS"},
    {ConfigurationAttributeType::InternalIp6Dns, "INTERNAL_IP6_DNS"},
    {ConfigurationAttributeType::InternalIp6Dhcp, "INTERNAL_IP6_DHCP"},
    {ConfigurationAttributeType::InternalIp4Subnet, "INTERNAL_IP4_SUBNET"},
    {ConfigurationAttributeType::SupportedAttributes, "SUPPORTED_ATTRIBUTES"},
    {ConfigurationAttributeType::InternalIp6Subnet, "INTERNAL_IP6_SUBNET"},
    {ConfigurationAttributeType::MipV6HomePrefix, "MIP6_HOME_PREFIX"},
    {ConfigurationAttributeType::InternalIp6Link, "INTERNAL_IP6_LINK"},
    {ConfigurationAttributeType::InternalIp6Prefix, "INTERNAL_IP6_PREFIX"},
    {ConfigurationAttributeType::HomeAgentAddress, "HOME_AGENT_ADDRESS"},
    {ConfigurationAttributeType::PcscfIp4Address, "P_CSCF_IP4_ADDRESS"},
    {ConfigurationAttributeType::PcscfIp6Address, "P_CSCF_IP6_ADDRESS"},
    {ConfigurationAttributeType::InternalDnsDomain, "INTERNAL_DNS_DOMAIN"},
    {ConfigurationAttributeType::InternalDnssecTa, "INTERNAL_DNSSEC_TA"},
    {ConfigurationAttributeType::EncDnsIp4, "ENCDNS_IP4"},
    {ConfigurationAttributeType::EncDnsIp6, "ENCDNS_IP6"},
    {ConfigurationAttributeType::EncDnsDigestInfo, "ENCDNS_DIGEST_INFO"},
};

constexpr Named<EapCode> kEapCodes[] = {
    {EapCode::Request, "Request"},
    {EapCode::Response, "Response"},
    {EapCode::Success, "Success"},
    {EapCode::Failure, "Failure"},
};

}  // namespace

std::string name(PayloadType type) { return look_up(kPayloadTypes, type); }
std::string name(ExchangeType type) { return look_up(kExchangeTypes, type); }
std::string name(ProtocolId protocol) { return look_up(kProtocols, protocol); }
std::string name(TransformType type) { return look_up(kTransformTypes, type); }
std::string name(EncryptionId id) { return look_up(kEncryptionIds, id); }
std::string name(PrfId id) { return look_up(kPrfIds, id); }
std::string name(IntegrityId id) { return look_up(kIntegrityIds, id); }
std::string name(KeyExchangeMethod method) { return look_up(kKeyExchangeMethods, method); }
std::string name(SequenceNumbersId id) { return look_up(kSequenceNumbersIds, id); }
std::string name(IdType type) { return look_up(kIdTypes, type); }
std::string name(CertificateEncoding encoding) { return look_up(kCertificateEncodings, encoding); }
std::string name(AuthMethod method) { return look_up(kAuthMethods, method); }
std::string name(NotifyType type) { return look_up(kNotifyTypes, type); }
std::string name(SignatureHash hash) { return look_up(kSignatureHashes, hash); }
std::string name(TsType type) { return look_up(kTsTypes, type); }
std::string name(ConfigurationType type) { return look_up(kConfigurationTypes, type); }
std::string name(ConfigurationAttributeType type) {
    return look_up(kConfigurationAttributeTypes, type);
}
std::string name(EapCode code) { return look_up(kEapCodes, code); }

std::string name_transform(TransformType type, std::uint16_t id) {
    switch (type) {
        case TransformType::Encryption: return name(EncryptionId{id});
        case TransformType::Prf: return name(PrfId{id});
        case TransformType::Integrity: return name(IntegrityId{id});
        case TransformType::SequenceNumbers: return name(SequenceNumbersId{id});
        case TransformType::KeyExchange:
        case TransformType::AdditionalKeyExchange1:
        case TransformType::AdditionalKeyExchange2:
        case TransformType::AdditionalKeyExchange3:
        case TransformType::AdditionalKeyExchange4:
        case TransformType::AdditionalKeyExchange5:
        case TransformType::AdditionalKeyExchange6:
        case TransformType::AdditionalKeyExchange7: return name(KeyExchangeMethod{id});
    }
    return std::to_string(id);
}

}  // namespace xfrmd::ike
