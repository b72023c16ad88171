# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`mx_audit_changes`: what changed between two audits of a store."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.changes import Change
from ansible_collections.mailops.tls.plugins.module_utils._audit.comparison import ChangeTally, compare_runs, split_views
from ansible_collections.mailops.tls.plugins.module_utils._audit.ignoring import NoJmespath
from ansible_collections.mailops.tls.plugins.module_utils._audit.index import IndexedRun
from ansible_collections.mailops.tls.plugins.module_utils._audit.line_comparison import compare_files, options_of
from ansible_collections.mailops.tls.plugins.module_utils._audit.opening import OpenStore, open_to_read, write_to
from ansible_collections.mailops.tls.plugins.module_utils._audit.run_directory import RunHeader, StoreError
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.audit_options import OPTION
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_changes.options import ChangesOptions
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskFailed, TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._requirements import how_to_install
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import NotResults, differing_options
from ansible_collections.mailops.tls.plugins.module_utils._text import reason_of

MOST_NAMES = 100
_EMPTY: Mapping[str, Any] = {"run": None, "previous": None, "whole": True, "missing": [], "views": []}
_NO_JMESPATH = "ignore needs the Python package jmespath where this task runs."


def run_mx_audit_changes(params: Mapping[str, Any], *, check_mode: bool) -> TaskResult:
    """Compare two runs of a store; in check mode nothing is written down.

    Raises:
        OptionError: an option cannot be used, or something cannot be read or written.
        TaskFailed: jmespath is needed and not there.
    """
    try:
        options = ChangesOptions.from_params(params)
    except NoJmespath:
        raise TaskFailed(f"{_NO_JMESPATH} {how_to_install('jmespath')}") from None
    return _of_files(options) if options.directory is None else _of_store(options, options.directory, check_mode=check_mode)


def _of_store(options: ChangesOptions, directory: str, *, check_mode: bool) -> TaskResult:
    try:
        if not check_mode:
            return write_to(directory, lambda store: _compare(store, options, check_mode=False), make=False)
        with open_to_read(directory) as store:
            return _compare(store, options, check_mode=True)
    except StoreError as problem:
        raise OptionError(OPTION, directory, str(problem)) from problem
    except (OSError, sqlite3.Error) as problem:
        raise OptionError(OPTION, directory, f"cannot be used: {reason_of(problem)}") from problem


def _of_files(options: ChangesOptions) -> TaskResult:
    """Compare files of two runs; that nothing of them is missing is for whoever names them to know."""
    tally = ChangeTally(options.most, MOST_NAMES, options.ignore)
    decided = []
    for name in ("before", "after"):
        try:
            decided.append(options_of(getattr(options, name)))
        except (OSError, NotResults) as problem:
            raise OptionError(name, list(getattr(options, name)), f"cannot be compared: {_said(problem)}") from problem
    try:
        for change in compare_files(options.before, options.after):
            tally.add(change)
    except (OSError, NotResults) as problem:
        raise OptionError("after", list(options.after), f"cannot be compared with before: {_said(problem)}") from problem
    facts = {
        **_EMPTY, "changes": tally.as_facts(), "changed_destinations": tally.names, "regressed": tally.regressed,
        "details": [one.as_facts() for one in tally.first],
    }  # fmt: skip
    return TaskResult(facts, tally.changed, _diff(tally.first, "before", "after"), tuple(_other_options(*decided)))


def _said(problem: Exception) -> str:
    return f"it {problem}" if isinstance(problem, NotResults) else reason_of(problem)


def _compare(store: OpenStore, options: ChangesOptions, *, check_mode: bool) -> TaskResult:
    after, before = _runs(store, options)
    tally = ChangeTally(options.most, MOST_NAMES, options.ignore)
    lines = [_line({"kind": "header", "schema": 1, "run": after.name, "previous": before.name if before else None})]
    for change in compare_runs(store.index, before, after) if before is not None else ():
        ignored = tally.add(change)
        lines.append(_line({**change.as_facts(), "ignored": ignored}))
    views = list(islice(split_views(store.index, after), options.most)) if options.vantages else []
    header = store.directory.header(after.name)
    facts = {
        "run": after.name,
        "previous": before.name if before is not None else None,
        "whole": after.whole,
        "missing": _missing(store, after, header),
        "changes": tally.as_facts(),
        "changed_destinations": tally.names,
        "regressed": tally.regressed,
        "details": [one.as_facts() for one in tally.first],
        "views": [one.as_facts() for one in views],
    }
    if not check_mode and header is not None:
        store.directory.write_changes(after.name, b"".join(lines))
    diff = _diff(tally.first, before.name, after.name) if before is not None else None
    return TaskResult(facts, tally.changed, diff, (*store.warnings, *_warnings(store, before, after)))


def _runs(store: OpenStore, options: ChangesOptions) -> tuple[IndexedRun, IndexedRun | None]:
    """Return the latter and the former run."""
    runs = store.index.runs()
    places = {one.name: at for at, one in enumerate(runs)}
    for option in ("run", "previous"):
        name = getattr(options, option)
        if name is not None and name not in places:
            raise OptionError(option, name, f"is no run in {store.directory.path}")
    if not runs:
        raise StoreError("has no audit yet")
    last = places.get(options.run or "", len(runs) - 1)
    after, former = runs[last], runs[:last]
    if options.previous is not None:
        if places[options.previous] >= last:
            raise OptionError("previous", options.previous, f"does not come before the run {after.name}")
        return after, runs[places[options.previous]]
    # A run that saw nothing has nothing to compare with, and must not hide what changed before it.
    told = (one for one in reversed(former) if one.told)
    return after, next((one for one in told if one.whole or store.index.has_destinations(one.id)), None)


def _missing(store: OpenStore, run: IndexedRun, header: RunHeader | None) -> list[str]:
    """Return the probers whose share is not whole, or damaged and so not in the index."""
    indexed = store.index.digests(run.id)
    shards = header.shards if header is not None else ()
    return [one.prober for one in shards if not one.is_whole or indexed.get(one.prober) != one.digest]


def _warnings(store: OpenStore, before: IndexedRun | None, after: IndexedRun) -> Iterator[str]:
    if not after.whole:
        yield f"The run {after.name} is not whole. What it does not have is missing, and not gone."
    headers = [store.directory.header(one.name) for one in (before, after) if one is not None]
    options = [one.options for one in headers if one is not None and one.options]
    if len(options) == 2:
        yield from _other_options(*options)


def _other_options(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    differing = differing_options(before, after)
    if differing:
        yield f"The two runs had other options, which can be why results differ: {', '.join(differing)}"


def _diff(changes: list[Change], before: str, after: str) -> dict[str, str]:
    """Return what `--diff` shows: the changes that count, a line each."""
    texts = {"before": "", "after": ""}
    for one in changes:
        for side, value in (("before", one.before), ("after", one.after)):
            if value is not None:
                texts[side] += f"{_name(one)} {one.kind.value}: {value}\n"
    return {**texts, "before_header": before, "after_header": after}


def _name(change: Change) -> str:
    key = change.key
    endpoint = f" {key.host}" + (f"[{key.address}]" if key.address else "") + (f":{key.port}" if key.port else "") if key.host else ""
    algorithm = f" {key.algorithm}" if key.algorithm not in ("", "any") else ""
    return f"{key.destination}{endpoint}{algorithm}"


def _line(facts: Mapping[str, Any]) -> bytes:
    return json.dumps(facts, separators=(",", ":")).encode("ascii") + b"\n"
