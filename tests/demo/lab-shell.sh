#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# A shell inside the test network, with this checkout's collection: try posttls-finger and ansible-playbook side by side.
set -euo pipefail
. "$(dirname "$0")/environment.sh"
exec "$MAILOPS_BIN/python" -B "$MAILOPS_ROOT/tests/lab/lab.py" shell
