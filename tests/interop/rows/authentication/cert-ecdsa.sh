# SPDX-License-Identifier: Apache-2.0
# about: certificates, ECDSA P-256
# shellcheck shell=bash
auth=ecdsa
