# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which virtual environments the steps work with, and what is in each."""

from __future__ import annotations

from pathlib import Path

import source_tree
from workshop import Workshop

OLDEST_LIBRARIES = ["cryptography==36.0.1", "pyOpenSSL==21.0.0", "dnspython==2.1.0"]
NEWEST_CONTROLLER, OLDEST_CONTROLLER = 14, 10
OLDEST_CORE, OLDEST_CORE_NEWEST_PYTHON = "ansible-core==2.17.*", 12
OLDEST_PYTHON = 9
OLDEST_FUZZED, NEWEST_FUZZED = 11, 13


def lines(name: str) -> list[str]:
    """Return the requirements in a file of the source, without comments."""
    text = (source_tree.ROOT / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith(("#", "-"))]


def lint(workshop: Workshop) -> Path:
    """Return the programs that judge source, each of one pinned version: a new release of theirs breaks nobody."""
    return workshop.venv("lint", workshop.machine.newest(OLDEST_CONTROLLER), lines("tests/run/tools.txt"))


def core_new(workshop: Workshop) -> Path:
    """Return the newest ansible-core that a Python here can run, with the newest libraries and what unit tests need."""
    requirements = ["ansible-core>=2.17", "pytest", "pytest-xdist", *lines("tests/unit/requirements.txt")]
    requirements += lines("tests/integration/requirements.txt")
    return workshop.venv("core-new", workshop.machine.newest(OLDEST_CONTROLLER), sorted(set(requirements)))


def core_old(workshop: Workshop) -> Path:
    """Return the oldest ansible-core that the collection supports."""
    interpreter = workshop.machine.newest(OLDEST_CONTROLLER, OLDEST_CORE_NEWEST_PYTHON)
    return workshop.venv("core-old", interpreter, [OLDEST_CORE])


def oldest_libraries(workshop: Workshop) -> Path:
    """Return the oldest Python with the oldest libraries; what unit tests need besides is as new as that Python allows."""
    interpreter = workshop.machine.newest(OLDEST_PYTHON, OLDEST_PYTHON)
    pinned = {name.partition("==")[0] for name in OLDEST_LIBRARIES}
    others = [line for line in lines("tests/unit/requirements.txt") if line not in pinned]
    return workshop.venv("oldest-libraries", interpreter, [*OLDEST_LIBRARIES, "pytest", *others])


def fuzzing(workshop: Workshop) -> Path:
    """Return the newest Python that atheris has wheels for, with it and what the harnesses need."""
    interpreter = workshop.machine.newest(OLDEST_FUZZED, NEWEST_FUZZED)
    return workshop.venv("fuzzing", interpreter, ["atheris", "pytest", *lines("tests/unit/requirements.txt")])


def put_shellcheck(workshop: Workshop, folder: Path) -> None:
    """Put shellcheck into a folder for PATH, and nothing else: above all no second Python."""
    folder.mkdir()
    (folder / "shellcheck").symlink_to(lint(workshop) / "shellcheck")


def put_ansible(workshop: Workshop, folder: Path) -> None:
    """Put ansible alone into a folder for PYTHONPATH, as a managed machine gets it: no controller library beside it."""
    (ansible,) = core_new(workshop).parent.glob("lib/python3*/site-packages/ansible")
    (folder / "ansible").symlink_to(ansible)
