// SPDX-License-Identifier: Apache-2.0
// The registered names of the numbers of IKE, as the RFCs spell them; a number without a name is
// given in decimal.
#pragma once

#include <cstdint>
#include <string>

#include "ike/wire/configuration.h"
#include "ike/wire/eap.h"
#include "ike/wire/header.h"
#include "ike/wire/identity.h"
#include "ike/wire/notify_data.h"
#include "ike/wire/notify_types.h"
#include "ike/wire/payload_type.h"
#include "ike/wire/selectors.h"
#include "ike/wire/transform_ids.h"

namespace xfrmd::ike {

std::string name(PayloadType type);   // the notation of the RFC: "SA", "KE", "IDi", "SK"
std::string name(ExchangeType type);  // "IKE_SA_INIT"
std::string name(ProtocolId protocol);
std::string name(TransformType type);
std::string name(EncryptionId id);
std::string name(PrfId id);
std::string name(IntegrityId id);
std::string name(KeyExchangeMethod method);
std::string name(SequenceNumbersId id);
// The name of a transform's identifier, which depends on its type.
std::string name_transform(TransformType type, std::uint16_t id);
std::string name(IdType type);
std::string name(CertificateEncoding encoding);
std::string name(AuthMethod method);
std::string name(NotifyType type);    // "NO_PROPOSAL_CHOSEN"
std::string name(SignatureHash hash);
std::string name(TsType type);
std::string name(ConfigurationType type);
std::string name(ConfigurationAttributeType type);
std::string name(EapCode code);

}  // namespace xfrmd::ike
