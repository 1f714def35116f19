# SPDX-License-Identifier: Apache-2.0
# about: certificates of an intermediate authority; both know the root alone
# shellcheck shell=bash
auth=ecdsa
chain=yes
