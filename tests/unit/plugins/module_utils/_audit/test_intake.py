# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of probers into a store: all or nothing, the same again is no change, and no prober says more than it was asked."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit import intake as module
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import Fact, facts_of
from ansible_collections.mailops.tls.plugins.module_utils._audit.index import AuditIndex
from ansible_collections.mailops.tls.plugins.module_utils._audit.intake import Intake, ShardSource, bring_up, destination_digest, take_in
from ansible_collections.mailops.tls.plugins.module_utils._audit.run_directory import RunDirectory, shard_name
from ansible_collections.mailops.tls.plugins.module_utils._audit.shard_file import line_at
from ansible_collections.mailops.tls.tests.unit.makers.audit_files import lines, written
from ansible_collections.mailops.tls.tests.unit.makers.audits import PROBED_AT, audited, endpoint, failed, lost

RUN = "20260504T120000Z-5f0c1a2b"
GOOD, OTHER = audited("Example.org", endpoint("mx.example.org")), audited("example.net", endpoint("mx.example.net"))
BAD = audited("example.org", lost("mx.example.org"))


class Store:
    """A store, its index, and a folder for what comes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.directory = RunDirectory(str(path / "store"))
        self.directory.prepare()
        self.index = AuditIndex(self.directory.index)

    def take(self, *results: dict[str, Any], prober: str = "p1", expected: int | None = None, **more: Any) -> Intake:
        self.directory.make_run(RUN)
        source = str(written(self.path / "came.jsonl", *results))
        return take_in(self.directory, self.index, RUN, ShardSource(prober, source, expected, **more))

    def nothing(self, prober: str = "p1") -> Intake:
        self.directory.make_run(RUN)
        return take_in(self.directory, self.index, RUN, ShardSource(prober, None, 2))

    def rows(self) -> list[Fact]:
        run = self.index.run(RUN)
        return sorted(self.index.all_rows(run.id)) if run is not None else []

    @property
    def whole(self) -> bool:
        header, run = self.directory.header(RUN), self.index.run(RUN)
        assert header is not None and run is not None and header.is_whole == run.whole
        return run.whole

    def names(self) -> set[str]:
        return set(os.listdir(self.directory.run_path(RUN)))


@pytest.fixture(name="store")
def fixture_store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path)
    yield store
    store.index.close()


def facts(*results: dict[str, Any], prober: str = "p1") -> list[Fact]:
    return sorted(fact for one in results for fact in facts_of(one, PROBED_AT, prober))


def test_lines_are_kept_and_their_rows_are_in_the_index(store: Store) -> None:
    taken = store.take(GOOD, OTHER, expected=2)
    assert taken.changed and taken.shard.is_whole and store.whole
    assert store.rows() == facts(GOOD, OTHER)
    path = Path(store.directory.run_path(RUN)) / "shard-p1.jsonl.gz"
    assert gzip.decompress(path.read_bytes()) == lines(GOOD, OTHER)
    assert store.names() == {"header.json", "shard-p1.jsonl.gz"}
    run = store.index.run(RUN)
    assert run is not None
    (place,) = {place for place in [store.index.line(run.id, 1, "example.net")] if place is not None}
    with path.open("rb") as stream:
        assert line_at(stream, place) in lines(OTHER)


def test_what_a_prober_says_of_where_it_is_does_not_count(store: Store) -> None:
    store.take(GOOD)
    assert {fact.vantage for fact in store.rows()} == {"p1"}


def test_the_same_again_is_no_change_and_more_takes_its_place(store: Store) -> None:
    store.take(GOOD, OTHER)
    before = store.names()
    assert not store.take(GOOD, OTHER).changed and store.names() == before
    taken = store.take(GOOD, OTHER, failed("example.com"))
    assert taken.changed and (taken.kept, taken.shard.received) == (0, 3)


def test_less_takes_nothing_away(store: Store) -> None:
    store.take(GOOD, OTHER, BAD, expected=3)
    before = store.rows()
    taken = store.take(GOOD, expected=3)
    assert (taken.kept, taken.shard.received, store.rows()) == (2, 2, before)
    added = store.take(failed("example.com"), expected=3)
    assert (added.kept, added.shard.received, store.whole) == (3, 3, True)
    assert store.rows() == sorted([*before, *facts(failed("example.com"))])
    again = store.take(failed("example.com"), expected=3)
    assert not again.changed and again.kept == 3


def test_a_failure_that_comes_alone_is_one_more_look(store: Store) -> None:
    store.take(GOOD)
    assert store.take(BAD).kept == 1 and store.rows() == facts(GOOD)


def test_less_of_other_options_is_refused(store: Store) -> None:
    store.take(GOOD, OTHER)
    before = store.rows()
    for results, refused in (((GOOD,), True), ((OTHER, GOOD), False)):
        path = written(store.path / "came", *results, security_level="may")
        taken = take_in(store.directory, store.index, RUN, ShardSource("p1", str(path)))
        assert bool(taken.refused) == refused and store.rows() == before
        if refused:
            assert taken.refused == "lacks results that are there already, which had other options: security_level (dane, now may)"


def test_what_is_added_again_and_again_has_an_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BYTES_EACH", 1000)
    monkeypatch.setattr(module, "LONGEST_LINE", 5000)
    greeted = (audited("example.org", endpoint("mx.example.org", greeting=f"220 {number}")) for number in range(9))
    refused = [store.take(one, expected=1).refused for one in greeted]
    assert refused[0] is None and refused[-1] == "has, with what is there already, more than its destinations can need"


def test_what_is_damaged_keeps_nobody_from_sending_it_again(store: Store) -> None:
    store.take(GOOD, OTHER)
    (Path(store.directory.run_path(RUN)) / "shard-p1.jsonl.gz").write_bytes(b"damaged")
    with store.index.transaction():
        store.index.drop_run(RUN)
    bring_up(store.directory, store.index, RUN)
    assert store.take(GOOD).kept == 0 and store.rows() == facts(GOOD)


def test_a_share_without_a_result_tells_of_no_list(store: Store) -> None:
    assert not store.take().shard.is_whole and store.take(expected=0).shard.is_whole


def test_probers_do_not_touch_what_others_say(store: Store) -> None:
    store.take(GOOD, prober="p1")
    store.take(GOOD, OTHER, prober="p2")
    store.take(GOOD, failed("example.com"), prober="p1")
    assert store.rows() == sorted([*facts(GOOD, failed("example.com")), *facts(GOOD, OTHER, prober="p2")])


def test_a_share_that_did_not_come_is_missing(store: Store) -> None:
    store.take(GOOD, expected=1)
    assert store.whole
    taken = store.nothing("p2")
    assert taken.changed and not taken.shard.is_whole and not store.whole
    assert not store.nothing("p2").changed
    store.take(OTHER, prober="p2", expected=1)
    assert store.whole


def test_nothing_takes_away_what_came_before(store: Store) -> None:
    store.take(GOOD, expected=1)
    assert not store.nothing("p1").changed
    assert store.rows() == facts(GOOD)


def test_half_a_share_is_not_whole(store: Store) -> None:
    taken = store.take(GOOD, expected=2)
    assert (taken.shard.received, taken.shard.is_whole, store.whole) == (1, False, False)


def test_a_second_look_is_merged_into_the_first(store: Store) -> None:
    taken = store.take(BAD, OTHER, GOOD, failed("example.com"), failed("example.com"), failed("example.com"), expected=3)
    assert taken.shard.received == 3 and taken.shard.is_whole
    (name,) = [fact for fact in store.rows() if fact.destination == "example.com"]
    assert name.looks == 3
    assert [fact for fact in store.rows() if fact.destination == "example.org"] == facts(GOOD)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"garbage\n", "has no header"),
        (lines(GOOD) + b"[1]\n", "has a line 3 that is not the result of a probe"),
        (lines(GOOD) + b'{"schema": 99}\n', "is of a later version"),
        (lines(GOOD).replace(b'"port":25', b'"port":"25"'), "has a line 2 that is not"),
        (lines(GOOD, match=["x" * 70_000]), "has a header that is too long"),
        (lines(GOOD) + b" " * 2_000_000 + b"\n", "has a line of more than"),
        (gzip.compress(lines(GOOD, OTHER))[:-9], "is damaged"),
    ],
)
def test_what_is_no_share_is_refused_and_leaves_nothing(store: Store, content: bytes, reason: str) -> None:
    store.directory.make_run(RUN)
    path = store.path / "came"
    path.write_bytes(content)
    taken = take_in(store.directory, store.index, RUN, ShardSource("p1", str(path), 2))
    assert taken.refused is not None and taken.refused.startswith(reason)
    assert taken.shard.file is None and taken.shard.reason == f"what came of it {taken.refused}"
    assert store.rows() == [] and store.names() == {"header.json"} and not store.whole


def test_what_is_refused_does_not_take_the_place_of_what_is_there(store: Store) -> None:
    store.take(GOOD, expected=1)
    (store.path / "came").write_bytes(b"garbage\n")
    taken = take_in(store.directory, store.index, RUN, ShardSource("p1", str(store.path / "came"), 1))
    assert taken.refused and not taken.changed and store.rows() == facts(GOOD) and store.whole


def test_a_prober_tells_only_about_what_it_was_given(store: Store) -> None:
    taken = store.take(GOOD, OTHER, given={destination_digest("EXAMPLE.org."), destination_digest("example.com")}, expected=7)
    assert taken.foreign == 1 and store.rows() == facts(GOOD)
    assert (taken.shard.expected, taken.shard.is_whole) == (2, False)
    assert b"example.net" not in gzip.decompress((Path(store.directory.run_path(RUN)) / "shard-p1.jsonl.gz").read_bytes())


def test_a_prober_tells_about_no_more_than_it_was_given(store: Store) -> None:
    taken = store.take(GOOD, OTHER, GOOD, expected=1)
    assert taken.foreign == 1 and store.rows() == facts(GOOD)


def test_a_share_that_swells_when_it_is_read_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BYTES_EACH", 1000)
    monkeypatch.setattr(module, "LONGEST_LINE", 5000)
    store.directory.make_run(RUN)
    (store.path / "came").write_bytes(gzip.compress(lines(*[GOOD] * 4000)))
    taken = take_in(store.directory, store.index, RUN, ShardSource("p1", str(store.path / "came"), 1))
    assert taken.refused == "has more than 6000 bytes, which is more than its destinations can need"


@pytest.mark.parametrize("prober", ["../../etc/passwd", "..", ".hidden", "a/b", "p\u00fc1", "x" * 200, "a b", "-rf"])
def test_no_name_of_a_prober_leads_out_of_the_folder(store: Store, prober: str) -> None:
    store.take(GOOD, prober=prober)
    (name,) = store.names() - {"header.json"}
    assert name == shard_name(prober) and name.startswith("shard-") and len(name) < 120
    assert {fact.vantage for fact in store.rows()} == {prober}


def test_names_that_look_alike_are_two_files() -> None:
    assert len({shard_name(one) for one in ("a b", "a/b", "a_b", "a\tb")}) == 4


# Whatever is interrupted


@pytest.mark.parametrize("step", ["end", "put", "write_header", "keep"])
def test_an_interruption_leaves_what_was_there(store: Store, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    store.take(GOOD, expected=1)
    before = store.rows(), store.directory.header(RUN)

    def broken(*unused: object, **more: object) -> None:
        raise OSError("no space left")

    owner = {"end": module._ShareInto, "put": module._ShareInto, "write_header": RunDirectory, "keep": module_keep()}[step]
    with monkeypatch.context() as patched, pytest.raises(OSError, match="no space"):
        patched.setattr(owner, step, broken)
        store.take(BAD, OTHER, expected=2)
    assert (store.rows(), store.directory.header(RUN)) == before
    assert not any(name.startswith(".") for name in store.names())
    assert store.take(BAD, OTHER, expected=2).changed and store.rows() == facts(GOOD, OTHER) and store.whole


def module_keep() -> type:
    from ansible_collections.mailops.tls.plugins.module_utils._audit.run_directory import NewShard

    return NewShard


def test_lines_that_the_index_does_not_know_are_put_into_it(store: Store) -> None:
    store.take(BAD, OTHER, GOOD, expected=2)
    store.take(GOOD, prober="p2", expected=1)
    before = store.rows()
    run = store.index.run(RUN)
    assert run is not None
    places = [store.index.line(run.id, shard, "example.org") for shard in (1, 2)]
    with store.index.transaction():
        store.index.drop_run(RUN)
    assert store.rows() == []
    assert bring_up(store.directory, store.index, RUN) == []
    run = store.index.run(RUN)
    assert run is not None
    assert store.rows() == before and store.whole and [store.index.line(run.id, shard, "example.org") for shard in (1, 2)] == places


def test_lines_that_somebody_changed_are_not_believed(store: Store) -> None:
    store.take(GOOD, expected=1)
    path = Path(store.directory.run_path(RUN)) / "shard-p1.jsonl.gz"
    path.write_bytes(gzip.compress(lines(BAD)))
    with store.index.transaction():
        store.index.drop_run(RUN)
    assert bring_up(store.directory, store.index, RUN) == [str(path)]
    assert store.rows() == []


def test_what_the_index_knows_and_the_folder_does_not_is_forgotten(store: Store) -> None:
    store.take(GOOD, expected=1)
    header = store.directory.header(RUN)
    assert header is not None
    store.take(OTHER, prober="p2")
    store.directory.write_header(header)
    assert bring_up(store.directory, store.index, RUN) == []
    assert store.rows() == facts(GOOD) and store.whole
