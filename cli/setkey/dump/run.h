// SPDX-License-Identifier: Apache-2.0
// The dumps as commands: the kernel's tables, and what it tells of them, to a file.
#pragma once

#include <cstdint>
#include <cstdio>

#include "cli/exit_code.h"
#include "cli/setkey/dump/notice_text.h"
#include "cli/setkey/dump/scene.h"
#include "netlink/model/sa_spec.h"

namespace xfrmd::setkey::dump {

enum class Table : std::uint8_t { Sas, Policies };

// Where output goes, and complaints.
struct Streams {
    std::FILE* out = stdout;
    std::FILE* err = stderr;
};

struct TableRequest {
    Table table = Table::Sas;
    std::uint8_t protocol = 0;     // of the SAs; 0 = of any
    bool json = false;             // one object on a line; always complete
    bool with_dead = false;        // -a
    bool without_sockets = false;  // -N: no policies of sockets
    bool forever = false;          // -l: in the short form, again each second
    Options options;
};

struct WatchRequest {
    bool json = false;
    bool hex = false;  // -H: the octets of each message, too
    Stamp stamp = Stamp::TimeOfDay;
    Options options;
};

// Denied without CAP_NET_ADMIN, and for keys to whoever is not root. With `forever`, and in
// watch(), only an error ends it.
[[nodiscard]] cli::ExitCode show_table(const TableRequest& request, const Streams& streams);
// One SA, as show_table() shows each. NotUpOrNotFound if there is none.
[[nodiscard]] cli::ExitCode show_sa(const xfrm::SaId& id, const TableRequest& request,
                                    const Streams& streams);
[[nodiscard]] cli::ExitCode watch(const WatchRequest& request, const Streams& streams);

}  // namespace xfrmd::setkey::dump
