# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs over a list in a file: what is probed, what is returned and what is told while they last."""

from __future__ import annotations

import asyncio
import functools
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module import streamed_run
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run import run_smtp_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._results.progress_file import ProgressFile
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf, server_for


def parameters(**given: Any) -> dict[str, Any]:
    params = {name: spec.get("default") for name, spec in smtp_arguments().items()}
    return {**params, "security_level": "may", "deadline": 10.0, "ehlo_name": "probe.test", "nameservers": ["127.0.0.1@1"], **given}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()[1:]]


class World:
    """A healthy server, and a list that names it, a closed port, and what is no destination."""

    def __init__(self, folder: Path, port: int, closed: int) -> None:
        self.good, self.closed, self.asked = f"[127.0.0.1]:{port}", f"[127.0.0.1]:{closed}", 0
        self.list, self.results = folder / "list", folder / "results"
        self.list.write_text(f"# ours\r\n{self.good}\r\n127.0.0.1:{port},again\r\nmail..test\r\n\r\n{self.closed}\r\n", encoding="utf-8")

    async def run(self, **given: Any) -> TaskResult:
        given = {"destinations_file": str(self.list), "results_file": str(self.results), "run_id": "night", **given}
        return await asyncio.get_running_loop().run_in_executor(None, functools.partial(run_smtp_probe, parameters(**given)))


def in_world(folder: Path, test: Any) -> None:
    async def run() -> None:
        async def counted(peer: Peer) -> None:
            world.asked += 1
            await peer.offer_tls()
            await peer.start_tls(server_for(leaf("ecdsa")))
            await peer.finish()

        unused = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
        closed = unused.sockets[0].getsockname()[1]
        unused.close()
        await unused.wait_closed()
        async with ScriptedServer(counted) as server:
            world = World(folder, server.port, closed)
            await test(world)

    asyncio.run(run())


@pytest.mark.parametrize("returned", ["all", "summary"])
def test_a_list_is_probed_and_gone_on_with(tmp_path: Path, returned: str) -> None:
    async def test(world: World) -> None:
        given = {"return": returned, "vantage": "cellar", "expect": {"error": None}}
        first = await world.run(**given)
        assert first.facts["summary"] == {"destinations": 3, "satisfied": 1, "by_status": {"failed": 2, "untrusted": 1}}
        shown = [world.good, "mail..test", world.closed] if returned == "all" else []
        assert [one["destination"] for one in first.facts["results"]] == shown
        assert len(first.facts["unmet"]) == first.facts["unmet_total"] == 2 and first.failure is not None
        assert len(first.facts["report"]) == 7
        found = lines(world.results)
        assert {one["destination"] for one in found} == {world.good, "mail..test", world.closed}
        assert {(one["run"], one["vantage"]) for one in found} == {("night", "cellar")}
        progress = json.loads(Path(f"{world.results}.progress").read_bytes())
        assert progress["run"] == "night" and (progress["done"], progress["total"], progress["ended"]) == (3, 3, True)
        assert progress["by_status"] == {"failed": 2, "untrusted": 1} and progress["written_at"].endswith("Z")

        second = await world.run(**{**given, "run_id": "day"}, resume=True)
        assert world.asked == 1
        assert second.facts["resumed"]["results"] == 2 and second.facts["summary"] == first.facts["summary"]
        assert [one["destination"] for one in second.facts["results"]] == [one["destination"] for one in first.facts["results"]]
        assert [one["destination"] for one in lines(world.results)[3:]] == [world.closed], "what failed for now is tried again"
        assert lines(world.results)[3]["run"] == "day"

    in_world(tmp_path, test)


def test_only_what_is_in_the_list_counts_of_a_file_with_more(tmp_path: Path) -> None:
    async def test(world: World) -> None:
        await world.run()
        world.list.write_text(f"{world.good}\nother..test\n", encoding="utf-8")
        ran = await world.run(resume=True)
        assert ran.facts["summary"] == {"destinations": 2, "satisfied": 1, "by_status": {"untrusted": 1, "failed": 1}}
        assert ran.facts["resumed"]["results"] == 1 and world.asked == 1

    in_world(tmp_path, test)


def test_of_several_lines_of_a_destination_the_last_one_counts(tmp_path: Path) -> None:
    async def test(world: World) -> None:
        await world.run(**{"return": "summary"})
        whole = world.results.read_bytes().splitlines(keepends=True)
        (good,) = [line for line in whole[1:] if b'"untrusted"' in line]
        later = {**json.loads(good), "status": "plaintext", "satisfied": False, "probed_at": "2036-01-01T00:00:00Z"}
        for returned in ("summary", "all"):
            world.results.write_bytes(whole[0] + good + json.dumps(later).encode() + b"\n")
            ran = await world.run(**{"return": returned}, resume=True)
            assert ran.facts["summary"]["by_status"] == {"plaintext": 1, "failed": 2}
            assert ran.facts["resumed"] == {"results": 1, "oldest": "2036-01-01T00:00:00Z"}
        lost = {**later, "error": {"kind": "timeout", "phase": "connect", "text": "no answer"}}
        world.results.write_bytes(whole[0] + good + json.dumps(lost).encode() + b"\n")
        ran = await world.run(**{"return": "summary"}, resume=True)
        assert ran.facts["summary"]["by_status"] == {"untrusted": 1, "failed": 2} and world.asked == 2

    in_world(tmp_path, test)


def test_a_zipped_list_and_nothing_written(tmp_path: Path) -> None:
    async def test(world: World) -> None:
        world.list.write_bytes(gzip.compress(world.list.read_bytes()))
        ran = await world.run(results_file=None)
        assert ran.facts["summary"]["destinations"] == 3 and len(ran.facts["results"]) == 3
        assert sorted(one.name for one in tmp_path.iterdir()) == ["list"]
        ran = await asyncio.get_running_loop().run_in_executor(None, functools.partial(
            run_smtp_probe, parameters(destinations_file=str(world.list), results_file=str(world.results)), check_mode=True,
        ))  # fmt: skip
        assert ran.facts["summary"]["destinations"] == 3 and sorted(one.name for one in tmp_path.iterdir()) == ["list"]

    in_world(tmp_path, test)


def test_only_what_has_changed_is_returned(tmp_path: Path) -> None:
    async def test(world: World) -> None:
        await world.run()
        world.results.rename(tmp_path / "before")
        given = {"return": "changed", "previous_file": str(tmp_path / "before")}
        same = await world.run(**given)
        assert same.facts["results"] == [] and same.facts["changes"] == {"destinations": 0, "by_kind": {}} and not same.warnings
        assert same.facts["summary"]["destinations"] == 3
        world.list.write_text(world.list.read_text(encoding="utf-8") + "new..test\n", encoding="utf-8")
        before = (tmp_path / "before").read_bytes().replace(b'"TLSv1.3"', b'"TLSv1.2"')
        (tmp_path / "before").write_bytes(gzip.compress(before))
        for resume in (False, True):
            ran = await world.run(**given, resume=resume, match=["hostname"] if not resume else None)
            assert [one["destination"] for one in ran.facts["results"]] in ([world.good, "new..test"], ["new..test", world.good])
            assert ran.facts["changes"] == {"destinations": 2, "by_kind": {"protocol": 1, "new": 1}}
            assert ran.facts["summary"]["destinations"] == 4
            if not resume:
                (warning,) = [one for one in ran.warnings if "previous_file" in one]
                assert "match (not given, now" in warning
                await world.run()

    in_world(tmp_path, test)


def test_a_server_that_is_gone_has_changed_when_a_second_look_says_so(tmp_path: Path) -> None:
    async def test(world: World) -> None:
        await world.run()
        (lost,) = [line for line in world.results.read_bytes().splitlines(True) if world.closed.encode() in line]
        (good,) = [line for line in world.results.read_bytes().splitlines(True) if b'"destination":"%s"' % world.good.encode() in line]
        there = good.replace(world.good.encode(), world.closed.encode()).replace(world.good[12:].encode(), world.closed[12:].encode())
        before = tmp_path / "before"
        before.write_bytes(world.results.read_bytes().replace(lost, there))
        given = {"return": "changed", "previous_file": str(before)}
        world.results.unlink()
        looks = [await world.run(**given, resume=resume) for resume in (False, True, True)]
        assert [look.facts["changes"]["destinations"] for look in looks] == [0, 1, 1]
        assert [one["destination"] for one in looks[1].facts["results"]] == [world.closed]
        before.write_bytes(world.results.read_bytes())
        world.results.unlink()
        looks = [await world.run(**given, resume=resume) for resume in (False, True)]
        assert [look.facts["changes"]["destinations"] for look in looks] == [0, 0]

    in_world(tmp_path, test)


def test_who_wants_out_is_not_connected_to(tmp_path: Path) -> None:
    async def test(world: World) -> None:
        out = tmp_path / "out"
        out.write_text("# asked us to\n127.0.0.0/8\n", encoding="ascii")
        ran = await world.run(opt_out_file=str(out))
        assert [(one["error"] or {}).get("kind") for one in ran.facts["results"]] == ["opted_out", "invalid_destination", "opted_out"]
        assert world.asked == 0
        again = await world.run(resume=True)
        assert again.facts["resumed"]["results"] == 3 and world.asked == 0

    in_world(tmp_path, test)


def bad_list(folder: Path, count: int) -> str:
    path = folder / "list"
    path.write_text("".join(f"bad{number}..test\n" for number in range(count)), encoding="ascii")
    return str(path)


def test_many_results_are_not_returned_unless_they_would_be_nowhere(tmp_path: Path) -> None:
    given: dict[str, Any] = {"destinations_file": bad_list(tmp_path, 1001)}
    written = run_smtp_probe(parameters(**given, results_file=str(tmp_path / "results")))
    assert written.facts["results"] == [] and written.facts["summary"]["destinations"] == 1001
    assert "1,001 destinations" in written.warnings[0] and "return: all" in written.warnings[0]
    assert len(written.facts["report"]) == 201 and written.facts["report"][-1] == "and 901 more destinations"
    kept = run_smtp_probe(parameters(**given))
    assert len(kept.facts["results"]) == 1001 and "in memory" in kept.warnings[0] and len(kept.facts["report"]) == 2002
    capped = run_smtp_probe(parameters(**given, report_max=3, expect={"error": None}))
    assert capped.facts["report"][3:] == ["and 1,999 more lines"]
    assert len(capped.facts["unmet"]) == 3 and capped.facts["unmet_total"] == 1001
    assert capped.failure is not None and capped.failure.endswith("; and 998 more")
    for returned in ("all", "summary"):
        said = run_smtp_probe(parameters(**given, **{"return": returned}, results_file=str(tmp_path / "results"), resume=True))
        assert not said.warnings and len(said.facts["results"]) == (1001 if returned == "all" else 0)


def test_the_order_is_that_of_the_run(tmp_path: Path) -> None:
    orders = []
    for run in ("one", "one", "two"):
        results = tmp_path / "results"
        run_smtp_probe(parameters(destinations_file=bad_list(tmp_path, 50), results_file=str(results), run_id=run))
        orders.append([one["destination"] for one in lines(results)])
    assert orders[0] == orders[1] != orders[2] and sorted(orders[0]) == sorted(orders[2])


def test_how_far_it_is_is_written_while_it_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamed_run, "INTERVAL", 0.01)
    written: list[dict[str, Any]] = []
    monkeypatch.setattr(ProgressFile, "write", lambda _self, found: written.append(found))

    async def test(world: World) -> None:
        async def slow(peer: Peer) -> None:
            while len(written) < 5:
                await asyncio.sleep(0.01)
            await peer.send(b"554 no\r\n")

        async with ScriptedServer(slow) as server:
            world.list.write_text(f"[127.0.0.1]:{server.port}\nx..y\n", encoding="ascii")
            await world.run(deadline=300.0, progress_file=str(tmp_path / "far"))
        assert written[0]["done"] == 0 and written[0]["total"] == 2
        assert {"done": 1, "active": 1}.items() <= written[3].items() and not written[3]["ended"]
        assert written[-1]["ended"] and written[-1]["done"] == 2

    in_world(tmp_path, test)


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({}, "destinations"),
        ({"destinations": ["a.example"], "destinations_file": "list"}, "destinations_file"),
        ({"destinations_file": "missing"}, "destinations_file"),
        ({"destinations_file": "list", "return": "summary"}, "return"),
        ({"destinations_file": "list", "run_id": "a b"}, "run_id"),
        ({"destinations_file": "list", "run_id": "../x"}, "run_id"),
        ({"destinations_file": "list", "vantage": "\u00fc"}, "vantage"),
        ({"destinations_file": "list", "vantage": ""}, "vantage"),
        ({"destinations_file": "list", "report_max": 0}, "report_max"),
        ({"destinations_file": "list", "results_file": "list"}, "results_file"),
        ({"destinations_file": "list.progress", "results_file": "list"}, "progress_file"),
        ({"destinations_file": "list", "progress_file": "missing/x"}, "progress_file"),
        ({"destinations_file": "list", "per_network_limit": 0}, "per_network_limit"),
        ({"destinations_file": "list", "per_provider_limit": 20000}, "per_provider_limit"),
        ({"destinations_file": "list", "interval_per_address": -1.0}, "interval_per_address"),
        ({"destinations_file": "list", "results_file": "new", "return": "changed"}, "return"),
        ({"destinations_file": "list", "results_file": "new", "previous_file": "list"}, "previous_file"),
        ({"destinations_file": "list", "results_file": "new", "previous_file": "list", "return": "changed"}, "previous_file"),
        ({"destinations_file": "list", "results_file": "new", "previous_file": "missing", "return": "changed"}, "previous_file"),
        ({"destinations_file": "list", "results_file": "new", "previous_file": "new", "return": "changed"}, "results_file"),
        ({"destinations_file": "list", "workers": "many"}, "workers"),
        ({"destinations_file": "list", "workers": "0"}, "workers"),
        ({"destinations_file": "list", "opt_out_file": "missing"}, "opt_out_file"),
        ({"destinations_file": "list", "opt_out_file": "list"}, "opt_out_file"),
    ],
)
def test_mistakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], option: str) -> None:
    monkeypatch.chdir(tmp_path)
    bad_list(tmp_path, 1)
    (tmp_path / "list.progress").write_text("x..y\n", encoding="ascii")
    with pytest.raises(OptionError) as caught:
        run_smtp_probe(parameters(**given))
    assert caught.value.option == option and (tmp_path / "list").read_text(encoding="ascii") == "bad0..test\n"
