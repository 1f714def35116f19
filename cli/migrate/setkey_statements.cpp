// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/setkey_statements.h"

#include <algorithm>
#include <format>
#include <variant>

#include "cli/setkey/language/print.h"

namespace xfrmd::migrate {

namespace {

using enum Verdict;

// xfrmd's own policies have priorities of 100000 and more (daemon/configuration/traffic.h);
// setkey's word for 41824 is this.
constexpr std::int64_t kBeforeOurs = 1'073'700'000;

class Reader {
  public:
    Reader(const Facts& facts, Findings& findings, Model& model)
        : facts_{facts}, findings_{findings}, model_{model} {}

    void read(const SetkeyText& text);
    SetkeyStatements take() { return std::move(statements_); }

    void operator()(const setkey::statement::Add& add) { key(add); }
    void operator()(const setkey::statement::Update& update) { key(update); }
    void operator()(const setkey::statement::SpdAdd& add) { policy(add, false); }
    void operator()(const setkey::statement::SpdUpdate& update) { policy(update, true); }
    void operator()(const setkey::statement::Flush&) { flush(); }
    void operator()(const setkey::statement::SpdFlush&) { flush(); }
    void operator()(const setkey::statement::GetSpi&) { command(); }
    void operator()(const setkey::statement::Get&) { command(); }
    void operator()(const setkey::statement::Delete&) { command(); }
    void operator()(const setkey::statement::DeleteAll&) { command(); }
    void operator()(const setkey::statement::Dump&) { command(); }
    void operator()(const setkey::statement::SpdDelete&) { command(); }
    void operator()(const setkey::statement::SpdDump&) { command(); }
    void operator()(const setkey::statement::Exit&) { command(); }

  private:
    void key(const setkey::SaDefinition& definition);
    void policy(const setkey::PolicyDefinition& definition, bool update);
    void ipsec(Policy policy, bool update);
    void forward(const Policy& policy);
    void exception(Policy policy);
    void keep(std::string comment) {
        model_.kept.push_back({.at = at_, .comment = std::move(comment), .instead = {}});
    }
    void flush() {
        findings_.add(at_, {NotNeeded,
                            "xfrmctl setkey replaces what is its own and leaves the rest, so files "
                            "need not begin with it",
                            ""});
    }
    void command() {
        findings_.add(at_, {NotNeeded, "it did something once and left nothing to migrate", ""});
    }

    const Facts& facts_;
    Findings& findings_;
    Model& model_;
    StatementAt at_;
    SetkeyStatements statements_;
};

void Reader::read(const SetkeyText& text) {
    for (const setkey::Statement& statement : *text.statements) {
        at_ = {text.source, &statement};
        std::visit(*this, statement.value);
    }
}

void Reader::key(const setkey::SaDefinition& definition) {
    statements_.sas.push_back(manual_sa(at_, definition));
    keep("an SA with a key of its own");
    findings_.add(
        at_, {Security,
              "a key that never changes: it stays in the setkey file, for xfrmctl setkey -f; what "
              "is recorded can be "
              "read once the key is known, and nothing notices replayed packets after a restart",
              "let IKE make the keys: a connection instead of add"});
}

void Reader::policy(const setkey::PolicyDefinition& definition, bool update) {
    auto policy = policy_of(at_, definition, facts_);
    if (!policy) {
        keep(policy.error());
        findings_.add(at_, {Decide, std::format("it stays in the setkey file: {}", policy.error()),
                            "write a connection for it by hand, if it is to be negotiated"});
        return;
    }
    switch (policy->verdict) {
        case setkey::PolicyVerdict::Ipsec:
            return ipsec(*std::move(policy), update);
        case setkey::PolicyVerdict::None:
        case setkey::PolicyVerdict::Discard:
            return exception(*std::move(policy));
        case setkey::PolicyVerdict::Entrust:
        case setkey::PolicyVerdict::Bypass:
            findings_.add(
                at_,
                {NotNeeded, "a word for the policies of sockets, which Linux refuses here", ""});
            return;
    }
}

void Reader::ipsec(Policy policy, bool update) {
    if (policy.direction == xfrm::Direction::Forward) return forward(policy);
    const auto same = std::ranges::find_if(
        statements_.policies, [&](const Policy& other) { return other.same_selector(policy); });
    const auto exempt = std::ranges::find_if(
        statements_.exceptions, [&](const Policy& other) { return other.same_selector(policy); });
    if (same != statements_.policies.end() && update) {
        findings_.add(same->at, {NotNeeded, std::format("line {} replaces it", at_.line()), ""});
        *same = std::move(policy);
        return;
    }
    if (same != statements_.policies.end() || exempt != statements_.exceptions.end()) {
        const std::uint32_t line =
            same != statements_.policies.end() ? same->at.line() : exempt->at.line();
        findings_.add(
            at_,
            {NotNeeded,
             std::format("the kernel refused it (\"File exists\"): line {} is for the same traffic",
                         line),
             ""});
        return;
    }
    statements_.policies.push_back(std::move(policy));
}

void Reader::forward(const Policy&) {
    findings_.add(at_, {NotNeeded, "xfrmd makes the forward policy of each tunnel itself", ""});
}

void Reader::exception(Policy policy) {
    const bool known = std::ranges::any_of(
        statements_.exceptions, [&](const Policy& other) { return other.same_selector(policy); });
    if (known) {
        findings_.add(
            at_,
            {NotNeeded,
             "the kernel refused it (\"File exists\"): there was one for the same traffic", ""});
        return;
    }
    statements_.exceptions.push_back(std::move(policy));
}

bool keyed_by(const ManualSa& sa, const Policy& policy, const Layer& layer) {
    if (sa.protocol != layer.protocol || !sa.source || !sa.destination) return false;
    if (layer.ends) return *sa.source == layer.ends->first && *sa.destination == layer.ends->second;
    return policy.source.contains(*sa.source) && policy.destination.contains(*sa.destination);
}

// The same statement with a priority before xfrmd's.
std::string with_first_priority(const StatementAt& at) {
    const setkey::Located<setkey::Priority> priority{{setkey::Priority::Base::High, kBeforeOurs},
                                                     {}};
    if (const auto* add = std::get_if<setkey::statement::SpdAdd>(&at.statement->value)) {
        setkey::statement::SpdAdd changed = *add;
        changed.policy.priority = priority;
        return setkey::print(setkey::AnyStatement{std::move(changed)}, setkey::Keys::Hide);
    }
    if (const auto* update = std::get_if<setkey::statement::SpdUpdate>(&at.statement->value)) {
        setkey::statement::SpdUpdate changed = *update;
        changed.policy.priority = priority;
        return setkey::print(setkey::AnyStatement{std::move(changed)}, setkey::Keys::Hide);
    }
    return {};
}

}  // namespace

bool SetkeyStatements::has_manual_keys(const Policy& policy) const {
    return !policy.layers.empty() && std::ranges::all_of(policy.layers, [&](const Layer& layer) {
        return std::ranges::any_of(sas,
                                   [&](const ManualSa& sa) { return keyed_by(sa, policy, layer); });
    });
}

SetkeyStatements read_setkey(std::span<const SetkeyText> texts, const Facts& facts,
                             Findings& findings, Model& model) {
    Reader reader{facts, findings, model};
    for (const SetkeyText& text : texts) reader.read(text);
    return reader.take();
}

void order_exceptions(const SetkeyStatements& statements, Model& model, Findings& findings) {
    const auto stays = [&](const Policy& policy) {
        return std::ranges::any_of(model.kept, [&](const Kept& kept) {
            return kept.at.statement == policy.at.statement && kept.instead.empty();
        });
    };
    for (const Policy& exception : statements.exceptions) {
        const bool came_first = std::ranges::any_of(statements.policies, [&](const Policy& policy) {
            if (stays(policy) || !exception.overlaps(policy)) return false;
            const bool earlier = exception.at.source == policy.at.source
                                     ? exception.at.line() < policy.at.line()
                                     : true;
            return exception.priority < policy.priority ||
                   (exception.priority == policy.priority && earlier);
        });
        const std::string_view what = exception.verdict == setkey::PolicyVerdict::None
                                          ? "an exception in clear"
                                          : "an exception that is dropped";
        model.kept.push_back(
            {.at = exception.at,
             .comment = std::string{what},
             .instead = came_first ? with_first_priority(exception.at) : std::string{}});
        findings.add(
            exception.at,
            {Converted,
             std::format("{}: it stays in the setkey file, for xfrmctl setkey -f{}", what,
                         came_first ? ", with a priority before the policies of xfrmd" : ""),
             ""});
    }
}

}  // namespace xfrmd::migrate
