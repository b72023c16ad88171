# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe results as a table for people: plain text, never wider than asked, remote text cleaned (pure).

Results come from the host that probed, which may be anybody's by now. What has not the shape of a result is left out: a table never
ends in a traceback, has no control characters, and is not longer than what a probe can find.

A destination has one line with the verdict on all of it, and one line below for each of its endpoints. A target of `mailbox_tls_probe`
is shown the same way, with the service before each endpoint::

    DESTINATION                      STATUS     SATISFIED  TLS      MATCHED
    example.org                      verified   yes
      mx.example.org[192.0.2.1]:25   verified   yes        TLSv1.3  3 1 1 depth 0
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._results.reading import error_text, flag, mapping, mappings, shown, word

DEFAULT_WIDTH = 100
NARROWEST = 60
GAP = 2
HEADINGS = ("DESTINATION", "STATUS", "SATISFIED", "TLS", "MATCHED")
VALUE_WIDTHS = (10, 9, 7, 13)
"""Room of the columns after the first; their words come from closed lists and fit."""
MOST_ENDPOINTS = 100
"""Endpoints of one destination that are shown; a probe has no more."""
_SUBJECTS = ("destination", "target")
"""How results name what they are about."""
_NUMBERS = ("usage", "selector", "matching_type")


@dataclass(frozen=True)
class Row:
    """A destination (`depth` 0) or one of its endpoints (`depth` 1): one line, and paragraphs to go below."""

    depth: int
    name: str
    status: str
    satisfied: bool | None
    protocol: str = ""
    matched: str = ""
    notes: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        """The cells after the name."""
        satisfied = "" if self.satisfied is None else "yes" if self.satisfied else "no"
        return (self.status, satisfied, self.protocol, self.matched)


def table(
    results: Sequence[Mapping[str, Any]],
    width: int = DEFAULT_WIDTH,
    notes: Mapping[str, str] | None = None,
) -> list[str]:
    """Return the lines of a table of `results` of `smtp_tls_probe` or `mailbox_tls_probe`, none longer than `width`.

    `notes` maps a destination to words that are shown below it.

    Raises:
        ValueError: when `results` is something else than a list of such results, or `width` is below 60.
    """
    if not isinstance(width, int) or width < NARROWEST:
        raise ValueError(f"a table needs a width of at least {NARROWEST}, not {word(width)}")
    if notes is not None and not isinstance(notes, Mapping):
        raise ValueError(f"notes are words by destination, not {type(notes).__name__}")
    rows = list(_rows(results, notes or {}))
    longest = max([len(HEADINGS[0])] + [2 * row.depth + len(row.name) for row in rows])
    name_width = min(longest, width - sum(VALUE_WIDTHS) - GAP * len(VALUE_WIDTHS))
    lines = [_line(HEADINGS[0], HEADINGS[1:], name_width)]
    for row in rows:
        lines += _row_lines(row, name_width, width)
    return lines


def _rows(results: Sequence[Mapping[str, Any]], notes: Mapping[str, str]) -> Iterator[Row]:
    """Yield the rows of all results, destinations before their endpoints.

    Raises:
        ValueError: when it cannot be read.
    """
    if isinstance(results, (str, bytes, Mapping)) or not isinstance(results, Sequence):
        raise ValueError(f"a list of probe results is needed, not {type(results).__name__}")
    for result in results:
        named = next((name for name in _SUBJECTS if isinstance(result, Mapping) and name in result), None)
        if named is None:
            raise ValueError(f"this is not a probe result: {shown(result)}")
        every = mappings(result.get("endpoints"))
        endpoints = every[:MOST_ENDPOINTS]
        more = f"and {len(every) - MOST_ENDPOINTS} more endpoints" if len(every) > MOST_ENDPOINTS else ""
        errors = [endpoint.get("error") for endpoint in endpoints]
        own_error = result.get("error")
        said = "" if own_error in errors else error_text(own_error)
        destination = result[named] if isinstance(result[named], str) else word(result[named])
        yield Row(
            depth=0,
            name=word(destination)[:255],
            status=word(result.get("status")),
            satisfied=flag(result.get("satisfied")),
            notes=(said, word(notes.get(destination)), more),
        )
        for endpoint in endpoints:
            yield _endpoint_row(endpoint)


def _endpoint_row(endpoint: Mapping[str, Any]) -> Row:
    verification = mapping(endpoint.get("verification"))
    note = error_text(endpoint.get("error")) or word(mapping(verification.get("error")).get("text"))
    reason = word(verification.get("reason"))
    host, address, port, service = (word(endpoint.get(key)) for key in ("host", "address", "port", "service"))
    where = f"{host}[{address}]:{port}" if address else host
    return Row(
        depth=1,
        name=f"{service} {where}" if service else where,
        status=word(endpoint.get("status")),
        satisfied=flag(endpoint.get("satisfied")),
        protocol=word(mapping(endpoint.get("tls")).get("protocol")),
        matched=_matched(endpoint, verification),
        notes=("" if reason in note else reason, note, *_algorithm_notes(mappings(endpoint.get("key_algorithms")))),
    )


def _algorithm_notes(sessions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say what each kind of key that the server has came to, when they differ."""
    served = [session for session in sessions if session.get("offered") is not False][:MOST_ENDPOINTS]
    if len({word(session.get("status")) for session in served}) < 2:
        return
    for session in served:
        error = mapping(session.get("error") or mapping(session.get("verification")).get("error"))
        said = [word(session.get("status")), word(error.get("text"))]
        yield f"{word(session.get('algorithm'))} key: {', '.join(filter(None, said))}"


def _matched(endpoint: Mapping[str, Any], verification: Mapping[str, Any]) -> str:
    """Say what authenticated the server: the TLSA record nearest to the leaf, a fingerprint, or CA and name."""
    records = mappings(mapping(endpoint.get("tlsa")).get("records"))
    matching = [record for record in records if record.get("matched") is True]
    if matching:
        first = min(matching, key=lambda record: _depth(record) or 0)
        parameters = " ".join(word(first.get(name)) for name in _NUMBERS)
        depth = _depth(first)
        return parameters if depth is None else f"{parameters} depth {depth}"
    if verification.get("matched") is not True:
        return ""
    return "fingerprint" if verification.get("effective_level") == "fingerprint" else "CA and name"


def _depth(record: Mapping[str, Any]) -> int | None:
    depth = record.get("matched_depth")
    return depth if isinstance(depth, int) and 0 <= depth <= MOST_ENDPOINTS else None


def _row_lines(row: Row, name_width: int, width: int) -> list[str]:
    """Return the line of a row, a name that does not fit above it, and its notes below it."""
    indent = "  " * row.depth
    lines = []
    name = indent + row.name
    if len(name) > name_width:
        lines += textwrap.wrap(row.name, width, initial_indent=indent, subsequent_indent=indent + "  ")
        name = ""
    lines.append(_line(name, row.values, name_width))
    below = indent + "    "
    for note in row.notes:
        lines += textwrap.wrap(note, width, initial_indent=below, subsequent_indent=below)
    return lines


def _line(name: str, values: Sequence[str], name_width: int) -> str:
    cells = [name.ljust(name_width)]
    cells += [value[:room].ljust(room) for value, room in zip(values, VALUE_WIDTHS)]
    return (" " * GAP).join(cells).rstrip()
