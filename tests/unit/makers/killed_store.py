# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks of a controller that write a store, killed before each single step that anybody else can see, and what comes to be after that.

Steps are what the audit hooks of Python tell of files, `os.fsync`, and each statement of SQLite that is more than a question. A process has
to be forked for each, so all of it happens in a process of its own, which has no threads.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._audit.index import AuditIndex
from ansible_collections.mailops.tls.plugins.module_utils._audit.run_directory import HEADER, RUNS, RunDirectory
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_changes.run import run_mx_audit_changes
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_index.run import run_mx_audit_index
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.options import ReportOptions
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.run import make_report
from ansible_collections.mailops.tls.plugins.module_utils._report.csv_table import csv_table
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Rendered

KILLED = 9
NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)
_OF_FILES = frozenset(
    ("os.rename", "os.link", "os.remove", "os.symlink", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "os.chown", "shutil.rmtree")
)
_QUESTIONS = ("SELECT", "CREATE TEMP", "PRAGMA cache_size")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGES: Mapping[str, Any] = {"previous": None, "before": [], "after": [], "ignore": [], "max": 100, "vantages": False}


def kept(store: Path, run: str, source: str, expected: int, untold: Sequence[str] = ()) -> Any:
    """Do with what came of a prober as the role does: keep it, compare it, report it; return what is told of changes."""
    shard = {"prober": "p1", "src": source, "expected": expected}
    given = {"directory": str(store), "run": run, "shards": [shard], "untold": list(untold), "keep": 1, "keep_facts": None}
    indexed = run_mx_audit_index(given, check_mode=False)
    compared = run_mx_audit_changes({**_CHANGES, "directory": str(store), "run": run}, check_mode=False)
    options = ReportOptions("csv", os.path.join(indexed.facts["path"], "report.csv"), 0o600, "T", directory=str(store), run=run)
    make_report(options, lambda material, unused: Rendered(csv_table(material, False)), NOW)
    return compared.changed, compared.facts


def state(store: Path, only: str | None = None) -> Any:
    """What a store comes to: its files, the link, and its rows by the names of runs, all or one."""
    files = {str(path.relative_to(store)): _content(path) for path in store.rglob("*") if "sqlite3" not in path.name}
    left = sorted(path.name for path in store.glob("*sqlite3?*"))
    with AuditIndex(str(store / "audit.sqlite3")) as index:
        runs = {
            one.name: (one.whole, one.told, index.digests(one.id), list(index.all_rows(one.id)))
            for one in index.runs() if only in (None, one.name)
        }  # fmt: skip
    return files, left, runs


def killed_everywhere(base: Path, place: Path, task: Sequence[Any], later: Sequence[Any]) -> Mapping[str, Any]:
    """Kill a task at each step and, last, behind all of them; and do another one after it.

    Args:
        base: a store as it is before.
        place: for copies of it.
        task: the arguments of `kept` behind the first.
        later: the same for what is done after the kill.

    Returns:
        The steps, and what was not as it is without any kill.
    """
    clean, told = place / "clean", place / "told"
    shutil.copytree(base, clean, symlinks=True)
    wanted = kept(clean, *later)
    only = None if task[0] == later[0] else later[0]
    expected = state(clean, only)
    steps, wrong = _steps(base, place / "counted", told, task), []
    for number, step in enumerate([*steps, "the end"]):
        store = place / "killed"
        shutil.copytree(base, store, symlinks=True)
        status = _forked(partial(_hooked, store, task, number, told))
        before = _half(store, place / "looked at")
        found = kept(store, *later)
        became = state(store, only)
        if (status, before, found, became) != (KILLED if number < len(steps) else 0, [], wanted, expected):
            wrong.append(f"{number} {step}: {(status, before, found == wanted, found, became)}, and not {(wanted, expected)}")
        shutil.rmtree(store)
    return {"steps": steps, "wrong": wrong}


def _half(store: Path, copy: Path) -> list[str]:
    """Name what must not be, even at once after a kill: a run of which half is in the index, or no link where there was one."""
    shutil.copytree(store, copy, symlinks=True)
    directory, wrong = RunDirectory(str(copy)), []
    with AuditIndex(directory.index) as index:
        for run in index.runs():
            for prober, digest in index.digests(run.id).items():
                header = directory.header(run.name) if (copy / RUNS / run.name).exists() else None
                known = {one.prober: one.digest for one in header.shards} if header is not None else {prober: digest}
                wrong += [] if digest is not None and prober in known else [f"half of {run.name} {prober}"]
        linked = not index.runs() or len(index.runs()) == 1 or (copy / "latest").is_symlink()
    shutil.rmtree(copy)
    return wrong + ([] if linked else ["there is no link"])


def _content(path: Path) -> object:
    if path.is_symlink():
        return os.readlink(path)
    if path.name == HEADER:
        return {**json.loads(path.read_bytes()), "sequence": None}  # the place of a run that was killed stays free
    return path.read_bytes() if path.is_file() and path.name != ".lock" else None


def _steps(base: Path, store: Path, told: Path, task: Sequence[Any]) -> list[str]:
    shutil.copytree(base, store, symlinks=True)
    status = _forked(partial(_hooked, store, task, None, told))
    assert status == 0, "it fails without any kill"
    return told.read_text(encoding="utf-8").splitlines()


def _forked(work: Callable[[], None]) -> int:
    pid = os.fork()
    if not pid:
        try:
            work()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _hooked(store: Path, task: Sequence[Any], last: int | None, told: Path) -> None:
    """Do a task, and end at a step, or write down all."""
    steps: list[str] = []
    at_work = True

    def step(text: str) -> None:
        if not at_work or text.startswith(_QUESTIONS):
            return
        if len(steps) == last:
            os._exit(KILLED)
        steps.append(" ".join(text.split())[:100])

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _OF_FILES or event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
            step(f"{event} {arguments[0]}")

    real_sync, real_connect = os.fsync, sqlite3.connect

    def sync(descriptor: int) -> None:
        step("fsync")
        real_sync(descriptor)

    def connect(*arguments: Any, **more: Any) -> sqlite3.Connection:
        step("connect")
        connection: sqlite3.Connection = real_connect(*arguments, **more)
        connection.set_trace_callback(step)
        return connection

    os.fsync, sqlite3.connect = sync, connect  # type: ignore[assignment]
    sys.addaudithook(hook)
    kept(store, *task)
    at_work = False
    if last is None:
        told.write_text("\n".join(steps), encoding="utf-8")
