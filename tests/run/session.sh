#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# One session of noxfile.py that is no check, for a target of the Makefile: `tests/run/session.sh docs-site`.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/demo/python.sh
need git flock python
make_venv .work/nox -r tests/run/requirements.txt
exec .work/nox/bin/nox --session "$@"
