# SPDX-License-Identifier: Apache-2.0
# about: AH in tunnel mode
# shellcheck shell=bash
protocol=ah
mode=tunnel
children=('lan 10.1.0.0/24 10.2.0.0/24 -')
