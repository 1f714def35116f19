# SPDX-License-Identifier: Apache-2.0
# about: AH with extended sequence numbers
# shellcheck shell=bash
protocol=ah
ah=sha256-esn

act() { child_suite sha256-esn; }
