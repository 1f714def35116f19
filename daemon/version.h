// SPDX-License-Identifier: Apache-2.0
// The version of this build, as the top CMakeLists.txt has it.
#pragma once

namespace xfrmd::daemon {

inline constexpr const char* kVersion = XFRMD_VERSION;

}  // namespace xfrmd::daemon
