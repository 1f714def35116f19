# SPDX-License-Identifier: Apache-2.0
# about: AH: sha256
# shellcheck shell=bash
protocol=ah
ah=sha256-noesn

act() { child_suite sha256; }
