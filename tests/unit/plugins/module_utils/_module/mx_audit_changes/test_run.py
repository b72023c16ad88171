# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `mx_audit_changes` as a task uses it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import FactKey
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_changes.run import run_mx_audit_changes
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_index.run import run_mx_audit_index
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskFailed, TaskResult
from ansible_collections.mailops.tls.tests.unit.makers.audit_files import written
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, failed, lost, tlsa

HOST = "mx.example.org"
RUNS = [f"2026050{day}T120000Z-5f0c1a2b" for day in range(1, 6)]
GOOD, BAD = audited("example.org", endpoint(HOST)), audited("example.org", lost(HOST))
NO_RECORDS = audited("example.org", endpoint(HOST, tlsa=tlsa(HOST)))
RENEWED = audited("example.org", endpoint(HOST, chain=[certificate(HOST, serial="second")]))
NET = failed("example.net", "null_mx")


class Store:
    """A store that runs are put into."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0

    def add(
        self, *results: dict[str, Any], expected: int | None = None, prober: str = "p1", run: str | None = None, **options: Any
    ) -> None:
        self.count += run is None
        source = str(written(self.path / "came.jsonl", *results, **options))
        shard = {"prober": prober, "src": source, "expected": expected}
        name = run or RUNS[self.count - 1]
        params = {"directory": str(self.path / "audit"), "run": name, "shards": [shard], "keep": None, "keep_facts": None}
        run_mx_audit_index(params, check_mode=False)

    def changes(self, *, check: bool = False, **more: Any) -> TaskResult:
        params = {"directory": str(self.path / "audit"), "run": None, "previous": None, "ignore": [], "max": 100, "vantages": False, **more}
        return run_mx_audit_changes(params, check_mode=check)

    def told(self, run: str) -> list[dict[str, Any]]:
        content = (self.path / "audit" / "runs" / run / "changes.jsonl").read_text()
        return [json.loads(line) for line in content.splitlines()]


@pytest.fixture(name="store")
def fixture_store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_the_first_run_has_nothing_to_be_compared_with(store: Store) -> None:
    store.add(GOOD)
    result = store.changes()
    assert not result.changed and result.facts["previous"] is None and result.facts["changes"]["by_kind"] == {}
    assert result.diff is None and store.told(RUNS[0]) == [{"kind": "header", "schema": 1, "run": RUNS[0], "previous": None}]


def test_a_night_on_which_nothing_was_seen_hides_no_change(store: Store) -> None:
    store.add(GOOD)
    store.add(expected=1)
    store.add(NO_RECORDS)
    result = store.changes()
    assert result.changed and result.facts["previous"] == RUNS[0]
    assert result.facts["changes"]["by_kind"] == {"tlsa": 1}


def test_what_changed_while_a_prober_was_away_is_told_when_it_is_back(store: Store) -> None:
    away = audited("example.com", endpoint(HOST))
    store.add(GOOD, away, expected=2)
    for _night in range(2):
        store.add(GOOD, expected=2)
        assert store.changes().facts["changes"]["missing"] == 1
    store.add(NO_RECORDS, audited("example.com", endpoint(HOST, tlsa=tlsa(HOST))), expected=2)
    result = store.changes()
    assert result.facts["changed_destinations"] == ["example.com", "example.org"] and result.facts["previous"] == RUNS[2]
    assert result.facts["changes"]["by_kind"] == {"tlsa": 2}


def test_a_key_that_changed_while_dns_did_not_answer_is_told(store: Store) -> None:
    other = audited("example.org", endpoint(HOST, dane=False, chain=[certificate(HOST, key="other", issuer="CN=Other")]))
    plain = audited("example.org", endpoint(HOST, dane=False))
    for night, expected in ((plain, {}), (failed("example.org"), {}), (other, {"issuer": 1, "key": 1})):
        store.add(night)
        counted = {one["kind"]: 1 for one in store.changes().facts["details"]}
        assert counted == expected


def test_the_run_before_is_the_one_that_came_before_whatever_its_name_says(store: Store) -> None:
    store.add(GOOD, run=RUNS[3])
    store.add(NO_RECORDS, run=RUNS[1])
    store.add(NO_RECORDS, run=RUNS[2])
    assert store.changes(run=RUNS[1]).facts["previous"] == RUNS[3] and store.changes(run=RUNS[1]).changed
    assert (store.changes().facts["run"], store.changes().facts["previous"]) == (RUNS[2], RUNS[1])
    assert store.changes(previous=RUNS[3]).changed


def test_lines_that_are_damaged_are_missing_and_not_gone(store: Store) -> None:
    store.add(GOOD, NET, expected=2)
    store.add(GOOD, NET, expected=2)
    (store.path / "audit" / "runs" / RUNS[1] / "shard-p1.jsonl.gz").write_bytes(b"damaged")
    (store.path / "audit" / "audit.sqlite3").unlink()
    result = store.changes()
    assert not result.changed and result.facts["changes"]["by_kind"] == {"missing": 2}
    assert not result.facts["whole"] and result.facts["missing"] == ["p1"]
    assert any("is not as it was written" in one for one in result.warnings)


def test_what_changed_since_the_run_before(store: Store) -> None:
    store.add(GOOD, NET)
    store.add(NO_RECORDS, failed("example.com", "dns_not_found"))
    result = store.changes()
    assert result.changed and (result.facts["run"], result.facts["previous"], result.facts["whole"]) == (RUNS[1], RUNS[0], True)
    assert result.facts["changes"] == {
        "new": 1, "gone": 1, "changed": 1, "renewed": 0, "missing": 0, "unconfirmed": 0, "ignored": 0,
        "by_kind": {"gone": 1, "new": 1, "tlsa": 1},
    }  # fmt: skip
    assert result.facts["changed_destinations"] == ["example.com", "example.net", "example.org"]
    assert [(one["kind"], one["destination"]) for one in result.facts["details"]] == [
        ("new", "example.com"), ("gone", "example.net"), ("tlsa", "example.org")
    ]  # fmt: skip
    assert result.diff["before"].splitlines()[0] == "example.net gone: failed"
    assert result.diff["after"].splitlines() == ["example.com new: failed", f"example.org {HOST}:25 tlsa: none"]
    assert (result.diff["before_header"], result.diff["after_header"]) == (RUNS[0], RUNS[1])
    assert [one["kind"] for one in store.told(RUNS[1])] == ["header", "new", "gone", "tlsa"]


def test_nothing_is_nothing(store: Store) -> None:
    store.add(GOOD, NET)
    store.add(NET, GOOD)
    result = store.changes()
    assert not result.changed and result.facts["details"] == [] and result.diff["before"] == result.diff["after"] == ""


def test_a_renewal_is_told_and_changes_nothing(store: Store) -> None:
    store.add(GOOD)
    store.add(RENEWED)
    result = store.changes()
    assert not result.changed and result.facts["changes"]["renewed"] == 1 and result.facts["changed_destinations"] == []
    assert [one["kind"] for one in store.told(RUNS[1])] == ["header", "renewed"]


def test_a_failure_counts_when_the_second_look_failed_too(store: Store) -> None:
    store.add(GOOD)
    store.add(BAD)
    assert not store.changes().changed
    store.add(BAD, BAD, run=RUNS[1])
    assert store.changes().facts["changes"]["by_kind"] == {"delivery": 1, "verdict": 1}


def test_a_failure_counts_once_when_the_next_run_sees_it_too(store: Store) -> None:
    store.add(GOOD)
    found = []
    for night in (BAD, BAD, BAD, BAD):
        store.add(night)
        found.append(store.changes().changed)
    assert found == [False, True, False, False]


def test_an_outage_of_one_night_is_never_told(store: Store) -> None:
    for one in (GOOD, BAD, GOOD):
        store.add(one)
        assert not store.changes().changed


def test_what_changed_during_an_outage_is_told_after_it(store: Store) -> None:
    for one in (GOOD, BAD):
        store.add(one)
    store.add(NO_RECORDS)
    assert store.changes().facts["changes"]["by_kind"] == {"tlsa": 1}


def test_a_part_that_never_came_is_missing(store: Store) -> None:
    store.add(GOOD, NET, expected=2)
    store.add(GOOD, expected=2)
    result = store.changes()
    assert not result.changed and result.facts["missing"] == ["p1"] and not result.facts["whole"]
    assert (result.facts["changes"]["missing"], result.facts["changes"]["gone"]) == (1, 0)
    assert result.warnings == (f"The run {RUNS[1]} is not whole. What it does not have is missing, and not gone.",)
    store.add(GOOD, failed("example.net", "dns_not_found"), expected=2)
    assert store.changes().facts["changes"]["by_kind"] == {"error": 1}


def test_other_options_are_told(store: Store) -> None:
    store.add(GOOD)
    store.add(GOOD, security_level="may")
    (warning,) = store.changes().warnings
    assert warning == "The two runs had other options, which can be why results differ: security_level (dane, now may)"


def test_runs_can_be_chosen(store: Store) -> None:
    for one in (GOOD, NO_RECORDS, GOOD):
        store.add(one)
    assert store.changes().changed
    assert not store.changes(previous=RUNS[0]).changed
    assert store.changes(run=RUNS[1]).facts["previous"] == RUNS[0]


def test_changes_that_nobody_wants_to_hear_of(store: Store) -> None:
    pytest.importorskip("jmespath")
    store.add(GOOD, NET)
    store.add(NO_RECORDS)
    result = store.changes(ignore=["kind == 'gone'", "starts_with(host, 'mx.')"])
    assert not result.changed and result.facts["changes"]["ignored"] == 2 and result.facts["details"] == []
    assert [one.get("ignored") for one in store.told(RUNS[1])] == [None, True, True]
    assert store.changes(ignore=["kind == 'gone'"]).changed


def test_without_jmespath_the_task_says_what_to_install(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jmespath", None)
    with pytest.raises(TaskFailed, match="install jmespath|install python3-jmespath"):
        store.changes(ignore=["kind"])


def test_there_is_an_end_to_what_is_returned(store: Store) -> None:
    store.add(NET)
    store.add(*(failed(f"d{number:03}.example", "null_mx") for number in range(120)))
    result = store.changes(max=7)
    assert (len(result.facts["details"]), len(result.facts["changed_destinations"])) == (7, 100)
    assert result.facts["changes"]["new"] == 120 and len(store.told(RUNS[1])) == 122


def test_check_mode_writes_nothing(store: Store) -> None:
    store.add(GOOD)
    store.add(NO_RECORDS)
    would = store.changes(check=True)
    assert would.changed and not (store.path / "audit" / "runs" / RUNS[1] / "changes.jsonl").exists()
    assert would.facts == store.changes().facts


def test_what_several_probers_saw(store: Store) -> None:
    other = audited("example.org", endpoint(HOST, chain=[certificate(HOST, key="other key")]))
    store.add(GOOD)
    store.add(other, prober="p2", run=RUNS[0])
    assert store.changes().facts["views"] == []
    (view,) = store.changes(vantages=True).facts["views"]
    assert (view["kind"], view["vantage"], view["reference"]) == ("key", "p2", "p1")


@pytest.mark.parametrize("damage", [b"", b"no database " * 1000, None])
def test_an_index_that_is_lost_is_made_again_of_the_lines(store: Store, damage: bytes | None) -> None:
    store.add(GOOD)
    store.add(NO_RECORDS)
    index = store.path / "audit" / "audit.sqlite3"
    index.unlink()
    if damage is not None:
        index.write_bytes(damage)
    result = store.changes()
    assert result.changed and bool(result.warnings) == bool(damage)


@pytest.mark.parametrize(
    ("more", "option", "reason"),
    [
        ({"run": "yesterday"}, "run", "is not the name of a run"),
        ({"run": RUNS[4]}, "run", "is no run in"),
        ({"previous": RUNS[4]}, "previous", "is no run in"),
        ({"run": RUNS[0], "previous": RUNS[1]}, "previous", "does not come before"),
        ({"previous": RUNS[1]}, "previous", "does not come before"),
        ({"max": -1}, "max", "is not between"),
        ({"max": 10**9}, "max", "is not between"),
        ({"directory": "/nonexistent"}, "directory", "has no audit yet"),
        ({"directory": None}, "directory", "is needed, or files"),
        ({"directory": None, "before": ["a"]}, "directory", "is needed, or files"),
        ({"before": ["a"], "after": ["b"]}, "before", "cannot be given beside directory"),
        ({"directory": None, "before": ["a"], "after": ["b"], "run": RUNS[0]}, "run", "needs a directory"),
        ({"directory": None, "before": ["a"], "after": ["b"], "vantages": True}, "vantages", "needs a directory"),
        ({"directory": None, "before": ["/nonexistent"], "after": ["b"]}, "before", "cannot be compared: No such file"),
        ({"directory": None, "before": ["/etc/passwd"], "after": ["b"]}, "before", "cannot be compared: it has no header"),
    ],
)
def test_mistakes(store: Store, more: dict[str, Any], option: str, reason: str) -> None:
    store.add(GOOD)
    store.add(GOOD)
    with pytest.raises(OptionError) as caught:
        store.changes(**more)
    assert caught.value.option == option and caught.value.reason.startswith(reason)


def test_files_are_compared_without_a_store(store: Store) -> None:
    old, new = written(store.path / "old", GOOD, NET), written(store.path / "new", NO_RECORDS, security_level="may")
    result = store.changes(directory=None, before=[str(old)], after=[str(new)])
    assert result.changed and result.facts["changes"]["by_kind"] == {"gone": 1, "tlsa": 1}
    assert (result.facts["run"], result.facts["previous"], result.facts["missing"]) == (None, None, [])
    assert result.diff["before_header"] == "before" and "example.net gone: failed" in result.diff["before"]
    assert "security_level (dane, now may)" in result.warnings[0]
    store.add(GOOD)
    assert result.facts.keys() == store.changes().facts.keys()


def test_the_keys_of_a_change_are_those_of_a_row() -> None:
    assert FactKey._fields == ("destination", "host", "address", "port", "algorithm", "vantage")


def test_a_run_that_was_not_whole_hides_no_edit_of_the_list(store: Store) -> None:
    added = failed("added.example", "dns_not_found")
    store.add(GOOD, NET, expected=2)
    store.add(GOOD, expected=3)  # the rest never came
    store.add(GOOD, added, expected=2)
    first = store.changes()
    assert [(one["kind"], one["destination"]) for one in first.facts["details"]] == [("new", "added.example"), ("gone", "example.net")]
    store.add(GOOD, added, expected=2)
    assert not store.changes().changed


def test_before_a_first_run_that_was_whole_nothing_is_new(store: Store) -> None:
    store.add(GOOD, expected=2)
    store.add(GOOD, NET, expected=2)
    assert not store.changes().changed


def test_a_failure_that_one_look_saw_is_not_confirmed_by_a_run_that_never_came(store: Store) -> None:
    store.add(GOOD, NET, expected=2)
    store.add(BAD, NET, expected=2)
    store.add(NET, expected=2)
    store.add(GOOD, NET, expected=2)
    assert not store.changes().changed
