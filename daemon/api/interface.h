// SPDX-License-Identifier: Apache-2.0
// The names of the control interface and its description in Varlink's own language, which is its
// manual.
#pragma once

#include <array>
#include <string_view>

namespace xfrmd::api {

inline constexpr std::string_view kInterface = "io.xfrmd";
inline constexpr std::string_view kServiceInterface = "org.varlink.service";
inline constexpr std::string_view kVendor = "xfrmd";
inline constexpr std::string_view kProduct = "xfrmd";
inline constexpr std::string_view kUrl = "";

// The daemon's socket in its runtime directory, and that directory unless told otherwise.
inline constexpr std::string_view kSocketName = "io.xfrmd";
// Beside it: what the daemon has put into the kernel (netlink/record.h).
inline constexpr std::string_view kRecordName = "kernel-record";
inline constexpr std::string_view kDefaultRuntimeDirectory = "/run/xfrmd";
inline constexpr std::string_view kDefaultSocket = "/run/xfrmd/io.xfrmd";

// Who may call what, besides root and the daemon's own user.
inline constexpr std::string_view kReadersGroup = "xfrmd";
inline constexpr std::string_view kAdminsGroup = "xfrmd-admin";

namespace method {
inline constexpr std::string_view kStatus = "io.xfrmd.Status";
inline constexpr std::string_view kListConnections = "io.xfrmd.ListConnections";
inline constexpr std::string_view kListIkeSas = "io.xfrmd.ListIkeSas";
inline constexpr std::string_view kListChildren = "io.xfrmd.ListChildren";
inline constexpr std::string_view kListPolicies = "io.xfrmd.ListPolicies";
inline constexpr std::string_view kListSas = "io.xfrmd.ListSas";
inline constexpr std::string_view kFindOwner = "io.xfrmd.FindOwner";
inline constexpr std::string_view kShow = "io.xfrmd.Show";
inline constexpr std::string_view kMetrics = "io.xfrmd.Metrics";
inline constexpr std::string_view kUp = "io.xfrmd.Up";
inline constexpr std::string_view kDown = "io.xfrmd.Down";
inline constexpr std::string_view kRekey = "io.xfrmd.Rekey";
inline constexpr std::string_view kMonitor = "io.xfrmd.Monitor";
inline constexpr std::string_view kReload = "io.xfrmd.Reload";
inline constexpr std::string_view kPlan = "io.xfrmd.Plan";
inline constexpr std::string_view kApply = "io.xfrmd.Apply";
inline constexpr std::string_view kConfirm = "io.xfrmd.Confirm";
inline constexpr std::string_view kChangeTables = "io.xfrmd.ChangeTables";
inline constexpr std::string_view kExportKeys = "io.xfrmd.ExportKeys";
inline constexpr std::string_view kFlush = "io.xfrmd.Flush";
inline constexpr std::string_view kGetLogLevel = "io.xfrmd.GetLogLevel";
inline constexpr std::string_view kSetLogLevel = "io.xfrmd.SetLogLevel";
inline constexpr std::string_view kGetInfo = "org.varlink.service.GetInfo";
inline constexpr std::string_view kGetInterfaceDescription =
    "org.varlink.service.GetInterfaceDescription";
}  // namespace method

namespace error {
inline constexpr std::string_view kUnknownConnection = "io.xfrmd.UnknownConnection";
inline constexpr std::string_view kNegotiationFailed = "io.xfrmd.NegotiationFailed";
inline constexpr std::string_view kNotPermitted = "io.xfrmd.NotPermitted";
inline constexpr std::string_view kConfigurationInvalid = "io.xfrmd.ConfigurationInvalid";
inline constexpr std::string_view kShuttingDown = "io.xfrmd.ShuttingDown";
inline constexpr std::string_view kKernelFailed = "io.xfrmd.KernelFailed";
inline constexpr std::string_view kNothingToConfirm = "io.xfrmd.NothingToConfirm";
inline constexpr std::string_view kChangeRefused = "io.xfrmd.ChangeRefused";
inline constexpr std::string_view kOverrun = "io.xfrmd.Overrun";
inline constexpr std::string_view kReplyTooLarge = "io.xfrmd.ReplyTooLarge";
inline constexpr std::string_view kTooManyClients = "io.xfrmd.TooManyClients";
inline constexpr std::string_view kInterfaceNotFound = "org.varlink.service.InterfaceNotFound";
inline constexpr std::string_view kMethodNotFound = "org.varlink.service.MethodNotFound";
inline constexpr std::string_view kMethodNotImplemented =
    "org.varlink.service.MethodNotImplemented";
inline constexpr std::string_view kInvalidParameter = "org.varlink.service.InvalidParameter";
inline constexpr std::string_view kExpectedMore = "org.varlink.service.ExpectedMore";
}  // namespace error

// What is written into the log, from the least to the most; each level includes those before it.
inline constexpr std::array<std::string_view, 5> kLogLevels{"error", "warning", "notice", "info",
                                                            "debug"};

namespace event {
inline constexpr std::string_view kConnectionState = "connection_state";
inline constexpr std::string_view kSynchronized = "synchronized";
inline constexpr std::string_view kReloaded = "reloaded";
}  // namespace event

// What an event may be about: those of the core, in the order of ike::Event, and our own.
inline constexpr std::array<std::string_view, 15> kEventTypes{
    "progress",           "ike_sa_up",          "ike_sa_rekeyed",
    "ike_sa_moved",       "ike_sa_down",        "child_up",
    "child_rekeyed",      "child_down",         "negotiation_failed",
    "policy_failed",      "policies_installed", "ikev1_peer",
    event::kConnectionState, event::kSynchronized, event::kReloaded};

// The description of `interface` as GetInterfaceDescription returns it; empty if there is no such
// interface here.
[[nodiscard]] std::string_view interface_description(std::string_view interface);

}  // namespace xfrmd::api
