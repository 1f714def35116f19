# SPDX-License-Identifier: Apache-2.0
# about: pre-shared key, domain names
# shellcheck shell=bash
