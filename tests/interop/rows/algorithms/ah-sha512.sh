# SPDX-License-Identifier: Apache-2.0
# about: AH: sha512
# shellcheck shell=bash
protocol=ah
ah=sha512-noesn

act() { child_suite sha512; }
