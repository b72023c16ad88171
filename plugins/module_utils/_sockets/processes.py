# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes as `/proc/PID` describes them, and which of those that hold a socket is the one to name (proc(5)).

Pure. Arguments of a program can be passwords, so of a command only the program is told, and of an interpreter its script.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_INTERPRETER = re.compile(r"(?:python|perl|ruby|node|nodejs|bash|dash|sh|php|tclsh|guile)[0-9.]*\Z")
_LONGEST = 200


@dataclass(frozen=True)
class Process:
    """A process. `program` is the path or name that it was started by, empty where it cannot be read; `user` a name, or a number."""

    pid: int
    name: str
    parent: int
    user: str
    program: str = ""

    def as_facts(self) -> dict[str, object]:
        """Return `process` of facts."""
        return {"name": self.name, "pid": self.pid, "user": self.user, "command": self.program or None}


def read_status(text: str) -> tuple[str, int, int] | None:
    """Return name, parent and effective user of a process by its `status`; None when that is not what it says."""
    values = dict(line.split(":", 1) for line in text.split("\n") if ":" in line)
    parent, users = values.get("PPid", "").strip(), values.get("Uid", "").split()
    if not parent.isdecimal() or len(users) < 2 or not users[1].isdecimal():
        return None
    return clean(values.get("Name", "").strip(), _LONGEST), int(parent), int(users[1])


def program_of(arguments: bytes) -> str:
    """Return the program of a `cmdline`, with its script where an interpreter runs one.

    A process can write what it likes there: `dovecot` and `sendmail` have a sentence. Only the first word counts then.
    """
    words = [clean(word, _LONGEST) for word in arguments.rstrip(b"\0").split(b"\0")]
    if len(words) == 1:
        words = words[0].split(" ")[:1]
    program, rest = words[0], words[1:]
    script = _script(rest) if _INTERPRETER.match(program.rpartition("/")[2]) else ""
    return f"{program} {script}".rstrip()


def _script(arguments: list[str]) -> str:
    """The first argument that is no option. Behind an option it may be that option's value, which is not told."""
    return arguments[0] if arguments and not arguments[0].startswith("-") else ""


def in_order(processes: Iterable[Process]) -> tuple[Process, ...]:
    """Return holders of one socket with the one in front that all others have it from: it is no child of any of them."""
    distinct = {process.pid: process for process in processes}
    return tuple(sorted(distinct.values(), key=lambda process: (process.parent in distinct, process.pid)))
