# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a trace of strace and prints, for each file written in a folder, what was done to it in which order.

A file is known by the name under which it was created until it is renamed or linked to its last name.
"""

from __future__ import annotations

import json
import os
import re
import sys

CREATE = re.compile(r'open(?:at)?\((?:[^,"]*<([^>]*)>, )?"([^"]+)", ([A-Z_|]*O_CREAT[A-Z_|]*), (0[0-7]*)\) = (\d+)<')
ON_DESCRIPTOR = re.compile(r"(fchmod|fchown|write|fsync)\(\d+<([^>]*)>(?:, (0[0-7]+))?")
NAME = re.compile(r'(linkat|renameat2?)\(\d+<[^>]*>, "([^"]+)", \d+<[^>]*>, "([^"]+)"')
WORDS = {"fchmod": "mode", "fchown": "owner", "write": "write", "fsync": "sync"}

files: dict[str, dict[str, object]] = {}
trace, folder = sys.argv[1:]
for line in open(trace, encoding="utf-8", errors="replace"):
    created, done, named = CREATE.search(line), ON_DESCRIPTOR.search(line), NAME.search(line)
    if created and os.path.dirname(os.path.join(created.group(1) or "", created.group(2))) == folder:
        path = os.path.join(folder, created.group(2))
        files[path] = {"calls": ["create"], "created": created.group(4), "flags": created.group(3), "modes": [], "name": None}
    elif done and done.group(2) in files:
        file = files[done.group(2)]
        file["calls"].append(WORDS[done.group(1)])
        if done.group(1) == "fchmod":
            file["modes"].append(done.group(3))
    elif named and os.path.join(folder, named.group(2)) in files:
        file = files[os.path.join(folder, named.group(2))]
        file["calls"].append("name")
        file["name"] = named.group(3)
print(json.dumps({"files": list(files.values())}))
