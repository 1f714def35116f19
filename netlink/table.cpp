// SPDX-License-Identifier: Apache-2.0
#include "netlink/table.h"

#include <linux/xfrm.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "netlink/conversation.h"
#include "netlink/decode_stored.h"
#include "netlink/errors.h"
#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_sa.h"

namespace xfrmd::netlink {

using namespace xfrm;
using namespace std::chrono_literals;

namespace {

constexpr auto kSilenceMax = 10s;

// Walks through a dump whose entries are messages of one type.
template <class Entry>
std::expected<TableEnd, KernelError> walk(Message request, std::uint16_t type,
                                          std::string_view object,
                                          const std::function<Decoded<Entry>(View)>& decode,
                                          const std::function<bool(Entry)>& take) {
    TableEnd end;
    bool begins_anew = false;
    TRY_VOID(converse(Bus::Xfrm, std::move(request), object, kSilenceMax, [&](const Reply& reply) {
        // What was handed out cannot be taken back. XFRM's dumps never begin anew: its walks live
        // with changes.
        begins_anew = reply.kind == Reply::Kind::Again;
        if (begins_anew) return false;
        if (reply.type != type) return true;
        auto entry = decode(reply.payload);
        if (!entry) {
            if (end.unreadable++ == 0) end.why_unreadable = std::move(entry.error().what);
            return true;
        }
        ++end.entries;
        end.stopped = !take(*std::move(entry));
        return !end.stopped;
    }));
    if (begins_anew)
        return std::unexpected{
            KernelError{EAGAIN, std::string{object} + ": the table changed meanwhile; try again"}};
    return end;
}

}  // namespace

std::expected<TableEnd, KernelError> for_each_sa(const SaQuery& query, const TakeSa& take) {
    Message request = TRY(encode_dump_sas(query.protocol));
    const Keys keys = query.with_keys ? Keys::Read : Keys::Skip;
    return walk<StoredSa>(
        std::move(request), XFRM_MSG_NEWSA, "dump of SAs",
        [keys](View payload) { return decode_stored_sa(payload, keys); }, take);
}

std::expected<TableEnd, KernelError> for_each_policy(const TakePolicy& take) {
    Message request = TRY(encode_dump_policies());
    return walk<StoredPolicy>(std::move(request), XFRM_MSG_NEWPOLICY, "dump of policies",
                              decode_stored_policy, take);
}

std::expected<StoredSa, KernelError> find_sa(const SaId& id, bool with_keys) {
    Message request = TRY(encode_query_sa(id));
    const std::string name = name_of(id);
    std::optional<Decoded<StoredSa>> found;
    const auto asked =
        converse(Bus::Xfrm, std::move(request), name, kSilenceMax, [&](const Reply& reply) {
            if (reply.kind == Reply::Kind::Part && reply.type == XFRM_MSG_NEWSA)
                found = decode_stored_sa(reply.payload, with_keys ? Keys::Read : Keys::Skip);
            return true;
        });
    if (!asked && asked.error().error_number == ESRCH)
        return std::unexpected{KernelError{ESRCH, name + ": does not exist"}};
    if (!asked) return std::unexpected{asked.error()};
    if (!found)
        return std::unexpected{KernelError{EBADMSG, name + ": the kernel's answer holds no data"}};
    return *std::move(found);
}

}  // namespace xfrmd::netlink
