// SPDX-License-Identifier: Apache-2.0
// What became of each statement of the old files, and what is left to do. As values; `render` makes
// text or JSON of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xfrmd::migrate {

enum class Verdict : std::uint8_t {
    Decide,     // somebody must choose before this is done
    Security,   // the old setting was weak, and the new one is not the same
    Lost,       // what it did is not done any more
    Converted,  // it says the same in another place
    NotNeeded,  // it has no meaning in IKEv2, or goes without saying
};

// In the order in which a report tells them.
inline constexpr Verdict kVerdicts[] = {Verdict::Decide, Verdict::Security, Verdict::Lost,
                                        Verdict::Converted, Verdict::NotNeeded};

// "decide", "changes_security", "lost", "converted", "not_needed".
[[nodiscard]] std::string_view word_of(Verdict verdict);

struct Entry {
    Verdict verdict = Verdict::Converted;
    std::string file;
    std::uint32_t line = 0;  // 0: the file as a whole
    std::string statement;  // as it is written, without secrets; empty: something that is not there
    std::string text;       // what became of it, or what is the matter
    std::string action;     // what to do; empty if there is nothing to do
};

// A host that speaks IKEv1 to this one until it switches, too.
struct Peer {
    std::string address;
    std::string connection;  // its name in the new configuration
};

struct Report {
    std::vector<Entry> entries;  // in the order of the files and lines
    std::vector<Peer> peers;

    [[nodiscard]] std::size_t count(Verdict verdict) const;
};

}  // namespace xfrmd::migrate
