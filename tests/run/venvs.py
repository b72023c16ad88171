# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments that are made once and kept until what they were made from changes."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import source_tree
from interpreters import Interpreter

STAMP = "made-from"
PIP = ["-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]


class CannotPrepare(Exception):
    """Something this machine lacks; the text is one sentence for the person at the keyboard."""


def make(folder: Path, interpreter: Interpreter, requirements: Sequence[str]) -> Path:
    """Make the virtual environment C(folder) from C(interpreter) and pip requirements, unless it is there already.

    Returns the folder with its programs. Two callers may ask for the same one at the same time: the second waits.
    """
    made_from = hashlib.sha256("\n".join([interpreter.path, interpreter.version, *requirements]).encode()).hexdigest()
    stamp = folder / STAMP
    folder.parent.mkdir(parents=True, exist_ok=True)
    locks = source_tree.ROOT / ".work" / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with open(locks / folder.name, "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text(encoding="utf-8") == made_from:
            return folder / "bin"
        shutil.rmtree(folder, ignore_errors=True)
        _run([ensurepip(interpreter).path, "-m", "venv", str(folder)])
        if requirements:
            _run([str(folder / "bin" / "python"), *PIP, "install", *requirements])
        stamp.write_text(made_from, encoding="utf-8")
    return folder / "bin"


def ensurepip(interpreter: Interpreter) -> Interpreter:
    """Return an interpreter that can make a venv with pip; Debian's own is given python3-venv first, by root only."""
    if interpreter.ensurepip:
        return interpreter
    package = "python%s-venv" % interpreter.version
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotPrepare(
            "Python %s (%s) cannot make virtual environments: install %s and run this again."
            % (interpreter.version, interpreter.path, package)
        )
    apt_install([package])
    return Interpreter(interpreter.minor, interpreter.path, True)


def apt_install(packages: Sequence[str]) -> None:
    """Install Debian packages as root, refreshing the package lists only when the first try fails."""
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    first = subprocess.run(install, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if first.returncode:
        _run(["apt-get", "update", "-q"], environment)
        _run(install, environment)


def _run(command: Sequence[str], environment: Optional[dict[str, str]] = None) -> None:
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise CannotPrepare("This failed: %s\n%s" % (" ".join(command), tail))
