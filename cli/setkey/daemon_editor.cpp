// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <format>
#include <optional>
#include <span>
#include <utility>

#include "cli/fields.h"
#include "cli/setkey/change_text.h"
#include "cli/setkey/table_editor.h"
#include "daemon/api/client.h"
#include "daemon/api/interface.h"

namespace xfrmd::setkey {

using netlink::ChangeRefusal;

namespace {

// In one message: the daemon does nothing else meanwhile, and takes no longer ones.
constexpr std::size_t kStatementsMax = 256;
constexpr std::size_t kOctetsMax = api::kCallSizeMax / 4;  // as JSON, with what stands around them, they still fit

// How many of these go into one message: at least one.
std::size_t some_of(std::span<const std::string> statements) {
    std::size_t count = 0;
    for (std::size_t octets = 0; count < std::min(kStatementsMax, statements.size()); ++count) {
        octets += statements[count].size();
        if (count > 0 && octets > kOctetsMax) break;
    }
    return count;
}

std::string parameters_of(std::span<const std::string> statements, std::string_view then) {
    std::string text = "{\"statements\":[";
    for (const std::string& statement : statements) {
        if (!text.ends_with('[')) text += ',';
        text += cli::json_string(statement);
    }
    text += ']';
    if (!then.empty()) text += std::format(",\"then\":\"{}\"", then);
    return text + '}';
}

// `first` is the position of the call's first statement.
ChangeRefusal refusal_of(const api::Reply& reply, std::size_t first) {
    const auto fields = cli::Fields::parse(reply.parameters);
    if (reply.error != api::error::kChangeRefused)
        return {first, {EBUSY, "xfrmd does not do it now: " + reply.error}, {}};
    const auto position = static_cast<std::size_t>(fields.integer("position").value_or(0));
    return {first + position,
            {static_cast<int>(fields.integer("errno").value_or(EINVAL)), fields.text("detail")},
            fields.text("trouble")};
}

class DaemonEditor : public TableEditor {
  public:
    explicit DaemonEditor(api::Client client) : client_{std::move(client)} {}

    std::expected<std::vector<xfrm::EspSpi>, ChangeRefusal> apply(
        std::vector<netlink::Change> changes, const Progress& progress) override;
    std::expected<void, ChangeRefusal> keep() override;
    std::string take_back() override;

    // Whether the daemon knows this at all.
    bool is_understood() { return call({}, {}, 0).has_value(); }

  private:
    std::expected<cli::Fields, ChangeRefusal> call(std::span<const std::string> statements,
                                                   std::string_view then, std::size_t first);

    api::Client client_;
};

std::expected<std::vector<xfrm::EspSpi>, ChangeRefusal> DaemonEditor::apply(
    std::vector<netlink::Change> changes, const Progress& progress) {
    std::vector<std::string> statements;
    for (const netlink::Change& change : changes) {
        auto text = text_of(change);
        if (!text) return std::unexpected{ChangeRefusal{statements.size(), {ENOTSUP, ""}, {}}};
        statements.push_back(*std::move(text));
    }
    for (std::size_t done = 0; done < statements.size();) {
        const auto left = std::span{statements}.subspan(done);
        const auto some = left.first(some_of(left));
        if (auto replied = call(some, {}, done); !replied)
            return std::unexpected{std::move(replied.error())};
        done += some.size();
        if (progress && !progress(done))
            return std::unexpected{ChangeRefusal{done, {ECANCELED, "interrupted"}, take_back()}};
    }
    return std::vector<xfrm::EspSpi>{};
}

std::expected<void, ChangeRefusal> DaemonEditor::keep() {
    const auto replied = call({}, "keep", 0);
    if (!replied) return std::unexpected{replied.error()};
    return {};
}

std::string DaemonEditor::take_back() {
    const auto replied = call({}, "take_back", 0);
    return replied ? replied->text("trouble") : replied.error().why.what;
}

std::expected<cli::Fields, ChangeRefusal> DaemonEditor::call(
    std::span<const std::string> statements, std::string_view then, std::size_t first) {
    const auto reply = client_.call({.method = std::string{api::method::kChangeTables},
                                     .parameters = parameters_of(statements, then)});
    if (!reply)
        return std::unexpected{ChangeRefusal{first,
                                             {EPIPE, reply.error().what},
                                             "whether xfrmd took its changes back is not known"}};
    if (reply->failed()) return std::unexpected{refusal_of(*reply, first)};
    return cli::Fields::parse(reply->parameters);
}

}  // namespace

std::unique_ptr<TableEditor> daemon_editor(const std::filesystem::path& socket) {
    auto client = api::Client::connect(socket);
    if (!client) return nullptr;
    auto editor = std::make_unique<DaemonEditor>(*std::move(client));
    if (!editor->is_understood()) return nullptr;
    return editor;
}

}  // namespace xfrmd::setkey
