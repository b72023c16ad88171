# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run over any number of subjects, the same for every probe: what is left to do, and where each result goes.

Results are written, counted and forgotten, unless the task returns them. Of each subject stays its digest. So a run over a hundred
thousand needs no more memory than one over a thousand, and one that was interrupted goes on in seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Protocol

from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_options import (
    REPORT_LINES,
    RETURNED_AT_MOST,
    Returned,
    StreamOptions,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_order import in_windows
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._results.digest_table import DigestTable, key_digest
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import not_met
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import (
    Line,
    ReadLine,
    ResultKind,
    parse_line,
    result_line,
    utc_text,
)
from ansible_collections.mailops.tls.plugins.module_utils._results.json_lines import OnResult, ResultsFile
from ansible_collections.mailops.tls.plugins.module_utils._results.progress import Progress
from ansible_collections.mailops.tls.plugins.module_utils._results.progress_file import ProgressFile
from ansible_collections.mailops.tls.plugins.module_utils._results.tally import Share, Shares, Tally, Telling

_LOST = "results_file was removed, or another put in its place, while it was written. What was in it is lost: run this again"
INTERVAL = 1.0
"""Seconds between two looks at the progress."""
_SYNCED = 10
"""Looks between two times that the disk is told to keep what was written."""
_LEFT, _TAKEN, _DONE = -2, -1, 1
"""Numbers of subjects: to be done, handed out, done. A larger one is done too, and tells where the line in the file begins."""


@dataclass(frozen=True)
class Subjects:
    """What a run is about.

    Attributes:
        texts: as the user gave them; can be walked any number of times.
        name: what many of them are called.
        key_of: what makes two of them the same.
        shuffled: whether their order is ours to choose.
        expected: about how many there are.
    """

    texts: Iterable[str]
    name: str
    key_of: Callable[[str], str] = str
    shuffled: bool = False
    expected: int = 0


class Compared(Protocol):
    """Earlier results to compare with; the real ones are `ChangesSince`."""

    def differs(self, result: Line, look_before: Line | None) -> bool:
        """Compare a result, and tell whether anything about it has changed. The *look_before* of the same run failed for then."""

    def forget(self) -> None:
        """Begin to count."""

    def told(self) -> dict[str, Any]:
        """Return what was counted."""


class Streamed:
    """The run. First `open`, then `left` and `take` for each result, `look` about each second, `close`, and `result`."""

    def __init__(
        self,
        subjects: Subjects,
        kind: ResultKind,
        telling: Telling,
        options: StreamOptions,
        *,
        writes: bool,
        compared: Compared | None = None,
    ) -> None:
        """Read the list once.

        Args:
            subjects: what it is about.
            kind: whose results there will be.
            telling: what is made of them.
            options: where they go.
            writes: whether there is a file of results.
            compared: earlier results, where only what differs from them is returned.

        Raises:
            OptionError: the list cannot be read.
        """
        self._subjects, self._kind, self._telling, self.options, self._compared = subjects, kind, telling, options, compared
        self._table = DigestTable(subjects.expected)
        for text in subjects.texts:
            digest = self._digest(text)
            if not self._table.get(digest):
                self._table.put(digest, _LEFT)
        self.total = len(self._table)
        self.returned = options.returned or _by_number(self.total, writes)
        self.warnings = self._by_number_warnings(writes)
        limit = options.report_max
        self.limit = REPORT_LINES if limit is None else limit
        self._limited = limit is not None
        self._began = time.monotonic()
        self._progress = Progress(options.identity.run, self.total, self._began)
        self._progress_file: ProgressFile | None = None
        self._file: ResultsFile | None = None
        self._looks = 0
        self._kept: dict[bytes, Mapping[str, Any]] = {}
        self._failed: dict[bytes, int] = {}  # where the line is of what failed for then, where results are compared
        self._shares, self._tally = Shares(telling, self.limit), Tally(self.limit)
        self._twice, self._resumed = False, 0
        self._oldest: str | None = None

    def open(self, file: Callable[[OnResult], ResultsFile] | None, *, progress: bool = True) -> None:
        """Open the files, and take over what an interrupted run has done.

        Args:
            file: opens the file of results with this taker of what is in it; none where none is written.
            progress: whether it may be written how far the run is.

        Raises:
            OptionError: one of them cannot be used.
        """
        if file is not None:
            self._file = file(self._resume)
            if self._twice:
                self._forget()
                self._file.read_again(self._recount)
        if self.options.progress_file is not None and progress:
            self._progress_file = ProgressFile(self.options.progress_file)
        self._progress.begin(time.monotonic())
        self.look()

    @property
    def unfinished(self) -> int:
        """How many are to be done."""
        return self.total - self._progress.done

    def is_done(self, key: str) -> bool:
        """Tell whether there is a result of this key."""
        return self._table.get(self._digest(key)) > 0

    def left(self) -> Iterator[str]:
        """Yield what is to be done, each once and lazily."""
        if not self.unfinished:
            return
        wanted = self._wanted()
        yield from in_windows(wanted, self.options.identity.run) if self._subjects.shuffled else wanted

    def take(self, result: Mapping[str, Any]) -> None:
        """Take a result that was made in this process."""
        now = datetime.now(timezone.utc)
        line = result_line(self.options.identity, now, result)
        self._take(self._digest(self._kind.key(result)), line, self.share(result), Line(dict(result), utc_text(now)))

    def share(self, result: Mapping[str, Any]) -> Share:
        """Return what a result adds to what is told."""
        return self._shares.of(result)

    def take_line(self, key: str, line: bytes, share: Share) -> None:
        """Take a result that another process made, as a line of the file and what it adds; unless there is one by now."""
        digest = self._digest(key)
        if self._table.get(digest) <= 0:
            self._take(digest, line, share, None if self.returned is Returned.SUMMARY else parse_line(line, 0, self._kind.shape))

    def _take(self, digest: bytes, line: bytes, share: Share, result: Line | None) -> None:
        if self._file is not None:
            self._file.write_line(line)
        self._table.put(digest, _DONE)
        self._add(digest, share, result)

    def look(self, active: int = 0, parked: int = 0, *, ended: bool = False) -> None:
        """Say how far it is."""
        self._looks += 1
        if self._file is not None and self._looks % _SYNCED == 0:
            self._file.sync()
        if self._progress_file is not None:
            found = self._progress.look(time.monotonic(), active=active, parked=parked, ended=ended)
            self._progress_file.write({**found, "written_at": utc_text(datetime.now(timezone.utc))})

    def close(self) -> None:
        """Close the files, for others to go on with; `ended` is said of the progress when nothing is left to do."""
        if self._file is not None:
            self._file.close()
        if self._progress_file is not None:
            self.look(ended=True)
            self._progress_file.close()
            self._progress_file = None

    def leave(self) -> None:
        """Let go of the files in a process that was forked."""
        if self._file is not None:
            self._file.leave()
        if self._progress_file is not None:
            self._progress_file.close()
        self._file = self._progress_file = None

    def result(self, *, resume: bool, warnings: tuple[str, ...]) -> TaskResult:
        """Return what the task gives back."""
        facts, unmet, more = self._all() if self.returned is Returned.ALL else self._folded()
        if self._file is not None and resume:
            facts["resumed"] = {"results": self._resumed, "oldest": self._oldest}
        if unmet:
            facts["unmet"], facts["unmet_total"] = [one.as_dict() for one in unmet], len(unmet) + more
        lost = _LOST if self._file is not None and self._file.gone else None
        return TaskResult(facts, warnings=self.warnings + warnings, failure=lost or not_met(unmet, more))

    def _all(self) -> tuple[dict[str, Any], Sequence[Any], int]:
        results = [self._kept[digest] for digest in map(self._digest, self._subjects.texts) if digest in self._kept]
        if self._subjects.shuffled:  # a file can name the same one twice
            results = list({id(one): one for one in results}.values())
        report = list(self._telling.report(results))
        if self._limited and len(report) > self.limit:
            report = [*report[: self.limit], f"and {len(report) - self.limit:,} more lines"]
        unmet = self._telling.not_met(results)
        shown = unmet[: self.limit] if self._limited else unmet
        return {"results": results, "summary": dict(self._telling.summarize(results)), "report": report}, shown, len(unmet) - len(shown)

    def _folded(self) -> tuple[dict[str, Any], Sequence[Any], int]:
        tally = self._tally
        facts = {
            "results": list(self._kept.values()),
            "summary": {**self._telling.summarize([]), **tally.summary},
            "report": tally.report(self._subjects.name),
        }
        if self._compared is not None:
            facts["changes"] = self._compared.told()
        return facts, tally.unmet, tally.unmet_total - len(tally.unmet)

    def _digest(self, text: str) -> bytes:
        return key_digest(self._subjects.key_of(text))

    def _wanted(self) -> Iterator[str]:
        for text in self._subjects.texts:
            digest = self._digest(text)
            if self._table.get(digest) == _LEFT:
                self._table.put(digest, _TAKEN)
                yield text

    def _resume(self, line: ReadLine, begin: int) -> None:
        """Take over a result out of the file; the last one of a key counts, and one that failed for now does not."""
        digest = self._digest(self._kind.key(line.short))
        known = self._table.get(digest)
        if not known:
            return
        self._twice = self._twice or known > 0
        if self._kind.failed_for_now(line.short):
            self._table.put(digest, _LEFT)
            if self._compared is not None:
                self._failed[digest] = begin
            return
        self._failed.pop(digest, None)
        self._table.put(digest, begin)
        self._count(digest, line)

    def _recount(self, line: ReadLine, begin: int) -> None:
        """Count a result of a file that has several of a key: only the last one does."""
        digest = self._digest(self._kind.key(line.short))
        if self._table.get(digest) == begin:
            self._count(digest, line)

    def _count(self, digest: bytes, line: ReadLine) -> None:
        self._resumed += 1
        self._oldest = min(self._oldest or line.probed_at, line.probed_at)
        kept = None if self.returned is Returned.SUMMARY else line.line()
        if self._shares.look_inside(line.short):
            line.make_whole()
        self._add(digest, self._shares.of(line.short), kept)

    def _add(self, digest: bytes, share: Share, line: Line | None) -> None:
        self._progress.count(share.status)
        if self.returned is not Returned.ALL:
            self._tally.add(share)
        if line is None or self.returned is Returned.SUMMARY:
            return
        if self._compared is None:
            self._kept[digest] = line.result
        elif self._compared.differs(line, self._look_before(digest)) and len(self._kept) < RETURNED_AT_MOST:
            self._kept[digest] = line.result

    def _look_before(self, digest: bytes) -> Line | None:
        """Return what an earlier look of this run found that failed for then: two of them are a failure that counts."""
        begin = self._failed.pop(digest, None)
        return None if begin is None or self._file is None else self._file.line_at(begin)

    def _forget(self) -> None:
        """Begin to count."""
        self._shares = Shares(self._telling, self.limit)
        self._tally = Tally(self.limit)
        self._progress = Progress(self.options.identity.run, self.total, self._began)
        self._kept.clear()
        if self._compared is not None:
            self._compared.forget()
        self._twice, self._resumed, self._oldest = False, 0, None

    def _by_number_warnings(self, writes: bool) -> tuple[str, ...]:
        if self.options.returned is not None or self.total <= RETURNED_AT_MOST:
            return ()
        found = f"there are {self.total:,} {self._subjects.name}"
        if writes:
            return (f"{found}: their results are in results_file and not returned; return: all returns them, return: summary says nothing",)
        return (f"{found}, and all results are in memory and returned; with results_file they are written and counted only",)


def _by_number(total: int, writes: bool) -> Returned:
    return Returned.SUMMARY if writes and total > RETURNED_AT_MOST else Returned.ALL
