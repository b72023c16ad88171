# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`mx_audit_index`: what probers found, into a store of audits."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.index import IndexedRun
from ansible_collections.mailops.tls.plugins.module_utils._audit.intake import Intake, set_untold, take_in
from ansible_collections.mailops.tls.plugins.module_utils._audit.opening import OpenStore, write_to
from ansible_collections.mailops.tls.plugins.module_utils._audit.run_directory import HEADER, LATEST, RunDirectory, RunHeader, StoreError
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.audit_options import OPTION
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_index.options import IndexOptions
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._text import reason_of

_UNREADABLE = "{} cannot be read, so nobody knows what that run is. It is kept. Mend the file, or remove its folder."
_NO_LINK = "{} is something else than a link, so it does not lead to the run that came last. Remove it."


def run_mx_audit_index(params: Mapping[str, Any], *, check_mode: bool) -> TaskResult:
    """Put a run into a store; in check mode into one that is thrown away, and it is told what would be different.

    Raises:
        OptionError: an option cannot be used, or something cannot be read or written.
    """
    options = IndexOptions.from_params(params)
    for one in options.shards:
        if one.path is not None and not os.path.isfile(one.path):
            raise OptionError("shards.src", one.path, "is no file")
    try:
        if not check_mode:
            return _put(options, options.directory)
        return _would_put(options)
    except StoreError as problem:
        raise OptionError(OPTION, options.directory, str(problem)) from problem
    except (OSError, sqlite3.Error) as problem:
        raise OptionError(OPTION, options.directory, f"cannot be used: {reason_of(problem)}") from problem


def _would_put(options: IndexOptions) -> TaskResult:
    store = RunDirectory(options.directory)
    with tempfile.TemporaryDirectory() as aside:
        result = _put(options, aside)
        changed = _differ(store.header(options.run), RunDirectory(aside).header(options.run))
    runs = store.countable_runs()
    removed = _too_old(runs if options.run in runs else [*runs, options.run], options)
    facts = {**result.facts, "path": store.run_path(options.run), "removed": removed}
    return TaskResult(facts, changed or bool(removed), warnings=result.warnings)


def _put(options: IndexOptions, directory: str) -> TaskResult:
    return write_to(directory, lambda store: _put_into(store, options), make=True)


def _put_into(store: OpenStore, options: IndexOptions) -> TaskResult:
    for name in options.untold:
        set_untold(store.directory, store.index, name)
    path = store.directory.make_run(options.run)
    taken = [take_in(store.directory, store.index, options.run, one) for one in options.shards]
    header = store.directory.header(options.run)
    if header is None:
        raise StoreError("lost the header of a run that was just written")
    removed = _retain(store, options)
    linked = [] if store.directory.point_at_latest() else [_NO_LINK.format(os.path.join(options.directory, LATEST))]
    run = store.index.run(options.run)
    counts = store.index.counts(run.id) if run is not None else {}
    no_destinations = store.index.no_destinations(run.id) if run is not None else {"count": 0, "first": []}
    facts = {
        "run": options.run, "path": path, "whole": header.is_whole, "counts": counts,
        "no_destinations": no_destinations,
        "probers": [_prober(one) for one in taken],
        "missing": [one.prober for one in header.shards if not one.is_whole],
        "removed": removed,
    }  # fmt: skip
    changed = bool(removed) or any(one.changed for one in taken)
    unreadable = [_UNREADABLE.format(os.path.join(store.directory.run_path(one), HEADER)) for one in store.directory.unreadable_runs()]
    told = (*_warnings(taken), *_out_of_time(options.run, store.index.runs()))
    return TaskResult(facts, changed, warnings=(*store.warnings, *told, *unreadable, *linked))


def _prober(intake: Intake) -> dict[str, Any]:
    shard = intake.shard
    return {
        "prober": shard.prober, "file": shard.file, "expected": shard.expected, "received": shard.received, "whole": shard.is_whole,
        "foreign": intake.foreign, "kept": intake.kept, "refused": intake.refused,
    }  # fmt: skip


def _warnings(taken: Sequence[Intake]) -> list[str]:
    told = []
    for one in taken:
        name = one.shard.prober
        if one.refused is not None:
            told.append(f"What came of {name} was not taken: it {one.refused}.")
        if one.foreign:
            told.append(f"{one.foreign} results of {name} were left out: they are of destinations that it was not given.")
        if one.kept:
            told.append(f"{one.kept} results of {name} had come before, and did not come again. They are kept.")
    return told


def _out_of_time(run: str, runs: Sequence[IndexedRun]) -> list[str]:
    """Tell of a run that is named for a time before that of the run before it."""
    names = [one.name for one in runs]
    before = names[names.index(run) - 1] if run in names[1:] else run
    if _time(run) >= _time(before):
        return []
    return [
        f"The run {run} is named for a time before that of {before}, which came into the store first. Did a clock go back? The run that "
        "came last counts as the latest."
    ]


def _time(run: str) -> str:
    return run.partition("-")[0]


def _retain(store: OpenStore, options: IndexOptions) -> list[str]:
    """Remove lines and facts of runs that are older than those to be kept; never of this one. Return whose lines went."""
    removed = _too_old(store.directory.countable_runs(), options)
    for run in removed:
        store.directory.drop_lines(run)
    if options.keep_facts is not None:
        kept = {options.run, *store.directory.runs(), *(one.name for one in store.index.runs()[-options.keep_facts :])}
        with store.index.transaction():
            for one in store.index.runs():
                if one.name not in kept:
                    store.index.drop_run(one.name)
    return removed


def _too_old(runs: Sequence[str], options: IndexOptions) -> list[str]:
    return [] if options.keep is None else [run for run in runs[: -options.keep] if run != options.run]


def _differ(before: RunHeader | None, would: RunHeader | None) -> bool:
    """Tell whether a run would have other lines of the probers that came now; what does not come takes nothing away."""
    known = {one.prober: one for one in before.shards} if before is not None else {}
    there = [(one, known.get(one.prober)) for one in would.shards] if would is not None else []
    return any(one != old and (one.file is not None or old is None or old.file is None) for one, old in there)
