# SPDX-License-Identifier: Apache-2.0
# about: certificates, RSA with 3072 bits
# shellcheck shell=bash
auth=rsa
