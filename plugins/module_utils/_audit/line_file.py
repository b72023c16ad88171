# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of results, read line by line, compressed or not, whoever wrote it: no line and no file is larger than it may be."""

from __future__ import annotations

import gzip
import itertools
import os
import re
import stat
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Callable, cast

from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import destination_key
from ansible_collections.mailops.tls.plugins.module_utils._files.access import check_not_planted
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import NotResults, parse_line

LONGEST_LINE = 1 << 20
"""Most bytes of a line; the longest real ones have some ten exchanges with two addresses each, with the dialogue."""
_GZIP = b"\x1f\x8b"
_DESTINATION = re.compile(rb'\{"schema":[0-9]+,"run":"[^"\\]*","vantage":"[^"\\]*","probed_at":"[^"\\]*","destination":"([a-z0-9._-]+)"')


def open_results(path: str, *, believed: bool = False) -> BinaryIO:
    """Open a regular file of results, as if it were not compressed.

    Args:
        path: the file.
        believed: what is in it decides what people are told, so nobody else may have put it there.

    Raises:
        UnsafeFile: somebody else could have.
        OSError: it cannot be opened, or is something else.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError("it is not a regular file")
        if believed:
            check_not_planted(os.stat(os.path.dirname(path) or "."), status)
        stream = os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise
    begin = stream.read(len(_GZIP))
    stream.seek(0)
    return cast(BinaryIO, gzip.GzipFile(fileobj=stream)) if begin == _GZIP else stream


def whole_lines(stream: BinaryIO, most: int | None = None, cut_off: Callable[[], None] | None = None) -> Iterator[tuple[int, bytes]]:
    """Yield each line with where it begins. A last one without end was cut off, and is left out.

    Args:
        stream: a file of results.
        most: bytes that all of them may have.
        cut_off: called when the last line was.

    Raises:
        NotResults: a line or the file is too long, or it cannot be decompressed.
    """
    offset = 0
    for number in itertools.count(1):
        try:
            line = stream.readline(LONGEST_LINE + 1)
        except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
            raise NotResults("is damaged: it cannot be decompressed") from problem
        if not line.endswith(b"\n"):
            if len(line) > LONGEST_LINE:
                raise NotResults(f"has a line of more than {LONGEST_LINE} bytes: line {number}")
            if line and cut_off is not None:
                cut_off()
            return
        yield offset, line
        offset += len(line)
        if most is not None and offset > most:
            raise NotResults(f"has more than {most} bytes, which is more than its destinations can need")


def destination_of(line: bytes, number: int) -> str:
    """Return the key of the destination in a line, at the cost of its beginning where that is possible.

    Raises:
        NotResults: it is no result.
    """
    found = _DESTINATION.match(line)
    return destination_key(found[1].decode("ascii") if found else parse_line(line, number).result["destination"])
