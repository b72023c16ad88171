# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two files compared without a store: the same changes as by their rows, whatever is left out of the digest of a line."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit import line_comparison
from ansible_collections.mailops.tls.plugins.module_utils._audit.changes import Change, compare
from ansible_collections.mailops.tls.plugins.module_utils._audit.comparison import compare_runs
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import facts_of, merged_facts
from ansible_collections.mailops.tls.plugins.module_utils._audit.index import AuditIndex
from ansible_collections.mailops.tls.plugins.module_utils._audit.line_comparison import compare_files
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import NotResults, RunIdentity, result_line
from ansible_collections.mailops.tls.tests.unit.makers.audit_files import IDENTITY, NOON, header
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, failed, lost, tlsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HOST = "mx.example.org"
DAY = timedelta(days=1)
GOOD, BAD = audited("example.org", endpoint(HOST)), audited("example.org", lost(HOST))
ENDING = certificate(HOST, not_before="2026-02-20T00:00:00Z", not_after="2026-05-19T18:00:00Z")
KINDS = (
    GOOD, BAD, failed("example.org"), audited("example.org", endpoint(HOST, tlsa=tlsa(HOST))),
    audited("example.org", endpoint(HOST, chain=[ENDING])), audited("example.org", endpoint(HOST, greeting='220 "timings":{"a":1}')),
)  # fmt: skip


def written(path: Path, *looks: tuple[dict[str, Any], datetime], zipped: bool = False, vantage: str = IDENTITY.vantage) -> str:
    first = header().replace(IDENTITY.vantage.encode(), vantage.encode())
    content = b"".join([first, *(result_line(RunIdentity(IDENTITY.run, vantage), moment, one) for one, moment in looks)])
    path.write_bytes(gzip.compress(content) if zipped else content)
    return str(path)


def both_ways(path: Path, old: list[tuple[dict[str, Any], datetime]], new: list[tuple[dict[str, Any], datetime]]) -> list[Change]:
    """The changes by files, which have to be those by rows."""
    found = list(compare_files([written(path / "old", *old)], [written(path / "new", *new, zipped=True)]))
    rows = []
    for looks in (old, new):
        by_name: dict[str, list[Any]] = {}
        for one, moment in looks:
            by_name.setdefault(one["destination"].lower(), []).append(facts_of(one, f"{moment:%Y-%m-%dT%H:%M:%SZ}"))
        rows.append([fact for each in by_name.values() for fact in merged_facts(each)])
    assert found == compare(*rows)
    return found


def test_the_same_at_another_time_is_read_by_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slower = audited("example.org", endpoint(HOST, greeting="220 other", timings={"dns": 9.5, "total": 10.0}))
    old, new = written(tmp_path / "a", (GOOD, NOON)), written(tmp_path / "b", (slower, NOON + DAY))

    def unread(*unused: object) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(line_comparison, "parse_line", unread)
    assert list(compare_files([old], [new])) == []


def test_a_line_that_differs_is_compared(tmp_path: Path) -> None:
    new = audited("example.org", endpoint(HOST, tlsa=tlsa(HOST)))
    found = both_ways(tmp_path, [(GOOD, NOON), (failed("example.net"), NOON)], [(new, NOON), (failed("example.com"), NOON)])
    assert [(one.key.destination, one.kind.value) for one in found] == [
        ("example.com", "new"), ("example.net", "gone"), ("example.org", "tlsa")
    ]  # fmt: skip


def test_what_is_left_of_a_certificate_depends_on_the_day(tmp_path: Path) -> None:
    one = audited("example.org", endpoint(HOST, chain=[ENDING]))
    for days, kinds in ((0, []), (1, ["expiry"]), (20, ["expiry"])):
        assert [change.kind.value for change in both_ways(tmp_path, [(one, NOON)], [(one, NOON + days * DAY)])] == kinds
    hours = [timedelta(days=15, hours=number) for number in (5, 7)]  # it ends at 18:00
    assert [change.after for change in both_ways(tmp_path, *([(one, NOON + at)] for at in hours))] == ["expired (2026-05-19)"]


def test_a_second_look_is_part_of_it(tmp_path: Path) -> None:
    assert both_ways(tmp_path, [(GOOD, NOON)], [(BAD, NOON), (GOOD, NOON)]) == []
    assert len(both_ways(tmp_path, [(GOOD, NOON)], [(BAD, NOON), (BAD, NOON)])) == 2
    assert both_ways(tmp_path, [(BAD, NOON), (BAD, NOON)], [(BAD, NOON), (BAD, NOON)]) == []


def test_a_run_can_have_several_files(tmp_path: Path) -> None:
    old = [written(tmp_path / "a", (GOOD, NOON)), written(tmp_path / "b", (failed("example.net"), NOON))]
    new = [written(tmp_path / "c", (failed("example.net"), NOON), (GOOD, NOON))]
    assert list(compare_files(old, new)) == []


OTHER = audited("example.org", endpoint(HOST, tlsa=tlsa(HOST)))
SPLIT = {"a": (GOOD, OTHER), "b": (OTHER, OTHER), "c": (GOOD, BAD)}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("a", "a", []), ("a", "b", [("tlsa", "p1")]), ("b", "a", [("tlsa", "p1")]),
        ("a", "c", [("unconfirmed", "p2"), ("unconfirmed", "p2")]),
    ],
)  # fmt: skip
def test_files_of_several_probers_are_compared_as_a_store_compares_them(
    tmp_path: Path, before: str, after: str, told: list[tuple[str, str]]
) -> None:
    files = []
    with AuditIndex(":memory:") as index:
        for sequence, name in enumerate((before, after)):
            run = index.put_run(f"{sequence}", whole=True, sequence=sequence)
            paths = []
            for prober, result in zip(("p1", "p2"), SPLIT[name]):
                paths.append(written(tmp_path / f"{sequence} {prober}", (result, NOON), vantage=prober))
                index.put(run, index.begin_shard(run, prober), facts_of(result, f"{NOON:%Y-%m-%dT%H:%M:%SZ}", prober), 0)
            files.append(paths)
        found = list(compare_files(*files))
        assert found == list(compare_runs(index, *index.runs()))
    assert [(one.kind.value, one.key.vantage) for one in found] == told


def test_one_prober_can_have_another_name(tmp_path: Path) -> None:
    old, new = (written(tmp_path / name, (one, NOON), vantage=name) for name, one in (("p1", GOOD), ("p2", OTHER)))
    assert [(one.kind.value, one.key.vantage) for one in compare_files([old], [new])] == [("tlsa", "")]


def test_what_is_no_file_of_results_is_refused(tmp_path: Path) -> None:
    good = written(tmp_path / "a", (GOOD, NOON))
    (tmp_path / "b").write_bytes(b"")
    with pytest.raises(NotResults, match="is empty"):
        list(compare_files([good], [str(tmp_path / "b")]))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(*[st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 30).map(lambda days: NOON + days * DAY)), max_size=3)] * 2)
def test_files_and_rows_agree(tmp_path: Path, old: Any, new: Any) -> None:
    both_ways(tmp_path, old, new)
