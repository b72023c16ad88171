# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small house in which every rule holds, and one change for each way to break a rule.

A change is a file with its text. Its line that ends in `# <-` is the one that has to be complained of, in documents `<!-- <- -->`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

UTILS = "plugins/module_utils/"
IMPORT = "from ansible_collections.mailops.tls.plugins.module_utils."
ROOM = '"""A room.\n' + "\nIt says what it is.\n" * 5 + '"""\n'
MAP = """# The map

## The map

| Storey | Room | What it is |
|---|---|---|
| **doors** | `plugins/modules/` | modules |
| | `_module/` | their doors |
| **engines** | `_dns/` `_probe/` | engines |
| **ground** | `_text.py` | text |

## Where the world is touched

| What | Files | For what |
|---|---|---|
| sockets | `_probe/link.py` | connections |
| files | `_dns/*.py` | resolv.conf |
| processes | `plugins/modules/*.py` | Ansible's runner |
| clock | `_probe/link.py` | deadlines |
"""
RECORD = "# 0001: A record\n\n**Context.** One.\n\n**Decision.** Two.\n\n**Consequence.** Three. Code: `_probe/link.py`.\n"
LONG = "This is " + "a long, " * 12 + "sentence."
LINK = f'''"""Connections. See `_dns/resolver.py` and decision 0001."""

import socket
import time
{IMPORT}_text import clean


def connect(host: str, clock=time.monotonic) -> str:
    return clean(str((socket.create_connection((host, 25)), clock())))
'''
SOUND: Mapping[str, str] = {
    "README.md": "# A house\n\nSee [the map](docs/architecture.md) and `plugins/modules/probe.py`.\n",
    "docs/architecture.md": MAP,
    "docs/decisions/README.md": "- [0001](0001-a-record.md) A record\n",
    "docs/decisions/0001-a-record.md": RECORD,
    "plugins/modules/probe.py": f"from ansible.module_utils.basic import M\n{IMPORT}_module.probe.run import run\nrun(M.run_command)\n",
    UTILS + "_module/__init__.py": ROOM,
    UTILS + "_module/probe/__init__.py": "",
    UTILS + "_module/probe/run.py": f"{IMPORT}_probe.link import connect\n\n\ndef run(params):\n    return connect(params['host'])\n",
    UTILS + "_module/look/run.py": "def run(params):\n    return params\n",
    UTILS + "_probe/__init__.py": ROOM,
    UTILS + "_probe/link.py": LINK,
    UTILS + "_dns/__init__.py": ROOM,
    UTILS + "_dns/resolver.py": f"{IMPORT}_text import clean\n\nTEXT = clean(open('/etc/resolv.conf').read())\n",
    UTILS + "_text.py": "def clean(text):\n    return text\n",
    "tests/unit/test_link.py": '"""Tests of `_probe/link.py`."""\n',
}


@dataclass(frozen=True)
class Broken:
    """One change that breaks one rule, at the marked line of the file, or where `line` says."""

    rule: str
    path: str
    text: str
    line: int = 0
    also: Mapping[str, str] = field(default_factory=dict)
    """Sound files that the change needs beside it."""

    @property
    def where(self) -> str:
        """File and line of the complaint."""
        marked = [number for number, line in enumerate(self.text.split("\n"), 1) if line.endswith(("# <-", "<!-- <- -->"))]
        return f"{self.path}:{self.line or marked[0]}:"


ATTIC = {UTILS + "_attic/notes.txt": "No file of Python is in this room.\n"}
BACK = {UTILS + "_dns/tlsa.py": f"{IMPORT}_dns.resolver import TEXT\n\nfind = TEXT\n"}
LEANING = {UTILS + "_probe/names.py": f"{IMPORT}_dns.resolver import TEXT\n\nname = TEXT\n"}
BREAKS: tuple[Broken, ...] = (
    Broken("storeys", UTILS + "_dns/tlsa.py", f"import re\n{IMPORT}_module.look.run import run  # <-\n"),
    Broken("storeys", UTILS + "_dns/tlsa.py", f"def find():\n    {IMPORT}_module.look import run  # <-\n    return run\n"),
    Broken("storeys", UTILS + "_dns/tlsa.py", "import typing\nif typing.TYPE_CHECKING:\n    from .._module.look import run  # <-\n"),
    Broken("rooms", UTILS + "_attic/box.py", "A = 1  # <-\n"),
    Broken("rooms", "docs/architecture.md", MAP.replace("`_probe/` | engines |", "`_probe/` `_attic/` | engines |"), 9, ATTIC),
    Broken("circles", UTILS + "_dns/resolver.py", f"{IMPORT}_dns.tlsa import find  # <-\n\nTEXT = open(find)\n", also=BACK),
    Broken("circles", UTILS + "_dns/tlsa.py", f"import re\n{IMPORT}_probe.link import connect  # <-\n", also=LEANING),
    Broken("doors", UTILS + "_module/look/run.py", f"{IMPORT}_module.probe.run import run  # <-\n\n\nlook = run\n"),
    Broken("ansible", UTILS + "_dns/tlsa.py", "def find():\n    from ansible.errors import AnsibleError  # <-\n    return AnsibleError\n"),
    Broken("world", UTILS + "_probe/route.py", "import socket as s\n\nLOOK_UP = s.getaddrinfo  # <-\n"),
    Broken("world", UTILS + "_probe/route.py", "from subprocess import run\n\n\ndef dig():\n    return run(['dig'])  # <-\n"),
    Broken("world", UTILS + "_probe/route.py", "def read(name):\n    with open(name) as stream:  # <-\n        return stream.read()\n"),
    Broken("world", UTILS + "_probe/route.py", "import datetime\n\n\ndef now():\n    return datetime.datetime.now()  # <-\n"),
    Broken("world", UTILS + "_probe/route.py", "import asyncio\n\n\ndef now():\n    return asyncio.get_running_loop().time()  # <-\n"),
    Broken("world", "docs/architecture.md", MAP.replace("| clock | `_probe/link.py`", "| clock | `_probe/link.py` `_text.py`"), 19),
    Broken("parameters", UTILS + "_dns/tlsa.py", "def find(params):  # <-\n    return 1\n"),
    Broken("parameters", UTILS + "_dns/tlsa.py", "def find(module):\n    return module.params['host']  # <-\n"),
    Broken("parameters", UTILS + "_dns/tlsa.py", "def find(run, options):\n    return run(params=options)  # <-\n"),
    Broken("sizes", UTILS + "_dns/tlsa.py", "A = 1\n" * 401, 401),
    Broken("sizes", "tests/unit/test_link.py", '"""Tests."""\n' + "A = 1\n" * 401, 401),
    Broken("sizes", UTILS + "_dns/tlsa.py", "A = 1\n\n\nasync def find():  # <-\n" + "    await 1\n" * 50),
    Broken("words", UTILS + "_dns/tlsa.py", "A = 1\n\n\nclass Whose:  # <-\n    pass\n"),
    Broken("words", UTILS + "_dns/tlsa.py", "from x import Reply as Answer  # <-\n"),
    Broken("findings", UTILS + "_dns/tlsa.py", "from x import FindingKind\n\nGONE = FindingKind('gone', 'It is gone')  # <-\n"),
    Broken("findings", UTILS + "_dns/tlsa.py", "from x import Finding\n\nGONE = Finding('gone', 'x')  # <-\n"),
    Broken("docstrings", UTILS + "_dns/tlsa.py", 'def find(name):\n    """Find.\n\n    O(name) is a name.\n    """\n', 4),
    Broken("docstrings", "tests/unit/test_link.py", '"""Tests of C(link)."""\n', 1),
    Broken("packages", UTILS + "_dns/__init__.py", '"""Too short."""\n', 1),
    Broken("packages", UTILS + "_dns/__init__.py", ROOM + "A = 1  # <-\n"),
    Broken("paths", "README.md", "# A house\n\nSee `_dns/gone.py`. <!-- <- -->\n"),
    Broken("paths", "README.md", "# A house\n\nSee [the map](docs/gone.md). <!-- <- -->\n"),
    Broken("paths", "CONTRIBUTING.md", "A module is `_module/NAME/{run,options}.py`. <!-- <- -->\n"),
    Broken("paths", "roles/one/README.md", "See [the map](../../architecture.md). <!-- <- -->\n"),
    Broken("paths", UTILS + "_dns/tlsa.py", '"""Finds, as `gone.py` did."""\n', 1),
    Broken("paths", UTILS + "_dns/tlsa.py", "A = 1\n# as tests/unit/gone.py has it  # <-\n"),
    Broken("decisions", "docs/architecture.md", MAP + "See decision 0002. <!-- <- -->\n"),
    Broken("decisions", UTILS + "_dns/tlsa.py", "A = 1  # decision 0001  # <-\n"),
    Broken("decisions", "docs/decisions/0002-another.md", RECORD, 1),
    Broken("decisions", "docs/decisions/0001-a-record.md", RECORD.replace("**Decision.** ", ""), 1),
    Broken("sentences", "README.md", f"# A house\n\nShort.\n\n- {LONG} <!-- <- -->\n"),
    Broken("sentences", "docs/docsite/rst/guide_house.rst", f"House\n=====\n\nShort.\n\n::\n\n    {LONG}\n\n{LONG}\n", 10),
    Broken("sentences", "plugins/modules/look.py", f'DOCUMENTATION = r"""\ndescription:\n  - Short.\n  - {LONG}\n"""\n', 4),
)


def build(root: Path, *changes: Mapping[str, str]) -> None:
    """Write the sound house with the changed files in place of its own."""
    files = dict(SOUND)
    for change in changes:
        files.update(change)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
