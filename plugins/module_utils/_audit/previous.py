# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of an earlier run, looked up one by one: 16 bytes of memory for each, and nothing of them is kept."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import Fact, destination_key, facts_of, merged_facts
from ansible_collections.mailops.tls.plugins.module_utils._audit.line_file import LONGEST_LINE, destination_of, open_results, whole_lines
from ansible_collections.mailops.tls.plugins.module_utils._results.digest_table import key_digest
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import NotResults, parse_header, parse_line

_PIECE = 1 << 20


class PreviousResults:
    """A file of results as a table. Read once from its beginning to its end, then wherever something is asked for.

    Attributes:
        options: what decided its results, as its header says.
    """

    def __init__(self, path: str, vantage: str = "") -> None:
        """Open a file and find where each destination is in it; of a compressed one, a copy without name is made.

        Args:
            path: the file.
            vantage: from where it was probed.

        Raises:
            UnsafeFile: somebody else could have put it there.
            OSError: it cannot be read.
            NotResults: it is no file of results.
        """
        self._vantage = vantage
        self._stream = _seekable(open_results(path, believed=True))
        try:
            self.options: Mapping[str, Any] = {}
            digests, offsets = array("Q"), array("Q")
            for number, (offset, line) in enumerate(whole_lines(self._stream), 1):
                if number == 1:
                    self.options = parse_header(line)
                    continue
                digests.append(_digest(destination_of(line, number)))
                offsets.append(offset)
            order = sorted(range(len(digests)), key=digests.__getitem__)  # stable: looks at one destination stay in their order
            self._digests = array("Q", (digests[one] for one in order))
            self._offsets = array("Q", (offsets[one] for one in order))
            if not self.options and not digests:
                raise NotResults("has no header: it is not a file of results")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> PreviousResults:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._stream.close()

    def __len__(self) -> int:
        """How many results it has."""
        return len(self._digests)

    def facts(self, destination: str) -> tuple[Fact, ...]:
        """Return the rows of a destination, however it is written; empty when it is not there.

        Raises:
            NotResults: a line is no result.
        """
        key = destination_key(destination)
        digest = _digest(key)
        looks = []
        at = bisect_left(self._digests, digest)
        while at < len(self._digests) and self._digests[at] == digest:
            self._stream.seek(self._offsets[at])
            result, probed_at = parse_line(self._stream.readline(LONGEST_LINE + 1), at)
            if destination_key(result["destination"]) == key:
                looks.append(facts_of(result, probed_at, self._vantage))
            at += 1
        return merged_facts(looks) if looks else ()


def _digest(key: str) -> int:
    return int.from_bytes(key_digest(key, 8), "big")


def _seekable(stream: BinaryIO) -> BinaryIO:
    """Return a stream in which going back costs nothing."""
    if not hasattr(stream, "fileobj"):
        return stream
    try:
        copy = tempfile.TemporaryFile()
        try:
            shutil.copyfileobj(stream, copy, _PIECE)
            copy.seek(0)
        except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
            copy.close()
            raise NotResults("is damaged: it cannot be decompressed") from problem
        except BaseException:
            copy.close()
            raise
        return cast(BinaryIO, copy)
    finally:
        inner = stream.fileobj
        stream.close()
        inner.close()
