// SPDX-License-Identifier: Apache-2.0
// Changes that clients make to the kernel's tables beside ours: statements in numbers, over as many
// calls as it takes, until the client keeps them. Who goes away before has changed nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "netlink/editor.h"

namespace xfrmd::daemon {

struct TableRefusal {
    std::size_t position = 0;  // of the statement in its call
    int error_number = 0;      // errno
    std::string detail;        // for people
    // What could not be put back as it was; empty if all was.
    std::string trouble;
};

class TableChanges {
  public:
    using ClientId = std::uint64_t;
    // The protocol waits while the kernel works through one call's statements.
    static constexpr std::size_t kStatementsMax = 256;

    // Entries with a reqid that `owner` names somebody for are not for clients to remove or
    // replace.
    explicit TableChanges(netlink::Editor::OwnerOf owner) : owner_{std::move(owner)} {}
    TableChanges(const TableChanges&) = delete;
    TableChanges& operator=(const TableChanges&) = delete;
    ~TableChanges();

    // A refusal takes back what this client has changed since it last kept something. EBUSY while
    // another client is at it.
    std::expected<void, TableRefusal> change(ClientId client,
                                             const std::vector<std::string>& statements);
    // How many changes stay.
    std::size_t keep(ClientId client);
    // What could not be put back as it was. Of a client that has changed nothing: nothing.
    std::string take_back(ClientId client);

  private:
    struct Open {
        ClientId client = 0;
        netlink::Editor editor;
        std::size_t changes = 0;
    };

    netlink::Editor::OwnerOf owner_;
    std::optional<Open> open_;
};

}  // namespace xfrmd::daemon
