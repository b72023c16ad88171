# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide guide_diagnosis.rst has, as JSON, and its tasks as files: `guide.py GUIDE FOLDER`.

`tasks` are its blocks of tasks in their order, each with its section and the file that it was written to. `commands` are all commands
of its console blocks with their section, those with a prompt.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import yaml

SECTION = re.compile(r"^(?P<title>.+)\n-{3,}\n", re.MULTILINE)
BLOCK = re.compile(r"^\.\. code-block:: (console|yaml)\n\n((?:    .*\n|\n)+)", re.MULTILINE)


def main(guide: Path, folder: Path) -> None:
    """Read, write, print."""
    text = guide.read_text(encoding="utf-8")
    if text.count(".. code-block::") != len(BLOCK.findall(text)):
        raise SystemExit("a block of code of another kind, which nobody would run")
    found = list(SECTION.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    tasks: list[dict[str, object]] = []
    commands: list[dict[str, object]] = []
    for match, end in zip(found, ends):
        section = match["title"]
        for kind, indented in BLOCK.findall(text[match.end() : end]):
            block = "".join(line[4:] or "\n" for line in indented.splitlines(keepends=True)).strip() + "\n"
            if kind == "console":
                commands += [{"section": section, "command": line[2:]} for line in block.splitlines() if line[:2] in ("$ ", "# ")]
                continue
            path = folder / f"tasks-{len(tasks)}.yml"
            for word, here in {"/tmp/mail": f"{folder}/mail", "192.0.2.53": "127.0.55.2"}.items():
                block = block.replace(word, here)
            if not all("name" in task for task in yaml.safe_load(block)):
                raise SystemExit(f"{section}: tasks have names")
            path.write_text(block, encoding="utf-8")
            tasks.append({"section": section, "file": str(path)})
    print(json.dumps({"tasks": tasks, "commands": commands}))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
