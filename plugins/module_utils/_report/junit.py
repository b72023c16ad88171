# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JUnit XML, as systems of continuous integration read it: a suite for each name, a case for each server and check.

What was not tested, such as a server that had too many connections, is skipped: neither good nor bad.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from xml.etree import ElementTree

from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import seconds_of
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Material, MissingShare, Observed
from ansible_collections.mailops.tls.plugins.module_utils._report.server import Server, servers_of
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import mappings, word

MOST_CASES = 1000
"""Cases of one name; a server has three, and no domain has so many servers."""
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Case(NamedTuple):
    """One check: `outcome` is `passed`, `failure` or `skipped`."""

    where: str
    check: str
    outcome: str
    kind: str = ""
    text: str = ""


@dataclass
class _Counts:
    tests: int = 0
    failures: int = 0
    skipped: int = 0

    def add(self, other: _Counts) -> None:
        self.tests += other.tests
        self.failures += other.failures
        self.skipped += other.skipped

    def write(self, element: ElementTree.Element) -> None:
        element.set("tests", str(self.tests))
        element.set("failures", str(self.failures))
        element.set("errors", "0")
        element.set("skipped", str(self.skipped))


def junit(material: Material) -> str:
    """Return the whole document."""
    root, total = ElementTree.Element("testsuites", name=_text(material.title)), _Counts()
    now = seconds_of(material.moment) or 0
    for observed in material.results():
        counts = _suite(root, observed, now)
        total.add(counts)
    if material.missing:
        total.add(_missing(root, material.missing))
    total.write(root)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def cases_of(observed: Observed, now: int) -> Iterator[Case]:
    """Yield the checks of a result: of each server its verdict, its certificates and its TLSA records, and each finding."""
    for server in servers_of(observed):
        where = server.where or observed.name
        yield _verdict(where, server)
        if server.certificates:
            yield _certificate(where, server, now)
        if any(one.matched is not None for one in server.records):
            yield _records(where, server)
    for finding in mappings(observed.result.get("lint"), MOST_CASES):
        severity, name, text = (word(finding.get(key)) for key in ("severity", "id", "text"))
        outcome = "failure" if severity == "error" else "passed"
        yield Case(word(finding.get("subject")) or observed.name, f"finding {name}", outcome, name, text)


def _verdict(where: str, server: Server) -> Case:
    said = ": ".join(filter(None, (server.error or server.status, server.text)))
    if not server.tested or server.satisfied is None:
        return Case(where, "delivers", "skipped", server.error or "not_tested", said)
    return Case(where, "delivers", "passed" if server.satisfied else "failure", server.error or server.status, said)


def _certificate(where: str, server: Server, now: int) -> Case:
    end = server.not_after
    if end is None:
        return Case(where, "certificate is valid", "skipped", "unknown", "the end of the certificate cannot be read")
    days = (end - now) // 86400
    said = f"it ended {-days} days ago" if end < now else f"{days} days are left"
    return Case(where, "certificate is valid", "failure" if end < now else "passed", "expired", said)


def _records(where: str, server: Server) -> Case:
    matching = any(one.matched for one in server.records)
    shown = ", ".join(f"{one.usage} {one.selector} {one.matching_type}" for one in server.records[:20])
    return Case(where, "a TLSA record matches", "passed" if matching else "failure", "no_match", f"none of these matches: {shown}")


def _suite(root: ElementTree.Element, observed: Observed, now: int) -> _Counts:
    suite, counts = ElementTree.SubElement(root, "testsuite", name=_text(observed.name)), _Counts()
    if observed.probed_at:
        suite.set("timestamp", _text(observed.probed_at.rstrip("Z")))
    if observed.vantage:
        suite.set("hostname", _text(observed.vantage))
    for number, case in enumerate(cases_of(observed, now)):
        if number == MOST_CASES:
            break
        counts.tests += 1
        named = {"classname": _text(observed.name), "name": _text(f"{case.where} {case.check}"), "time": "0"}
        element = ElementTree.SubElement(suite, "testcase", named)
        if case.outcome == "failure":
            counts.failures += 1
            ElementTree.SubElement(element, "failure", type=_text(case.kind), message=_text(case.text))
        elif case.outcome == "skipped":
            counts.skipped += 1
            ElementTree.SubElement(element, "skipped", message=_text(case.text))
    counts.write(suite)
    return counts


def _missing(root: ElementTree.Element, shares: Iterable[MissingShare]) -> _Counts:
    """Add what never came: nobody knows whether it is good or bad, and it must not be passed over."""
    suite, counts = ElementTree.SubElement(root, "testsuite", name="(missing)"), _Counts()
    for share in shares:
        counts.tests += 1
        counts.skipped += 1
        named = {"classname": "(missing)", "name": _text(f"share of {share.prober}"), "time": "0"}
        ElementTree.SubElement(ElementTree.SubElement(suite, "testcase", named), "skipped", message=_text(share.text))
    counts.write(suite)
    return counts


def _text(text: str) -> str:
    """Return what XML 1.0 can hold of a text (section 2.2)."""
    return _NOT_XML.sub("?", text[:2000])
