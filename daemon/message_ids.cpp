// SPDX-License-Identifier: Apache-2.0
#include "daemon/message_ids.h"

#include <algorithm>
#include <array>

namespace xfrmd::daemon {
namespace {

constexpr auto kKinds = std::to_array<MessageKind>({
    {"ike_sa_up", "df849f75806641d7b7ef13358a4e05a4"},
    {"ike_sa_rekeyed", "ed1edb77b2874aa8b06df3f8bb2ed8b9"},
    {"ike_sa_moved", "1d4dceb55e5d44d8b2dd9ae3fca150d9"},
    {"ike_sa_down", "7cb684fd6803467fb80ab05ecb17c353"},
    {"child_up", "fbecef51d07f4a48930fcf75bc443031"},
    {"child_rekeyed", "e4a4ae415b20418f9e39e3b250718a31"},
    {"child_down", "c42bd907285e455eb7d3ef776e6263cf"},
    {"negotiation_failed", "c42ba64d65024390977afe02bf7105e5"},
    {"policy_failed", "2485780ded5d4296872df31e0efa993e"},
    {"policies_installed", "32597a98222b4bf9828497684b51581f"},
    {"ikev1_peer", "21685ed84a8041da9229d6da8596a156"},
    {"configuration_in_force", "e9ce110571ed4dcca060d7b0abdcb82d"},
    {"reload_refused", "0c2108638dab47218da744c2b1cb92aa"},
    {"configuration_mistake", "ddfd7d386e394d6794bddfb814d0db68"},
    {"configuration_warning", "9b0e6a52f1c64a6f8f6d1c2c0a9a4d7e"},
    {"connection_waits", "a3bfc7edfe294ec3818e59963409aacb"},
    {"stopping", "739ed27d941d44f2b13f7b2b92d82813"},
    {"former_run", "e7acbe7c743342ce928f0ebe236f0fa1"},
    {"orphans_removed", "437dba390b6f4b2db249cab057f4f235"},
    {"flushed", "754a5b7e188c42ffa6e7de3f2e87c1e6"},
    {"kernel_incomplete", "eb999ce1146e43d88428b54881eb4ebb"},
    {"keys_exported", "e38dc7c1d2ba4d30b9aa8897085099d5"},
    {"record_trouble", "2d1020dd60c842ca98f4919cb1e13810"},
});

}  // namespace

std::span<const MessageKind> message_kinds() {
    return kKinds;
}

std::string_view message_id(std::string_view event) {
    const auto found = std::ranges::find(kKinds, event, &MessageKind::event);
    return found == kKinds.end() ? std::string_view{} : found->id;
}

}  // namespace xfrmd::daemon
