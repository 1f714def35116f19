# SPDX-License-Identifier: Apache-2.0
# about: AH in transport mode, IPv4
# shellcheck shell=bash
protocol=ah
