# SPDX-License-Identifier: Apache-2.0
# about: ESP with IPComp, tunnel mode
# shellcheck shell=bash
compress=yes
mode=tunnel
children=('lan 10.1.0.0/24 10.2.0.0/24 -')
