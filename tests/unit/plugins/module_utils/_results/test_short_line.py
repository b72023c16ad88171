# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines are short and bounded, and what is read from them is whole again."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.destinations import read_destination
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import LONGEST, RunIdentity, parse_line, result_line
from ansible_collections.mailops.tls.plugins.module_utils._results.shape import RESULT, has_shape
from ansible_collections.mailops.tls.plugins.module_utils._results.short_line import shortened, whole
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import InvalidDestination, Protocol
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import invalid_destination_facts
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, failed, lost, record, tlsa
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import key_record, mx_zone, probe, serve, server_with
from hypothesis import given
from hypothesis import strategies as st

IDENTITY = RunIdentity("20260504T120000Z-1f2e3d4c", "probe.example.net")
NOON = datetime(2026, 5, 4, 12, 0, 0, tzinfo=timezone.utc)


def line(result: dict[str, Any]) -> bytes:
    return result_line(IDENTITY, NOON, result)


def real_results(detail: Detail) -> list[dict[str, Any]]:
    """Return results as they are made: verified, asked for kinds of keys, lost, without an exchange, and of what is no destination."""
    certificate_ = leaf("ecdsa")

    async def rude(peer: Peer) -> None:
        await peer.send(b"554 no\r\n")

    async def test(good: ScriptedServer, bad: ScriptedServer) -> list[dict[str, Any]]:
        dns = mx_zone(good.port, [key_record(certificate_)])
        found = await probe(dns, f"example.com:{good.port}", f"[127.0.0.1]:{bad.port}", "[127.0.0.1]:1", "nobody.example")
        keys = TlsParameters(key_algorithms=(KeyRequest.RSA, KeyRequest.ECDSA))
        found += await probe(dns, f"example.com:{good.port}", tls=keys, reconnect_delay=0.01)
        return [one.as_facts(detail) for one in found]

    results = serve(test, ScriptedServer(server_with(certificate_)), ScriptedServer(rude))
    invalid = read_destination("no..name", Protocol.SMTP)
    assert isinstance(invalid, InvalidDestination)
    return [*({**one, "lint": []} for one in results), invalid_destination_facts(invalid, "mx")]


@pytest.mark.parametrize("detail", [Detail(), Detail(include_pem=True, transcript=True)])
def test_what_is_left_out_of_a_real_result_is_put_back(detail: Detail) -> None:
    results = real_results(detail)
    assert {one["status"] for one in results} == {"verified", "failed"}
    for one in results:
        before = copy.deepcopy(one)
        short = line(one)
        assert one == before, "the result itself is left alone"
        assert parse_line(short, 2).result == one and has_shape(one, RESULT)
        assert len(json.dumps(shortened(one))) < len(json.dumps(one))


def test_a_line_of_a_version_before_is_read_as_it_is() -> None:
    for one in (audited("a.example", endpoint("mx.a.example")), audited("b.example", lost("mx.b.example")), failed("c.example")):
        told = {"schema": 1, "run": "r", "vantage": "v", "probed_at": "2026-05-04T12:00:00Z", **one}
        found = parse_line(json.dumps(told).encode(), 2).result
        assert found == whole(one) == whole(found) == whole(shortened(found)) and all(name in found for name in one)


def typical(number: int) -> dict[str, Any]:
    """Return the result of a domain with an exchange of its own, as there are most: a leaf, an authority, a stock Postfix."""
    host = f"mx{number}.domain{number}.example"
    said = ("PIPELINING", "ETRN", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8", "CHUNKING")
    words: dict[str, list[str]] = {**dict.fromkeys(said, []), "SIZE": ["10240000"]}
    chain = [certificate(host, key=str(number), serial=str(number)), certificate("authority", key="authority", serial="authority")]
    return audited(
        f"domain{number}.example",
        endpoint(
            host, f"192.0.2.{number % 250}", chain=chain, tlsa=tlsa(host, [record(host, str(number))]),
            capabilities={"before_tls": {**words, "STARTTLS": []}, "after_tls": words},
        ),
    )  # fmt: skip


def test_a_line_of_one_exchange_is_short() -> None:
    lines = [line(typical(number)) for number in range(300)]
    assert max(map(len, lines)) <= 2500
    assert len(gzip.compress(b"".join(lines), 6)) / len(lines) <= 300


def long_result(endpoints: int, **changes: Any) -> dict[str, Any]:
    hosts = [f"mx{number}.example" for number in range(endpoints)]
    return {**audited("long.example", *(endpoint(one, **changes) for one in hosts)), "lint": []}


@pytest.mark.parametrize(
    ("result", "cut"),
    [
        (long_result(3, transcript=[{"direction": "<", "phase": "ehlo", "at": 0.1, "text": "x" * 1000}] * 200), ["transcript"]),
        (long_result(3, chain=[{**certificate("x"), "pem": "y" * 100_000}]), ["transcript", "pem"]),
        (long_result(100, chain=[certificate(f"ca{number}") for number in range(30)]), ["transcript", "pem", "scan", "chain"]),
        (long_result(300), None),
        (long_result(2, greeting="z" * 1_000_000), None),
    ],
)
def test_no_server_makes_a_line_of_any_length(result: dict[str, Any], cut: list[str] | None) -> None:
    short = line(result)
    assert len(short) <= LONGEST
    found = parse_line(short, 2).result
    assert found["cut"] if cut is None else found["cut"] == cut
    assert {name: found[name] for name in ("destination", "status", "satisfied")} == {
        name: result[name] for name in ("destination", "status", "satisfied")
    }
    assert has_shape(found, RESULT)


def test_nothing_is_cut_without_need() -> None:
    assert "cut" not in parse_line(line(typical(1)), 2).result


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything in a result."""
    for at, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, at)
        yield from places(one, (*path, at))


FULL = whole(shortened(long_result(
    2, transcript=[{"direction": "<", "phase": "ehlo", "at": 0.1, "text": "x"}], tlsa=tlsa("mx.example", [record("mx.example")]),
    reconnects={"ended": "failed", "attempts": [{"server_name": None, "error": None}]},
)))  # fmt: skip
PLACES = list(places(FULL))


@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from([None, [], "", 0, False, 0.0, "x", ["x"]])), max_size=20))
def test_whatever_stands_in_a_result_is_read_back_as_it_was(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    changed = copy.deepcopy(FULL)
    for path, value in changes:
        place: Any = changed
        try:
            for name in path[:-1]:
                place = place[name]
            place[path[-1]]
        except (LookupError, TypeError):
            continue  # another change took away what it was in
        place[path[-1]] = copy.deepcopy(value)
    back = whole(json.loads(json.dumps(shortened(changed))))
    assert as_text(back) == as_text(changed)


def as_text(value: Any) -> str:
    """Return JSON, in which false is not 0."""
    return json.dumps(value, sort_keys=True)
