# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole probes, and what lint makes of them, of servers with one certificate and with two, for one kind of key after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Status, Verification
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._smtp.lint import lint
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult, EndpointResult
from ansible_collections.mailops.tls.plugins.module_utils._smtp.session_result import SessionResult
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import (
    endpoint_facts,
    key_record,
    mail_server,
    mx_zone,
    probe,
    serve,
)

ANY, RSA, ECDSA, _ED25519 = KeyRequest
STALE = TlsaRecord(3, 1, 1, b"x" * 32)


def result(
    kinds: Sequence[str], records: Sequence[TlsaRecord], *algorithms: KeyRequest, **changes: Any
) -> tuple[DestinationResult, int]:
    """Probe a server with certificates of these kinds; returns the result and the number of connections that were made."""
    first, second = leaf(kinds[0]), leaf(kinds[1]) if len(kinds) > 1 else None
    tls = MemoryServer(first.pem, first.key.pem, second=(second.pem, second.key.pem) if second else None)
    server = ScriptedServer(mail_server(tls))

    async def run(listening: ScriptedServer) -> tuple[DestinationResult, int]:
        dns = mx_zone(listening.port, records)
        parameters = TlsParameters(key_algorithms=algorithms or (ANY,))
        (found,) = await probe(dns, f"example.com:{listening.port}", tls=parameters, **changes)
        return found, len(listening.peers)

    return serve(run, server)


def endpoint(kinds: Sequence[str], records: Sequence[TlsaRecord], *algorithms: KeyRequest, **changes: Any) -> EndpointResult:
    (found,) = result(kinds, records, *algorithms, **changes)[0].endpoints
    return found


def findings(kinds: Sequence[str], records: Sequence[TlsaRecord], *algorithms: KeyRequest) -> dict[str, str]:
    """Return identifier -> text."""
    return {one.id: one.text for one in lint(result(kinds, records, *algorithms)[0])}


RSA_RECORD, ECDSA_RECORD = key_record(leaf("rsa")), key_record(leaf("ecdsa"))
BOTH = ("rsa", "ecdsa")


def test_the_certificate_without_record_behind_the_one_that_has_it_is_found() -> None:
    assert endpoint(BOTH, [ECDSA_RECORD]).status is Status.VERIFIED
    found = endpoint(BOTH, [ECDSA_RECORD], RSA, ECDSA)
    assert (found.status, found.satisfied) == (Status.UNTRUSTED, False)
    assert [(one.algorithm, one.status, one.satisfied) for one in found.sessions] == [
        (RSA, Status.UNTRUSTED, False),
        (ECDSA, Status.VERIFIED, True),
    ]


def test_with_records_for_both_all_is_well() -> None:
    found = endpoint(BOTH, [RSA_RECORD, ECDSA_RECORD], RSA, ECDSA)
    assert (found.status, found.satisfied) == (Status.VERIFIED, True)


def test_every_record_is_compared_with_every_certificate_that_is_served() -> None:
    facts = endpoint_facts(endpoint(BOTH, [RSA_RECORD, ECDSA_RECORD, STALE], ANY, RSA, ECDSA))
    matrix = {
        (item["algorithm"], record["data"]): record["matched"]
        for item in facts["key_algorithms"]
        for record in item["tlsa"]["records"]
    }
    rsa, ecdsa, stale = (one.data.hex() for one in (RSA_RECORD, ECDSA_RECORD, STALE))
    assert matrix == {
        ("any", rsa): False, ("any", ecdsa): True, ("any", stale): False,
        ("rsa", rsa): True, ("rsa", ecdsa): False, ("rsa", stale): False,
        ("ecdsa", rsa): False, ("ecdsa", ecdsa): True, ("ecdsa", stale): False,
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "record"), [("rsa", RSA_RECORD), ("ecdsa", ECDSA_RECORD)])
def test_a_server_with_one_certificate_is_not_worse_for_it(kind: str, record: TlsaRecord) -> None:
    found = endpoint([kind], [record], RSA, ECDSA)
    assert (found.status, found.satisfied, found.failure) == (Status.VERIFIED, True, None)
    assert {one.algorithm.value: one.offered for one in found.sessions} == {"rsa": kind == "rsa", "ecdsa": kind == "ecdsa"}


@pytest.mark.parametrize(("algorithms", "connections"), [((ANY,), 1), ((RSA, ECDSA), 2), ((ANY, RSA, ECDSA), 3)])
def test_each_kind_is_one_connection(algorithms: Sequence[KeyRequest], connections: int) -> None:
    assert result(BOTH, [], *algorithms)[1] == connections


def test_without_a_handshake_there_is_nothing_to_ask_for() -> None:
    found, connections = result(BOTH, [], RSA, ECDSA, security_level=SecurityLevel.NONE)
    assert (connections, found.endpoints[0].status) == (1, Status.PLAINTEXT)
    assert "key_algorithms" not in endpoint_facts(found.endpoints[0])


# --- lint -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("record", "good", "bad"), [(ECDSA_RECORD, "ecdsa", "rsa"), (RSA_RECORD, "rsa", "ecdsa")])
@pytest.mark.parametrize("algorithms", [(RSA, ECDSA), (ANY, RSA, ECDSA)])
def test_records_for_one_algorithm_only(record: TlsaRecord, good: str, bad: str, algorithms: Sequence[KeyRequest]) -> None:
    found = findings(BOTH, [record], *algorithms)
    assert list(found) == ["one_algorithm_only"]
    assert f"match the {good} certificate, but not the {bad} one" in found["one_algorithm_only"]


def test_any_and_the_other_kind_are_enough_to_see_it() -> None:
    assert "one_algorithm_only" in findings(BOTH, [ECDSA_RECORD], ANY, RSA)


@pytest.mark.parametrize("records", [[RSA_RECORD, ECDSA_RECORD], [], [STALE]])
def test_records_for_all_algorithms_or_none_are_not_for_one_only(records: Sequence[TlsaRecord]) -> None:
    assert "one_algorithm_only" not in findings(BOTH, records, RSA, ECDSA)


def test_a_record_is_stale_when_no_certificate_of_any_algorithm_matches_it() -> None:
    assert findings(BOTH, [RSA_RECORD, ECDSA_RECORD], RSA, ECDSA) == {}
    found = findings(BOTH, [RSA_RECORD, ECDSA_RECORD, STALE], RSA, ECDSA)
    assert list(found) == ["stale_record"] and found["stale_record"].endswith(": a key to come, or one that is gone")


def test_without_asking_for_algorithms_a_record_may_be_for_another_one() -> None:
    found = findings(BOTH, [RSA_RECORD, ECDSA_RECORD])
    assert list(found) == ["stale_record"] and found["stale_record"].endswith("or one of another algorithm")


@pytest.mark.parametrize("both", [False, True])
def test_what_could_not_be_found_out_leaves_open_what_is_stale(both: bool) -> None:
    whole = result(BOTH, [ECDSA_RECORD, STALE], RSA, ECDSA)[0]
    (found,) = whole.endpoints
    lost = [_lost(one) if both or one.algorithm is RSA else one for one in found.sessions]
    partly = replace(whole, endpoints=(replace(found, sessions=tuple(lost)),))
    assert "stale_record" in {finding.id for finding in lint(whole)}
    assert "stale_record" not in {finding.id for finding in lint(partly)}


def _lost(session: SessionResult) -> SessionResult:
    """Return the session as if the server had fallen silent in the handshake."""
    timeout = Failure(ErrorKind.TIMEOUT, CommonPhase.HANDSHAKE, "no answer in time")
    evidence = replace(session.evidence, failure=timeout, tls=None)
    return replace(session, evidence=evidence, verification=Verification(Status.FAILED, False), chain=())
