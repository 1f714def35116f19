// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/pem.h"

#include <botan/base64.h>

#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#include "ike/auth/printable.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::size_t kBlocksMax = 1024;
constexpr std::size_t kLabelOctetsMax = 64;

std::string_view text_of(View octets) {
    return {static_cast<const char*>(static_cast<const void*>(octets.data())), octets.size()};
}

// RFC 1421 headers stand before an empty line; only the old encrypted keys have them.
bool has_encryption_header(std::string_view body) {
    return body.contains("Proc-Type:") && body.contains("ENCRYPTED");
}

std::optional<Secret> decode_body(std::string_view body) {
    try {
        return Secret{Botan::base64_decode(body.data(), body.size(), true)};  // ignores white space
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

}  // namespace

bool is_pem(View text) {
    return text_of(text).contains(kBegin);
}

std::expected<std::vector<PemBlock>, std::string> decode_pem(View input) {
    std::vector<PemBlock> blocks;
    std::string_view text = text_of(input);
    for (std::size_t at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin)) {
        text.remove_prefix(at + kBegin.size());
        const std::size_t label_end = text.find(kDashes);
        if (label_end == std::string_view::npos || label_end > kLabelOctetsMax)
            return std::unexpected{std::string{"a PEM block has no proper BEGIN line"}};
        PemBlock block;
        block.label = std::string{text.substr(0, label_end)};
        text.remove_prefix(label_end + kDashes.size());
        const std::string closing = std::string{kEnd} + block.label + std::string{kDashes};
        const std::size_t end = text.find(closing);
        const std::string named = "the PEM block \"" + printable(block.label) + "\"";
        if (end == std::string_view::npos) return std::unexpected{named + " has no END line"};
        const std::string_view body = text.substr(0, end);
        text.remove_prefix(end + closing.size());
        block.encrypted = has_encryption_header(body);
        if (!block.encrypted) {
            auto content = decode_body(body);
            if (!content || content->empty())
                return std::unexpected{named + " is not proper base64"};
            block.content = *std::move(content);
        }
        if (blocks.size() == kBlocksMax)
            return std::unexpected{std::string{"there are more than 1024 PEM blocks"}};
        blocks.push_back(std::move(block));
    }
    return blocks;
}

std::expected<std::vector<Bytes>, std::string> decode_bundle(View input, std::string_view label) {
    if (!is_pem(input)) return std::vector<Bytes>{to_bytes(input)};
    std::vector<Bytes> found;
    for (const PemBlock& block : TRY(decode_pem(input)))
        if (block.label == label) found.push_back(to_bytes(block.content.view()));
    return found;
}

}  // namespace xfrmd::ike
