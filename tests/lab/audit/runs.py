# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two ways to audit the second day, both of which can be killed: the module by itself at one prober, and the role from both."""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from . import namespaces
from .moments import Course, Task, wait_for
from .nights import Audit, Night, lab_options
from .steps import Steps
from .world import domain

CONCURRENCY = 4
_MODULES = "ansible_collections.mailops.tls.plugins.modules."
_MARK = "MAILOPS_AUDIT_CONTROLLER"
_FIRST, _SECOND = "20000101T000000Z-first", "20000102T000000Z-second"
_FACTS = """
    SELECT destination, host, address, port, algorithm, prober, status, satisfied, error, protocol, certificate, spki, issuer, self_issued,
    not_after, expiry, tlsa, matched, mx, dnssec FROM audit_facts WHERE run = ? ORDER BY 1, 2, 3, 4, 5, 6
"""
"""What an index knows of a run, but for when and how often it was looked."""


_AGAIN = {domain("error"), domain("flap")}
"""What fails for now has a line for each look."""
_STORE = {"audit.sqlite3", "latest", "runs", ".lock"}
_RUN = re.compile(r"header\.json|changes\.jsonl|shard-prober[12]\.jsonl\.gz|report\.html|report\.csv")


@dataclass(frozen=True)
class Kept:
    """What a store has of a run: its facts, what has changed, each as text, and the domains that have a result."""

    facts: tuple[str, ...]
    changes: tuple[str, ...]
    domains: frozenset[str]


def kept(directory: Path, run: str, left: Collection[str] = ()) -> Kept:
    """Read what a store has, which has to be sound, with nothing left in it of what was killed but for what is said."""
    with closing(sqlite3.connect(directory / "audit.sqlite3")) as index:
        assert index.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert not index.execute("PRAGMA foreign_key_check").fetchall()
        facts = tuple(repr(row) for row in index.execute(_FACTS, (run,)))
    names = {path.name for path in directory.iterdir()}
    assert names <= {*_STORE, *left}, f"left behind: {names - _STORE}"
    with open(directory / ".lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    folders = sorted((directory / "runs").iterdir())
    assert len(folders) <= 2 and (directory / "latest").resolve() == folders[-1].resolve(), folders
    for folder in folders:
        assert json.loads((folder / "header.json").read_text(encoding="utf-8"))["whole"], folder
        assert all(_RUN.fullmatch(path.name) for path in folder.iterdir()), list(folder.iterdir())
    folder = directory / "runs" / run
    looks = _looks(folder)
    assert {name for name, number in looks.items() if number > 1} <= _AGAIN, looks
    lines = (folder / "changes.jsonl").read_text(encoding="utf-8").splitlines()[1:]
    return Kept(facts, tuple(sorted(lines)), frozenset(looks))


def _looks(folder: Path) -> Counter[str]:
    """Return how many results each domain has in a run."""
    looks: Counter[str] = Counter()
    for path in folder.glob("shard-*.jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            looks.update(json.loads(line)["destination"] for line in list(stream)[1:])
    return looks


class Connections:
    """Connections that the mail servers have seen since the last look."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of a network."""
        self._path, self._seen = folder / "connections", 0
        self.new()

    def new(self) -> Counter[str]:
        """Return how often each address was connected to since the last call."""
        content = self._path.read_bytes()
        fresh, self._seen = content[self._seen :], len(content)
        return Counter(fresh.decode("ascii").split())


class Alone:
    """The module by itself, at one prober, and what was found into a store of its own."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of a network on its first day."""
        self._folder, self._place, self._list = folder, folder / "alone", folder / "domains"
        self._place.mkdir()
        self.directory, self._before = self._place / "store", self._place / "before"
        self.results = self._place / "results.jsonl"

    def first(self) -> None:
        """Audit the first day, and keep that."""
        self.wait(self.start())
        self.index(_FIRST)
        shutil.copytree(self.directory, self._before, symlinks=True)

    def renew(self) -> None:
        """Have the store as it was after the first day, and no results."""
        shutil.rmtree(self.directory)
        shutil.copytree(self._before, self.directory, symlinks=True)
        for path in self._place.glob("results.jsonl*"):
            path.unlink()

    def start(self) -> subprocess.Popen[bytes]:
        """Start a run that goes on with what is there."""
        options = {
            "destinations_file": str(self._list), "results_file": str(self.results), "run_id": _SECOND, "vantage": "prober1",
            "resume": True, "return": "summary", "concurrency": CONCURRENCY, "workers": "2", **lab_options(),
        }  # fmt: skip
        return self._module(str(self._folder / "prober1"), "smtp_tls_probe", options)

    @staticmethod
    def wait(process: subprocess.Popen[bytes]) -> Mapping[str, Any]:
        """Wait for the end of a task, which has to be a good one, and return what it says."""
        out, err = process.communicate()
        assert process.returncode == 0, (out, err)
        found: Mapping[str, Any] = json.loads(out)
        return found

    def index(self, run: str = _SECOND) -> Kept:
        """Put the results into the store, and return what it has of them."""
        shard = {"prober": "prober1", "src": str(self.results), "destinations_file": str(self._list)}
        self.wait(self._module(sys.executable, "mx_audit_index", {"directory": str(self.directory), "run": run, "shards": [shard]}))
        self.wait(self._module(sys.executable, "mx_audit_changes", {"directory": str(self.directory), "run": run}))
        return kept(self.directory, run)

    def lines(self) -> list[bytes]:
        """Return the lines of the file of results, each of which has to be whole but for what is behind the last one."""
        content = self.results.read_bytes() if self.results.exists() else b""
        lines = content[: content.rfind(b"\n") + 1].splitlines(keepends=True)
        for line in lines:
            json.loads(line)
        return lines

    def _module(self, python: str, name: str, options: Mapping[str, Any]) -> subprocess.Popen[bytes]:
        path = self._place / f"{name}.json"
        path.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": options}), encoding="ascii")
        environment = {**os.environ, "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]}
        command = [python, "-B", "-m", _MODULES + name, str(path)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


class Role:
    """The role, from both probers."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of a network on its first day."""
        probe = {**lab_options(), "concurrency": CONCURRENCY, "workers": "2"}
        variables = {
            "mx_audit_confirm": 1, "mx_audit_probe": probe, "mx_audit_reports": ["html", "csv"], "mx_audit_fail_on": "never",
            "mx_audit_patience": 5, "mx_audit_interval": 1, "mx_audit_keep": 1,
        }  # fmt: skip
        self.audit = Audit(folder, variables)
        self._folder, self._before = folder, folder / "before"
        self._last = ""

    @property
    def directory(self) -> Path:
        """Where its store is."""
        return self.audit.directory

    def first(self) -> None:
        """Audit the first day, and keep that."""
        self.finish()
        shutil.copytree(self.directory, self._before, symlinks=True)
        self._last = self.newest()

    def renew(self) -> None:
        """Have the store as it was after the first day."""
        shutil.rmtree(self.directory)
        shutil.copytree(self._before, self.directory, symlinks=True)

    def newest(self) -> str:
        """Return the newest run that is kept."""
        return max(path.name for path in (self.directory / "runs").iterdir())

    def finish(self, **more: Any) -> Night:
        """Do a run that has to end well, and leaves nothing open."""
        return self._ended(self.audit.run(**more))

    def watched(self) -> Sequence[str]:
        """Do the same, and return the steps of what is done to the files of the audit."""
        found: list[str] = []

        def watch(process: subprocess.Popen[str]) -> None:
            with Steps(self.directory) as steps:
                found.extend(steps.until(lambda: process.poll() is not None))

        self._ended(self.audit.run(interrupt=watch, at_once=True))
        return found

    def _ended(self, night: Night) -> Night:
        assert night.code == 0 and night.result["whole"], night.output
        assert not (self.directory / "open").exists() and self.newest() == night.result["run_id"], night.output
        assert (self.directory / "runs" / self.newest() / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
        return night

    @property
    def course(self) -> Course:
        """How the last run went."""
        if self.audit.course is None:
            raise AssertionError("there was no run")
        return self.audit.course

    def come_to(self, process: subprocess.Popen[str], task: Task, share: float) -> bool:
        """Wait until a run is so far in a task; false when it ended before."""
        return wait_for(self.audit.moments, task, share, lambda: process.poll() is not None)

    def over(self) -> str | None:
        """Return the run of the second day, where it had come to its end before something was killed."""
        newest = self.newest()
        return newest if newest != self._last and not (self.directory / "open" / "run.json").exists() else None

    def interrupted(self, interrupt: Callable[[subprocess.Popen[str]], None]) -> Night:
        """Do a run in which something is killed."""
        os.environ[_MARK] = f"{os.getpid()}-{time.monotonic()}"
        try:
            return self.audit.run(interrupt=interrupt, at_once=True)
        finally:
            del os.environ[_MARK]

    def wait_for_probes(self, name: str, process: subprocess.Popen[str]) -> bool:
        """Wait until a prober has its first result; false when it does not come to that."""
        while process.poll() is None:
            for path in self.audit.work.glob(f"*.{name}/results.jsonl"):
                with suppress(FileNotFoundError):
                    if path.read_bytes().count(b"\n") > 1:
                        return True
            time.sleep(0.01)
        return False


def kill_controller(process: subprocess.Popen[str]) -> int:
    """Kill ansible-playbook with all that it has started on its own machine; return how many processes that were."""
    mark = f"{_MARK}={os.environ[_MARK]}".encode()
    process.kill()
    killed = 1
    while found := [pid for pid in namespaces.inside(os.stat("/proc/self/ns/net").st_ino) if _has(pid, mark)]:
        killed += sum(map(kill, found))
    return killed


def kill(pid: int) -> bool:
    """Kill a process; false when it has ended already."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def children(pid: int) -> list[int]:
    """Return the processes that one has started."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def moment(chance: random.Random, longest: float) -> float:
    """Wait for a random time, and return how long that was."""
    seconds = chance.uniform(0.0, longest)
    time.sleep(seconds)
    return seconds


def _has(pid: int, mark: bytes) -> bool:
    try:
        return mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
