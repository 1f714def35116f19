// SPDX-License-Identifier: Apache-2.0
// A table of statements and of what they ask of the kernel, in translations.txt.
#include <catch2/catch_test_macros.hpp>

#include "action_text.h"
#include "cli/setkey/algorithms.h"
#include "cli/setkey/language/parser.h"
#include "cli/setkey/translator.h"
#include "fake_names.h"
#include "ike/crypto/registry.h"
#include "tests/support/golden_table.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::setkey;

std::string translated(const std::string& text, Semantics semantics) {
    const Source source{"setkey.conf", text};
    test::FakeNames names;
    Mistakes mistakes;
    Parser parser{source, mistakes};
    Translator translator{names, mistakes, semantics};
    std::string answer;
    while (const auto statement = parser.next())
        for (const Action& action : translator.translate(*statement))
            answer += test::in_words(action) + "\n";
    return answer + daemon::render(mistakes.told(source));
}

}  // namespace

TEST_CASE("each statement asks for what the table says", "[setkey]") {
    test::check_golden_table(XFRMD_TRANSLATIONS, 20, [](const std::string& text) {
        return translated(text, Semantics::Rfc);
    });
}

TEST_CASE("with -k an in policy has no copy", "[setkey]") {
    const std::string text =
        "spdadd 192.0.2.1 192.0.2.2 any -P in none; spddelete 192.0.2.1 192.0.2.2 any -P in;";
    CHECK(translated(text, Semantics::Rfc).contains("dir=fwd"));
    CHECK(translated(text, Semantics::Rfc).contains("in+fwd"));
    CHECK_FALSE(translated(text, Semantics::Kernel).contains("fwd"));
}

TEST_CASE("the algorithms are those of the registry", "[setkey]") {
    for (const ike::TransformRow& row : ike::kTransforms) {
        if (row.setkey_word.empty()) continue;
        INFO(row.word);
        const bool encrypts = row.type == ike::TransformType::Encryption;
        const AlgorithmRow* const ours =
            encrypts ? find_encryption(row.setkey_word) : find_integrity(row.setkey_word);
        REQUIRE(ours != nullptr);
        CHECK(ours->kernel_name == row.kernel_name);
        CHECK(ours->key.allows(std::size_t{row.key_octets} + row.salt_octets));
        if (row.is_combined_mode()) CHECK(ours->icv_bits == row.icv_bits);
        if (!encrypts) CHECK(ours->icv_bits_rfc == row.icv_bits);
    }
}

TEST_CASE("the lengths of keys are told in words", "[setkey]") {
    CHECK(describe(find_encryption("null")->key) == "no key");
    CHECK(describe(find_encryption("3des-cbc")->key) == "a key of 24 octets");
    CHECK(describe(find_encryption("aes-cbc")->key) == "a key of 16, 24 or 32 octets");
    CHECK(describe(find_encryption("blowfish-cbc")->key) == "a key of 5 to 56 octets");
}
