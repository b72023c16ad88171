# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store with its index open: an index that is missing, damaged or behind is made of the lines."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from ansible_collections.mailops.tls.plugins.module_utils._audit.index import AuditIndex, IndexTooNew
from ansible_collections.mailops.tls.plugins.module_utils._audit.intake import bring_up
from ansible_collections.mailops.tls.plugins.module_utils._audit.run_directory import RunDirectory, StoreError
from ansible_collections.mailops.tls.plugins.module_utils._files.access import UnsafeFile

DAMAGED = ".damaged"
_JOURNAL = "-journal"
_NOTHING = "has no audit yet"
_T = TypeVar("_T")


@dataclass(frozen=True)
class OpenStore:
    """A store to be written, and what has to be told of it."""

    directory: RunDirectory
    index: AuditIndex
    warnings: tuple[str, ...]


def write_to(path: str, act: Callable[[OpenStore], _T], *, make: bool) -> _T:
    """Act on a store with nobody else writing to it; where that comes upon damage in the index, make that again and act once more.

    Args:
        path: its folder.
        act: what to do, which can be done twice.
        make: whether to make a store where there is none.

    Raises:
        StoreError: it cannot be used.
        OSError: it cannot be read or written.
        sqlite3.Error: the index cannot be read or written.
    """
    damage: sqlite3.DatabaseError | None = None
    try:
        with open_to_write(path, make=make) as store:
            return act(store)
    except sqlite3.DatabaseError as problem:
        if not _is_damage(problem):
            raise
        damage = problem
    with open_to_write(path, make=make, damage=damage) as store:
        return act(store)


@contextmanager
def open_to_write(path: str, *, make: bool, damage: sqlite3.DatabaseError | None = None) -> Iterator[OpenStore]:
    """Open a store with nobody else writing to it.

    Args:
        path: its folder.
        make: whether to make one where there is none.
        damage: what is known to be wrong with the index.

    Raises:
        StoreError: it cannot be used.
        OSError: it cannot be read or written.
        sqlite3.Error: the index cannot be read or written.
    """
    store = RunDirectory(path)
    if not make and not store.runs() and not os.path.exists(store.index):
        raise StoreError(_NOTHING)
    store.prepare()
    with store.locked():
        index, warnings = _index(store, damage)
        with index:
            for run in store.runs():
                warnings += [f"{one} is not as it was written, so it is not in the index" for one in bring_up(store, index, run)]
            yield OpenStore(store, index, tuple(warnings))


@contextmanager
def open_to_read(path: str) -> Iterator[OpenStore]:
    """Open a store as it is.

    Raises:
        StoreError: it cannot be used.
        sqlite3.Error: the index cannot be read.
    """
    store = RunDirectory(path)
    if not os.path.exists(store.index):
        raise StoreError(_NOTHING)
    with _checked(store) as index:
        yield OpenStore(store, index, ())


def _index(store: RunDirectory, damage: sqlite3.DatabaseError | None) -> tuple[AuditIndex, list[str]]:
    try:
        store.prepare_index()
    except UnsafeFile as problem:
        raise StoreError(f"has an index that cannot be believed: it {problem}") from problem
    if damage is None:
        try:
            return _checked(store), []
        except sqlite3.DatabaseError as problem:
            if not _is_damage(problem):
                raise
            damage = problem
    os.replace(store.index, store.index + DAMAGED)
    with suppress(FileNotFoundError):  # what was to be undone there is not to be undone in a new one
        os.replace(store.index + _JOURNAL, store.index + DAMAGED + _JOURNAL)
    store.prepare_index()
    text = f"The index was damaged ({damage}). It is kept as {store.index + DAMAGED}, and was made again of the lines that are kept."
    return _checked(store), [text]


def _is_damage(problem: sqlite3.DatabaseError) -> bool:
    """Tell whether an index is not as it was written; what is locked, or has no room, is an error of a kind of its own."""
    return problem.__class__ is sqlite3.DatabaseError


def _checked(store: RunDirectory) -> AuditIndex:
    try:
        return AuditIndex(store.index)
    except IndexTooNew as problem:
        raise StoreError(f"has an index of a later version of this collection: {problem}") from problem
