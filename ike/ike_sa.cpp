// SPDX-License-Identifier: Apache-2.0
#include "ike/ike_sa.h"

namespace xfrmd::ike {

bool take_keys(IkeSa& sa, IkeKeys keys) {
    const bool initiator = sa.role == Role::Initiator;
    auto sealing = MessageCipher::create(sa.suite, initiator ? keys.ei : keys.er,
                                         initiator ? keys.ai : keys.ar);
    auto opening = MessageCipher::create(sa.suite, initiator ? keys.er : keys.ei,
                                         initiator ? keys.ar : keys.ai);
    if (!sealing || !opening) return false;
    sa.sealing = *std::move(sealing);
    sa.opening = *std::move(opening);
    sa.sk_d = std::move(keys.d);
    return true;
}

bool take_handshake_keys(IkeSa& sa, IkeKeys keys) {
    sa.handshake->sk_pi = std::move(keys.pi);
    sa.handshake->sk_pr = std::move(keys.pr);
    sa.handshake->private_share = Secret{};
    return take_keys(sa, std::move(keys));
}

}  // namespace xfrmd::ike
