# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepare what a person needs to use this checkout: ansible-core, the libraries and the built, installed collection.

Everything goes into `.venv` of the checkout and is kept until its source changes. Prints shell assignments for
`environment.sh`, or one sentence on standard error when this machine lacks something.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import interpreters
import source_tree
import venvs

OLDEST_CONTROLLER = 10
VENV = source_tree.ROOT / ".venv"


def requirements() -> list[str]:
    """Return ansible-core and the lines of requirements.txt; pip takes the newest that the Python can run."""
    lines = (source_tree.ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return ["ansible-core>=2.17"] + [line for line in lines if line and not line.startswith("#")]


def install_collection(programs: Path) -> Path:
    """Build the collection's archive and install it under `.venv/collections`, unless the same one is there."""
    names = source_tree.files()
    collections = VENV / "collections"
    stamp = collections / "built-from"
    digest = source_tree.digest(names)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return collections
    tree = VENV / "build" / "tree"
    archives = VENV / "build" / "archives"
    source_tree.copy(names, tree)
    galaxy = str(programs / "ansible-galaxy")
    _galaxy([galaxy, "collection", "build", "--force", "--output-path", str(archives), str(tree)])
    newest = max(archives.glob("mailops-tls-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    _galaxy([galaxy, "collection", "install", "--force", "--offline", "-p", str(collections), str(newest)])
    stamp.write_text(digest, encoding="utf-8")
    return collections


def _galaxy(command: list[str]) -> None:
    environment = dict(os.environ, LC_ALL="C.UTF-8", ANSIBLE_HOME=str(VENV / "ansible"))
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise venvs.CannotPrepare(f"This failed: {' '.join(command)}\n{done.stdout + done.stderr}")


def main() -> int:
    """Prepare `.venv` and print where its parts are."""
    controllers = [found for minor, found in interpreters.find().items() if minor >= OLDEST_CONTROLLER]
    try:
        if not controllers:
            raise venvs.CannotPrepare(f"Python 3.{OLDEST_CONTROLLER} or newer is needed to run Ansible.")
        if not (VENV / venvs.STAMP).exists():
            print("Making a private environment in .venv (once; about a minute) ...", file=sys.stderr)
        programs = venvs.make(VENV, controllers[0], requirements())
        collections = install_collection(programs)
    except venvs.CannotPrepare as error:
        print(error, file=sys.stderr)
        return 1
    for name, value in (("MAILOPS_BIN", programs), ("MAILOPS_COLLECTIONS", collections), ("MAILOPS_VENV", VENV)):
        print(f"{name}={shlex.quote(str(value))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
