#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# The edit loop: pytest on this checkout as it stands. `tests/run/pytest.sh tests/unit/plugins/module_utils/_dane -k name`.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/demo/python.sh
make_venv .work/nox -r tests/run/requirements.txt
made=.nox/pytest/made
if ! [ "$made" -nt noxfile.py ] || ! [ "$made" -nt tests/unit/requirements.txt ]; then
  .work/nox/bin/nox --session pytest --install-only && touch "$made"
fi
exec .work/nox/bin/nox --no-install --session pytest -- "$@"
