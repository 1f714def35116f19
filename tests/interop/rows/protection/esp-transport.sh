# SPDX-License-Identifier: Apache-2.0
# about: ESP in transport mode, IPv4
# shellcheck shell=bash
