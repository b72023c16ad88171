# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists of destinations of all probers, written together. Each gets its name when all are whole. And the exchanges they are made by."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import TextIO

from ansible_collections.mailops.tls.plugins.module_utils._audit.reported_exchanges import LONGEST_LINE, reported_line
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.own_file import open_own_file

OPTION, EXCHANGES_DEST = "dest", "exchanges_dest"
_UNUSUAL = re.compile(r"[^A-Za-z0-9._-]")


def file_names(probers: Sequence[str]) -> dict[str, str]:
    """Return a name for the list of each prober: its place, and its own name for people, as far as files have such names."""
    width = len(str(len(probers)))
    return {prober: f"{number:0{width}}-{_UNUSUAL.sub('_', prober)[:100]}.txt" for number, prober in enumerate(probers, 1)}


class ShardLists:
    """A file for each prober, to be entered. Left by an error, no list has its name, and what was there before stays."""

    def __init__(self, folder: str, probers: Sequence[str]) -> None:
        """Take the folder, which is made where there is none, and the names of the probers."""
        self._folder = folder
        self.paths = {prober: os.path.join(folder, name) for prober, name in file_names(probers).items()}
        self.counts = dict.fromkeys(probers, 0)
        self._files: dict[str, TextIO] = {}

    def __enter__(self) -> ShardLists:
        """Open all files.

        Raises:
            OptionError: for a folder in which nothing can be written.
        """
        try:
            os.makedirs(self._folder, 0o700, exist_ok=True)
            for prober, path in self.paths.items():
                descriptor = open_own_file(_unfinished(path), os.O_WRONLY)
                os.ftruncate(descriptor, 0)
                self._files[prober] = os.fdopen(descriptor, "w", encoding="utf-8")
        except OSError as error:
            self._close()
            raise _refusal(self._folder, error) from error
        return self

    def add(self, prober: str, text: str) -> None:
        """Add a destination to the list of a prober.

        Raises:
            OptionError: it cannot be written.
        """
        try:
            self._files[prober].write(text + "\n")
        except OSError as error:
            raise _refusal(self._folder, error) from error
        self.counts[prober] += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the files, and give them their names.

        Raises:
            OptionError: when they could not be written to the end.
        """
        try:
            self._close()
            for path in self.paths.values():
                if kind is None:
                    os.replace(_unfinished(path), path)
                else:
                    os.unlink(_unfinished(path))
        except OSError as problem:
            if kind is None:
                raise _refusal(self._folder, problem) from problem

    def _close(self) -> None:
        """Close all files, whatever cannot be written of one."""
        with ExitStack() as files:
            while self._files:
                files.callback(self._files.popitem()[1].close)


class ExchangeReport:
    """The exchanges of destinations as a file, to be entered. It has its name when it is kept."""

    def __init__(self, path: str) -> None:
        """Take the path."""
        self._path = path

    def __enter__(self) -> ExchangeReport:
        """Open the file.

        Raises:
            OptionError: it cannot be written.
        """
        try:
            descriptor = open_own_file(_unfinished(self._path), os.O_WRONLY)
            os.ftruncate(descriptor, 0)
        except OSError as error:
            raise _refusal(self._path, error, EXCHANGES_DEST) from error
        self._file = os.fdopen(descriptor, "w", encoding="ascii")
        return self

    def add(self, destination: str, exchanges: Iterable[str] | None) -> None:
        """Add a destination.

        Raises:
            OptionError: it cannot be written.
        """
        try:
            self._file.write(reported_line(destination, exchanges) + "\n")
        except OSError as error:
            raise _refusal(self._path, error, EXCHANGES_DEST) from error

    def keep(self) -> None:
        """Give the file its name.

        Raises:
            OptionError: it cannot be written to the end.
        """
        try:
            self._file.close()
            os.replace(_unfinished(self._path), self._path)
        except OSError as error:
            raise _refusal(self._path, error, EXCHANGES_DEST) from error

    def __exit__(self, *unused: object) -> None:
        """Remove what was not kept."""
        with suppress(OSError):
            self._file.close()
        with suppress(FileNotFoundError):
            os.unlink(_unfinished(self._path))


def report_lines(path: str) -> Iterator[bytes]:
    """Yield the lines of a report of exchanges, none longer than it may be.

    Raises:
        OptionError: it cannot be read.
    """
    try:
        with open(path, "rb") as stream:
            yield from iter(lambda: stream.readline(LONGEST_LINE + 1), b"")
    except OSError as error:
        raise OptionError("exchanges_file", path, f"cannot be read: {error.strerror or error}") from error


def _unfinished(path: str) -> str:
    return path + ".part"


def _refusal(folder: str, error: OSError, option: str = OPTION) -> OptionError:
    return OptionError(option, folder, f"cannot be written: {error.strerror or error}")
