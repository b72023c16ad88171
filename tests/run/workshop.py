# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every step of the test run works with: a log, its own copy of the source, tools and interpreters.

Tools see a private home, the real interpreters on PATH, no standard input and one UTF-8 locale, whatever the machine's
own settings are.
"""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import interpreters
import quiet
import source_tree
import venvs
from interpreters import Interpreter

WORK = source_tree.ROOT / ".work"
HOME = WORK / "home"
IN_ROOT = Path("ansible_collections") / "mailops" / "tls"
GRACE = 10.0


class Failed(Exception):
    """The step found something wrong; the text says what, in a line."""


class Skipped(Exception):
    """The step cannot run on this machine; the text says what is missing."""


class Machine:
    """What all steps share: the interpreters of this machine, the tools' environment and the running processes."""

    def __init__(self) -> None:
        self.interpreters = interpreters.find()
        self.names = source_tree.files()
        self.networks: set[str] = set()  # the state folders of test networks that are up
        self._running: set[subprocess.Popen[bytes]] = set()
        self._interrupted = False
        self._lock = threading.Lock()
        prepare_home()

    def newest(self, oldest_minor: int, newest_minor: int = 99) -> Interpreter:
        """Return the newest interpreter between two minor versions, both included; raises `Skipped`."""
        for minor, interpreter in self.interpreters.items():
            if oldest_minor <= minor <= newest_minor:
                return interpreter
        bound = {oldest_minor: "", 99: " or newer"}.get(newest_minor, f" to 3.{newest_minor}")
        raise Skipped(f"needs Python 3.{oldest_minor}{bound}")

    def environment(self, first_on_path: Sequence[Path] = ()) -> dict[str, str]:
        """Return the environment of tools: real interpreters on PATH, no shims, a private home."""
        folders = [str(path) for path in first_on_path]
        folders += [os.path.dirname(found.path) for found in self.interpreters.values()]
        folders += [path for path in os.environ.get("PATH", "").split(os.pathsep) if "shims" not in Path(path).parts]
        folders += ["/usr/local/sbin", "/usr/sbin", "/sbin"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTEST_", "PYTHON"))}
        return dict(
            kept,
            PATH=os.pathsep.join(dict.fromkeys(folders)),
            HOME=str(HOME),
            LC_ALL="C.UTF-8",
            DEBIAN_FRONTEND="noninteractive",
            PIP_DISABLE_PIP_VERSION_CHECK="1",
            PYTHONDONTWRITEBYTECODE="1",
            ANSIBLE_HOME=str(HOME / ".ansible"),
            ANSIBLE_LOCALHOST_WARNING="False",
            XDG_CACHE_HOME=str(WORK / "cache"),
        )

    def run(self, command: Sequence[str], cwd: Path, environment: Mapping[str, str], log: IO[bytes]) -> int:
        """Run a command and return its exit status; raises `Failed` when it is stuck.

        It may take as long as it likes while its log grows: what is slow on a busy machine is not wrong. After an
        interruption only the main thread, which clears up, starts anything.
        """
        with self._lock:
            if self._interrupted and threading.current_thread() is not threading.main_thread():
                raise Failed(f"interrupted before: {shlex.join(command)}")
            process = subprocess.Popen(
                command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
            self._running.add(process)
        try:
            return await_end(process, log)
        except quiet.Stuck as stuck:
            end(process)
            raise Failed(f"{stuck}: {shlex.join(command)}") from None
        finally:
            with self._lock:
                self._running.discard(process)

    def end_all(self) -> None:
        """End every process that is still running; for an interrupted run."""
        with self._lock:
            self._interrupted = True
            running = list(self._running)
        for process in running:
            end(process)


def await_end(process: subprocess.Popen[bytes], log: IO[bytes]) -> int:
    """Return the exit status of a process once it has ended; raises `quiet.Stuck`."""
    silence = quiet.Silence()
    while True:
        before = time.monotonic()
        try:
            return process.wait(timeout=quiet.LOOK)
        except subprocess.TimeoutExpired:
            silence.look(os.fstat(log.fileno()).st_size, time.monotonic() - before, quiet.load())


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that `Machine.run` started, with all it started itself: first politely, then for good."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, signal_number)
            process.wait(timeout=GRACE)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


class Workshop:
    """One step's own place: what it runs goes to its log."""

    def __init__(self, machine: Machine, step: str, log: IO[bytes]) -> None:
        self.machine = machine
        self.step = step
        self.log = log

    def say(self, text: str) -> None:
        """Write a line of our own into the log."""
        self.log.write(f"# {text}\n".encode())
        self.log.flush()

    def call(
        self,
        command: Sequence[object],
        cwd: Path | None = None,
        path: Sequence[Path] = (),
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Run a command that must succeed; `path` comes first on PATH, `env` on top of the tools' environment."""
        words = [str(word) for word in command]
        self.say(f"{cwd or source_tree.ROOT}$ {shlex.join(words)}")
        environment = dict(self.machine.environment(path), **(env or {}))
        status = self.machine.run(words, cwd or source_tree.ROOT, environment, self.log)
        if status:
            raise Failed(f"exit status {status}: {shlex.join(words)}")

    def venv(self, name: str, interpreter: Interpreter, requirements: Sequence[str]) -> Path:
        """Return the programs of a virtual environment that steps share, made when it is not there yet."""
        started = time.monotonic()
        programs = venvs.make(WORK / "venvs" / name, interpreter, requirements)
        self.say(f"venv {name}: Python {interpreter.version}, ready after {time.monotonic() - started:.0f} s")
        return programs

    def tree(self) -> Path:
        """Return the root above a fresh copy of the source as `ansible_collections/mailops/tls`, this step's own.

        The copy is a git checkout of its own, for tools that ask git what belongs to the collection.
        """
        root = WORK / "trees" / self.step
        shutil.rmtree(root, ignore_errors=True)
        source_tree.copy(self.machine.names, root / IN_ROOT)
        if shutil.which("git"):
            self.call(["git", "init", "-q", root / IN_ROOT])
        return root

    def has(self, *names: str) -> bool:
        """Tell whether the source has any file that is one of these or lies below one of these folders."""
        return any(file == name or file.startswith(name.rstrip("/") + "/") for file in self.machine.names for name in names)


def prepare_home() -> None:
    """Make the tools' private home; pip keeps the machine's settings there, since ansible-test drops PIP_* variables."""
    settings = configparser.RawConfigParser()
    settings.read([Path.home() / ".pip" / "pip.conf", Path.home() / ".config" / "pip" / "pip.conf"])
    if not settings.has_section("global"):
        settings.add_section("global")
    for name, value in os.environ.items():
        if name.startswith("PIP_") and name != "PIP_CONFIG_FILE":
            settings.set("global", name[len("PIP_"):].lower().replace("_", "-"), value)
    settings.set("global", "quiet", "2")  # keeps pip's chatter out of logs, where it would bury what failed
    target = HOME / ".config" / "pip" / "pip.conf"
    if Path.home() == HOME:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "w", encoding="utf-8") as file:
        settings.write(file)


def real_python() -> str:
    """Return the interpreter that runs this, for scripts that need no library."""
    return os.path.realpath(sys.executable)
