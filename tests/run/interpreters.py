# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the real Python interpreters of this machine, behind any version manager's shims.

A shim on PATH may exit 127 for a version it lists, and ansible-test scrubs the variables shims live by. So every
candidate is started once and asked where its own binary is; what does not answer is not there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MINORS = range(14, 8, -1)
ASK = (
    "import os, sys\n"
    "try:\n    import ensurepip\nexcept ImportError:\n    ensurepip = None\n"
    "print(sys.version_info[0], sys.version_info[1], bool(ensurepip),"
    " os.path.realpath(getattr(sys, '_base_executable', None) or sys.executable))\n"
)


@dataclass(frozen=True)
class Interpreter:
    """One Python 3: its minor version, the path of the real binary, and whether `python -m venv` brings pip."""

    minor: int
    path: str
    ensurepip: bool

    @property
    def version(self) -> str:
        """Return the version as people write it: `3.11`."""
        return f"3.{self.minor}"


def find() -> dict[int, Interpreter]:
    """Return the interpreters of this machine by minor version, newest first; one that can make a venv wins."""
    found: dict[int, Interpreter] = {}
    for minor in MINORS:
        for path in _candidates(minor):
            interpreter = _ask(path)
            if interpreter is None or interpreter.minor != minor:
                continue
            if minor not in found or (interpreter.ensurepip and not found[minor].ensurepip):
                found[minor] = interpreter
            if interpreter.ensurepip:
                break
    return found


def distribution() -> Interpreter | None:
    """Return the distribution's own interpreter, which sees the distribution's python3-* packages, if there is one."""
    return _ask("/usr/bin/python3") if os.path.exists("/usr/bin/python3") else None


def _candidates(minor: int) -> Iterable[str]:
    name = f"python3.{minor}"
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for home in sorted(pyenv.glob(f"3.{minor}*"), reverse=True):
        yield str(home / "bin" / name)
    folders = os.environ.get("PATH", "").split(os.pathsep) + ["/usr/local/bin", "/usr/bin"]
    for folder in dict.fromkeys(folders):
        if folder and "shims" not in Path(folder).parts:
            yield os.path.join(folder, name)
    yield sys.executable


def _ask(path: str) -> Interpreter | None:
    if not os.access(path, os.X_OK):
        return None
    try:
        answer = subprocess.run(
            [path, "-I", "-c", ASK], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=True
        ).stdout.split(maxsplit=3)
        return Interpreter(int(answer[1]), answer[3].strip(), answer[2] == "True") if answer[0] == "3" else None
    except (OSError, subprocess.SubprocessError, IndexError, ValueError):
        return None
