// SPDX-License-Identifier: Apache-2.0
// Who changes the kernel's tables for us: the kernel itself, or a daemon that runs, so that what is
// done beside what it does is done in its sight. Either way all changes take effect, or none.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "netlink/change.h"
#include "netlink/editor.h"

namespace xfrmd::setkey {

class TableEditor {
  public:
    using Progress = netlink::Editor::Progress;
    virtual ~TableEditor() = default;

    // As netlink::Editor::apply(). ENOTSUP, with nothing taken back, if one of the changes cannot
    // be asked for here.
    virtual std::expected<std::vector<xfrm::EspSpi>, netlink::ChangeRefusal> apply(
        std::vector<netlink::Change> changes, const Progress& progress) = 0;
    // What was changed until here stays. Without it, it is taken back when the editor's process
    // ends, by whoever outlives it.
    virtual std::expected<void, netlink::ChangeRefusal> keep() = 0;
    // Takes everything back. What could not be put back as it was; empty if all was.
    virtual std::string take_back() = 0;
};

[[nodiscard]] std::expected<std::unique_ptr<TableEditor>, xfrm::KernelError> kernel_editor();

// Nothing if no daemon listens on this socket, or none that changes tables for others. For
// policies, and for what goes: keys are in no message, so SAs that come are not asked for there.
[[nodiscard]] std::unique_ptr<TableEditor> daemon_editor(const std::filesystem::path& socket);

}  // namespace xfrmd::setkey
