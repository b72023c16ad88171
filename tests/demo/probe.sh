#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Probe the mail servers of one or more domains from this machine: `tests/demo/probe.sh example.org example.net`.
set -euo pipefail
if [ $# -eq 0 ]; then
  echo "Which domain? For example: make probe DOMAIN=example.org" >&2
  exit 2
fi
. "$(dirname "$0")/environment.sh"
play probe "destinations=$(IFS=,; echo "$*")"
