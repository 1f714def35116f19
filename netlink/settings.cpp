// SPDX-License-Identifier: Apache-2.0
#include "netlink/settings.h"

#include <linux/xfrm.h>

#include <cerrno>
#include <optional>

#include "netlink/conversation.h"
#include "netlink/xfrm_settings.h"

namespace xfrmd::netlink {

using namespace xfrm;
using namespace std::chrono_literals;

namespace {

// One question whose answer is one message of this type.
template <class Answer>
std::expected<Answer, KernelError> ask(Encoded request, std::uint16_t type, std::string_view object,
                                       Decoded<Answer> (*decode)(View)) {
    Message message = TRY(std::move(request));
    std::optional<Decoded<Answer>> answer;
    TRY_VOID(converse(Bus::Xfrm, std::move(message), object, 10s, [&](const Reply& reply) {
        if (reply.kind == Reply::Kind::Part && reply.type == type) answer = decode(reply.payload);
        return true;
    }));
    if (answer) return *answer;
    return std::unexpected{
        KernelError{EBADMSG, std::string{object} + ": the kernel's answer holds no data"}};
}

}  // namespace

std::expected<DefaultPolicies, KernelError> read_default_policies() {
    auto read = ask(encode_query_defaults(), XFRM_MSG_GETDEFAULT, "default policies",
                    decode_defaults);
    // Kernels before 5.15 know of no other default than to accept.
    if (!read && read.error().error_number == EINVAL) return DefaultPolicies{};
    return read;
}

std::expected<std::uint32_t, KernelError> read_sa_buckets() {
    return ask(encode_query_sa_table(), XFRM_MSG_NEWSADINFO, "size of the table of SAs",
               decode_sa_buckets);
}

}  // namespace xfrmd::netlink
