# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs against servers on loopback: results as documented, a file of results, resumption, expectations."""

from __future__ import annotations

import ast
import asyncio
import functools
import json
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, Callable

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.arguments import mailbox_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.run import run_mailbox_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._results.shape import MAILBOX_RESULT, has_shape
from ansible_collections.mailops.tls.plugins.module_utils._results.table import DEFAULT_WIDTH, table
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf, server_for

MODULE = Path(__file__).parents[6] / "plugins/modules/mailbox_tls_probe.py"
Test = Callable[["World"], Awaitable[None]]


async def imap(peer: Peer) -> None:
    await peer.imap_inside_tls(server_for(leaf("ecdsa")), b"AUTH=PLAIN", before=b"STARTTLS")
    await peer.hear()


def parameters(**given: Any) -> dict[str, Any]:
    params = {name: spec.get("default") for name, spec in mailbox_arguments().items()}
    own = {"services": ["imap"], "security_level": "encrypt", "system_ca": False, "ehlo_name": "probe.test", "deadline": 60.0}
    return {**params, **own, "nameservers": ["127.0.0.1@1"], **given}


class World:
    """An IMAP server and a port where nobody listens, and how often the server was asked."""

    def __init__(self, port: int, closed: int) -> None:
        self.good, self.closed, self.asked = f"127.0.0.1:{port}", f"127.0.0.1:{closed}", 0

    async def run(self, hosts: list[str] | None, *, check_mode: bool = False, **given: Any) -> TaskResult:
        work = functools.partial(run_mailbox_probe, parameters(hosts=hosts, **given), check_mode=check_mode)
        return await asyncio.get_running_loop().run_in_executor(None, work)


def in_world(test: Test) -> None:
    async def run() -> None:
        async def counted(peer: Peer) -> None:
            world.asked += 1
            await imap(peer)

        unused = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
        closed = unused.sockets[0].getsockname()[1]
        unused.close()
        await unused.wait_closed()
        async with ScriptedServer(counted) as server:
            world = World(server.port, closed)
            await test(world)

    asyncio.run(run())


def documented() -> dict[str, Any]:
    """Return what RETURN says of `results`."""
    yaml = pytest.importorskip("yaml")  # comes with ansible-core, which the oldest libraries are tested without
    for node in ast.parse(MODULE.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "RETURN":
            found: dict[str, Any] = yaml.safe_load(ast.literal_eval(node.value))["results"]["contains"]
            return found
    raise AssertionError("there is no RETURN")


def test_results_have_the_keys_that_are_documented_and_always_all() -> None:
    told = documented()

    async def test(world: World) -> None:
        ran = await world.run([world.good, world.closed, "bad..name"], transcript=True)
        for result in ran.facts["results"]:
            assert set(result) == set(told) and has_shape(result, MAILBOX_RESULT)
            for endpoint in result["endpoints"]:
                assert set(endpoint) == set(told["endpoints"]["contains"])
                for name in ("capabilities", "auth_mechanisms", "password_login", "tlsa", "timings"):
                    assert set(told["endpoints"]["contains"][name]["sample"]) <= set(endpoint[name])
        tls, sample = ran.facts["results"][0]["endpoints"][0]["tls"], told["endpoints"]["contains"]["tls"]["sample"]
        assert set(tls) == set(sample) and tls["ticket_lifetime"] == 7200
        (finding,) = ran.facts["results"][0]["lint"]
        assert finding["id"] == "imap_logindisabled_missing" and set(finding) == set(told["lint"]["contains"])

    in_world(test)


def test_a_run_with_one_of_each() -> None:
    async def test(world: World) -> None:
        ran = await world.run([world.good, world.closed, "bad..name"])
        good, closed, bad = ran.facts["results"]
        assert [one["target"] for one in (good, closed, bad)] == [world.good, world.closed, "bad..name"]
        assert (good["status"], good["satisfied"], good["error"], good["worst"]) == ("untrusted", True, None, "warning")
        assert (closed["status"], closed["error"]["kind"], closed["endpoints"][0]["port_state"]) == ("failed", "connect_refused", "refused")
        assert (bad["error"]["kind"], bad["endpoints"], bad["ports"]) == ("invalid_destination", [], None)
        assert ran.facts["summary"]["targets"] == 3 and ran.facts["summary"]["satisfied"] == 1
        assert ran.facts["summary"]["by_worst"] == {"warning": 1, "ok": 2}
        assert all(len(line) <= DEFAULT_WIDTH for line in ran.facts["report"])
        assert any(line.startswith("warning: imap_logindisabled_missing: ") for line in ran.facts["report"])
        assert table(ran.facts["results"])[2].split()[:3] == ["imap", f"127.0.0.1[127.0.0.1]:{world.good.split(':')[1]}", "untrusted"]
        assert ran.failure is None and "unmet" not in ran.facts and world.asked == 1

    in_world(test)


def test_a_scan_has_the_keys_that_are_documented() -> None:
    told = documented()["endpoints"]["contains"]["scan"]

    async def test(world: World) -> None:
        ran = await world.run([world.good, world.closed], scan="grade", scan_interval=0.0)
        good, closed = (one["endpoints"][0]["scan"] for one in ran.facts["results"])
        assert closed is None and good["stopped"] is None and good["mode"] == "grade"
        text = " ".join(told["description"])
        assert all(f"C({name})" in text for name in good) and set(told["sample"]) <= set(good)
        plain = ("mode", "connections", "closed", "stopped", "error")
        items = [one for name in set(good) - set(plain) for one in (good[name].values() if "state" not in good[name] else [good[name]])]
        assert {frozenset(one) for one in items} == {frozenset(("state", "value", "complete", "why"))}
        assert world.asked == 1 + good["connections"]

    in_world(test)


def test_every_mail_port_is_tried_and_reported() -> None:
    async def test(world: World) -> None:
        ran = await world.run([world.good], ports="all")
        states = ran.facts["results"][0]["ports"]
        assert [one["port"] for one in states] == [24, 25, 110, 143, 465, 587, 993, 995, 4190]
        assert any(line.startswith("ports of 127.0.0.1: 24 ") for line in ran.facts["report"])

    in_world(test)


def test_what_is_done_is_not_probed_again_and_what_failed_for_now_is(tmp_path: Path) -> None:
    path = tmp_path / "results"

    async def test(world: World) -> None:
        wanted = [world.good, world.closed, "bad..name"]
        first = await world.run(wanted, results_file=str(path))
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        assert lines[0]["options"]["module"] == "mailbox_tls_probe" and len(lines) == 4
        assert path.stat().st_mode & 0o777 == 0o600
        second = await world.run(wanted, results_file=str(path), resume=True, concurrency=1)
        assert world.asked == 1 and second.facts["resumed"]["results"] == 2
        assert second.facts["results"][0] == first.facts["results"][0]
        assert len(path.read_bytes().splitlines()) == 5  # the closed port was tried again
        with pytest.raises(OptionError, match=r"other options: security_level \(encrypt, now verify\)"):
            await world.run(wanted, results_file=str(path), resume=True, security_level="verify")

    in_world(test)


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    async def test(world: World) -> None:
        files = {name: str(tmp_path / name) for name in ("results_file", "keylog_file", "trace_file")}
        ran = await world.run([world.good], check_mode=True, **files)
        assert ran.facts["results"][0]["satisfied"] and not ran.changed and list(tmp_path.iterdir()) == []

    in_world(test)


def test_a_host_and_a_domain_of_the_same_name_are_two_results() -> None:
    ran = run_mailbox_probe(parameters(hosts=["nothing.test"], domains=["nothing.test"], connect_timeout=1.0))
    assert [one["lookup"] for one in ran.facts["results"]] == ["host", "srv"]
    assert not any(one["satisfied"] for one in ran.facts["results"])


def test_expectations_are_about_every_endpoint() -> None:
    async def test(world: World) -> None:
        wanted = {"port_state": "open", "starttls_offered": True, "auth_mechanisms": {"after_tls": "PLAIN"}}
        met = await world.run([world.good], expect=wanted)
        assert met.failure is None and "unmet" not in met.facts
        ran = await world.run([world.good, world.closed], expect={"port_state": "open", "password_login": {"before_tls": [False, None]}})
        assert ran.failure is not None and ran.failure.startswith(f"expect is not met: {world.good} via 127.0.0.1[127.0.0.1]:")
        assert [(one["target"], one["item"], one["found"]) for one in ran.facts["unmet"]] == [
            (world.good, "password_login.before_tls", True),
            (world.closed, "port_state", "refused"),
        ]

    in_world(test)


def test_a_list_in_a_file_is_written_counted_and_forgotten(tmp_path: Path) -> None:
    listed, path = tmp_path / "list", tmp_path / "results"
    summary: dict[str, Any] = {"return": "summary"}

    async def test(world: World) -> None:
        listed.write_text(f"# ours\r\n{world.good};a note\r\n[127.0.0.1]:{world.good.split(':')[1]}\r\nbad..name\r\n", encoding="ascii")
        given = {"hosts_file": str(listed), "results_file": str(path), "run_id": "night", "vantage": "here", **summary}
        ran = await world.run(None, domains=["bad..name"], **given)
        assert ran.facts["results"] == [] and world.asked == 1
        assert (ran.facts["summary"]["targets"], ran.facts["summary"]["satisfied"]) == (3, 1)
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        assert {(one["lookup"], one["target"]) for one in lines[1:]} == {("host", world.good), ("host", "bad..name"), ("srv", "bad..name")}
        assert {(one["run"], one["vantage"]) for one in lines} == {("night", "here")}
        assert "hosts_file" not in lines[0]["options"] and "domains" not in lines[0]["options"]
        progress = json.loads((tmp_path / "results.progress").read_bytes())
        assert (progress["done"], progress["total"], progress["ended"]) == (3, 3, True)
        assert progress["by_status"] == {"untrusted": 1, "failed": 2}
        listed.write_text(f"{world.good}\n{world.closed}\nbad..name\n", encoding="ascii")
        again = await world.run(None, **{**given, "return": "all"}, resume=True)
        assert world.asked == 1 and again.facts["resumed"]["results"] == 2
        assert [one["target"] for one in again.facts["results"]] == [world.good, world.closed, "bad..name"]

    in_world(test)


def test_more_than_a_thousand_are_written_and_not_returned(tmp_path: Path) -> None:
    listed = tmp_path / "list"
    listed.write_text("".join(f"not!{number}\n" for number in range(1001)), encoding="ascii")
    given = {"hosts": None, "domains": None, "domains_file": str(listed), "report_max": 9}
    ran = run_mailbox_probe(parameters(**given, services=["imaps"], results_file=str(tmp_path / "results"), expect={"status": "verified"}))
    assert ran.facts["results"] == [] and ran.facts["summary"]["by_status"] == {"failed": 1001}
    assert "1,001 targets" in ran.warnings[0] and len(ran.facts["report"]) <= 10 and ran.facts["report"][-1].endswith(" more targets")
    assert len(ran.facts["unmet"]) == 9 and ran.facts["unmet_total"] == 1001
    assert list(tmp_path.glob("results*")) and len((tmp_path / "results").read_bytes().splitlines()) == 1002


def test_a_file_that_names_nothing_is_told(tmp_path: Path) -> None:
    listed = tmp_path / "list"
    listed.write_text("# nobody\n", encoding="ascii")
    ran = run_mailbox_probe(parameters(hosts=None, hosts_file=str(listed)), check_mode=True)
    assert ran.facts["results"] == [] and ran.warnings[0] == "the list names no targets: there was nothing to do"
    assert run_mailbox_probe(parameters(hosts=None, hosts_file=str(listed), run_id="share-7"), check_mode=True).warnings == ()
