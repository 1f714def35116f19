// SPDX-License-Identifier: Apache-2.0
// Which directives a racoon.conf may hold, and where. One row each: parser, interpreter, hints and
// the migration's table of what becomes of each read it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xfrmd::racoon {

enum class Context : std::uint8_t {
    Global,
    Privsep,
    Padding,
    Listen,
    Radius,
    Ldap,
    ModeCfg,
    Timer,
    Sainfo,
    Remote,
    Proposal,
    Foreign,  // a block of Apple's racoon: anything may stand in it
};

// Who knows the directive.
enum class Era : std::uint8_t {
    Current,  // ipsec-tools 0.8 and its successors
    Old,      // a name of earlier releases, or one that was never documented
    Apple,    // the racoon of macOS only
};

// What its arguments are.
enum class Form : std::uint8_t {
    Own,  // read by a function of its own in the interpreter
    Nothing,
    Switch,  // on|off
    OneOf,   // one of the words that the synopsis joins by '|'
    Number,
    Time,     // NUMBER sec|min|hour
    String,   // "…"
    Strings,  // "…", "…"
    Address,
    Addresses,  // A, B
    Networks,   // A/N, B/N, after one of the words that the synopsis joins by '|'
    EndPoint,   // ADDRESS[PORT]
    Anything,   // not looked at
};

struct Directive {
    Context context = Context::Global;
    std::string_view word;
    std::string_view synopsis;  // the whole statement as it is written, without the semicolon
    Form form = Form::Own;
    Era era = Era::Current;
    bool block = false;          // ends in { … } instead of a semicolon
    bool semicolon_too = false;  // a semicolon in place of the block will do: remote A inherit B;
    Context opens = Context::Foreign;  // what stands in the block
};

// Sorted by context, in the order of the manual.
[[nodiscard]] std::span<const Directive> directives();
// Null if there is no such directive in this context.
[[nodiscard]] const Directive* find_directive(Context context, std::string_view word);
// The words of a context, for suggestions.
[[nodiscard]] std::vector<std::string> words_of(Context context);
// "a remote", "timer", for sentences.
[[nodiscard]] std::string_view name_of(Context context);

// Something that a template had for a value to come: %%IP%%, ${peer}, @PEER@.
[[nodiscard]] bool is_placeholder(std::string_view word);
inline constexpr std::string_view kPlaceholderHint =
    "migrate the file that was made from the template, not the template";

}  // namespace xfrmd::racoon
