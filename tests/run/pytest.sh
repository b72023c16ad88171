#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# The edit loop: pytest on this checkout as it stands. `tests/run/pytest.sh tests/unit/plugins/module_utils/_dane -k name`.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/run/python.sh
exec "$python" -B tests/run/run.py --pytest "$@"
