# SPDX-License-Identifier: Apache-2.0
# about: the responder ends it
# shellcheck shell=bash
deleter=responder
