# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit tests of what runs on managed machines, with the libraries such machines have: the oldest, and Debian's own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import debian
import interpreters
import toolboxes
from interpreters import Interpreter
from workshop import IN_ROOT, Skipped, Workshop

from steps.step import Step

MANAGED = ("tests/unit/plugins/module_utils", "tests/unit/plugins/modules")
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib")
DEBIAN_PACKAGES = {
    "OpenSSL": "python3-openssl",
    "aiosmtpd": "python3-aiosmtpd",
    "cryptography": "python3-cryptography",
    "dns": "python3-dnspython",
    "hypothesis": "python3-hypothesis",
    "idna": "python3-idna",
    "pytest": "python3-pytest",
}


def run_pytest(workshop: Workshop, python: Path, arguments: Sequence[object]) -> None:
    """Run pytest with a Python in a copy of the source, with Ansible's module side beside it."""
    root = workshop.tree()
    toolboxes.put_ansible(workshop, root)
    command = [python, *PYTEST, *arguments]
    workshop.call(command, cwd=root / IN_ROOT, env={"PYTHONPATH": str(root)})


def managed_tests(workshop: Workshop) -> list[str]:
    """Return the folders of tests for what runs on managed machines."""
    folders = [folder for folder in MANAGED if workshop.has(folder)]
    if not folders:
        raise Skipped("no unit tests in the tree")
    return folders


def units_oldest_libraries(workshop: Workshop) -> None:
    """Unit tests on Python 3.9 with the oldest libraries that the README promises."""
    run_pytest(workshop, toolboxes.oldest_libraries(workshop) / "python", managed_tests(workshop))


def units_debian(workshop: Workshop) -> None:
    """Unit tests on the distribution's own Python with its own python3-* packages."""
    folders = managed_tests(workshop)
    run_pytest(workshop, Path(debian_python(workshop).path), folders)


def debian_python(workshop: Workshop) -> Interpreter:
    """Return Debian's own interpreter, its libraries installed by apt when we are root and they are not there."""
    interpreter = interpreters.distribution()
    if interpreter is None or not os.path.exists("/etc/debian_version"):
        raise Skipped("needs Debian")
    missing = [package for module, package in DEBIAN_PACKAGES.items() if not importable(interpreter.path, module)]
    if missing and not debian.can_install():
        raise Skipped(f"needs root, to install {' '.join(missing)}")
    if missing:
        workshop.say(f"apt-get install {' '.join(missing)}")
        debian.install(missing)
    return interpreter


def importable(python: str, module: str) -> bool:
    """Tell whether a Python has a library."""
    return subprocess.run([python, "-I", "-c", f"import {module}"], capture_output=True, check=False).returncode == 0


STEPS = [
    Step("units-oldest-libraries", "units", units_oldest_libraries),
    Step("units-debian", "units", units_debian),
]
