# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments that are made once and kept until what they were made from changes."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import debian
import source_tree
from interpreters import Interpreter

STAMP = "made-from"
PIP = ["-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]


class CannotPrepare(Exception):
    """Something this machine lacks; the text is one sentence for the person at the keyboard."""


def make(folder: Path, interpreter: Interpreter, requirements: Sequence[str]) -> Path:
    """Make the virtual environment `folder` from `interpreter` and pip requirements, unless it is there already.

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
    package = f"python{interpreter.version}-venv"
    if not debian.can_install():
        raise CannotPrepare(
            f"Python {interpreter.version} ({interpreter.path}) cannot make virtual environments: install {package} and run this again."
        )
    try:
        debian.install([package])
    except debian.CannotInstall as error:
        raise CannotPrepare(str(error)) from None
    return Interpreter(interpreter.minor, interpreter.path, True)


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise CannotPrepare("This failed: {}\n{}".format(" ".join(command), tail))
