#!/bin/sh
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"exec" "${LAB_PYTHON:-python3}" "$0" "$@"
# The line above is a command for sh and a string for Python: the file runs with whatever python3 is first.
# All it does is to make the package importable, in place of its own folder; see commands.py.

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[3])

from tests.lab.rollover.commands import main  # noqa: E402

sys.exit(main(sys.argv[1:]))
