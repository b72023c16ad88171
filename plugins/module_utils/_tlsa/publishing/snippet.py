# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A piece of a zone file that holds TLSA records only, for `$INCLUDE`: read, and changed with all other lines as they were. Pure.

Every record has to stand on a line of its own with its absolute owner, as `tlsa_records` writes them, so that a line means the same
wherever the file is included. Anything else is an error: guessing would change somebody's zone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.domain_name import canonical_name
from ansible_collections.mailops.tls.plugins.module_utils._dns.update import PublishedRRset
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.plan import Change
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.zone_lines import record_line
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.rdata_text import parse_rdata

_RECORD = re.compile(
    r"(?P<owner>(?![$@])(?:\\.|[^\\\s;\"()])+)\.\s+(?:(?P<ttl>[0-9]{1,10})\s+)?(?:IN\s+)?(?:(?P<late>[0-9]{1,10})\s+)?"
    r"(?:TLSA|TYPE52)\s+(?P<rdata>[^;]*?)\s*(?:;.*)?",
    re.IGNORECASE,
)


class NotASnippet(ValueError):
    """There is a line that is no TLSA record with an absolute owner on one line; the text names it by its number."""


@dataclass(frozen=True)
class _Line:
    text: str
    owner: str = ""
    ttl: int | None = None
    record: TlsaRecord | None = None

    @property
    def is_comment(self) -> bool:
        return self.text.lstrip().startswith(";")


@dataclass(frozen=True)
class Snippet:
    """The lines of a snippet."""

    lines: tuple[_Line, ...] = ()

    def rrset(self, owner: str) -> PublishedRRset:
        """Return the records of an owner. TTLs that differ are as the smallest of them."""
        lines = [line for line in self.lines if line.record is not None and line.owner == owner]
        ttls = [line.ttl for line in lines if line.ttl is not None]
        records = {line.record for line in lines if line.record is not None}
        return PublishedRRset(tuple(sorted(records)), min(ttls) if ttls else None)

    def changed(self, change: Change) -> Snippet:
        """Return the snippet with a change done; new records come behind those of the same owner, or at the end."""
        lines: list[_Line] = []
        place = None
        present: set[TlsaRecord] = set()
        for line in self.lines:
            if line.record is None or line.owner != change.owner:
                lines.append(line)
                continue
            if line.record in change.after.records and line.record not in present:
                present.add(line.record)
                lines.append(line if line.ttl == change.after.ttl else _line(change, line.record))
                place = len(lines)
            else:
                lines.append(_Line("\0"))  # stands for the line that goes, so that its comments are found
        place = len(lines) if place is None else place
        lines[place:place] = [_line(change, record) for record in change.after.records if record not in present]
        return Snippet(tuple(_without_orphans(lines)))

    def text(self) -> str:
        """Return the whole file."""
        return "".join(line.text + "\n" for line in self.lines)


def parse_snippet(text: str) -> Snippet:
    """Return the snippet in a file.

    Raises:
        NotASnippet: when it is another file.
    """
    return Snippet(tuple(_parsed(number, line) for number, line in enumerate(text.splitlines(), 1)))


def _parsed(number: int, text: str) -> _Line:
    if not text.strip() or text.lstrip().startswith(";"):
        return _Line(text)
    match = _RECORD.fullmatch(text)
    try:
        if match is None or (match["ttl"] and match["late"]):
            raise ValueError("is no TLSA record with an absolute owner on one line")
        ttl = match["ttl"] or match["late"]
        return _Line(text, canonical_name(match["owner"]), None if ttl is None else int(ttl), parse_rdata(match["rdata"]))
    except ValueError as error:
        raise NotASnippet(f"line {number} {error}") from error


def _line(change: Change, record: TlsaRecord) -> _Line:
    return _Line(record_line(change.owner, change.after.ttl, record), change.owner, change.after.ttl, record)


def _without_orphans(lines: list[_Line]) -> list[_Line]:
    """Leave out what goes, and comments right before it that no record stays below; a comment is about the lines up to the next."""
    kept: list[_Line] = []
    index = 0
    while index < len(lines):
        end = index
        while end < len(lines) and lines[end].is_comment:
            end += 1
        comments = lines[index:end]
        start = end
        while end < len(lines) and (lines[end].record is not None or lines[end].text == "\0"):
            end += 1
        block = lines[start:end]
        staying = [line for line in block if line.record is not None]
        if not block or staying:
            kept += comments
        kept += staying
        if end < len(lines) and end == start and not lines[end].is_comment:
            kept.append(lines[end])
            end += 1
        index = end
    return kept
