// SPDX-License-Identifier: Apache-2.0
// IANA "IKEv2 Notify Message Types". Values outside the list are carried as they are.
#pragma once

#include <cstdint>
#include <utility>

namespace xfrmd::ike {

enum class NotifyType : std::uint16_t {
    // Errors. RFC 7296 §3.10.1
    UnsupportedCriticalPayload = 1,
    InvalidIkeSpi = 4,
    InvalidMajorVersion = 5,
    InvalidSyntax = 7,
    InvalidMessageId = 9,
    InvalidSpi = 11,
    NoProposalChosen = 14,
    InvalidKePayload = 17,
    AuthenticationFailed = 24,
    SinglePairRequired = 34,
    NoAdditionalSas = 35,
    InternalAddressFailure = 36,
    FailedCpRequired = 37,
    TsUnacceptable = 38,
    InvalidSelectors = 39,
    UnacceptableAddresses = 40,   // RFC 4555
    UnexpectedNatDetected = 41,   // RFC 4555
    UseAssignedHoa = 42,          // RFC 5026
    TemporaryFailure = 43,
    ChildSaNotFound = 44,
    InvalidGroupId = 45,          // RFC 9838
    AuthorizationFailed = 46,     // RFC 9838
    StateNotFound = 47,           // RFC 9370
    TsMaxQueue = 48,              // RFC 9611

    // Status. RFC 7296 §3.10.1
    InitialContact = 16384,
    SetWindowSize = 16385,
    AdditionalTsPossible = 16386,
    IpcompSupported = 16387,
    NatDetectionSourceIp = 16388,
    NatDetectionDestinationIp = 16389,
    Cookie = 16390,
    UseTransportMode = 16391,
    HttpCertLookupSupported = 16392,
    RekeySa = 16393,
    EspTfcPaddingNotSupported = 16394,
    NonFirstFragmentsAlso = 16395,
    // RFC 4555
    MobikeSupported = 16396,
    AdditionalIp4Address = 16397,
    AdditionalIp6Address = 16398,
    NoAdditionalAddresses = 16399,
    UpdateSaAddresses = 16400,
    Cookie2 = 16401,
    NoNatsAllowed = 16402,
    AuthLifetime = 16403,  // RFC 4478
    // RFC 4739
    MultipleAuthSupported = 16404,
    AnotherAuthFollows = 16405,
    // RFC 5685
    RedirectSupported = 16406,
    Redirect = 16407,
    RedirectedFrom = 16408,
    // RFC 5723
    TicketLtOpaque = 16409,
    TicketRequest = 16410,
    TicketAck = 16411,
    TicketNack = 16412,
    TicketOpaque = 16413,
    LinkId = 16414,                   // RFC 5739
    UseWespMode = 16415,              // RFC 5840
    RohcSupported = 16416,            // RFC 5857
    EapOnlyAuthentication = 16417,    // RFC 5998
    ChildlessIkev2Supported = 16418,  // RFC 6023
    QuickCrashDetection = 16419,      // RFC 6290
    // RFC 6311
    Ikev2MessageIdSyncSupported = 16420,
    IpsecReplayCounterSyncSupported = 16421,
    Ikev2MessageIdSync = 16422,
    IpsecReplayCounterSync = 16423,
    SecurePasswordMethods = 16424,  // RFC 6467
    // RFC 6631
    PskPersist = 16425,
    PskConfirm = 16426,
    ErxSupported = 16427,                // RFC 6867
    IfomCapability = 16428,
    Ikev2FragmentationSupported = 16430,  // RFC 7383
    SignatureHashAlgorithms = 16431,      // RFC 7427
    // RFC 7791
    CloneIkeSaSupported = 16432,
    CloneIkeSa = 16433,
    Puzzle = 16434,  // RFC 8019
    // RFC 8784
    UsePpk = 16435,
    PpkIdentity = 16436,
    NoPpkAuth = 16437,
    IntermediateExchangeSupported = 16438,  // RFC 9242
    // RFC 8983
    Ip4Allowed = 16439,
    Ip6Allowed = 16440,
    AdditionalKeyExchange = 16441,  // RFC 9370
    UseAggfrag = 16442,             // RFC 9347
    SupportedAuthMethods = 16443,   // RFC 9593
    SaResourceInfo = 16444,         // RFC 9611
    // RFC 9867
    UsePpkInt = 16445,
    PpkIdentityKey = 16446,
    IkeSaInitFullTranscriptAuth = 16447,  // draft-ietf-ipsecme-ikev2-downgrade-prevention

    // Private use, only to peers that have announced it: see ike/bundle.h
    BundleAround = 51042,
};

// RFC 7296 §3.10.1: types below 16384 report errors; unknown ones too.
constexpr bool is_error(NotifyType type) { return std::to_underlying(type) < 16384; }

}  // namespace xfrmd::ike
