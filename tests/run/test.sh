#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Run the project's checks: all of them, or those named: `tests/run/test.sh ruff units-new`; `--list` tells the names.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/demo/python.sh
need git flock python
git -c safe.directory='*' rev-parse HEAD >/dev/null || { echo "The checks run in a git checkout, which tells source from the rest." >&2; exit 1; }
make_venv .work/nox -r tests/run/requirements.txt
if [ "${1-}" = --list ]; then
  exec .work/nox/bin/nox --list
fi
exec .work/nox/bin/python -B tests/run/run.py "$@" </dev/null
