# SPDX-License-Identifier: Apache-2.0
# about: certificates, Ed25519
# shellcheck shell=bash
auth=ed25519
