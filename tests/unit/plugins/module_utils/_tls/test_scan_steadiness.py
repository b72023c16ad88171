# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that has had enough, breaks a connection, or is two servers: nothing that it refuses is called "not accepted"."""

from __future__ import annotations

import itertools
import ssl
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._tls.client_hello import TLS_1_3
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import RecordStream
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan import FULL_EXTRA, GRADE_CONNECTIONS, Scan
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_knowledge import DIFFERENT
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import Item, ItemState, ScanMode, ScanResult
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_steadiness import LOCKED_OUT, PROBE_HAD
from ansible_collections.mailops.tls.plugins.module_utils._tls.server_hello import read_reply
from ansible_collections.mailops.tls.tests.unit.servers.scanned import EVERYTHING, RANDOMS, Answers, openssl, scan

V12 = ssl.TLSVersion.TLSv1_2
ALERT = b"\x15\x03\x03\x00\x02\x02\x28"
NAMES = ("everything", "usual")
_SERVERS = {"everything": openssl("rsa", ciphers=EVERYTHING)[1], "usual": openssl("ecdsa")[1]}


def named(item: Item[Any]) -> set[str]:
    return {str(getattr(one, "name", one)) for one in item.value or ()}


def denied(result: ScanResult, truth: ScanResult) -> list[str]:
    """Return what a scan says is not there, and is."""
    wrong = [name for name, item in result.versions.items() if item.value is False and truth.versions[name].value]
    lists = [
        *((item, truth.suites[name]) for name, item in result.suites.items()),
        *((item, truth.levels[name]) for name, item in result.levels.items()),
        *((getattr(result, name), getattr(truth, name)) for name in ("groups", "signature_schemes", "primes")),
    ]
    for said, true in lists:
        if said.state is ItemState.OBSERVED and said.complete:
            wrong += sorted(named(true) - named(said))
    if result.weak_signature.state is ItemState.OBSERVED and result.weak_signature.value is None and truth.weak_signature.value:
        wrong.append(truth.weak_signature.value)
    return wrong


def spoilt(answers: Answers, number: int, reply: bytes, *, once: bool) -> Answers:
    """Return a server that gives another reply to one connection, or to all after it."""
    counter = itertools.count(1)

    def answer(hello: bytes) -> bytes:
        count = next(counter)
        return reply if (count == number if once else count > number) else answers(hello)

    return answer


@pytest.mark.parametrize("mode", ScanMode)
@pytest.mark.parametrize("reply", [b"", ALERT], ids=["closes", "alert"])
@pytest.mark.parametrize("name", NAMES)
def test_a_server_that_has_had_enough(name: str, reply: bytes, mode: ScanMode) -> None:
    answers = _SERVERS[name]
    truth = scan(mode, answers)
    assert denied(truth, truth) == [] and truth.stopped is None and not any(item.value is None for item in truth.versions.values())
    suites = {name for item in truth.suites.values() for name in item.value or ()}
    limit = GRADE_CONNECTIONS if mode is ScanMode.GRADE else len(suites) + FULL_EXTRA
    for number in range(1, truth.connections):
        result = scan(mode, spoilt(answers, number, reply, once=False))
        assert denied(result, truth) == [], number
        if result.connections < limit:  # the last one that there may be has nothing after it to ask again with
            assert LOCKED_OUT == result.stopped == result.versions["SSLv3"].why, number
        assert reply or number < 5 or result.connections <= number + 3, "it was asked on and on"


@pytest.mark.parametrize("mode", ScanMode)
@pytest.mark.parametrize("reply", [b"", ALERT], ids=["closes", "alert"])
def test_a_server_of_old_versions_alone_that_has_had_enough(reply: bytes, mode: ScanMode) -> None:
    """What it accepts at first is in another version than was offered, and is what it can be asked again by."""
    answers = openssl("rsa", version=ssl.TLSVersion.TLSv1, ciphers=EVERYTHING)[1]
    truth = scan(mode, answers)
    if truth.versions["TLSv1"].value is not True:
        pytest.skip("this OpenSSL has no TLS 1.0")
    for number in range(1, truth.connections):
        result = scan(mode, spoilt(answers, number, reply, once=False))
        assert denied(result, truth) == [], number


@pytest.mark.parametrize("mode", ScanMode)
@pytest.mark.parametrize("name", NAMES)
def test_a_connection_that_breaks_is_made_again(name: str, mode: ScanMode) -> None:
    answers = _SERVERS[name]
    truth = scan(mode, answers)
    for number in range(2, truth.connections + 1):
        result = scan(mode, spoilt(answers, number, b"", once=True))
        assert denied(result, truth) == [], number
        assert result.connections <= (GRADE_CONNECTIONS if mode is ScanMode.GRADE else truth.connections + 1), number


@pytest.mark.parametrize("mode", ScanMode)
def test_a_server_that_refuses_without_an_alert_is_taken_at_its_word(mode: ScanMode) -> None:
    answers = _SERVERS["usual"]

    def closing(hello: bytes) -> bytes:
        reply = answers(hello)
        return b"" if reply[:1] == b"\x15" else reply

    truth, result = scan(mode, answers), scan(mode, closing)
    assert result.closed > 3 and result.stopped is None and result.connections == truth.connections
    assert (result.versions, result.suites, result.levels, result.groups) == (truth.versions, truth.suites, truth.levels, truth.groups)


@pytest.mark.parametrize("mode", ScanMode)
def test_two_servers_that_take_turns(mode: ScanMode) -> None:
    unused, one = openssl("rsa", version=V12, ciphers="ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA")
    unused, other = openssl("ecdsa", version=V12, ciphers="ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256")
    turns = itertools.cycle((one, other))

    def answers(hello: bytes) -> bytes:
        return next(turns)(hello)

    result = scan(mode, answers)
    assert denied(result, scan(mode, one)) == [] and denied(result, scan(mode, other)) == []
    assert result.versions["TLSv1.3"].why in (DIFFERENT, LOCKED_OUT, result.stopped) and result.versions["TLSv1.2"].value is True
    assert not result.extended_master_secret.complete and result.preference.state is ItemState.NOT_TESTED


@pytest.mark.parametrize("mode", ScanMode)
def test_what_the_probe_has_had_is_not_refused(mode: ScanMode) -> None:
    result = scan(mode, lambda hello: ALERT, probed=TLS_1_3)
    assert {item.state for item in result.versions.values()} == {ItemState.NOT_TESTED}
    assert result.versions["TLSv1"].why == PROBE_HAD.format("TLSv1.3")
    steady = scan(mode, _SERVERS["usual"], probed=TLS_1_3)
    assert steady == scan(mode, _SERVERS["usual"])


def octets(answers: Answers) -> Answers:
    """Return a server that has a record for each octet."""

    def answer(hello: bytes) -> bytes:
        found = [(bytes([one.kind]) + one.version.to_bytes(2, "big"), one.payload) for one in RecordStream().feed(answers(hello))]
        return b"".join(head + b"\0\1" + bytes([octet]) for head, payload in found for octet in payload)

    return answer


@pytest.mark.parametrize("mode", ScanMode)
@pytest.mark.parametrize("name", NAMES)
def test_records_of_one_octet(name: str, mode: ScanMode) -> None:
    assert scan(mode, octets(_SERVERS[name])) == scan(mode, _SERVERS[name])


@pytest.mark.parametrize("mode", ScanMode)
def test_a_server_that_closes_after_its_hello_has_groups_that_nobody_saw(mode: ScanMode) -> None:
    unused, answers = openssl("ecdsa", version=V12)

    def hello_alone(hello: bytes) -> bytes:
        record = next(RecordStream().feed(answers(hello)))
        size = 4 + int.from_bytes(record.payload[1:4], "big")
        return answers(hello) if record.kind == 21 else b"\x16\x03\x03" + size.to_bytes(2, "big") + record.payload[:size]

    result = scan(mode, hello_alone)
    assert result.versions["TLSv1.2"].value is True and result.stopped is None
    assert not result.groups.complete and not result.primes.complete and result.signature_schemes.state is ItemState.NOT_TESTED
    assert "could not be read" in str(result.groups.why) and result.weak_signature.state is ItemState.NOT_TESTED


def test_a_refused_name_refuses_no_version() -> None:
    result = scan(ScanMode.GRADE, lambda hello: b"\x15\x03\x03\x00\x02\x02\x70")
    assert {item.why for item in result.versions.values()} == {"the server answered with the alert unrecognized_name"}


def test_silence_after_the_first_hello_may_be_about_its_length() -> None:
    unused, answers = openssl("rsa", version=V12)
    machine = Scan(ScanMode.GRADE)
    step = machine.step(RANDOMS)
    assert step is not None and machine.silence()
    count = 1
    while (step := machine.step(RANDOMS)) is not None:
        count += 1
        assert len(step.offer.suites) <= 64 and not machine.silence()
        machine.answer(read_reply(answers(step.hello)))
    result = machine.result()
    assert result.connections == count and result.versions["TLSv1.2"].value is True and result.stopped is None
