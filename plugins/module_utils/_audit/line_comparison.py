# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two files of results compared without a store, in constant memory for each result and in the time that it takes to read them.

Most results of two nights are the same but for what has no part in a comparison: times, and greetings with a number in them. Without that,
two lines with the same digest are the same. So only lines that differ are read as what they are, in a second pass.

What a certificate has left depends on the day. So the class of each is part of the digest, too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.changes import Change, compare_destination
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import Fact, expiry_class, facts_of, merged_facts, seconds_of
from ansible_collections.mailops.tls.plugins.module_utils._audit.line_file import destination_of, open_results, whole_lines
from ansible_collections.mailops.tls.plugins.module_utils._results.digest_table import key_digest
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import NotResults, parse_header, parse_line, read_mapping
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import word

_TIMES = re.compile(rb'"timings":\{[^{}]*\}|"greeting":"(?:[^"\\]|\\.)*"')
"""What differs between two looks at the same. A quote in a text is escaped, so none of these names can be in one."""
_PROBED = re.compile(rb'"probed_at":"([^"\\]*)"')
_CERTIFICATE = re.compile(rb'"not_before":(?:null|"([^"\\]*)"),"not_after":"([^"\\]*)"')
_SIZE = 12
"""Bytes of a digest."""
_UNALIKE = b""
"""Stands for what has to be read: several looks at one destination."""


def compare_files(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """Yield what is different between two runs, each of one file or several; both are taken for whole.

    Files of several probers are several views of one run, as in a store. Where both runs have one view each, it is the same one.

    Args:
        before: files of the former run.
        after: files of the latter.

    Raises:
        OSError: a file cannot be read.
        NotResults: it is no file of results.
    """
    views = [{_vantage(path) for path in paths} for paths in (before, after)]
    several = max(map(len, views)) > 1
    old, new = _digests(before, several), _digests(after, several)
    differing = (key for key in {*old, *new} if old.get(key) != new.get(key) or old[key] == _UNALIKE)
    wanted = {key[:_SIZE] for key in differing}
    del old, new
    known, seen = _facts(before, wanted, several), _facts(after, wanted, several)
    for name in sorted({*known, *seen}):
        yield from compare_destination(name, _merged(known.get(name, {})), _merged(seen.get(name, {})))


def _merged(looks: Mapping[str, Sequence[tuple[Fact, ...]]]) -> list[Fact]:
    """Return the rows of a destination, from each place where it was seen."""
    return [fact for vantage in sorted(looks) for fact in merged_facts(looks[vantage])]


def options_of(paths: Sequence[str]) -> Mapping[str, Any]:
    """Return the options that decided the results of a run, as the first of its files says.

    Raises:
        OSError: it cannot be read.
        NotResults: it is no file of results.
    """
    return parse_header(_first_line(paths[0]))


def _first_line(path: str) -> bytes:
    with open_results(path) as stream:
        first = next((line for _offset, line in whole_lines(stream)), None)
    if first is None:
        raise NotResults("is empty")
    return first


def _vantage(path: str) -> str:
    """Return from where a file says that it was probed."""
    return word((read_mapping(_first_line(path)) or {}).get("vantage"))


def _digests(paths: Sequence[str], several: bool) -> dict[bytes, bytes]:
    """Return a digest of each destination's line, by digests of the destination and of where it was seen."""
    found: dict[bytes, bytes] = {}
    for path in paths:
        view = key_digest(_vantage(path), _SIZE) if several else b""
        for number, line in _lines(path):
            key = key_digest(destination_of(line, number), _SIZE) + view
            found[key] = _UNALIKE if key in found else _digest(line)
    return found


def _facts(paths: Sequence[str], wanted: set[bytes], several: bool) -> dict[str, dict[str, list[tuple[Fact, ...]]]]:
    """Return the rows of each look at the destinations that are wanted, by where they were seen."""
    found: dict[str, dict[str, list[tuple[Fact, ...]]]] = {}
    for path in paths:
        vantage = _vantage(path) if several else ""
        for number, line in _lines(path):
            name = destination_of(line, number)
            if key_digest(name, _SIZE) in wanted:
                result, probed_at = parse_line(line, number)
                found.setdefault(name, {}).setdefault(vantage, []).append(facts_of(result, probed_at, vantage))
    return found


def _lines(path: str) -> Iterator[tuple[int, bytes]]:
    with open_results(path) as stream:
        number = 0
        for number, (_offset, line) in enumerate(whole_lines(stream), 1):
            if number == 1:
                parse_header(line)
            else:
                yield number, line
        if not number:
            raise NotResults("is empty")


def _digest(line: bytes) -> bytes:
    """Return a digest of what is compared in a line, and of more."""
    probed = _PROBED.search(line)
    begin = line.find(b'"destination":')
    seen = probed[1] if probed else b""
    parts = [_TIMES.sub(b"", line[begin:])]
    parts += [_left(first, last, seen[:10]) or _left_at(first, last, seen) for first, last in _CERTIFICATE.findall(line)]
    return hashlib.blake2b(b"\0".join(parts), digest_size=_SIZE).digest()


@lru_cache(maxsize=10_000)
def _left(begins: bytes, ends: bytes, day: bytes) -> bytes:
    """Return the class of what is left of a certificate on a day; nothing when it has two on this day."""
    first, last = (_left_at(begins, ends, day + time) for time in (b"T00:00:00Z", b"T23:59:59Z"))
    return first if first == last else b""


def _left_at(begins: bytes, ends: bytes, moment: bytes) -> bytes:
    first, last, seen = (seconds_of(one.decode("ascii", "replace")) for one in (begins, ends, moment))
    return str(expiry_class(last, first, seen or 0)).encode("ascii")
