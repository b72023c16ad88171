# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the frame shows: counts, changes, the worst domains, and the table as data."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.changes import ChangeKind
from ansible_collections.mailops.tls.plugins.module_utils._grade.grade import named_policies
from ansible_collections.mailops.tls.plugins.module_utils._report.html.facts import (
    KINDS_OF_CHANGES,
    MOST_CHANGES,
    MOST_WORST,
    page_facts,
    run_text,
    value_text,
)
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, lost
from ansible_collections.mailops.tls.tests.unit.makers.reports import domain_result, many, material


def unpacked(text: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(text)))


def change(kind: str, destination: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "destination": destination, "host": None, "address": None, "before": "a", "after": "b", "counts": True, **more}


def test_counts_and_the_worst_first() -> None:
    page = page_facts(material(many(20)))
    nothing = dict.fromkeys(("unknown", "ended", "soon", "errors", "changed", "renewed", "worse"), 0)
    assert page.counts == {"all": 20, "good": 16, "bad": 4, **nothing}
    assert [one.name for one in page.worst] == ["d14.example.org", "d19.example.org", "d4.example.org", "d9.example.org"]
    assert not page.compared and page.groups == ()


def test_there_are_at_most_so_many_without_scripts() -> None:
    assert len(page_facts(material([audited(f"d{n}", lost("mx")) for n in range(MOST_WORST + 5)])).worst) == MOST_WORST
    assert len(page_facts(material([audited("fine", endpoint("mx"))])).worst) == 1


def test_the_table_is_data_by_columns() -> None:
    both = [audited("Example.org", endpoint("mx.example.org")), domain_result("example.org.")]
    page = page_facts(material([*both, audited("b", lost("mx"))]))
    rows = unpacked(page.rows)
    columns, words = rows["columns"], rows["words"]
    assert (rows["count"], columns["name"], columns["satisfied"]) == (2, ["b", "Example.org"], [False, True])
    assert [words["status"][at] for at in columns["status"]] == ["failed", "verified"]
    assert columns["days"] == [None, 56] and columns["ends"] == ["", "2026-06-30"] and columns["findings"][1] == ["dmarc_missing"]
    parts = [[unpacked(page.packs[pack])[number] for pack, number in found] for found in columns["spots"]]
    assert [[part["kind"] for part in found] for found in parts] == [["destination"], ["destination", "domain"]]
    assert parts[1][0]["result"]["endpoints"][0]["host"] == "mx.example.org" and parts[1][0]["vantage"] == "p1"


def test_changes_stand_first_in_groups() -> None:
    changes = (
        change("renewed", "b", counts=False), change("delivery", "Example.ORG", host="mx.example.org", address="192.0.2.1"),
        change("key", "example.org"), change("surprise", "c", before={"x": 1}, after=[True, None]),
    )  # fmt: skip
    page = page_facts(material([audited("example.org", endpoint("mx")), audited("b", endpoint("mx"))], changes=changes))
    assert page.compared and [group.kind for group in page.groups] == ["delivery", "key", "renewed", "surprise"]
    line = page.groups[0].lines[0]
    assert (line.name, line.place, line.link) == ("Example.ORG", "mx.example.org[192.0.2.1]", "#page=Example.ORG")
    assert (line.before, line.after) == ("a", "b")
    assert (page.counts["changed"], page.counts["renewed"], page.counts["worse"], page.calm) == (1, 1, 0, False)
    rows = unpacked(page.rows)
    assert [one["kind"] for one in rows["changes"]["example.org"]] == ["delivery", "key"]
    assert dict(zip(rows["columns"]["name"], rows["columns"]["changes"])) == {"example.org": ["delivery", "key"], "b": ["renewed"]}


def test_a_grade_shows_what_keeps_it_from_being_good() -> None:
    results = [audited("example.org", endpoint("mx.example.org"))]
    page = page_facts(material(results, named_policies(["ncsc-2025"])))
    ((one,),) = [unpacked(pack) for pack in page.packs]
    (grade,) = one["grades"]
    assert grade["policy"] == "ncsc-2025" and grade["total"][1] == 100 and grade["counts"]["good"] > 0
    assert {check["level"] for check in grade["checks"]} and all(check["level"] != "good" and check["text"] for check in grade["checks"])
    assert unpacked(page.rows)["words"]["grade"] == [grade["level"]]
    assert "grades" not in unpacked(page_facts(material(results)).packs[0])[0]


def test_many_changes_are_counted_and_not_listed() -> None:
    changes = tuple(change("new", f"d{n}") for n in range(500)) + tuple(change("key", f"d{n}") for n in range(500))
    page = page_facts(material([], changes=changes))
    assert [(group.kind, group.count) for group in page.groups] == [("key", 500), ("new", 500)]
    assert sum(len(group.lines) for group in page.groups) <= MOST_CHANGES


def test_every_kind_of_change_has_its_words() -> None:
    assert set(KINDS_OF_CHANGES) == {kind.value for kind in ChangeKind}


def test_the_same_results_make_the_same_page() -> None:
    assert page_facts(material(many(50))) == page_facts(material(many(50)))


def test_values_of_changes_are_short_texts() -> None:
    assert value_text({"a": 1, "b": None}) == "a 1" and value_text([True, "x"]) == "yes, x" and value_text(None) == ""


def test_renewals_alone_are_no_change() -> None:
    changes = (change("renewed", "a", counts=False), change("unconfirmed", "b", counts=False))
    page = page_facts(material([audited("a", endpoint("mx")), audited("b", endpoint("mx"))], changes=changes))
    assert (page.counts["changed"], page.counts["renewed"], page.calm) == (0, 1, True)
    assert unpacked(page.rows)["columns"]["changed"] == [1, 1]


def test_a_domain_with_two_keys_is_in_the_bars_of_both() -> None:
    chains = [[certificate("mx")], [certificate("mx", issuer="O=Second, Limited", public_key={"type": "rsa", "bits": 2048})]]
    servers = [endpoint("mx", f"192.0.2.{at}", chain=chain) for at, chain in enumerate(chains)]
    page = page_facts(material([audited("a", *servers), audited("b", endpoint("mx"))]))
    counts = {(chart.field, one.label): one.count for chart in page.charts for one in chart.bars}
    assert (counts["key", "ECDSA 256"], counts["key", "RSA 2048"]) == (2, 1)
    rows = unpacked(page.rows)
    assert [[rows["words"]["key"][at] for at in found] for found in rows["columns"]["key"]] == [["ECDSA 256", "RSA 2048"], ["ECDSA 256"]]


@pytest.mark.parametrize(
    ("name", "text"),
    [("20260503T121500Z-0a1b2c3d", "2026-05-03 12:15 UTC"), ("yesterday", "yesterday"), ("20260503T1215-x", "20260503T1215-x")],
)
def test_a_run_is_spoken_of_by_its_time(name: str, text: str) -> None:
    assert run_text(name) == text
