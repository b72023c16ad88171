# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The index: what it gives back is what it was given, whatever differs is a candidate, and its version is its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.changes import compare
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import Fact, facts_of
from ansible_collections.mailops.tls.plugins.module_utils._audit.index import MIGRATIONS, AuditIndex, IndexTooNew
from ansible_collections.mailops.tls.tests.unit.makers.audits import AUTHORITY, PROBED_AT, audited, digest, endpoint, failed, lost, tlsa

HOST = "mx.example.org"
GOOD = audited("example.org", endpoint(HOST))


@pytest.fixture(name="index")
def fixture_index(tmp_path: Path) -> Iterator[AuditIndex]:
    with AuditIndex(str(tmp_path / "audit.sqlite3")) as index:
        yield index


def put(
    index: AuditIndex, run: str, *results: dict[str, Any], prober: str = "p1", aside: bool = True, whole: bool = True, sequence: int = 0
) -> int:
    with index.transaction():
        number = index.put_run(run, whole=whole, sequence=sequence)
        shard = index.begin_shard(number, prober)
        for line, one in enumerate(results):
            index.put(number, shard, facts_of(one, PROBED_AT, prober), line, aside=aside)
        index.take_over()
        index.end_shard(shard, "digest")
    return number


@pytest.mark.parametrize("aside", [True, False])
def test_rows_come_back_as_they_were(index: AuditIndex, aside: bool) -> None:
    results = (GOOD, failed("example.net"), audited("example.com", lost(HOST), endpoint("mx2.example.com", "2001:db8::1")))
    run = put(index, "a", *results, aside=aside)
    rows = [fact for one in results for fact in facts_of(one, PROBED_AT, "p1")]
    assert set(index.all_rows(run)) == set(rows)
    back = index.rows(run, "example.org")
    assert back == list(facts_of(GOOD, PROBED_AT, "p1"))
    assert [type(value) for value in back[1]] == [type(value) for value in facts_of(GOOD, PROBED_AT, "p1")[1]]


def test_counts(index: AuditIndex) -> None:
    run = put(index, "a", GOOD, failed("example.net"), audited("example.com", lost(HOST, None)))
    put(index, "a", GOOD, prober="p2")
    assert index.counts(run) == {"destinations": 3, "endpoints": 2, "by_status": {"failed": 2, "verified": 1}}


def test_lines_that_are_no_destinations(index: AuditIndex) -> None:
    bad = [failed(f"no domain {at}", "invalid_destination") for at in range(3)]
    run = put(index, "a", GOOD, failed("example.net"), *bad)
    put(index, "a", bad[0], prober="p2")
    assert index.no_destinations(run, most=2) == {"count": 3, "first": ["no domain 0", "no domain 1"]}
    assert index.no_destinations(put(index, "b", GOOD)) == {"count": 0, "first": []}


def differing(index: AuditIndex, after: str, *former: str) -> tuple[set[str], dict[str, str], dict[str, str]]:
    """What there is to look at, what is new and what is lost in a run."""
    runs = {one.name: one for one in index.runs()}
    return tuple(index.differing(runs[after].id, [runs[name] for name in former]))  # type: ignore[return-value]


def test_whatever_differs_is_looked_at(index: AuditIndex) -> None:
    put(index, "a", GOOD, failed("gone.example"), audited("same.example", endpoint(HOST)))
    put(
        index, "b", audited("example.org", endpoint(HOST, tlsa=tlsa(HOST))), failed("new.example"), audited("same.example", endpoint(HOST))
    )
    assert differing(index, "b", "a") == ({"example.org"}, {"new.example": "failed"}, {"gone.example": "failed"})
    assert differing(index, "b", "b") == ({"new.example"}, {}, {})  # its failure is not confirmed


OTHER = audited("example.org", endpoint(HOST, tlsa=tlsa(HOST)))


def test_what_was_missing_is_held_against_the_run_that_saw_it(index: AuditIndex) -> None:
    put(index, "a", GOOD, audited("example.com", endpoint(HOST)))
    for name in ("b", "c"):
        put(index, name, audited("example.com", endpoint(HOST)), whole=False)
    put(index, "d", GOOD, failed("new.example"), audited("example.com", endpoint(HOST)))
    assert differing(index, "d", "c", "b", "a") == (set(), {"new.example": "failed"}, {})
    put(index, "e", OTHER)
    assert differing(index, "e", "c", "b", "a") == ({"example.org"}, {}, {"example.com": "verified"})
    assert differing(index, "e", "c", "b") == (set(), {}, {"example.com": "verified"})  # nothing whole says what is new


def test_nothing_is_looked_for_behind_the_last_whole_run(index: AuditIndex) -> None:
    for name, results in (("a", (GOOD,)), ("b", ()), ("c", (GOOD,))):
        put(index, name, *results)
    assert differing(index, "c", "b", "a") == (set(), {"example.org": "verified"}, {})
    put(index, "d")
    assert differing(index, "d", "b", "a") == (set(), {}, {})


def test_what_was_given_to_another_prober_is_held_against_what_that_saw(index: AuditIndex) -> None:
    put(index, "a", GOOD, prober="p1")
    put(index, "b", GOOD, prober="p2")
    put(index, "c", OTHER, prober="p2")
    assert differing(index, "b", "a") == (set(), {}, {})
    assert differing(index, "c", "a") == ({"example.org"}, {}, {})


def test_a_prober_that_was_away_is_held_against_itself(index: AuditIndex) -> None:
    nights = (("a", {"p1": GOOD, "p2": OTHER}, True), ("b", {"p2": OTHER}, False), ("c", {"p1": OTHER, "p2": OTHER}, True))
    for name, views, whole in nights:
        for prober, result in views.items():
            put(index, name, result, prober=prober, whole=whole)
    assert differing(index, "c", "b", "a") == ({"example.org"}, {}, {})


def test_users_read_a_view(index: AuditIndex) -> None:
    put(index, "a", GOOD)
    found = index._database.execute("SELECT * FROM audit_facts WHERE host <> ''")
    row = dict(zip([one[0] for one in found.description], *found.fetchall()))
    assert row["run"] == "a" and row["prober"] == "p1" and row["probed_at"] == PROBED_AT and row["not_after"] == "2026-06-30T00:00:00Z"
    assert row["spki"] == digest(f"{HOST} first key") and row["issuer"] == AUTHORITY and row["satisfied"] == 1


@pytest.mark.parametrize("column", [at for at in range(6, 22) if at not in (10, 16)])
def test_every_column_that_is_compared_makes_a_candidate(index: AuditIndex, column: int) -> None:
    """So no change that the rules see is overlooked by the index; times alone are none."""
    own, one = facts_of(GOOD, PROBED_AT, "p1")
    other: list[Any] = list(one if column != 20 else own)
    other[column] = {bool: True, int: 7, bytes: b"other", str: "other"}.get(type(other[column]), "other")
    if isinstance(one[column], bool):
        other[column] = not one[column]
    changed = Fact(*other)
    for name, rows in (("a", (own, one)), ("b", (changed, one) if column == 20 else (own, changed))):
        with index.transaction():
            run = index.put_run(name, whole=True)
            index.put(run, index.begin_shard(run, "p1"), rows, 0)
    assert differing(index, "b", "a") == ({"example.org"}, {}, {})


def test_what_is_no_candidate_has_not_changed(index: AuditIndex) -> None:
    own, one = facts_of(GOOD, PROBED_AT, "p1")
    later = [fact._replace(probed_at=fact.probed_at + 60, not_after=1) for fact in (own, one)]
    assert compare([own, one], later) == []


def test_a_transaction_is_all_or_nothing(index: AuditIndex) -> None:
    with pytest.raises(ZeroDivisionError), index.transaction():
        index.put_run("a", whole=True)
        raise ZeroDivisionError
    assert index.runs() == []


def test_runs_are_in_the_order_in_which_they_came(index: AuditIndex) -> None:
    assert index.next_sequence() == 1
    for name, sequence in (("b", 1), ("a", 2), ("d", 0), ("c", 0)):
        put(index, name, GOOD, sequence=sequence)
    assert [one.name for one in index.runs()] == ["c", "d", "b", "a"] and index.next_sequence() == 3


def test_a_full_disk_is_told_as_such(index: AuditIndex) -> None:
    put(index, "a", GOOD)
    index._database.execute("PRAGMA max_page_count = 1")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        put(index, "b", *(failed(f"d{number}.example") for number in range(3000)), aside=False)
    assert [one.name for one in index.runs()] == ["a"]


def test_runs_and_what_is_dropped(index: AuditIndex) -> None:
    put(index, "b", GOOD)
    run = put(index, "a", GOOD)
    put(index, "a", GOOD, prober="p2")
    assert [one.name for one in index.runs()] == ["a", "b"] and index.digests(run) == {"p1": "digest", "p2": "digest"}
    index.drop_shard(run, "p1")
    assert {fact.vantage for fact in index.all_rows(run)} == {"p2"} and index.digests(run) == {"p2": "digest"}
    index.drop_run("a")
    assert [one.name for one in index.runs()] == ["b"] and list(index.all_rows(run)) == [] and index.run("a") is None


def test_destinations_that_several_have_seen(index: AuditIndex) -> None:
    run = put(index, "a", GOOD, failed("example.net"))
    put(index, "a", GOOD, prober="p2")
    assert index.seen_from_several(run) == ["example.org"]


def test_two_that_make_an_index_at_once_make_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, real, others = str(tmp_path / "audit.sqlite3"), AuditIndex.transaction, [1]

    def another_first(index: AuditIndex) -> AbstractContextManager[None]:
        if others:
            others.clear()
            with AuditIndex(path) as other:
                put(other, "a", GOOD)
        return real(index)

    monkeypatch.setattr(AuditIndex, "transaction", another_first)
    with AuditIndex(path) as index:
        assert [one.name for one in index.runs()] == ["a"] and not others


def test_an_index_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "audit.sqlite3"
    AuditIndex(str(path)).close()
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        database.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(IndexTooNew, match="its version is 99"):
        AuditIndex(str(path))
    assert path.read_bytes() == before


def test_an_index_of_an_earlier_version_is_brought_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "audit.sqlite3")
    with AuditIndex(path) as index:
        put(index, "a", GOOD)
    migrations = (*MIGRATIONS, "CREATE TABLE more (one INTEGER); INSERT INTO more VALUES (1)")
    monkeypatch.setattr("ansible_collections.mailops.tls.plugins.module_utils._audit.index.MIGRATIONS", migrations)
    for _number in range(2):
        with AuditIndex(path) as index:
            assert [one.name for one in index.runs()] == ["a"]
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT one FROM more").fetchall() == [(1,)]


def test_there_is_no_log_beside_it(tmp_path: Path) -> None:
    with AuditIndex(str(tmp_path / "audit.sqlite3")) as index:
        put(index, "a", GOOD)
        assert [one.name for one in tmp_path.iterdir()] == ["audit.sqlite3"]
