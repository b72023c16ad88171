# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes configuration directories of Postfix instances that are never started.

Standard input is a JSON list of {name, main, master}: the folder's name, and what is added to main.cf and, if given, to master.cf.
The argument is the folder to make them in, with a queue directory for all.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

MAIN = "compatibility_level = 3.6\nqueue_directory = %s\nmyhostname = mx.example.org\n%s\n"
MASTER = "smtp inet n - y - - smtpd\n%s\nrelay unix - - y - - smtp\n"

folder = Path(sys.argv[1])
(folder / "queue").mkdir(exist_ok=True)
for instance in json.load(sys.stdin):
    directory = folder / instance["name"]
    directory.mkdir()
    (directory / "main.cf").write_text(MAIN % (folder / "queue", instance["main"]))
    (directory / "master.cf").write_text(MASTER % instance.get("master", ""))
