// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/algorithms.h"

#include <algorithm>
#include <format>

namespace xfrmd::setkey {

namespace {

bool encrypts(AlgorithmKind kind) {
    return kind == AlgorithmKind::Cipher || kind == AlgorithmKind::CombinedMode;
}
bool authenticates(AlgorithmKind kind) {
    return kind == AlgorithmKind::Integrity;
}
bool compresses(AlgorithmKind kind) {
    return kind == AlgorithmKind::Compression;
}

const AlgorithmRow* find(bool (*fits)(AlgorithmKind), std::string_view word) {
    const auto found = std::ranges::find_if(
        kAlgorithms, [&](const AlgorithmRow& row) { return fits(row.kind) && row.word == word; });
    return found == kAlgorithms.end() ? nullptr : &*found;
}

std::vector<std::string> words(bool (*fit)(AlgorithmKind)) {
    std::vector<std::string> all;
    for (const AlgorithmRow& row : kAlgorithms)
        if (fit(row.kind) && !row.kernel_name.empty()) all.emplace_back(row.word);
    return all;
}

}  // namespace

const AlgorithmRow* find_encryption(std::string_view word) {
    return find(encrypts, word);
}
const AlgorithmRow* find_integrity(std::string_view word) {
    return find(authenticates, word);
}
const AlgorithmRow* find_compression(std::string_view word) {
    return find(compresses, word);
}

std::vector<std::string> encryption_words() {
    return words(encrypts);
}
std::vector<std::string> integrity_words() {
    return words(authenticates);
}
std::vector<std::string> compression_words() {
    return words(compresses);
}

std::string describe(const KeyOctets& key) {
    if (key.most == 0) return "no key";
    if (key.least == key.most) return std::format("a key of {} octets", key.least);
    if (key.step == 1) return std::format("a key of {} to {} octets", key.least, key.most);
    std::string lengths = std::to_string(key.least);
    for (unsigned octets = key.least + key.step; octets <= key.most; octets += key.step)
        lengths += std::format("{}{}", octets == key.most ? " or " : ", ", octets);
    return std::format("a key of {} octets", lengths);
}

}  // namespace xfrmd::setkey
