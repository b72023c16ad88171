#!/bin/sh
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Prints what an instance has: its parameters, and its files with mode, owner and content.
set -eu
postconf -c "$1" -n
find "$1" -type f ! -name main.cf -printf '%f %m %u %g ' -exec sh -c 'sha256sum < "$1"' sh {} \; | sort
