# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn the examples of a module's documentation into a file of tasks that run in the test network.

Usage: examples.py TASKS; standard input: {"documentation": the JSON of ansible-doc, "names": [[WRITTEN, MEANT], ...]}.
After each example that uses the module a task is added that asserts a good end. Prints the number of those examples.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

PLACEHOLDERS = re.compile(r"\bexample\.(?:org|com|net)\b|192\.0\.2\.|2001:db8:|/etc/|/var/")
GOOD = "probe.summary.destinations == probe.summary.by_status.verified"


def adapt(text: str, names: list[list[str]]) -> str:
    """The examples with names of the test network. Raises SystemExit when a name is left that does not exist there."""
    for written, meant in names:
        text = text.replace(written, meant)
    left = PLACEHOLDERS.search(re.sub(r"(?m)^- name:.*$", "", text))
    if left:
        raise SystemExit(f"nothing stands for {left.group()} in the examples")
    return text


def tasks(examples: list[dict[str, Any]], module: str) -> list[dict[str, Any]]:
    """The examples as tasks, each use of the module followed by an assertion."""
    found = []
    for example in examples:
        if module not in example:
            found.append(example)
            continue
        found.append({**example, "register": "probe"})
        found.append({"name": "It ends verified", "ansible.builtin.assert": {"that": [GOOD]}})
    return found


def main(target: Path) -> None:
    """Write the tasks."""
    given = json.load(sys.stdin)
    ((module, documented),) = given["documentation"].items()
    made = tasks(yaml.safe_load(adapt(documented["examples"], given["names"])), module)
    target.write_text(yaml.safe_dump(made, sort_keys=False), encoding="utf-8")
    print(sum(1 for task in made if module in task))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
