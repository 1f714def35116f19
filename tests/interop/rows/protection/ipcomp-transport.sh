# SPDX-License-Identifier: Apache-2.0
# about: ESP with IPComp, transport mode
# shellcheck shell=bash
compress=yes
