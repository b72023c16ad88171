# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of results that grows while probes end: one JSON object a line, so that an interrupted run can go on.

What is in it is believed when a run goes on with it. So it belongs to one user and one run at a time, and to one set of options.
"""

from __future__ import annotations

import os
import platform
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any, BinaryIO, Callable

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.access import UnsafeFile, check_believed_file
from ansible_collections.mailops.tls.plugins.module_utils._files.locking import take
from ansible_collections.mailops.tls.plugins.module_utils._files.own_file import PRIVATE, open_own_file
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import (
    DESTINATIONS,
    HEADER_BEGIN,
    Line,
    NotResults,
    ReadLine,
    ResultKind,
    RunIdentity,
    differing_options,
    header_line,
    parse_header,
    parse_line,
    read_line,
    result_line,
)
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

OPTION = "results_file"
OnResult = Callable[[ReadLine, int], None]
"""Takes a result out of the file, and where its line begins."""
_OTHERWISE = "give another file, or leave resume out to begin this one anew"


def _now() -> datetime:
    return datetime.now(timezone.utc)


def new_identity(clock: Callable[[], datetime] = _now) -> RunIdentity:
    """Name a run that begins now, and the machine it is on."""
    run = "{}-{}".format(clock().strftime("%Y%m%dT%H%M%SZ"), secrets.token_hex(4))
    return RunIdentity(run, clean(platform.node()) or "localhost")


class ResultsFile:
    """Writes results as they come. Text from servers inside is JSON-escaped, so a line is always one result."""

    def __init__(
        self,
        path: str,
        *,
        resume: bool,
        options: Mapping[str, Any],
        identity: RunIdentity,
        kind: ResultKind = DESTINATIONS,
        clock: Callable[[], datetime] = _now,
        on_result: OnResult = lambda line, begin: None,
    ) -> None:
        """Open the file, emptied unless it is to be gone on with.

        Args:
            path: the file.
            resume: go on with what is in it.
            options: what decides the results, see `deciding_options`.
            identity: who writes.
            kind: whose results these are.
            clock: tells the time.
            on_result: takes every result that is there already.

        Raises:
            OptionError: it cannot be written, another run writes it, others could have written it, or it is to be gone on with and
                holds something else than results that were made with these options.
        """
        self._path, self._identity, self._clock, self._kind = path, identity, clock, kind
        self._on_result = on_result
        self.gone = False
        self._descriptor = _open(path, resume)
        try:
            self._lock()
            os.fchmod(self._descriptor, PRIVATE)
            self._end = self._load(options) if resume else 0
            os.ftruncate(self._descriptor, self._end)
            if self._end == 0:
                self._add(header_line(identity, clock(), options))
        except OSError as error:
            self.close()
            raise OptionError(OPTION, path, f"cannot be written: {error.strerror}") from error
        except BaseException:
            self.close()
            raise

    def write(self, result: Mapping[str, Any]) -> None:
        """Add one result and hand it to the kernel at once, for those who follow the file.

        Raises:
            OptionError: it cannot be written any more; the whole lines before it stay.
        """
        self.write_line(result_line(self._identity, self._clock(), result))

    def write_line(self, line: bytes) -> int:
        """Add the line of a result in the same way, and return where it begins."""
        begin = self._end
        try:
            self._add(line)
        except OSError as error:
            text = f"cannot be written any more: {error.strerror}. What is in it is whole: make room and go on with resume: true"
            raise OptionError(OPTION, self._path, text) from error
        return begin

    def read_again(self, on_result: OnResult) -> None:
        """Hand on every result that is there, once more.

        Raises:
            OptionError: it cannot be read, or others have changed it.
        """
        try:
            with os.fdopen(os.dup(self._descriptor), "rb") as stream:
                stream.seek(0)
                self._walk(stream, on_result)
        except NotResults as problem:
            raise OptionError(OPTION, self._path, f"cannot be read any more: it {problem}") from problem
        except OSError as error:
            raise OptionError(OPTION, self._path, f"cannot be read any more: {error.strerror}") from error

    def line_at(self, begin: int) -> Line:
        """Return the result whose line begins there, as `OnResult` has told.

        Raises:
            OptionError: it cannot be read, or others have changed the file.
        """
        try:
            with os.fdopen(os.dup(self._descriptor), "rb") as stream:
                stream.seek(begin)
                return parse_line(stream.readline(), 0, self._kind.shape)
        except (NotResults, OSError) as problem:
            raise OptionError(OPTION, self._path, f"cannot be read any more: {problem}") from problem

    def sync(self) -> None:
        """Have the disk keep what was written, where it can; closing has done so."""
        if self._descriptor >= 0:
            with suppress(OSError):
                os.fdatasync(self._descriptor)

    def leave(self) -> None:
        """Let go of the file in a process that was forked, and has nothing to write."""
        os.close(self._descriptor)
        self._descriptor = -1

    def close(self) -> None:
        """Close the file, for others to go on with; `gone` then says whether somebody has removed it or put another in its place."""
        if self._descriptor >= 0:
            self.sync()
            self.gone = not os.fstat(self._descriptor).st_nlink
            os.close(self._descriptor)
            self._descriptor = -1

    def _lock(self) -> None:
        """Keep other runs out; the lock ends with the process."""
        if not take(self._descriptor):
            raise OptionError(OPTION, self._path, "is being written by another run at this moment")

    def _add(self, line: bytes) -> None:
        """Add a whole line or nothing."""
        rest = memoryview(line)
        try:
            while rest:
                rest = rest[os.pwrite(self._descriptor, rest, self._end + len(line) - len(rest)) :]
        except OSError:
            os.ftruncate(self._descriptor, self._end)
            raise
        self._end += len(line)

    def _load(self, options: Mapping[str, Any]) -> int:
        """Take over the whole lines and return where they end; a last line without end was cut off by the interruption."""
        try:
            with os.fdopen(os.dup(self._descriptor), "rb") as stream:
                header = stream.readline()
                if not header.endswith(b"\n"):
                    if header.startswith(HEADER_BEGIN) or HEADER_BEGIN.startswith(header):
                        return 0
                    raise NotResults("has no header: it is not a file of results")
                differing = differing_options(parse_header(header), options)
                if differing:
                    raise NotResults("was written with other options: " + ", ".join(differing))
                stream.seek(0)
                end = self._walk(stream, self._on_result)
        except NotResults as problem:
            raise OptionError(OPTION, self._path, f"cannot be resumed: it {problem}; {_OTHERWISE}") from problem
        return end

    def _walk(self, stream: BinaryIO, on_result: OnResult) -> int:
        """Hand on the result of each whole line behind the header, and return where they end."""
        end = len(stream.readline())
        for number, line in enumerate(stream, 2):
            if not line.endswith(b"\n"):
                break
            on_result(read_line(line, number, self._kind.shape), end)
            end += len(line)
        return end


def _open(path: str, resume: bool) -> int:
    try:
        descriptor = open_own_file(path, os.O_RDWR, believed=resume)
    except UnsafeFile as error:
        text = f"cannot be believed: it {error}; give another file" if resume else str(error)
        raise OptionError(OPTION, path, text) from error
    except OSError as error:
        raise OptionError(OPTION, path, f"cannot be written: {error.strerror}") from error
    try:
        check_believed_file(os.fstat(descriptor))  # who has it open already could write to it later on
    except UnsafeFile as error:
        os.close(descriptor)
        raise OptionError(OPTION, path, f"{error}; remove it") from error
    return descriptor
