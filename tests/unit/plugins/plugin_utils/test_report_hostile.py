# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever servers, DNS and issuers say: each format is read back by a reader of its own, and text is text there, never structure."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any, Callable
from xml.etree import ElementTree

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.options import ReportOptions
from ansible_collections.mailops.tls.plugins.module_utils._report.csv_table import COLUMNS
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Material, MissingShare
from ansible_collections.mailops.tls.plugins.module_utils._report.prometheus import HELP
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import word
from ansible_collections.mailops.tls.plugins.plugin_utils._report_formats import FORMATS
from ansible_collections.mailops.tls.tests.unit.makers.hostile_text import (
    ATOMS,
    changes_with,
    hostile_results,
    results_with,
    templates,
    texts,
)
from ansible_collections.mailops.tls.tests.unit.makers.reports import material
from hypothesis import given, settings

_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Characters that no report has: control, invisible, turning the direction, half of one."""
_RESULT_TYPES = frozenset((
    "starttls-not-supported", "certificate-host-mismatch", "certificate-expired", "certificate-not-trusted", "validation-failure",
    "tlsa-invalid", "dnssec-invalid", "dane-required", "sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid",
))  # fmt: skip
"""RFC 8460 section 4.3."""
_SAMPLE = re.compile(r'(mailops_tls_[a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? -?[0-9.e+]+')
_LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"')
_PERFORMANCE = re.compile(r"satisfied=\d+;;;0;\d+ untested=\d+;;;0;\d+(?: days_left=-?\d+;\d+:;\d+:)?")
_FORMULA = re.compile(r"(?:^|;)\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")


def read_html(text: str) -> set[str]:
    tags = _Tags(text)
    assert tags.shapes <= _shapes(), tags.shapes - _shapes()
    rows = json.loads(gzip.decompress(base64.b64decode(tags.data["data-rows"])))
    for name, packed in tags.data.items():
        assert not _HIDDEN.search(json.dumps(json.loads(gzip.decompress(base64.b64decode(packed))), ensure_ascii=False)), name
    return set(rows["columns"]["name"])


def read_csv(text: str) -> set[str]:
    head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert tuple(head) == COLUMNS
    for row in rows:
        assert len(row) == len(COLUMNS)
        for cell in row:
            assert not _FORMULA.search(cell) and not re.search("[\t\r\n]", cell), cell
    return {row[0][1:] if row[0].startswith("'") else row[0] for row in rows}


def read_junit(text: str) -> set[str]:
    root = ElementTree.fromstring(text.encode("utf-8", "strict"))
    known = {"testsuites": None, "testsuite": "testsuites", "testcase": "testsuite", "failure": "testcase", "skipped": "testcase"}
    parents = {child: parent.tag for parent in root.iter() for child in parent}
    assert all(one.tag in known and parents.get(one) == known[one.tag] for one in root.iter())
    assert root.get("tests") == str(len(list(root.iter("testcase")))) and root.get("failures") == str(len(list(root.iter("failure"))))
    return {one.get("name", "") for one in root.iter("testsuite")}


def read_prometheus(text: str) -> set[str]:
    names = set()
    for line in text.split("\n")[:-1]:
        if line.startswith("# "):
            assert re.fullmatch(r"# (HELP|TYPE) mailops_tls_([a-z_]+) .+", line), line
            continue
        found = _SAMPLE.fullmatch(line)
        assert found and found[1].partition("mailops_tls_")[2] in HELP, line
        labels = {name: re.sub(r"\\(.)", _unescaped, value) for name, value in _LABEL.findall(found[2] or "")}
        names |= {labels["destination"]} if "destination" in labels else set()
    return names


def _unescaped(pair: re.Match[str]) -> str:
    return "\n" if pair[1] == "n" else pair[1]


def read_icinga(text: str) -> set[str]:
    first, *below = text.rstrip("\n").split("\n")
    said, mark, data = first.partition(" | ")
    assert text.count("|") == 1 and mark and _PERFORMANCE.fullmatch(data) and said.startswith("MAIL TLS ")
    assert all(re.match(r"\[(OK|WARNING|CRITICAL|UNKNOWN)\] |and \d+ more$", line) for line in below)
    return set()


def read_tlsrpt(text: str) -> set[str]:
    report = json.loads(text)
    assert set(report) == {"organization-name", "date-range", "contact-info", "report-id", "policies"}
    assert set(report["date-range"]) == {"start-datetime", "end-datetime"}
    for one in report["policies"]:
        assert set(one) == {"policy", "summary", "failure-details"}
        assert set(one["policy"]) == {"policy-type", "policy-string", "policy-domain", "mx-host"}
        assert one["policy"]["policy-type"] in ("tlsa", "no-policy-found")
        assert {detail["result-type"] for detail in one["failure-details"]} <= _RESULT_TYPES
        assert sum(detail["failed-session-count"] for detail in one["failure-details"]) == one["summary"]["total-failure-session-count"]
    assert not _HIDDEN.search(json.dumps(report, ensure_ascii=False))
    return {one["policy"]["policy-domain"] for one in report["policies"]}


def read_terminal(text: str) -> set[str]:
    assert all(line.isprintable() and len(line) <= 100 for line in text.split("\n"))
    return set()


READERS: Mapping[str, Callable[[str], set[str]]] = {
    "html": read_html, "csv": read_csv, "icinga": read_icinga, "junit": read_junit, "prometheus": read_prometheus,
    "terminal": read_terminal, "tlsrpt": read_tlsrpt,
}  # fmt: skip
every_format = pytest.mark.parametrize("name", sorted(FORMATS))


class _Tags(HTMLParser):
    """Gathers what elements there are, by name and names of attributes, and the data in them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.shapes: set[tuple[str, tuple[str, ...]]] = set()
        self.data: dict[str, str] = {}
        self._reading = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shapes.add((tag, tuple(sorted(name for name, _value in attrs))))
        self._reading = (dict(attrs).get("id") or "") if tag == "script" else ""

    def handle_endtag(self, tag: str) -> None:
        self._reading = ""

    def handle_data(self, data: str) -> None:
        if self._reading.startswith("data-"):
            self.data[self._reading] = self.data.get(self._reading, "") + data

    def handle_comment(self, data: str) -> None:
        self.shapes.add(("comment", (data,)))


def report(name: str, made_of: Material) -> str:
    text = FORMATS[name](made_of, ReportOptions(name, None, 0o600, "T", excel=False)).text
    text.encode("utf-8", "strict")
    assert not _HIDDEN.search(text.replace("\r\n", "\n"))
    return text


_KNOWN: set[tuple[str, tuple[str, ...]]] = set()


def _shapes() -> set[tuple[str, tuple[str, ...]]]:
    """What elements a page has that nobody has attacked."""
    if not _KNOWN:
        for results in ([], list(templates().values())[:1], list(templates().values())):
            for changes in (None, (), changes_with("x")):
                shares = (MissingShare("p", 0, 1),)
                made_of = material(results, changes=changes, missing=shares, previous="x", is_audit=True)
                _KNOWN.update(_Tags(report("html", made_of)).shapes)
    return _KNOWN


def test_each_format_has_a_reader() -> None:
    assert set(READERS) == set(FORMATS)


@every_format
@settings(max_examples=40, deadline=None)
@given(results=hostile_results())
def test_a_text_in_any_field_is_no_structure(name: str, results: list[dict[str, Any]]) -> None:
    READERS[name](report(name, material(results)))


@every_format
@pytest.mark.parametrize("text", ATOMS)
def test_a_text_in_all_fields_is_no_structure(name: str, text: str) -> None:
    shares = (MissingShare(word(text), 0, 1, word(text)),)
    made_of = material(results_with(text), changes=changes_with(text), title=word(text) or "T", previous=text, missing=shares)
    READERS[name](report(name, made_of))


@pytest.mark.parametrize("name", ["html", "csv", "junit", "prometheus", "tlsrpt"])
@settings(max_examples=60, deadline=None)
@given(text=texts())
def test_a_name_comes_back_as_it_was_but_for_what_cannot_be_shown(name: str, text: str) -> None:
    wanted = word(text)[:255].strip()
    found = READERS[name](report(name, material([{**templates()["destination"], "destination": text}])))
    assert {_seen(one) for one in found} == {_seen(wanted)}


def _seen(text: str) -> str:
    """Return a text without what formats may put between its characters: an apostrophe before a formula, and what XML cannot hold."""
    return re.sub("[\ufffe\uffff?]", "?", text.replace("'", ""))
