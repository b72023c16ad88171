# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs into a store: lines of probers looked at, kept, and put into the index. Whatever was begun is whole in the end, or not there.

A prober is a machine that somebody else may have taken over. So each line is held against the shape of a result, destinations that it was
not given are left out, and its share has limits. What it says of where and in which run it probed is not used: that is known.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import Fact, destination_key, facts_of, merged_facts
from ansible_collections.mailops.tls.plugins.module_utils._audit.index import AuditIndex
from ansible_collections.mailops.tls.plugins.module_utils._audit.line_file import LONGEST_LINE, destination_of, open_results, whole_lines
from ansible_collections.mailops.tls.plugins.module_utils._audit.run_directory import KeptShard, RunDirectory, RunHeader
from ansible_collections.mailops.tls.plugins.module_utils._audit.shard_file import ShardReader, ShardWriter
from ansible_collections.mailops.tls.plugins.module_utils._results.digest_table import key_digest
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import NotResults, differing_options, parse_header, parse_line

BYTES_EACH = 128 * 1024
"""Most bytes that the lines of a share have for each destination, on average and without compression."""
LARGEST_HEADER = 64 * 1024
_NOTHING = "nothing came of it"
_NO_RESULT = "no result came of it"


@dataclass(frozen=True)
class ShardSource:
    """What came of a prober: a file, or nothing.

    Attributes:
        prober: its name.
        path: the file; None when nothing came.
        expected: how many destinations it was to probe, if that is known.
        given: the digests of these destinations, if they are known (see `destination_digest`).
    """

    prober: str
    path: str | None
    expected: int | None = None
    given: Collection[bytes] | None = None


@dataclass(frozen=True)
class Intake:
    """What became of one share.

    Attributes:
        shard: what the run has of the prober now.
        changed: whether that is something else than before.
        refused: why what came was not taken, to stand behind "what came of it".
        foreign: results that were left out, as they are of destinations that the prober was not given.
        kept: lines that had come before and did not come again. They stay.
    """

    shard: KeptShard
    changed: bool = False
    refused: str | None = None
    foreign: int = 0
    kept: int = 0


class _Unchanged(Exception):
    """The same lines are there already, so nothing of what was begun is needed."""


def destination_digest(destination: str) -> bytes:
    """Return what a destination is remembered by."""
    return key_digest(destination_key(destination), 12)


def take_in(store: RunDirectory, index: AuditIndex, run: str, source: ShardSource) -> Intake:
    """Add what came of a prober to a run, all or nothing. A longer file takes the place of a shorter one; no line that is there is lost.

    Raises:
        OSError: something cannot be written.
        sqlite3.Error: the index cannot be written.
    """
    header = store.header(run) or RunHeader(run, (), {}, index.next_sequence())
    before = next((one for one in header.shards if one.prober == source.prober), None)
    here = before is not None and before.file is not None
    if source.path is None:
        intake = Intake(before if here and before else KeptShard(source.prober, None, None, source.expected, 0, _NOTHING))
    else:
        try:
            return _take_lines(store, index, header, source, source.path, before)
        except NotResults as problem:
            refused = KeptShard(source.prober, None, None, source.expected, 0, f"what came of it {problem}")
            intake = Intake(before if here and before else refused, refused=str(problem))
    if intake.shard != before:
        store.write_header(_with_shard(header, intake.shard, {}))
        bring_up(store, index, run)
    return replace(intake, changed=intake.shard != before)


def bring_up(store: RunDirectory, index: AuditIndex, run: str) -> list[str]:
    """Put into the index what a run has and the index has not, and take out what the run has not; name files that are damaged.

    Raises:
        OSError: something cannot be read.
        sqlite3.Error: the index cannot be written.
    """
    header = store.header(run)
    if header is None:
        return []
    damaged = []
    with index.transaction():
        number = index.put_run(run, whole=header.is_whole, sequence=header.sequence, told=header.told)
        known = index.digests(number)
        for shard in header.shards:
            if shard.prober in known and known[shard.prober] == shard.digest:
                continue
            path = os.path.join(store.run_path(run), shard.file or "")
            if shard.file is None:
                index.drop_shard(number, shard.prober)
            elif not _index_again(index, number, shard, path):
                damaged.append(path)
        for prober in set(known) - {one.prober for one in header.shards}:
            index.drop_shard(number, prober)
        if damaged:  # what is not there is missing, and not gone
            index.put_run(run, whole=False, sequence=header.sequence, told=header.told)
    return damaged


def set_untold(store: RunDirectory, index: AuditIndex, run: str) -> None:
    """Note that a run was interrupted before anybody was told of it. Nothing is compared with it any more.

    Raises:
        OSError: that cannot be written.
        sqlite3.Error: the index cannot be written.
    """
    header = store.header(run)
    if header is not None and header.told:
        store.write_header(replace(header, told=False))
    index.set_untold(run)


class _ShareInto:
    """Puts the lines of a share into the index, one by one; a destination can come twice, when it was looked at twice."""

    def __init__(self, index: AuditIndex, run: int, prober: str, source: ShardSource | None) -> None:
        self._index, self._run, self._prober = index, run, prober
        self.shard = index.begin_shard(run, prober)
        self.seen: set[bytes] = set()
        self._given = source.given if source is not None else None
        self._expected = source.expected if source is not None else None
        self._aside = True

    def rows(self, line: bytes, number: int) -> tuple[Fact, ...] | None:
        """Return the rows of a line; None when the prober was not given this destination."""
        result, probed_at = parse_line(line, number)
        digest = destination_digest(result["destination"])
        if self._given is not None and digest not in self._given:
            return None
        facts = facts_of(result, probed_at, self._prober)
        if digest not in self.seen:
            if self._given is None and self._expected is not None and len(self.seen) >= self._expected:
                return None
            self.seen.add(digest)
            return facts
        if self._aside:
            self._index.take_over()
            self._aside = False
        before = [one for one in self._index.rows(self._run, facts[0].destination) if one.vantage == self._prober]
        self._index.forget(self._run, self.shard, facts[0].destination)
        return merged_facts([before, facts])

    def keep(self, line: bytes, writer: ShardWriter, number: int = 0) -> bool:
        """Write a line and keep its rows; false when the prober was not given this destination."""
        rows = self.rows(line, number)
        if rows is not None:
            self.put(rows, writer.add(line))
        return rows is not None

    def put(self, rows: Sequence[Fact], place: int) -> None:
        """Keep rows, and where their line is."""
        self._index.put(self._run, self.shard, rows, place, aside=self._aside)

    def end(self, digest: str) -> None:
        """Note that all lines are there."""
        self._index.take_over()
        self._index.end_shard(self.shard, digest)


def _take_lines(
    store: RunDirectory, index: AuditIndex, header: RunHeader, source: ShardSource, path: str, before: KeptShard | None
) -> Intake:
    """Copy lines into the store and its index. The last step is that the index believes it; a crash before is as if nothing was begun."""
    foreign = stay = 0
    unsent = _unsent(store, index, header, source, path)
    with open_results(path) as stream, store.new_shard(header.run, source.prober) as kept:
        try:
            with index.transaction():
                number = index.put_run(header.run, whole=False, sequence=header.sequence, told=header.told)
                share, writer = _ShareInto(index, number, source.prober, source), ShardWriter(kept.stream)
                options: Mapping[str, Any] | None = None
                for line_number, (_offset, line) in enumerate(whole_lines(stream, _most_bytes(source)), 1):
                    if options is None:
                        options = _options(line)
                        writer.add(line)
                        stay = sum(share.keep(one, writer) for one in unsent(options))
                        continue
                    foreign += not share.keep(line, writer, line_number)
                    if stay and writer.size > (_most_bytes(source) or writer.size):
                        raise NotResults("has, with what is there already, more than its destinations can need")
                digest = writer.close()
                shard = KeptShard(source.prober, kept.name, digest, _expected(source), len(share.seen), _reason(share, source))
                if options is None:
                    raise NotResults("is empty")
                if shard == before:
                    raise _Unchanged
                share.end(digest)
                kept.keep()
                whole = _with_shard(header, shard, options)
                store.write_header(whole)
                index.put_run(header.run, whole=whole.is_whole, sequence=header.sequence, told=header.told)
        except _Unchanged:
            return Intake(shard, foreign=foreign, kept=stay)
    return Intake(shard, changed=True, foreign=foreign, kept=stay)


def _unsent(
    store: RunDirectory, index: AuditIndex, header: RunHeader, source: ShardSource, path: str
) -> Callable[[Mapping[str, Any]], Iterator[bytes]]:
    """Return what yields the lines that are kept of a prober and are not in what came now, for the options of that.

    A prober whose file was lost begins anew, and one that somebody has taken over can send less than before.
    """
    before = next((one for one in header.shards if one.prober == source.prober and one.file is not None), None)
    run = index.run(header.run)
    if before is None or run is None or index.digests(run.id).get(source.prober) != before.digest:
        return lambda options: iter(())  # nothing is there, or it is damaged
    came = {_line_digest(line) for line in _lines(path, source)}

    def unsent(options: Mapping[str, Any]) -> Iterator[bytes]:
        with open(os.path.join(store.run_path(header.run), before.file or ""), "rb") as kept:
            stay = (line for _place, line in ShardReader(kept))
            differing = differing_options(parse_header(next(stay, b"")), options)
            if not differing:
                yield from (line for line in stay if _line_digest(line) not in came)
                return
            names = {destination_of(line, number) for number, line in enumerate(_lines(path, source), 1) if number > 1}
            if any(destination_of(line, 0) not in names for line in stay):
                raise NotResults(f"lacks results that are there already, which had other options: {', '.join(differing)}")

    return unsent


def _lines(path: str, source: ShardSource) -> Iterator[bytes]:
    with open_results(path) as stream:
        for _offset, line in whole_lines(stream, _most_bytes(source)):
            yield line


def _line_digest(line: bytes) -> bytes:
    return hashlib.blake2b(line, digest_size=12).digest()


def _reason(share: _ShareInto, source: ShardSource) -> str | None:
    """Return why a share is not whole although nobody knows how much was to come: a run that tells nothing tells of no list."""
    return _NO_RESULT if _expected(source) is None and not share.seen else None


def _index_again(index: AuditIndex, run: int, shard: KeptShard, path: str) -> bool:
    """Put lines that are kept into the index; false when they are not as they were written."""
    share = _ShareInto(index, run, shard.prober, None)
    try:
        with open(path, "rb") as stream:
            lines = ShardReader(stream)
            for number, (place, line) in enumerate(lines, 1):
                rows = share.rows(line, number) if number > 1 else None
                if rows is not None:
                    share.put(rows, place)
            if lines.digest != shard.digest:
                raise NotResults("is damaged")
    except (NotResults, FileNotFoundError):
        index.drop_shard(run, shard.prober)
        return False
    share.end(lines.digest)
    return True


def _with_shard(header: RunHeader, shard: KeptShard, options: Mapping[str, Any]) -> RunHeader:
    others = [one for one in header.shards if one.prober != shard.prober]
    return replace(header, shards=tuple(sorted([*others, shard], key=lambda one: one.prober)), options=header.options or options)


def _options(line: bytes) -> Mapping[str, Any]:
    if len(line) > LARGEST_HEADER:
        raise NotResults("has a header that is too long")
    return parse_header(line)


def _expected(source: ShardSource) -> int | None:
    """Return how many destinations are to come: one that was given in two ways comes once."""
    return len(source.given) if source.given is not None else source.expected


def _most_bytes(source: ShardSource) -> int | None:
    expected = _expected(source)
    return None if expected is None else LONGEST_LINE + BYTES_EACH * expected
