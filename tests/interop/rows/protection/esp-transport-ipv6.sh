# SPDX-License-Identifier: Apache-2.0
# about: ESP in transport mode, IPv6
# shellcheck shell=bash
family=6
