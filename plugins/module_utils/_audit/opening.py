# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store with its index open: an index that is missing, damaged or behind is made of the lines."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._audit.index import AuditIndex, IndexTooNew
from ansible_collections.mailops.tls.plugins.module_utils._audit.intake import bring_up
from ansible_collections.mailops.tls.plugins.module_utils._audit.run_directory import RunDirectory, StoreError
from ansible_collections.mailops.tls.plugins.module_utils._files.access import UnsafeFile

DAMAGED = ".damaged"
_NOTHING = "has no audit yet"


@dataclass(frozen=True)
class OpenStore:
    """A store to be written, and what has to be told of it."""

    directory: RunDirectory
    index: AuditIndex
    warnings: tuple[str, ...]


@contextmanager
def open_to_write(path: str, *, make: bool) -> Iterator[OpenStore]:
    """Open a store with nobody else writing to it.

    Args:
        path: its folder.
        make: whether to make one where there is none.

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
        index, warnings = _index(store)
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


def _index(store: RunDirectory) -> tuple[AuditIndex, list[str]]:
    try:
        store.prepare_index()
    except UnsafeFile as problem:
        raise StoreError(f"has an index that cannot be believed: it {problem}") from problem
    try:
        return _checked(store), []
    except sqlite3.OperationalError:
        raise  # locked, a full disk: it is not damaged
    except sqlite3.DatabaseError as problem:
        os.replace(store.index, store.index + DAMAGED)
        store.prepare_index()
        text = f"The index was damaged ({problem}). It is kept as {store.index + DAMAGED}, and was made again of the lines that are kept."
        return _checked(store), [text]


def _checked(store: RunDirectory) -> AuditIndex:
    try:
        return AuditIndex(store.index)
    except IndexTooNew as problem:
        raise StoreError(f"has an index of a later version of this collection: {problem}") from problem
