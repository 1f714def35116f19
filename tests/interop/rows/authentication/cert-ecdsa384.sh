# SPDX-License-Identifier: Apache-2.0
# about: certificates, ECDSA P-384
# shellcheck shell=bash
auth=ecdsa384
