# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide guide_postfix_tls.rst has, as JSON, and its tasks as files: `guide.py GUIDE SCRIPT FOLDER`.

`overview` and `sections` are the subcommands in its table and in its headings, `options` the letters in its table of options.
`pairs` are, for each subcommand, the blocks of tasks in their order: the command in front of them (none where the guide has no such
command), the file that the tasks were written to, and the variables they register. `program` and `letters` are the subcommands and
letters that Postfix's own script takes.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import yaml

ROW = re.compile(r"^   \* - ``([^`]+)``$", re.MULTILINE)
SECTION = re.compile(r"^(?P<title>.+)\n-{3,}\n", re.MULTILINE)
SUBSECTION = re.compile(r"^(?P<title>[a-z-]+)\n\^{3,}\n", re.MULTILINE)
BLOCK = re.compile(r"^\.\. code-block:: (console|yaml)\n\n((?:    .*\n|\n)+)", re.MULTILINE)
CASE = re.compile(r"^([a-z-]*[a-z])\)$", re.MULTILINE)
GETOPTS = re.compile(r"getopts :([a-z:]+) _opt$", re.MULTILINE)


def parts(text: str, heading: re.Pattern[str]) -> dict[str, str]:
    """The texts below headings of one level."""
    found = list(heading.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return {match["title"]: text[match.end() : end] for match, end in zip(found, ends)}


def pairs(title: str, text: str, folder: Path) -> list[dict[str, object]]:
    """The blocks of tasks of a section, written to files."""
    found: list[dict[str, object]] = []
    command = None
    for kind, indented in BLOCK.findall(text):
        block = "".join(line[4:] or "\n" for line in indented.splitlines(keepends=True)).strip() + "\n"
        if kind == "console":
            prompt, command = block[:2], block[2:].strip()
            if prompt != "# " or "\n" in command:
                raise SystemExit(f"{title}: one command, please")
            continue
        tasks = yaml.safe_load(block)
        path = folder / (f"{title}-{len(found)}.yml")
        path.write_text(block, encoding="utf-8")
        registered = [task["register"] for task in tasks if "register" in task]
        found.append({"command": command, "tasks": str(path), "register": registered})
        command = None
    if command is not None:
        raise SystemExit(f"{title}: no tasks for {command}")
    return found


def main(guide: Path, script: Path, folder: Path) -> None:
    """Read, write, print."""
    sections = parts(guide.read_text(encoding="utf-8"), SECTION)
    subcommands = parts(sections["Subcommands"], SUBSECTION)
    for title, text in sections.items():
        if title != "Subcommands" and BLOCK.search(text):
            raise SystemExit(f"code under {title}, which nobody would run")
    program = script.read_text(encoding="utf-8")
    print(json.dumps({
        "overview": ROW.findall(sections["Overview"]),
        "sections": list(subcommands),
        "options": [word[1:] for word in ROW.findall(sections["Options"]) if word.startswith("-")],
        "pairs": {title: pairs(title, text, folder) for title, text in subcommands.items()},
        "program": CASE.findall(program.partition("# Parse JCL")[2]),
        "letters": sorted(set("".join(GETOPTS.findall(program)).replace(":", ""))),
    }))  # fmt: skip


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
