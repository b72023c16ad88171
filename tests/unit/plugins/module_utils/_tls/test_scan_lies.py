# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that lies to a scan: what there cannot be is not accepted, and what it says is kept within bounds."""

from __future__ import annotations

import itertools
import json

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._tls import messages as tls_messages
from ansible_collections.mailops.tls.plugins.module_utils._tls.client_hello import SSL_3, TLS_1_2
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import MessageStream, RecordStream
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan import FULL_EXTRA, GRADE_CONNECTIONS
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_offers import is_dhe
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import ItemState, ScanMode
from ansible_collections.mailops.tls.tests.unit.makers.record_sealer import HANDSHAKE, message, record, server_hello, vector
from ansible_collections.mailops.tls.tests.unit.servers.scanned import Answers, scan

MODES = pytest.mark.parametrize("mode", ScanMode)
ALERT = b"\x15\x03\x03\x00\x02\x02\x28"


def heard(data: bytes) -> tls_messages.ClientHello:
    (one,) = RecordStream().feed(data)
    (found,) = MessageStream().feed(one.payload)
    return tls_messages.client_hello(found.body)


def records(flight: bytes) -> bytes:
    return b"".join(record(HANDSHAKE, flight[at : at + 16384]) for at in range(0, len(flight), 16384))


def in_version(version: int) -> Answers:
    """Return a server that takes the last suite that is offered, in a version of its own."""

    def answers(data: bytes) -> bytes:
        hello = server_hello(heard(data).suites[-1], [])
        return record(HANDSHAKE, hello[:4] + version.to_bytes(2, "big") + hello[6:] + message(14, b""))

    return answers


@MODES
@pytest.mark.parametrize("version", [0, 0x0002, 0x02FF])
def test_a_version_that_there_never_was_says_nothing_of_others(version: int, mode: ScanMode) -> None:
    result = scan(mode, in_version(version))
    assert {item.state for item in result.versions.values()} == {ItemState.NOT_TESTED}
    assert not any(item.value for item in result.suites.values())
    assert result.connections <= (GRADE_CONNECTIONS if mode is ScanMode.GRADE else FULL_EXTRA)


@MODES
def test_the_oldest_version_that_there_is_counts(mode: ScanMode) -> None:
    assert scan(mode, in_version(SSL_3)).versions["SSLv3"].value is True


@MODES
def test_huge_primes_that_are_new_each_time_are_kept_within_bounds(mode: ScanMode) -> None:
    numbers = itertools.count(1)

    def answers(data: bytes) -> bytes:
        suite = next((one for one in heard(data).suites if is_dhe(one)), None)
        if suite is None:
            return ALERT
        prime = b"\xff" * 60_000 + next(numbers).to_bytes(4, "big")
        exchange = vector(2, prime) + vector(2, b"\2") + vector(2, b"y") + b"\x04\x01" + vector(2, b"s")
        hello = server_hello(suite, [])
        return records(hello[:4] + TLS_1_2.to_bytes(2, "big") + hello[6:] + message(12, exchange) + message(14, b""))

    primes = scan(mode, answers).primes
    assert primes.value and {one.bits for one in primes.value} == {8 * 60_004} and not any(one.value for one in primes.value)
    assert len(json.dumps(scan(mode, answers).as_facts())) < 20_000
    assert not primes.complete and len(primes.value) <= 16
