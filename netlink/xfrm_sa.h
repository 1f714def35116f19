// SPDX-License-Identifier: Apache-2.0
// The messages of the security association database. Pure: values to octets and back.
#pragma once

#include "netlink/message.h"
#include "netlink/model/kernel.h"

namespace xfrmd::netlink {

// XFRM_MSG_ALLOCSPI; the answer is read by decode_sa(). EINVAL if the ends are of different
// families.
Encoded encode_allocate_spi(const xfrm::AllocateSpi& request);

// How an SA enters the table: as a new one (XFRM_MSG_NEWSA, refused if its SPI is taken), or in
// place of the larval one that reserved its SPI (XFRM_MSG_UPDSA, refused if there is none).
enum class SaEntry : std::uint8_t { New, CompleteReservation };

// Refuses (EINVAL) what the structures cannot hold: ends of different families, an algorithm's name
// of more than 63 characters, a replay window of more than 4096 packets. With ESN a window below 32
// is written as 32: the kernel refuses an ESN SA without one (and the outbound direction does not
// use it).
Encoded encode_install_sa(const xfrm::SaSpec& spec, SaEntry entry);

// Puts back an SA as decode_sa() was given it: the payload of an XFRM_MSG_NEWSA, with its keys, its
// sequence numbers, its replay window and what it has carried so far. It is one that was removed.
Encoded encode_restore_sa(View payload);

Encoded encode_remove_sa(const xfrm::SaId& id);
Encoded encode_query_sa(const xfrm::SaId& id);
// Of one IP protocol, or (0) of any.
Encoded encode_dump_sas(std::uint8_t protocol = 0);

// Whether key octets are copied out of the kernel's answer.
enum class Keys : std::uint8_t { Skip, Read };

// The payload of XFRM_MSG_NEWSA. EBADMSG if damaged, EOPNOTSUPP if it is of a kind that our values
// cannot express.
Decoded<xfrm::SaInfo> decode_sa(View payload, Keys keys);

}  // namespace xfrmd::netlink
