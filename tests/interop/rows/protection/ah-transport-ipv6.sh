# SPDX-License-Identifier: Apache-2.0
# about: AH in transport mode, IPv6
# shellcheck shell=bash
protocol=ah
family=6
