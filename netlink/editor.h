// SPDX-License-Identifier: Apache-2.0
// The kernel's tables as tools change them: a list of changes after another, each waited for, and
// all of them taken back if one is refused.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <vector>

#include "netlink/change.h"
#include "netlink/undo_log.h"

namespace xfrmd::netlink {

class RequestSocket;

class Editor {
  public:
    // On a socket of its own in the calling thread's network namespace. Needs CAP_NET_ADMIN.
    static std::expected<Editor, xfrm::KernelError> open();
    Editor(Editor&&) noexcept;
    Editor& operator=(Editor&&) noexcept;
    ~Editor();

    // Told how many changes the kernel has confirmed; false: stop, and take all back.
    using Progress = std::function<bool(std::size_t done)>;

    // The SPIs of the reservations, in their order. On refusal, which is about a change of this
    // list, everything is taken back that this editor has changed. ETIMEDOUT if the kernel says
    // nothing for ten seconds; what became of the changes is then unknown.
    std::expected<std::vector<xfrm::EspSpi>, ChangeRefusal> apply(std::vector<Change> changes,
                                                                  const Progress& progress = {});
    // Who has a reqid, for people; empty: nobody that is known.
    using OwnerOf = std::function<std::string(xfrm::ReqId)>;

    // Whether the changes leave alone what somebody has: the first that would remove or replace an
    // entry with a reqid of somebody's, or lets neighbour discovery pass for xfrmd, is told as a
    // refusal (EPERM). Nothing is changed.
    std::expected<void, ChangeRefusal> spare(const std::vector<Change>& changes,
                                             const OwnerOf& owner);
    // Takes everything back. What could not be put back as it was; empty if all was.
    std::string take_back();

    // What was changed until here stays.
    void keep() { log_.clear(); }

  private:
    explicit Editor(std::unique_ptr<RequestSocket> socket);

    std::unique_ptr<RequestSocket> socket_;
    UndoLog log_;
};

}  // namespace xfrmd::netlink
