# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs of `tls_grade`: results from a task or a file, what is kept and counted, and when it fails."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.tls_grade import options as options_file
from ansible_collections.mailops.tls.plugins.module_utils._module.tls_grade.run import run_tls_grade
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import RunIdentity, header_line, result_line
from ansible_collections.mailops.tls.tests.unit.makers.graded import endpoint, mailbox, plain, result, unreachable

NOW = datetime(2026, 11, 29, tzinfo=timezone.utc)
IDENTITY = RunIdentity("20261129T000000Z-0a0b0c0d", "prober")
DEFAULTS: Mapping[str, Any] = {
    "results": None, "results_file": None, "policy": ["ncsc-2025"], "rules": None, "rules_file": None, "domain_facts": None,
    "fail_below": None, "fail_untested": False, "grades_max": 100,
}  # fmt: skip
THREE = [result(), {**result(plain()), "destination": "example.net"}, {**result(unreachable()), "destination": "example.com"}]


def params(**given: Any) -> dict[str, Any]:
    """Return the parameters of a task."""
    return {**DEFAULTS, **given}


def written(path: Path, *results: dict[str, Any], header: bool = True) -> str:
    """Write a file of results."""
    lines = [header_line(IDENTITY, NOW, {})] if header else []
    content = b"".join([*lines, *(result_line(IDENTITY, NOW, one) for one in results)])
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return str(path)


def test_results_of_a_task() -> None:
    found = run_tls_grade(params(results=THREE))
    assert found.failure is None and not found.changed
    assert [one["level"] for one in found.facts["grades"]] == ["sufficient", "insufficient", "not_tested"]
    assert found.facts["counts"]["ncsc-2025"] == {"good": 0, "sufficient": 1, "phase_out": 0, "insufficient": 1, "not_tested": 1}
    assert found.facts["left_out"] == 0
    assert found.facts["report"] == [
        "example.org: ncsc-2025 sufficient mail_starttls 100%",
        "example.net: ncsc-2025 insufficient mail_starttls 0% (starttls)",
        "example.com: ncsc-2025 not_tested mail_starttls 0-100% (Not tested: connect_timeout: it went wrong.)",
    ]


@pytest.mark.parametrize("name", ["results.jsonl", "results.jsonl.gz"])
def test_a_file(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, *THREE)
    found = run_tls_grade(params(results_file=path, policy=["ncsc-2025", "iana-recommended"]))
    assert [one["subject"] for one in found.facts["grades"]] == [name for one in THREE for name in [one["destination"]] * 2]


def test_the_last_result_of_a_destination_counts(tmp_path: Path) -> None:
    path = written(tmp_path / "results.jsonl", result(unreachable()), THREE[1], {**result(), "destination": "Example.org"})
    found = run_tls_grade(params(results_file=path))
    assert [one["subject"] for one in found.facts["grades"]] == ["example.net", "Example.org"]
    assert found.facts["grades"][1]["level"] == "sufficient"


def test_a_file_of_mailboxes(tmp_path: Path) -> None:
    found = run_tls_grade(params(results_file=written(tmp_path / "results.jsonl", mailbox())))
    assert [one["subject"] for one in found.facts["grades"]] == ["mx.example.org"]


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path / "results.jsonl", *THREE)
    Path(path).write_bytes(Path(path).read_bytes()[:-100])
    assert len(run_tls_grade(params(results_file=path)).facts["grades"]) == 2


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "is empty: it is no file of results"),
        (b"text\n", "has no header"),
        (header_line(IDENTITY, NOW, {}) + b"{}\n", "has a line"),
        (
            header_line(IDENTITY, NOW, {}) + b'{"schema":1,"run":"a","vantage":"b","probed_at":"c"}\n',
            "has a line 2 that is not the result of a probe of a destination or target",
        ),
        (header_line(IDENTITY, NOW, {}) + b"x" * (2 << 20), "has a line of more than"),
        (b"\x1f\x8bdamaged", "cannot be"),
    ],
)
def test_what_is_no_file_of_results(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(OptionError) as caught:
        run_tls_grade(params(results_file=str(tmp_path / "file")))
    assert caught.value.option == "results_file" and text in str(caught.value)


@pytest.mark.parametrize("path", ["/nonexistent/file", "/", "/dev/null", "a\0b"])
def test_files_that_cannot_be_read(path: str) -> None:
    with pytest.raises(OptionError, match="results_file: .*cannot be read"):
        run_tls_grade(params(results_file=path))


@pytest.mark.parametrize(
    ("bound", "untested", "text"),
    [
        (None, False, None),
        ("phase_out", False, "1 of 3 grades are below phase_out: example.net (ncsc-2025: insufficient, starttls)"),
        ("good", False, "2 of 3 grades are below good: example.org (ncsc-2025: sufficient, tls_version, cipher_suites, "
            "certificate_signature); example.net (ncsc-2025: insufficient, starttls)"),
        (None, True, "1 of 3 grades are not tested to the end: example.com (ncsc-2025: not_tested, starttls, tls_version, cipher_suites, "
            "cipher_order, key_exchange)"),
    ],
)  # fmt: skip
def test_when_it_fails(bound: str | None, untested: bool, text: str | None) -> None:
    found = run_tls_grade(params(results=THREE, fail_below=bound, fail_untested=untested))
    assert found.failure == text
    assert len(found.facts["grades"]) == 3


def test_both_reasons_at_once_and_no_endless_list() -> None:
    many = [{**result(plain()), "destination": f"{number}.example.org"} for number in range(12)]
    found = run_tls_grade(params(results=[*many, THREE[2]], fail_below="sufficient", fail_untested=True))
    assert found.failure is not None and "12 of 13 grades are below sufficient" in found.failure
    assert "; and 2 more; 1 of 13 grades are not tested to the end" in found.failure


def test_the_worst_are_kept() -> None:
    found = run_tls_grade(params(results=[*THREE, result()], grades_max=2))
    assert [one["level"] for one in found.facts["grades"]] == ["insufficient", "not_tested"] and found.facts["left_out"] == 2
    assert run_tls_grade(params(results=THREE, grades_max=0)).facts["grades"] == []


def test_rules_of_a_file(tmp_path: Path) -> None:
    pytest.importorskip("jmespath")
    rule = {"id": "one", "level": "insufficient", "when": "endpoints[?port == `25`]"}
    (tmp_path / "rules.json").write_text(json.dumps([rule]), encoding="utf-8")
    found = run_tls_grade(params(results=[result()], policy=["rules"], rules_file=str(tmp_path / "rules.json")))
    assert found.facts["counts"] == {"rules": {"good": 0, "sufficient": 0, "phase_out": 0, "insufficient": 1, "not_tested": 0}}


def test_rules_in_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("jmespath")
    pytest.importorskip("yaml")
    path = tmp_path / "rules.yml"
    path.write_text("- id: one\n  level: phase_out\n  when: endpoints[?port == `25`]\n", encoding="utf-8")
    assert run_tls_grade(params(results=[result()], policy=["rules"], rules_file=str(path))).facts["grades"][0]["level"] == "phase_out"
    monkeypatch.setattr(options_file, "yaml", None)
    with pytest.raises(OptionError, match="is no JSON, and PyYAML"):
        run_tls_grade(params(results=[result()], rules_file=str(path)))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "results or results_file is needed, and not both"),
        ({"results": [result()], "results_file": "file"}, "results or results_file is needed, and not both"),
        ({"results": [result()], "rules": [], "rules_file": "file"}, "rules_file: 'file' is given beside rules"),
        ({"results": [result()], "grades_max": -1}, "grades_max: -1 is not a number from 0 to 100000"),
        ({"results": [result(), {"destination": 3}]}, "results: 'item 1' a value of the type dict is no result of smtp_tls_probe"),
        ({"results": [], "policy": []}, "policy names no policy"),
        ({"results": [], "domain_facts": {"example.org": {"mail": 1}}}, "domain_facts: 'mail' is not a category"),
        ({"results": [], "rules": [{"id": "a"}]}, "rules"),
        ({"results": [], "rules_file": "/nonexistent"}, "rules_file: '/nonexistent' cannot be read"),
    ],
)
def test_mistakes(given: dict[str, Any], text: str) -> None:
    with pytest.raises(OptionError) as caught:
        run_tls_grade(params(**given))
    assert text in str(caught.value)


def test_a_file_of_rules_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "rules"
    path.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(OptionError, match="rules_file"):
        run_tls_grade(params(results=[], rules_file=str(path)))
    path.write_bytes(b"a" * 600_000)
    with pytest.raises(OptionError, match="is larger than"):
        run_tls_grade(params(results=[], rules_file=str(path)))


def test_the_memory_of_a_long_file_does_not_grow_with_it(tmp_path: Path) -> None:
    path = written(tmp_path / "results.jsonl", *({**result(endpoint(scan=None)), "destination": f"{n}.example.org"} for n in range(500)))
    found = run_tls_grade(params(results_file=path, grades_max=3))
    assert (len(found.facts["grades"]), found.facts["left_out"]) == (3, 497)
