// SPDX-License-Identifier: Apache-2.0
#include "daemon/table_changes.h"

#include <cerrno>
#include <utility>

#include "cli/setkey/change_text.h"

namespace xfrmd::daemon {

using netlink::Change;

namespace {

std::expected<std::vector<Change>, TableRefusal> read(const std::vector<std::string>& statements) {
    std::vector<Change> changes;
    for (const std::string& statement : statements) {
        auto change = setkey::change_of(statement);
        if (!change)
            return std::unexpected{
                TableRefusal{changes.size(), EINVAL, std::move(change.error()), {}}};
        changes.push_back(*std::move(change));
    }
    return changes;
}

TableRefusal told(netlink::ChangeRefusal refusal) {
    return {refusal.position, refusal.why.error_number, std::move(refusal.why.what),
            std::move(refusal.trouble)};
}

}  // namespace

TableChanges::~TableChanges() {
    if (open_) open_->editor.take_back();
}

std::expected<void, TableRefusal> TableChanges::change(ClientId client,
                                                       const std::vector<std::string>& statements) {
    if (open_ && open_->client != client)
        return std::unexpected{TableRefusal{
            0, EBUSY, "somebody else is changing the tables; try again when that is done", {}}};
    if (statements.empty()) return {};
    auto changes = read(statements);
    if (!changes) {
        changes.error().trouble = take_back(client);
        return std::unexpected{std::move(changes.error())};
    }
    if (!open_) {
        auto editor = netlink::Editor::open();
        if (!editor)
            return std::unexpected{
                TableRefusal{0, editor.error().error_number, editor.error().what, {}}};
        open_.emplace(client, std::move(*editor));
    }
    if (auto spared = open_->editor.spare(*changes, owner_); !spared) {
        TableRefusal refusal = told(std::move(spared.error()));
        refusal.trouble = take_back(client);
        return std::unexpected{std::move(refusal)};
    }
    if (auto applied = open_->editor.apply(std::move(*changes)); !applied) {
        open_.reset();  // the editor has taken all back
        return std::unexpected{told(std::move(applied.error()))};
    }
    open_->changes += statements.size();
    return {};
}

std::size_t TableChanges::keep(ClientId client) {
    if (!open_ || open_->client != client) return 0;
    return std::exchange(open_, std::nullopt)->changes;
}

std::string TableChanges::take_back(ClientId client) {
    if (!open_ || open_->client != client) return {};
    return std::exchange(open_, std::nullopt)->editor.take_back();
}

}  // namespace xfrmd::daemon
