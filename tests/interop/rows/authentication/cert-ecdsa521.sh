# SPDX-License-Identifier: Apache-2.0
# about: certificates, ECDSA P-521
# shellcheck shell=bash
auth=ecdsa521
