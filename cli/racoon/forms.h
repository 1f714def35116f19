// SPDX-License-Identifier: Apache-2.0
// Checks the arguments of directives that nobody needs typed.
#pragma once

#include "cli/racoon/tree.h"

namespace xfrmd::racoon {

// Tells arguments that do not have the form of their directive. Nothing for Form::Own.
void check_form(const Statement& statement, Mistakes& mistakes);

}  // namespace xfrmd::racoon
