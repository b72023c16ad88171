#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Run the project's checks: all of them, or those named: `tests/run/test.sh ruff units-new`; `--list` tells the names.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/run/python.sh
exec "$python" -B tests/run/run.py "$@" </dev/null
