#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Make a report of the last run of an audit: `tests/demo/report.sh mx-audit title="Our partners"`.
set -euo pipefail
audit=$(realpath -m -- "${1:-mx-audit}")
shift || true
if ! [ -d "$audit/runs" ]; then
  echo "There is no audit in $audit. Make one by make audit, or name its directory: make report AUDIT=directory" >&2
  exit 2
fi
. "$(dirname "$0")/environment.sh"
play report "directory=$audit" "$@"
