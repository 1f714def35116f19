// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "cli/setkey/table_editor.h"
#include "netlink/model/result.h"

namespace xfrmd::setkey {

namespace {

class KernelEditor : public TableEditor {
  public:
    explicit KernelEditor(netlink::Editor editor) : editor_{std::move(editor)} {}

    std::expected<std::vector<xfrm::EspSpi>, netlink::ChangeRefusal> apply(
        std::vector<netlink::Change> changes, const Progress& progress) override {
        return editor_.apply(std::move(changes), progress);
    }
    std::expected<void, netlink::ChangeRefusal> keep() override {
        editor_.keep();
        return {};
    }
    std::string take_back() override { return editor_.take_back(); }

  private:
    netlink::Editor editor_;
};

}  // namespace

std::expected<std::unique_ptr<TableEditor>, xfrm::KernelError> kernel_editor() {
    return std::make_unique<KernelEditor>(TRY(netlink::Editor::open()));
}

}  // namespace xfrmd::setkey
