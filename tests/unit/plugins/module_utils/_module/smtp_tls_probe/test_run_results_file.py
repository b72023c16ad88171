# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs with a file of results: what is gone on with, what is probed again, and which options may differ in between."""

from __future__ import annotations

import asyncio
import functools
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.deciding_options import NOT_IN_RESULTS, deciding_options
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.options import WRITTEN
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run import run_smtp_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._results.shape import RESULT, has_shape
from ansible_collections.mailops.tls.plugins.module_utils._results.table import DEFAULT_WIDTH, table
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf, server_for


async def healthy(peer: Peer) -> None:
    await peer.offer_tls()
    await peer.start_tls(server_for(leaf("ecdsa")))
    await peer.finish()


def parameters(**given: Any) -> dict[str, Any]:
    params = {name: spec.get("default") for name, spec in smtp_arguments().items()}
    return {**params, "security_level": "may", "deadline": 10.0, "ehlo_name": "probe.test", "nameservers": ["127.0.0.1@1"], **given}


class World:
    """A healthy server and a port where nobody listens, and how often the server was asked."""

    def __init__(self, port: int, closed: int) -> None:
        self.good, self.closed, self.asked = f"[127.0.0.1]:{port}", f"[127.0.0.1]:{closed}", 0

    async def run(self, destinations: Sequence[str], **given: Any) -> TaskResult:
        work = functools.partial(run_smtp_probe, parameters(destinations=list(destinations), **given))
        return await asyncio.get_running_loop().run_in_executor(None, work)


def in_world(test: Any) -> None:
    async def run() -> None:
        async def counted(peer: Peer) -> None:
            world.asked += 1
            await healthy(peer)

        unused = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
        closed = unused.sockets[0].getsockname()[1]
        unused.close()
        await unused.wait_closed()
        async with ScriptedServer(counted) as server:
            world = World(server.port, closed)
            await test(world)

    asyncio.run(run())


def test_what_is_done_is_not_probed_again_and_what_failed_for_now_is(tmp_path: Path) -> None:
    path = str(tmp_path / "results")

    async def test(world: World) -> None:
        wanted = [world.good, world.closed, "mail..test"]
        first = await world.run(wanted, results_file=path)
        lines = [json.loads(line) for line in Path(path).read_bytes().splitlines()]
        assert lines[0]["kind"] == "header" and {line["run"] for line in lines} == {lines[0]["run"]}
        assert all(has_shape(one, RESULT) for one in first.facts["results"])
        assert "resumed" not in first.facts
        second = await world.run(wanted, results_file=path, resume=True, concurrency=1, deadline=11.0)
        assert world.asked == 1
        assert second.facts["results"][0] == first.facts["results"][0]
        assert second.facts["resumed"] == {"results": 2, "oldest": lines[1]["probed_at"]}
        lines = [json.loads(line) for line in Path(path).read_bytes().splitlines()]
        assert [line["destination"] for line in lines[1:]].count(world.closed) == 2 and len(lines) == 5
        assert lines[4]["run"] != lines[1]["run"]

    in_world(test)


def test_a_run_at_one_level_is_not_gone_on_with_at_another(tmp_path: Path) -> None:
    path = str(tmp_path / "results")

    async def test(world: World) -> None:
        assert (await world.run([world.good], results_file=path)).facts["results"][0]["satisfied"]
        before = Path(path).read_bytes()
        with pytest.raises(OptionError, match=r"other options: security_level \(may, now dane-only\);") as caught:
            await world.run([world.good], security_level="dane-only", results_file=path, resume=True)
        assert caught.value.option == "results_file" and Path(path).read_bytes() == before
        assert world.asked == 1

    in_world(test)


def test_one_malformed_destination_does_not_stop_the_others(tmp_path: Path) -> None:
    path = str(tmp_path / "results")
    bad = ["mail..test", "", "\x1b[31m\n", "x" * 10_000, "https://example.org", "b\u00fc\u0301..x", "\ud800", "None of these"]

    async def test(world: World) -> None:
        wanted = [bad[0], world.good, *bad, world.good]
        ran = await world.run(wanted, results_file=path, expect={"error": None})
        results = ran.facts["results"]
        assert [one["destination"] for one in results] == wanted
        assert [one["status"] for one in results] == ["failed", "untrusted", *["failed"] * 8, "untrusted"]
        for one in results[2:10]:
            assert (one["satisfied"], one["endpoints"], one["lint"]) == (False, [], [])
            assert (one["error"]["kind"], one["error"]["phase"]) == ("invalid_destination", "destination")
            assert len(one["error"]["text"]) < 400 and one["error"]["text"].isprintable() and has_shape(one, RESULT)
        assert ran.facts["summary"] == {"destinations": 11, "satisfied": 2, "by_status": {"failed": 9, "untrusted": 2}}
        assert all(line.isprintable() and len(line) < 500 for line in ran.facts["report"])
        assert all(line.isprintable() and len(line) <= DEFAULT_WIDTH for line in table(results))
        assert [one["found"] for one in ran.facts["unmet"]] == ["invalid_destination"] * 9
        assert ran.failure is not None and ran.failure.isprintable()
        assert Path(path).read_bytes().count(b"\n") == 1 + 1 + len(bad)

    in_world(test)


def test_a_single_one_still_fails_the_task() -> None:
    with pytest.raises(OptionError) as caught:
        run_smtp_probe(parameters(destinations=["mail..test"]))
    assert (caught.value.option, caught.value.value) == ("destinations", "mail..test")


def deciding(**given: Any) -> dict[str, Any]:
    return deciding_options(parameters(**given), ehlo_name="probe.test", nameservers=["127.0.0.1"])


CHANGED: dict[str, Any] = {
    "protocol": "lmtp", "lookup": "srv", "tls_mode": "implicit", "exchanges": "first", "host_lookup": ["native"],
    "address_family": "ipv6", "reconnect_delay": 1.0, "reconnect_max": 9, "security_level": "dane", "match": ["hostname"],
    "fingerprint_digest": "sha512", "dane_digests": ["sha256"], "insecure_mx_policy": "may", "force_tlsa": True, "system_ca": True,
    "tls_protocols": ">=TLSv1.2", "cipher_grade": "high", "ciphers": "AES", "key_algorithms": ["rsa"], "sni": "hostname",
    "raw_public_keys": True, "scan": "grade", "scan_deadline": 20.0, "trust_ad": "never", "include_pem": True, "transcript": True,
}  # fmt: skip
FILES = ("ca_file", "ca_path", "trust_anchor_files", "client_certificate", "client_chain_files")
FROM_SYSTEM = ("ehlo_name", "nameservers")


def test_every_option_decides_or_is_known_not_to() -> None:
    """A new option belongs into one of these, or there would be old results under it."""
    assert {*CHANGED, *FILES, *FROM_SYSTEM} | (NOT_IN_RESULTS & set(smtp_arguments())) == set(smtp_arguments())
    assert set(deciding()) == {*CHANGED, *FILES, *FROM_SYSTEM}


@pytest.mark.parametrize("option", CHANGED)
def test_an_option_that_differs_is_seen(option: str) -> None:
    then, now = deciding(), deciding(**{option: CHANGED[option]})
    assert [name for name in now if now[name] != then[name]] == [option]
    json.dumps(now)


@pytest.mark.parametrize("option", FILES)
def test_a_trust_file_counts_by_what_is_in_it(option: str, tmp_path: Path) -> None:
    certificate = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    found = []
    for name, content in (("a", certificate), ("b", certificate), ("c", certificate.replace(b"AAAA", b"BBBB"))):
        folder = tmp_path / name
        folder.mkdir()
        path = folder / "file"
        path.write_bytes(content)
        os.mkfifo(folder / "pipe")
        given: Any = str(folder) if option == "ca_path" else [str(path)] if option.endswith("files") else str(path)
        found.append(deciding(**{option: given})[option])
    assert found[0] == found[1] != found[2] and found[0].startswith("sha256:")


@pytest.mark.parametrize("option", ["client_certificate", "client_chain_files"])
def test_nothing_is_kept_of_a_private_key(option: str, tmp_path: Path) -> None:
    found = []
    for key in (b"one", b"two"):
        path = tmp_path / "file"
        content = b"-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n" % key
        path.write_bytes(content + b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        found.append(deciding(**{option: [str(path)] if option.endswith("files") else str(path)})[option])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("written", "other"),
    [(one, two) for one in WRITTEN for two in ("ca_file", "client_key", "trust_anchor_files", *WRITTEN) if one != two],
)
def test_a_file_to_be_written_is_no_other_one(written: str, other: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"precious")
    (tmp_path / "link").symlink_to(path)
    given: dict[str, Any] = {other: [str(path)] if other.endswith("files") else str(path), written: str(tmp_path / "link")}
    with pytest.raises(OptionError, match=r"is the file of \w+ as well"):
        run_smtp_probe(parameters(destinations=["[127.0.0.1]:1"], **given))
    assert path.read_bytes() == b"precious"
