// SPDX-License-Identifier: Apache-2.0
// A text in the setkey language. It ends in statements and mistakes with their places, no mistake
// repeats a key, and what is printed of a statement reads the same. What it asks for can be
// planned, and what of that travels to the daemon is read there as it was meant.
#include <algorithm>

#include "cli/setkey/change_text.h"
#include "cli/setkey/language/parser.h"
#include "cli/setkey/language/print.h"
#include "cli/setkey/plan.h"
#include "cli/setkey/translator.h"
#include "tests/fuzz/target.h"
#include "tests/unit/setkey/fake_names.h"
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

// On empty tables, and once more on what they have become.
void check_plan(const std::vector<Statement>& statements) {
    test::FakeNames names;
    Mistakes mistakes;
    Translator translator{names, mistakes};
    Plan plan{{}, {}, FlushScope::Owned};
    for (int round = 0; round < 2; ++round) {
        Origin origin = 0;
        for (const Statement& statement : statements) {
            ++origin;
            for (Action& action : translator.translate(statement))
                if (const auto taken = plan.take(std::move(action), origin); !taken)
                    require(!taken.error().text.empty(), "a refusal without a sentence");
        }
        for (const Plan::Step& step : plan.steps()) {
            require(step.origin() >= 1 && step.origin() <= origin, "a step that nobody asked for");
            if (const auto text = text_of(plan.change(step)))
                require(change_of(*text).has_value(), "what travels cannot be read");
        }
        plan.done();
        require(!plan.differs() && plan.steps().empty(), "a plan that is done has steps left");
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
    check_plan(parsed.statements);
    static_cast<void>(change_of(source.text()));
    return 0;
}
