# SPDX-License-Identifier: Apache-2.0
# about: one packet in twenty is lost, each way
# shellcheck shell=bash
loss=5
mode=tunnel
children=('lan 10.1.0.0/24 10.2.0.0/24 -')
