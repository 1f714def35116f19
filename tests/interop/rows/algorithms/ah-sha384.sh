# SPDX-License-Identifier: Apache-2.0
# about: AH: sha384
# shellcheck shell=bash
protocol=ah
ah=sha384-noesn

act() { child_suite sha384; }
