# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of results: plain or gzipped, of every module, each result once; what is wrong names the file and the line."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.line_file import LONGEST_LINE
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.sources import ResultsFiles, read_changes
from ansible_collections.mailops.tls.plugins.module_utils._module.tls_grade.results_source import file_results
from ansible_collections.mailops.tls.plugins.module_utils._report.material import ResultOf
from ansible_collections.mailops.tls.tests.unit.makers.audits import LATER_AT, PROBED_AT, audited, endpoint, lost
from ansible_collections.mailops.tls.tests.unit.makers.reports import domain_result, many, written


def files(*paths: Path) -> ResultsFiles:
    return ResultsFiles("src", [str(path) for path in paths])


def mailbox(target: str, **changes: Any) -> dict[str, Any]:
    seen = {**endpoint(target), "service": "imaps", "port_state": "open"}
    facts = {"target": target, "lookup": "host", "srv": [], "status": "verified", "satisfied": True, "worst": "ok", "error": None,
             "warnings": [], "ports": None, "endpoints": [seen], "lint": []}  # fmt: skip
    return {**facts, **changes}


def test_results_of_several_modules(tmp_path: Path) -> None:
    logged_in = mailbox("mail.example.org")
    logged_in["endpoints"][0].update(mechanisms={"before_tls": None, "after_tls": ["PLAIN"]}, logins=[])
    found = files(
        written(tmp_path / "a", [audited("example.org", endpoint("mx"))]),
        written(tmp_path / "b", [domain_result("example.org")], LATER_AT, "p2"),
        written(tmp_path / "c", [mailbox("mail.example.org")]),
        written(tmp_path / "d", [logged_in]),
    )
    seen = list(found.results())
    assert [one.kind for one in seen] == [ResultOf.DESTINATION, ResultOf.DOMAIN, ResultOf.MAILBOX, ResultOf.MAILBOX]
    assert (seen[1].probed_at, seen[1].vantage, found.moment) == (LATER_AT, "p2", LATER_AT)
    assert [run.vantage for run in found.runs] == ["p1", "p2", "p1", "p1"] and found.runs[0].options == {"security_level": "dane"}
    assert list(found.results()) == seen


def test_gzipped_files(tmp_path: Path) -> None:
    plain = written(tmp_path / "plain", many(3))
    zipped = tmp_path / "zipped.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    assert list(files(zipped).results()) == list(files(plain).results())


def test_the_newest_of_a_name_counts_and_each_place_is_asked(tmp_path: Path) -> None:
    results = [audited("Example.org", lost("mx")), audited("b", endpoint("mx")), audited("example.ORG", endpoint("mx"))]
    again = written(tmp_path / "a", results)
    seen = list(files(again).results())
    assert [(one.name, one.result["status"]) for one in seen] == [("b", "verified"), ("example.ORG", "verified")]
    later = written(tmp_path / "b", [audited("example.org", lost("mx"))], LATER_AT)
    assert [one.result["status"] for one in files(later, again).results()] == ["failed", "verified"]
    elsewhere = written(tmp_path / "c", [audited("example.org", lost("mx"))], LATER_AT, "p2")
    assert len(list(files(elsewhere, again).results())) == 3


def test_the_last_of_a_file_counts_though_a_clock_went_back(tmp_path: Path) -> None:
    path = written(tmp_path / "a", [audited("example.org", lost("mx"))], LATER_AT)
    before = written(tmp_path / "b", [audited("example.org", endpoint("mx"))])
    path.write_bytes(path.read_bytes() + before.read_bytes().splitlines(keepends=True)[1])
    assert [one.result["status"] for one in files(path).results()] == ["verified"]
    assert [one["status"] for one in file_results(str(path))] == ["verified"]


def test_a_line_that_was_cut_off_is_left_out_and_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a", many(2))
    path.write_bytes(path.read_bytes()[:-40])
    found = files(path)
    assert len(list(found.results())) == 1 and found.torn == [str(path)]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "is empty"),
        (b"hello\n", "has no header"),
        (b'{"kind":"header","schema":9}\n', "later version"),
        (b"\x1f\x8b\x08\x00trunc", "cannot be read|damaged"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path: Path, content: bytes, text: str) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(OptionError, match=text) as caught:
        files(path)
    assert str(path) in str(caught.value)
    with pytest.raises(OptionError, match="No such file"):
        files(tmp_path / "none")


@pytest.mark.parametrize(
    "line",
    [b"[]\n", b"{}\n", b'{"destination": 1}\n', b'{"target": "x"}\n', b"x" * (LONGEST_LINE + 2) + b"\n", b"{" * 100_000 + b"\n"],
)
def test_other_lines_are_refused_by_number(tmp_path: Path, line: bytes) -> None:
    path = written(tmp_path / "a", many(1))
    path.write_bytes(path.read_bytes() + line)
    with pytest.raises(OptionError, match="line 3"):
        list(files(path).results())


def test_changes_one_a_line(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    path.write_text('{"kind": "header", "previous": "x"}\n{"kind": "new", "destination": "a"}\n', encoding="utf-8")
    assert read_changes("changes", str(path)) == (({"kind": "new", "destination": "a"},), "x")
    path.write_text(json.dumps({"destination": "a"}) + "\n", encoding="utf-8")
    with pytest.raises(OptionError, match="line 1 that is no change"):
        read_changes("changes", str(path))


def test_changes_that_nobody_wants_to_hear_of_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    lines = [{"kind": "key", "destination": name, "ignored": ignored} for name, ignored in (("a", True), ("b", False))]
    path.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    assert [one["destination"] for one in read_changes("changes", str(path)).changes] == ["b"]


def test_where_a_file_came_from_counts_before_what_is_written_in_it(tmp_path: Path) -> None:
    honest = written(tmp_path / "a", [audited("example.org", lost("mx"))], vantage="p1")
    forged = written(tmp_path / "b", [audited("example.org", endpoint("mx"))], LATER_AT, "p1")
    found = ResultsFiles("directory", [str(honest), str(forged)], ["p1", "p2"])
    assert [(one.vantage, one.result["status"]) for one in found.results()] == [("p1", "failed"), ("p2", "verified")]


@pytest.mark.parametrize("said", ["zzzz", "9999", "2026-99-99T00:00:00Z"])
def test_what_is_no_time_is_not_the_last_one(tmp_path: Path, said: str) -> None:
    path = written(tmp_path / "a", [audited("a", endpoint("mx")), audited("b", endpoint("mx"))])
    content = path.read_bytes()
    at = content.rindex(b'"probed_at":"') + 13
    path.write_bytes(content[:at] + said.encode() + content[content.index(b'"', at) :])
    assert files(path).moment == PROBED_AT


def test_nobody_waits_for_who_writes_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OptionError, match="not a regular file"):
        files(tmp_path / "pipe")
