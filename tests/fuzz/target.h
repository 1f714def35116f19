// SPDX-License-Identifier: Apache-2.0
// What a fuzz target is: a function that takes any octets and must survive them, and good inputs to
// begin with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "netlink/model/octets.h"

// The name and form that libFuzzer wants. Always 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace xfrmd::fuzz {

// Valid inputs of this target, made by our own encoders: what is derived from them gets further
// than noise.
[[nodiscard]] std::vector<Bytes> seeds();

// Ends the program with the sentence if the condition does not hold; whoever runs the target shows
// the input.
void require(bool holds, std::string_view sentence);

}  // namespace xfrmd::fuzz
