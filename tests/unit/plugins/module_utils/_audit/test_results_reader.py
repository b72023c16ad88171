# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of results is read in one way, whoever asks for it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.line_file import LONGEST_LINE
from ansible_collections.mailops.tls.plugins.module_utils._audit.results_reader import ResultsReader
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.sources import ResultsFiles
from ansible_collections.mailops.tls.plugins.module_utils._module.tls_grade.results_source import file_results
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import DESTINATIONS, MAILBOXES
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, endpoint
from ansible_collections.mailops.tls.tests.unit.makers.reports import MOMENT, domain_result, many, written


def read(path: Path) -> list[tuple[int, str, str]]:
    found = ResultsReader("src", str(path)).results((MAILBOXES, DESTINATIONS))
    return [(one.number, one.result["destination"], one.probed_at) for one in found]


def test_results_have_the_number_of_their_line(tmp_path: Path) -> None:
    path = written(tmp_path / "a", many(2))
    assert read(path) == [(2, "d0.example.org", MOMENT), (3, "d1.example.org", MOMENT)]
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert [number for number, *_rest in read(path)] == [2, 3]


def test_a_line_that_was_cut_off_is_left_out_and_told_at_each_reading(tmp_path: Path) -> None:
    path = written(tmp_path / "a", many(2))
    path.write_bytes(path.read_bytes()[:-1])
    reader = ResultsReader("src", str(path))
    for _unused in range(2):
        assert len(list(reader.results((DESTINATIONS,)))) == 1 and reader.torn
    path.write_bytes(path.read_bytes() + b"\n")
    assert len(list(reader.results((DESTINATIONS,)))) == 2 and not reader.torn


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (lambda content: b"", "is empty"),
        (lambda content: b"{}\n", "has no header"),
        (lambda content: content + b"[]\n", "has a line 3 that is not the result of a probe of a destination or target"),
        (lambda content: content + b"x" * (LONGEST_LINE + 2) + b"\n", "has a line of more than [0-9]+ bytes: line 3"),
        (lambda content: gzip.compress(content)[:-9], "is damaged"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_the_same_words_to_everybody(tmp_path: Path, damage: object, text: str) -> None:
    path = written(tmp_path / "a", [audited("a", endpoint("mx"))])
    assert callable(damage)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(OptionError, match=text) as caught:
        read(path)
    assert caught.value.option == "src" and str(path) in str(caught.value)
    general = text.partition(" of a destination")[0]
    with pytest.raises(OptionError, match=general):
        list(file_results(str(path)))
    with pytest.raises(OptionError, match=general):
        ResultsFiles("src", [str(path)])


def test_what_one_reader_takes_and_another_does_not_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a", [domain_result("example.org")])
    assert ResultsFiles("src", [str(path)]).moment == MOMENT
    with pytest.raises(OptionError, match="not the result of a probe of a destination or target"):
        list(file_results(str(path)))


def test_a_path_that_is_none_and_one_that_leads_nowhere(tmp_path: Path) -> None:
    for path in ("with\0null", str(tmp_path / "none"), str(tmp_path)):
        with pytest.raises(OptionError, match="cannot be read"):
            list(ResultsReader("src", path).lines())
