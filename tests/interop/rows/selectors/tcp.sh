# SPDX-License-Identifier: Apache-2.0
# about: a child for TCP alone
# shellcheck shell=bash
children=('main - - tcp')
