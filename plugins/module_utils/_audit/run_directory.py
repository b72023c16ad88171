# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a store: `runs/<time>-<id>/` with the lines of each prober, `latest`, the index, and a lock for whoever writes.

`header.json` of a run says which lines belong to it. It is written after they are whole, and before the index knows of them. So a
crash leaves lines that nobody has heard of, or ones that the next writer puts into the index.

Names of files are made here. The name of a prober is a text from an inventory, and what it sends is not asked for any.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from ansible_collections.mailops.tls.plugins.module_utils._files.access import UnsafeFile, check_own_folder
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import Access, NewFile, read_file, replace_together
from ansible_collections.mailops.tls.plugins.module_utils._files.leftovers import Role, create, name_of_its_own, sweep
from ansible_collections.mailops.tls.plugins.module_utils._files.locking import take
from ansible_collections.mailops.tls.plugins.module_utils._files.own_file import PRIVATE, open_own_file

HEADER, CHANGES, INDEX, LATEST, LOCK, RUNS = "header.json", "changes.jsonl", "audit.sqlite3", "latest", ".lock", "runs"
RUN_NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z-[A-Za-z0-9]{1,64}")
"""Names of runs: nothing in them means anything to a file system. Their order is not that of runs, as clocks can go back."""
_PROBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_PATIENCE = 60.0
_PAUSE = 0.1
_OWN_FOLDER = 0o700


class StoreError(Exception):
    """Something about the folder speaks against using it; the text says what, to stand behind the path."""


@dataclass(frozen=True)
class KeptShard:
    """What a run has of one prober.

    Attributes:
        prober: its name.
        file: the file of its lines in the folder of the run; none when nothing of it came.
        digest: of the lines.
        expected: how many destinations it was to probe, if that is known.
        received: how many it has told about.
        reason: why there is less than expected, for people.
    """

    prober: str
    file: str | None
    digest: str | None
    expected: int | None
    received: int
    reason: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return self.file is not None and self.reason is None and (self.expected is None or self.received >= self.expected)


@dataclass(frozen=True)
class RunHeader:
    """What a run consists of, and the options that decided its results.

    Attributes:
        run: its name.
        shards: what it has of each prober.
        options: what decided its results.
        sequence: its place in the order in which runs came into the store; 0 for those of stores that did not note it.
        told: false where it was interrupted before anybody was told of it. Nothing is compared with it.
    """

    run: str
    shards: tuple[KeptShard, ...]
    options: Mapping[str, Any]
    sequence: int = 0
    told: bool = True

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return bool(self.shards) and all(one.is_whole for one in self.shards)


def shard_name(prober: str) -> str:
    """Return the name of a prober's file."""
    if _PROBER.fullmatch(prober):
        return f"shard-{prober}.jsonl.gz"
    digest = hashlib.sha256(prober.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"shard-{re.sub('[^A-Za-z0-9_-]', '_', prober)[:60]}.{digest}.jsonl.gz"


class NewShard:
    """A file of lines that is being written, in its run's folder under a hidden name."""

    def __init__(self, folder: str, name: str) -> None:
        """Make the file.

        Raises:
            OSError: it cannot be made.
        """
        self.name = name
        self._hidden = name_of_its_own(name, Role.NEW)
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self.stream: BinaryIO = os.fdopen(create(self._folder, self._hidden, PRIVATE), "wb")
        except BaseException:
            os.close(self._folder)
            raise

    def __enter__(self) -> NewShard:
        return self

    def keep(self) -> None:
        """Give it its name, in place of what had it; it must be whole, and synced.

        Raises:
            OSError: it cannot be renamed.
        """
        os.rename(self._hidden, self.name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        os.fsync(self._folder)

    def __exit__(self, *unused: object) -> None:
        """Remove what was not kept."""
        with suppress(FileNotFoundError):
            os.unlink(self._hidden, dir_fd=self._folder)
        self.stream.close()
        os.close(self._folder)


class RunDirectory:
    """The folder of a store."""

    def __init__(self, path: str) -> None:
        """Take a folder, made by `prepare` if there is none."""
        self.path = path

    def prepare(self) -> None:
        """Make the folder, if there is none.

        Raises:
            StoreError: others can write it.
            OSError: it cannot be made.
        """
        folders = (self.path, os.path.join(self.path, RUNS))
        for folder in folders:
            os.makedirs(folder, _OWN_FOLDER, exist_ok=True)
        try:
            for folder in folders:
                check_own_folder(os.stat(folder))
        except UnsafeFile as problem:
            raise StoreError(str(problem)) from problem

    @property
    def index(self) -> str:
        """Where the index is."""
        return os.path.join(self.path, INDEX)

    def prepare_index(self) -> None:
        """Have the index belong to nobody else from its first moment."""
        os.close(open_own_file(self.index, os.O_RDWR, believed=True))

    def run_path(self, run: str) -> str:
        """Return the folder of a run."""
        if not RUN_NAME.fullmatch(run):
            raise ValueError(f"{run!r} is no name of a run")
        return os.path.join(self.path, RUNS, run)

    def runs(self) -> list[str]:
        """Return the names of all runs, in the order in which they came into the store; first those of which nothing is known."""
        return [run for unused, run in self._in_order()]

    def known_runs(self) -> list[str]:
        """Return those of which a header says what they consist of."""
        return [run for sequence, run in self._in_order() if sequence >= 0]

    def unreadable_runs(self) -> list[str]:
        """Return those of which a header is there that nobody can read: the lines beside it can be whole."""
        return [run for sequence, run in self._in_order() if self._is_unreadable(sequence, run)]

    def countable_runs(self) -> list[str]:
        """Return all others, in order. One that nobody can read would come first, and can be any."""
        return [run for sequence, run in self._in_order() if not self._is_unreadable(sequence, run)]

    def _is_unreadable(self, sequence: int, run: str) -> bool:
        return sequence < 0 and os.path.lexists(os.path.join(self.run_path(run), HEADER))

    def _in_order(self) -> list[tuple[int, str]]:
        try:
            names = os.listdir(os.path.join(self.path, RUNS))
        except FileNotFoundError:
            return []
        runs = (name for name in names if RUN_NAME.fullmatch(name) and os.path.isdir(self.run_path(name)))
        return sorted((self._sequence(name), name) for name in runs)

    def _sequence(self, run: str) -> int:
        with suppress(OSError):
            header = self.header(run)
            if header is not None:
                return header.sequence
        return -1

    @contextmanager
    def locked(self, patience: float = _PATIENCE) -> Iterator[None]:
        """Keep other writers out meanwhile; the lock ends with the process.

        Raises:
            StoreError: somebody else writes for too long.
        """
        descriptor = open_own_file(os.path.join(self.path, LOCK), os.O_RDWR)
        try:
            until = time.monotonic() + patience
            while not take(descriptor):
                if time.monotonic() >= until:
                    raise StoreError("is being written by another task at this moment")
                time.sleep(_PAUSE)
            yield
        finally:
            os.close(descriptor)

    def make_run(self, run: str) -> str:
        """Make the folder of a run, or take it as it is without what a killed writer left; return it."""
        path = self.run_path(run)
        os.makedirs(path, _OWN_FOLDER, exist_ok=True)
        sweep(path)
        return path

    def new_shard(self, run: str, prober: str) -> NewShard:
        """Begin the file of a prober's lines."""
        return NewShard(self.run_path(run), shard_name(prober))

    def header(self, run: str) -> RunHeader | None:
        """Return what a run consists of; None when nothing that is whole says so."""
        found = read_file(os.path.join(self.run_path(run), HEADER), believed=True)
        return None if found is None else _read_header(run, found.content)

    def write_header(self, header: RunHeader) -> None:
        """Say what a run consists of."""
        facts = {
            "kind": "run", "schema": 1, "run": header.run, "sequence": header.sequence, "whole": header.is_whole,
            "told": header.told, "options": dict(header.options),
            "shards": [{**vars(one), "whole": one.is_whole} for one in header.shards],
        }  # fmt: skip
        content = json.dumps(facts, indent=1, sort_keys=True).encode("ascii") + b"\n"
        replace_together(self.run_path(header.run), [NewFile(HEADER, content, Access(PRIVATE))])

    def write_changes(self, run: str, lines: bytes) -> None:
        """Keep what changed until a run."""
        replace_together(self.run_path(run), [NewFile(CHANGES, lines, Access(PRIVATE))])

    def point_at_latest(self) -> bool:
        """Have `latest` lead to the run that came last; false where something is in its place that is no link."""
        known = self.known_runs()
        target, link = os.path.join(RUNS, known[-1]) if known else "", os.path.join(self.path, LATEST)
        with suppress(OSError):
            if os.readlink(link) == target:
                return True
        if os.path.lexists(link) and not os.path.islink(link):
            return False
        if known:
            with suppress(FileNotFoundError):
                os.unlink(link + ".new")
            os.symlink(target, link + ".new")
            os.replace(link + ".new", link)
        return True

    def drop_lines(self, run: str) -> None:
        """Remove the folder of a run with all that is in it; `header.json` goes first, so that half of it is no run.

        Of a link that somebody has put there, the link alone is removed.
        """
        path = self.run_path(run)
        if os.path.islink(path):
            os.unlink(path)
            return
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(path, HEADER))
        shutil.rmtree(path)


def _read_header(run: str, content: bytes) -> RunHeader | None:
    try:
        found = json.loads(content)
        shards = tuple(
            KeptShard(*(one[name] for name in ("prober", "file", "digest", "expected", "received", "reason"))) for one in found["shards"]
        )
        options, sequence, told = found["options"], found.get("sequence", 0), found.get("told", True)
    except (ValueError, KeyError, TypeError):
        return None
    ordered = isinstance(sequence, int) and not isinstance(sequence, bool) and sequence >= 0
    sound = isinstance(options, dict) and ordered and all(one.file in (None, shard_name(one.prober)) for one in shards)
    return RunHeader(run, shards, options, sequence, told is not False) if sound else None
