// SPDX-License-Identifier: Apache-2.0
#include "netlink/message.h"

#include <libmnl/libmnl.h>
#include <string.h>  // explicit_bzero

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <string>

namespace xfrmd::netlink {

namespace {

KernelError damaged(std::string what) {
    return {EBADMSG, std::move(what)};
}

constexpr std::size_t aligned(std::size_t length) {
    return (length + 3) & ~std::size_t{3};
}

struct Attribute {
    std::uint16_t type = 0;
    View value;
};

// Walks a chain of attributes.
class AttributeReader {
  public:
    explicit AttributeReader(View chain) : rest_{chain} {}

    // The next one, or nothing at the end or where the octets make no sense.
    std::optional<Attribute> next() {
        const auto head = read_structure<nlattr>(rest_);
        if (!head || head->nla_len < sizeof(nlattr) || head->nla_len > rest_.size()) {
            damaged_ = damaged_ || !rest_.empty();
            rest_ = {};
            return std::nullopt;
        }
        const View value = rest_.subspan(sizeof(nlattr), head->nla_len - sizeof(nlattr));
        rest_ = rest_.subspan(std::min(aligned(head->nla_len), rest_.size()));
        return Attribute{static_cast<std::uint16_t>(head->nla_type & NLA_TYPE_MASK), value};
    }
    // True once next() stopped in the middle.
    bool damaged() const { return damaged_; }

  private:
    View rest_;
    bool damaged_ = false;
};

}  // namespace

bool Message::is_dump() const {
    const auto header = read_structure<nlmsghdr>(octets);
    return header && (header->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

void Message::set_sequence(std::uint32_t sequence) {
    std::memcpy(octets.data() + offsetof(nlmsghdr, nlmsg_seq), &sequence, sizeof sequence);
}

MessageBuilder::MessageBuilder(std::uint16_t type, std::uint16_t flags, AttributePolicies policies)
    : policies_{policies} {
    nlmsghdr* const start = mnl_nlmsg_put_header(buffer_.data());
    start->nlmsg_type = type;
    start->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
}

MessageBuilder::~MessageBuilder() {
    explicit_bzero(buffer_.data(), buffer_.size());
}

void MessageBuilder::body(View structure) {
    if (header()->nlmsg_len + aligned(structure.size()) > kCapacity) {
        mistake_ = KernelError{EMSGSIZE, "a netlink message grew too large"};
        return;
    }
    void* const place = mnl_nlmsg_put_extra_header(header(), structure.size());
    std::memcpy(place, structure.data(), structure.size());
}

void MessageBuilder::attribute(std::uint16_t type, View value) {
    if (mistake_) return;
    if (type >= policies_.size() || !policies_[type].allows(value.size())) {
        mistake_ =
            KernelError{EINVAL, "netlink attribute " + std::to_string(type) + " cannot hold " +
                                    std::to_string(value.size()) + " octets"};
        return;
    }
    if (!mnl_attr_put_check(header(), kCapacity, type, value.size(), value.data()))
        mistake_ = KernelError{EMSGSIZE, "a netlink message grew too large"};
}

void MessageBuilder::attribute(std::uint16_t type, View head, View tail) {
    Botan::secure_vector<std::uint8_t> whole{head.begin(), head.end()};
    whole.insert(whole.end(), tail.begin(), tail.end());
    attribute(type, View{whole});
}

Encoded MessageBuilder::finish() {
    if (mistake_) return std::unexpected{*mistake_};
    const std::size_t length = header()->nlmsg_len;
    return Message{{buffer_.data(), buffer_.data() + length}};
}

nlmsghdr* MessageBuilder::header() {
    return static_cast<nlmsghdr*>(static_cast<void*>(buffer_.data()));
}

std::optional<MessageView> MessageReader::next() {
    if (rest_.empty() || damaged_) return std::nullopt;
    const auto header = read_structure<nlmsghdr>(rest_);
    if (!header || header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > rest_.size()) {
        damaged_ = true;
        return std::nullopt;
    }
    const MessageView message{
        header->nlmsg_type, header->nlmsg_flags, header->nlmsg_seq,
        rest_.subspan(sizeof(nlmsghdr), header->nlmsg_len - sizeof(nlmsghdr))};
    rest_ = rest_.subspan(std::min(aligned(header->nlmsg_len), rest_.size()));
    return message;
}

Decoded<Attributes> Attributes::parse(View octets, AttributePolicies policies) {
    Attributes attributes;
    AttributeReader reader{octets};
    while (const auto attribute = reader.next()) {
        const auto [type, value] = *attribute;
        if (type < policies.size() && policies[type].known && !policies[type].allows(value.size()))
            return std::unexpected{damaged("the kernel's attribute " + std::to_string(type) +
                                           " has " + std::to_string(value.size()) + " octets")};
        if (type < kAttributeTypesMax) {
            attributes.values_.at(type) = value;
            attributes.present_.at(type) = true;
        }
    }
    if (reader.damaged())
        return std::unexpected{damaged("the kernel's message has a broken attribute")};
    return attributes;
}

std::vector<View> attributes_of(View octets, std::uint16_t type) {
    std::vector<View> values;
    AttributeReader reader{octets};
    while (const auto attribute = reader.next())
        if (attribute->type == type) values.push_back(attribute->value);
    return values;
}

std::vector<std::uint16_t> Attributes::others(std::span<const std::uint16_t> read) const {
    std::vector<std::uint16_t> types;
    for (std::uint16_t type = 0; type < kAttributeTypesMax; ++type)
        if (has(type) && !std::ranges::contains(read, type)) types.push_back(type);
    return types;
}

std::string_view Attributes::text(std::uint16_t type) const {
    return until_nul(get(type));
}

std::string_view until_nul(View view) {
    const std::string_view text{static_cast<const char*>(static_cast<const void*>(view.data())),
                                view.size()};
    return text.substr(0, text.find('\0'));
}

}  // namespace xfrmd::netlink
