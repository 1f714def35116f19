# SPDX-License-Identifier: Apache-2.0
# about: a child for one TCP port of xfrmd's host
# shellcheck shell=bash
children=('main - - tcp/7@here')
