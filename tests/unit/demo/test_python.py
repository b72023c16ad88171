# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fresh machine is told all that it lacks at once, in the words of its own system, before anything is made."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "demo" / "python.sh"
ALWAYS_THERE = ("bash", "cat", "cksum", "grep", "sed", "sh", "tr")
TOLD = "Install it as root, and run this again: "


class Machine:
    """A machine with only these programs; its apt-get notes what it was told, and has Python install itself."""

    def __init__(self, folder: Path, system: str, programs: Sequence[str], user: int) -> None:
        self._folder, self._bin = folder, folder / "bin"
        self._bin.mkdir()
        for name in ALWAYS_THERE:
            found = shutil.which(name)
            assert found is not None
            (self._bin / name).symlink_to(found)
        for name in (*programs, "flock"):
            self.program(name, "exit 0")
        self.program("id", f"echo {user}")
        (folder / "os-release").write_text(f"NAME=Something\nID={system}\n", encoding="utf-8")

    def program(self, name: str, text: str) -> None:
        """Put a program there."""
        path = self._bin / name
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)

    def python(self, version: str, *, venv: bool) -> None:
        """Put a Python there."""
        body = f"case $2 in *version_info*) echo 'venv {version}' ;; *venv*) exit {0 if venv else 1} ;; esac"
        self.program(f"python{version}", body)

    def need(self, *names: str) -> tuple[int, list[str]]:
        """Return the exit status of `need`, and the lines it says."""
        text = SCRIPT.read_text(encoding="utf-8").replace("/etc/os-release", str(self._folder / "os-release"))
        script = self._folder / "python.sh"
        script.write_text(text.replace("/usr/bin/python3", str(self._bin / "python3")), encoding="utf-8")
        environment = {"PATH": str(self._bin), "HOME": str(self._folder)}
        command = [str(self._bin / "bash"), "-c", '. "$0"; need "$@"', str(script), *names]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.stdout == ""
        return done.returncode, done.stderr.splitlines()


@pytest.fixture(name="machine")
def _machine(tmp_path: Path, request: pytest.FixtureRequest) -> Machine:
    return Machine(tmp_path, *request.param)


USER, ROOT = 1000, 0


@pytest.mark.parametrize(
    ("machine", "packages"),
    [
        (("debian", ["apt-get"], USER), "apt install git python3 python3-venv"),
        (("fedora", ["dnf"], USER), "dnf install git python3"),
        (("fedora", ["dnf"], ROOT), "dnf install git python3"),
        (("rocky", ["dnf", "python3"], ROOT), "dnf install git python3.12"),
        (("opensuse-leap", ["zypper"], USER), "zypper install git python312"),
        (("alpine", ["apk"], USER), "apk add git python3"),
        (("arch", ["pacman"], USER), "pacman -S git python"),
    ],
    indirect=["machine"],
)
def test_what_is_missing_is_told_in_the_words_of_the_system(machine: Machine, packages: str) -> None:
    assert machine.need("git", "flock", "python") == (
        1, ["This machine lacks: git, Python 3.10 or newer, Python's venv", TOLD + packages],
    )  # fmt: skip


@pytest.mark.parametrize("machine", [("plan9", [], USER)], indirect=True)
def test_a_system_that_nobody_knows_is_told_what_and_not_how(machine: Machine) -> None:
    assert machine.need("python") == (1, ["This machine lacks: Python 3.10 or newer, Python's venv", "Install it, and run this again."])


@pytest.mark.parametrize("machine", [("debian", ["apt-get", "python3"], USER)], indirect=True)
def test_a_system_whose_python_is_too_old_is_not_told_to_install_it(machine: Machine) -> None:
    assert machine.need("python")[1][-1] == "Install it, and run this again."


@pytest.mark.parametrize("machine", [("debian", ["apt-get", "git"], USER)], indirect=True)
@pytest.mark.parametrize(("venv", "expected"), [
    (True, (0, [])),
    (False, (1, ["This machine lacks: Python's venv", TOLD + "apt install python3.11-venv"])),
])  # fmt: skip
def test_the_venv_of_the_python_that_is_there(machine: Machine, venv: bool, expected: tuple[int, list[str]]) -> None:
    machine.python("3.9", venv=True)
    machine.python("3.11", venv=venv)
    assert machine.need("git", "flock", "python") == expected


@pytest.mark.parametrize("machine", [("debian", [], ROOT)], indirect=True)
@pytest.mark.parametrize("works", [True, False])
def test_root_on_debian_has_it_installed(machine: Machine, works: bool, tmp_path: Path) -> None:
    machine.python("3.12", venv=False)
    installing = "cp bin/ready bin/python3.12" if works else "true"
    machine.program("ready", "exit 0")
    machine.program("cp", f"exec {shutil.which('cp')} \"$@\"")
    machine.program("true", "exit 0")
    machine.program("apt-get", f'echo "$*" >> {tmp_path}/asked\ncase $1 in install) cd {tmp_path} && {installing} ;; esac')
    status, lines = machine.need("python")
    assert (tmp_path / "asked").read_text(encoding="utf-8").splitlines() == [
        "update -qq", "install -y -qq --no-install-recommends python3.12-venv",
    ]  # fmt: skip
    assert lines[0] == "Installing python3.12-venv ..."
    assert (status, lines[1:]) == ((0, []) if works else (1, ["This machine lacks: Python's venv", TOLD + "apt install python3.12-venv"]))
