// SPDX-License-Identifier: Apache-2.0
// A text in the setkey language. It ends in statements and mistakes with their places, no mistake
// repeats a key, and what is printed of a statement reads the same.
#include <algorithm>

#include "cli/setkey/language/parser.h"
#include "cli/setkey/language/print.h"
#include "tests/fuzz/target.h"
#include "tests/unit/setkey/samples.h"

namespace xfrmd::fuzz {

namespace {

using namespace setkey;

void check_reads_the_same(const AnyStatement& statement) {
    const Source printed{"printed", print(statement, Keys::Show)};
    const Parsed again = parse(printed);
    require(again.good && again.statements.size() == 1, "what was printed is refused");
    require(again.statements.front().value == statement, "what was printed reads differently");
}

void check_diagnostics(const Parsed& parsed, std::size_t lines) {
    for (const daemon::Diagnostic& diagnostic : parsed.diagnostics) {
        require(!diagnostic.text.empty(), "a mistake without a sentence");
        require(diagnostic.line <= lines, "a mistake beyond the end of the text");
        require(daemon::render(diagnostic).ends_with("\n"), "a mistake is told without its end");
    }
}

}  // namespace

std::vector<Bytes> seeds() {
    std::vector<Bytes> all;
    std::string everything;
    for (const auto& sample : test::sample_statements()) {
        all.push_back(to_bytes(as_view(sample.written)));
        everything += std::string{sample.written} + "\n";
    }
    all.push_back(to_bytes(as_view(everything)));
    return all;
}

}  // namespace xfrmd::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace xfrmd;
    using namespace xfrmd::fuzz;
    const Source source{"input", Secret{View{data, size}}};
    const Parsed parsed = setkey::parse(source);
    const bool said = std::ranges::any_of(parsed.diagnostics, [](const daemon::Diagnostic& d) {
        return d.severity == daemon::Severity::Error;
    });
    require(parsed.good != said, "a mistake without a word, or a word without a mistake");
    check_diagnostics(parsed,
                      static_cast<std::size_t>(std::ranges::count(source.text(), '\n')) + 1);
    for (const Statement& statement : parsed.statements) {
        require(statement.span.begin < statement.span.end && statement.span.end <= size,
                "a statement without a place");
        check_reads_the_same(statement.value);
    }
    return 0;
}
