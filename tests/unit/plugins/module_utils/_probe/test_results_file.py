# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of results: a line for each, followed while it grows, and taken up again after an interruption."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._probe.results_file import ResultsFile
from hypothesis import given, settings
from hypothesis import strategies as st


def result(name: str, **more: Any) -> dict[str, Any]:
    facts = {"destination": name, "status": "failed", "satisfied": False, "error": None, "endpoints": []}
    return {**facts, "route": {"warnings": []}, **more}


def line(name: str) -> bytes:
    return json.dumps(result(name)).encode() + b"\n"


@pytest.fixture(name="path")
def fixture_path(tmp_path: Path) -> Path:
    return tmp_path / "results.jsonl"


def resumed(path: Path) -> dict[str, dict[str, Any]]:
    """Open the file to go on with it, and return what it says is done."""
    results = ResultsFile(str(path), resume=True)
    results.close()
    return results.done


def test_results_are_there_as_soon_as_they_are_written(path: Path) -> None:
    results = ResultsFile(str(path), resume=False)
    results.write(result("a.example", status="verified"))
    assert [json.loads(one) for one in path.read_bytes().splitlines()] == [result("a.example", status="verified")]
    results.write(result("b.example"))
    assert path.read_bytes().count(b"\n") == 2
    results.close()


def test_text_of_a_server_cannot_make_a_line(path: Path) -> None:
    greeting = '220 x\n{"destination": "evil.example"}\r\u2028\u00e4\ud800'
    results = ResultsFile(str(path), resume=False)
    results.write(result("a.example", greeting=greeting))
    results.close()
    assert path.read_bytes().count(b"\n") == 1 and path.read_bytes().isascii()
    assert resumed(path) == {"a.example": result("a.example", greeting=greeting)}


def test_without_resume_the_file_is_emptied(path: Path) -> None:
    path.write_bytes(line("old.example"))
    results = ResultsFile(str(path), resume=False)
    assert (results.done, path.read_bytes()) == ({}, b"")
    results.close()


def test_resume_begins_a_new_file_too(path: Path) -> None:
    assert resumed(path) == {} and path.exists()


def test_resume_takes_over_whole_lines_and_writes_behind_them(path: Path) -> None:
    path.write_bytes(line("a.example") + line("b.example"))
    results = ResultsFile(str(path), resume=True)
    assert list(results.done) == ["a.example", "b.example"]
    results.write(result("c.example"))
    results.close()
    assert list(resumed(path)) == ["a.example", "b.example", "c.example"]


@pytest.mark.parametrize("torn", [b'{"destination": "b.ex', b'{"destination": "b.example"}', b"{", b"\0\0\0\0"])
def test_a_torn_last_line_is_dropped_and_written_over(path: Path, torn: bytes) -> None:
    path.write_bytes(line("a.example") + torn)
    results = ResultsFile(str(path), resume=True)
    assert list(results.done) == ["a.example"]
    results.write(result("b.example"))
    results.close()
    assert [json.loads(one)["destination"] for one in path.read_bytes().splitlines()] == ["a.example", "b.example"]


def test_the_last_line_of_a_destination_counts(path: Path) -> None:
    path.write_bytes(line("a.example") + json.dumps(result("a.example", status="failed")).encode() + b"\n")
    assert resumed(path) == {"a.example": result("a.example", status="failed")}


@pytest.mark.parametrize(
    "other",
    [
        b"Dear diary\n",
        b"[]\n",
        b'{"destination": 5}\n',
        b'{"status": "verified"}\n',
        b"\xff\xfe\n",
        b'{"destination": "b.example", "status": "verified", "satisfied": true}\n',
        json.dumps(result("b.example", endpoints=[{}])).encode() + b"\n",
        json.dumps(result("b.example", status=[])).encode() + b"\n",
    ],
)
def test_a_file_of_something_else_is_refused_and_left_alone(path: Path, other: bytes) -> None:
    for content in (other, line("a.example") + other + line("b.example")):
        path.write_bytes(content)
        with pytest.raises(OptionError) as caught:
            ResultsFile(str(path), resume=True)
        assert (caught.value.option, caught.value.value) == ("results_file", str(path))
        assert path.read_bytes() == content


@pytest.mark.parametrize("resume", [False, True])
def test_a_file_that_cannot_be_written_is_an_option_error(tmp_path: Path, resume: bool) -> None:
    missing = str(tmp_path / "none" / "results.jsonl")
    with pytest.raises(OptionError) as caught:
        ResultsFile(missing, resume=resume)
    assert (caught.value.option, caught.value.value) == ("results_file", missing)
    assert caught.value.reason == "cannot be written: No such file or directory"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_a_file_cut_anywhere_goes_on(tmp_path_factory: pytest.TempPathFactory, at: int) -> None:
    whole = b"".join(line("%d.example" % number) for number in range(5))
    path = tmp_path_factory.mktemp("cut") / "results.jsonl"
    kept = whole[: at % (len(whole) + 1)]
    path.write_bytes(kept)
    assert len(resumed(path)) == kept.count(b"\n")
    assert path.read_bytes() == kept[: kept.rfind(b"\n") + 1]
