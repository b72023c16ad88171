# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report is made of files, of an audit's folder or of results, and written only where it is another."""

from __future__ import annotations

import gzip
import json
import os
import stat
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.run_directory import KeptShard, RunDirectory, RunHeader, shard_name
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._grade.grade import named_policies
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.options import ReportOptions
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.run import MadeReport, make_report
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Material, Rendered
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, endpoint, lost
from ansible_collections.mailops.tls.tests.unit.makers.reports import MOMENT, written

NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)


def names(material: Material, unused: ReportOptions) -> Rendered:
    """A format for tests."""
    told = [material.title, material.moment, *(one.name for one in material.results())]
    return Rendered(" ".join(told + [str(one["kind"]) for one in material.changes or ()]) + "\n", {"told": len(told)})


def make(folder: Path, check_mode: bool = False, **changes: Any) -> MadeReport:
    options = ReportOptions("html", str(folder / "report"), changes.pop("mode", 0o600), "T", **changes)
    return make_report(options, names, NOW, check_mode=check_mode)


def audit(folder: Path, run: str, domain: str) -> Path:
    """An audit's folder with one run in it."""
    place = folder / "runs" / run
    place.mkdir(parents=True)
    written(place / "shard-p1.jsonl", [audited(domain, endpoint("mx"))])
    return place


def test_a_report_is_written_once(tmp_path: Path) -> None:
    source = written(tmp_path / "a", [audited("example.org", endpoint("mx"))])
    report = tmp_path / "report"
    assert make(tmp_path, check_mode=True, src=(str(source),)) == MadeReport(True, 35, facts={"told": 3}) and not report.exists()
    assert make(tmp_path, src=(str(source),)).changed
    assert report.read_text() == f"T {MOMENT} example.org\n" and stat.S_IMODE(report.stat().st_mode) == 0o600
    assert not make(tmp_path, src=(str(source),)).changed
    assert make(tmp_path, src=(str(source),), mode=0o644).changed and stat.S_IMODE(report.stat().st_mode) == 0o644


def test_without_a_file_the_text_is_only_told() -> None:
    options = ReportOptions("terminal", None, 0o600, "T", results=(audited("example.org", endpoint("mx")),))
    assert make_report(options, names, NOW) == MadeReport(False, 35, facts={"told": 3})


def test_results_of_a_task_have_the_time_of_now(tmp_path: Path) -> None:
    make(tmp_path, results=(audited("example.org", endpoint("mx")),))
    assert (tmp_path / "report").read_text() == "T 2026-06-01T00:00:00Z example.org\n"
    with pytest.raises(OptionError, match="item 1"):
        make(tmp_path, results=(audited("example.org"), {"msg": "no"}))


def test_the_folder_of_an_audit(tmp_path: Path) -> None:
    first, second = audit(tmp_path, "20260504T120000Z-aa", "first"), audit(tmp_path, "20260505T120000Z-bb", "second")
    (second / "changes.jsonl").write_text('{"kind": "key", "destination": "second"}\n')
    for run, told in (("latest", "second key"), ("aa", "first"), (second.name, "second key")):
        make(tmp_path, directory=str(tmp_path), run=run)
        assert (tmp_path / "report").read_text() == f"T {MOMENT} {told}\n"
    (tmp_path / "latest").symlink_to(first)
    make(tmp_path, directory=str(tmp_path))
    assert " first" in (tmp_path / "report").read_text()


def test_results_are_graded_by_the_policies_that_are_named(tmp_path: Path) -> None:
    source = written(tmp_path / "a", [audited("a", endpoint("mx")), audited("b", lost("mx"))])
    graded: list[list[tuple[str, str]]] = []

    def levels(material: Material, unused: ReportOptions) -> Rendered:
        graded.extend([(grade["policy"], grade["level"]) for grade in one.grades] for one in material.results())
        return Rendered("")

    options = ReportOptions("html", str(tmp_path / "report"), 0o600, "T", src=(str(source),), policies=named_policies(["ncsc-2025"]))
    make_report(options, levels, NOW)
    assert [[policy for policy, unused in found] for found in graded] == [["ncsc-2025"], ["ncsc-2025"]]
    assert graded[1][0][1] == "not_tested"


def test_a_shard_that_is_there_twice_counts_once(tmp_path: Path) -> None:
    place = audit(tmp_path, "20260504T120000Z-aa", "first")
    plain = place / "shard-p1.jsonl"
    (place / "shard-p1.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    make(tmp_path, directory=str(tmp_path))
    assert (tmp_path / "report").read_text() == f"T {MOMENT} first\n"


def test_changes_can_be_named(tmp_path: Path) -> None:
    source = written(tmp_path / "a", [audited("a", endpoint("mx"))])
    (tmp_path / "changes").write_text(json.dumps({"kind": "mx", "destination": "a"}) + "\n")
    make(tmp_path, src=(str(source),), changes=str(tmp_path / "changes"))
    assert (tmp_path / "report").read_text() == f"T {MOMENT} a mx\n"


@pytest.mark.parametrize(
    ("changes", "option"),
    [({"directory": "none"}, "directory"), ({"directory": "audit", "run": "cc"}, "run"), ({"directory": "empty"}, "directory")],
)
def test_what_is_not_there_is_named(tmp_path: Path, changes: dict[str, Any], option: str) -> None:
    audit(tmp_path / "audit", "20260504T120000Z-aa", "first")
    (tmp_path / "empty/runs/20260504T120000Z-aa").mkdir(parents=True)
    with pytest.raises(OptionError) as caught:
        make(tmp_path, **{**changes, "directory": str(tmp_path / changes["directory"])})
    assert caught.value.option == option


def test_where_nothing_can_be_written_is_said(tmp_path: Path) -> None:
    source = written(tmp_path / "a", [audited("a", endpoint("mx"))])
    (tmp_path / "report").mkdir()
    with pytest.raises(OptionError, match="is a folder"):
        make(tmp_path, src=(str(source),))
    with pytest.raises(OptionError, match="cannot be written"):
        options = ReportOptions("html", str(tmp_path / "none/report"), 0o600, "T", src=(str(source),))
        make_report(options, names, NOW)


def test_a_link_in_the_place_of_the_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    source = written(tmp_path / "a", [audited("a", endpoint("mx"))])
    (tmp_path / "other").write_text("precious")
    (tmp_path / "report").symlink_to(tmp_path / "other")
    assert make(tmp_path, src=(str(source),)).changed
    assert (tmp_path / "other").read_text() == "precious" and not os.path.islink(tmp_path / "report")


def test_no_prober_makes_it_later_than_it_is(tmp_path: Path) -> None:
    make(tmp_path, src=(str(written(tmp_path / "a", [audited("a", endpoint("mx"))], "2999-01-01T00:00:00Z")),))
    assert "2026-06-01T00:00:00Z" in (tmp_path / "report").read_text()


def _material(folder: Path) -> Material:
    seen: list[Material] = []

    def keep(material: Material, unused: ReportOptions) -> Rendered:
        seen.append(material)
        return Rendered("")

    make_report(ReportOptions("html", str(folder / "report"), 0o600, "T", directory=str(folder)), keep, NOW)
    return seen[0]


def test_the_header_of_a_run_says_where_results_are_from_and_what_is_missing(tmp_path: Path) -> None:
    store, run = RunDirectory(str(tmp_path)), "20260504T120000Z-aa"
    store.prepare()
    store.make_run(run)
    prober = "probe one/net"
    shares = (KeptShard(prober, shard_name(prober), None, 1, 1), KeptShard("p2", None, None, 3, 0, "nothing came"))
    store.write_header(RunHeader(run, shares, {}))
    written(Path(store.run_path(run)) / shard_name(prober), [audited("a", endpoint("mx"))])
    written(Path(store.run_path(run)) / "shard-forgotten.jsonl.gz", [audited("b", endpoint("mx"))])
    found = _material(tmp_path)
    assert [(one.name, one.vantage) for one in found.results()] == [("a", prober)]
    assert [one.text for one in found.missing] == ["The share of p2 is not whole, 0 of 3 results came: nothing came"]
    assert found.is_audit and found.changes is None


def test_a_header_that_others_could_have_written_is_not_believed(tmp_path: Path) -> None:
    place = audit(tmp_path, "20260504T120000Z-aa", "first")
    (place / "header.json").write_text(json.dumps({"options": {}, "shards": []}))
    (place / "header.json").chmod(0o666)
    assert [(one.name, one.vantage) for one in _material(tmp_path).results()] == [("first", "p1")]
