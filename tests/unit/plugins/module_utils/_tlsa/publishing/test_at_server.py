# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishing at a primary server: others who are faster, replies that are lost, several zones, and what must stay as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dns.message
import dns.opcode
import dns.rcode
import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.update import PrimaryServer
from ansible_collections.mailops.tls.plugins.module_utils._dns.update_failure import UpdateFailed, UpdateFailureKind
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.at_server import (
    ATTEMPTS,
    PublishFailed,
    ZoneChange,
    by_zone,
    publish_at_server,
)
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.plan import Order
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.wanted import Wanted
from ansible_collections.mailops.tls.tests.pace import patient, tries_again
from ansible_collections.mailops.tls.tests.unit.servers.update_server import KEY, UpdateServer, serving

MX, SUB = "_25._tcp.mx.example.org", "_25._tcp.mx.sub.example.org"
A, B, C = (TlsaRecord(3, 1, 1, bytes([number]) * 32) for number in (1, 2, 3))
PRESENT, ABSENT = Order(), Order(present=False)


@contextmanager
def at_work() -> Iterator[UpdateServer]:
    """A server with one record."""
    with serving(UpdateServer(("example.org.", "sub.example.org."))) as one:
        one.put(MX + ".", str(A))
        yield one


@pytest.fixture
def server() -> Iterator[UpdateServer]:
    with at_work() as one:
        yield one


def publish(
    server: UpdateServer, order: Order, *wanted: Wanted, check_mode: bool = False, timeout: float = 600
) -> tuple[ZoneChange, ...]:
    primary = PrimaryServer("127.0.0.1", server.port, key=KEY, timeout=timeout)
    return publish_at_server(primary, order, by_zone(primary, wanted), check_mode=check_mode, sleep=lambda seconds: None)


def lost_replies(server: UpdateServer, count: int, *, done: bool = True) -> None:
    """Let the first updates have no reply, done or not."""
    left = [count]

    def alter(wire: bytes, request: dns.message.Message) -> bytes | None:
        if request.opcode() == dns.opcode.UPDATE and left[0]:
            left[0] -= 1
            server.ignore_updates = not done and left[0] > 0
            return None
        return wire

    server.ignore_updates = not done
    server.alter = alter


def test_adds_and_leaves_the_others(server: UpdateServer) -> None:
    (zone,) = publish(server, PRESENT, Wanted(MX, None, (B,)))
    assert server.records[MX + "."] == {str(A): 300, str(B): 300}
    assert (zone.zone, zone.serial) == ("example.org", 2)
    assert zone.changes[0].added == (B,)


def test_doing_it_again_sends_no_update(server: UpdateServer) -> None:
    for _time in range(2):
        (zone,) = publish(server, PRESENT, Wanted(MX, None, (B,)))
    assert len(server.updates) == 1
    assert zone.serial == 2
    assert not zone.changes[0].is_change


def test_check_mode_only_reads(server: UpdateServer) -> None:
    (zone,) = publish(server, PRESENT, Wanted(MX, None, (B,)), check_mode=True)
    assert zone.changes[0].is_change
    assert zone.serial == 1
    assert not server.updates


def test_all_of_a_zone_in_one_message_and_every_zone_in_its_own(server: UpdateServer) -> None:
    zones = publish(server, PRESENT, Wanted(MX, None, (B,)), Wanted(SUB, None, (A,)), Wanted("_465._tcp.mx.example.org", None, (B,)))
    assert [zone.zone for zone in zones] == ["example.org", "sub.example.org"]
    assert [len({rrset.name for rrset in one.update}) for one in server.updates] == [2, 1]


def test_somebody_else_adds_another_record_meanwhile(server: UpdateServer) -> None:
    def add_another() -> None:
        server.records[MX + "."][str(C)] = 300
        server.before_update = lambda: None

    server.before_update = add_another
    (zone,) = publish(server, PRESENT, Wanted(MX, None, (B,)))
    assert set(server.records[MX + "."]) == {str(A), str(B), str(C)}
    assert zone.changes[0].before.records == (A, C)
    assert len(server.updates) == 2


def test_somebody_else_makes_the_first_record_meanwhile(server: UpdateServer) -> None:
    owner = "_465._tcp.mx.example.org"

    def add_first() -> None:
        server.put(owner + ".", str(C), ttl=50)
        server.before_update = lambda: None

    server.before_update = add_first
    publish(server, PRESENT, Wanted(owner, None, (B,)))
    assert server.records[owner + "."] == {str(C): 50, str(B): 50}


def test_somebody_else_does_the_same_meanwhile(server: UpdateServer) -> None:
    def do_it() -> None:
        server.records[MX + "."][str(B)] = 300

    server.before_update = do_it
    (zone,) = publish(server, PRESENT, Wanted(MX, None, (B,)))
    assert not any(change.is_change for change in zone.changes)


def test_somebody_else_takes_all_other_records_meanwhile(server: UpdateServer) -> None:
    server.put(MX + ".", str(A), str(B))

    def take() -> None:
        server.records[MX + "."].pop(str(B), None)

    server.before_update = take
    with pytest.raises(PublishFailed, match="meanwhile others have changed") as caught:
        publish(server, ABSENT, Wanted(MX, None, (A,)))
    assert caught.value.error.kind is UpdateFailureKind.CONFLICT
    assert set(server.records[MX + "."]) == {str(A)}, "the last record is not removed"


def test_somebody_else_is_faster_every_time(server: UpdateServer) -> None:
    count = iter(range(10, 100))

    def change() -> None:
        server.records[MX + "."][str(TlsaRecord(3, 1, 1, bytes([next(count)]) * 32))] = 300

    server.before_update = change
    with pytest.raises(PublishFailed, match="somebody else has changed the records each time, 5 times") as caught:
        publish(server, PRESENT, Wanted(MX, None, (B,)))
    assert caught.value.error.kind is UpdateFailureKind.CONFLICT
    assert len(server.updates) == ATTEMPTS
    assert caught.value.done == ()


def test_records_of_a_wildcard_never_meet_a_prerequisite(server: UpdateServer) -> None:
    server.update_rcode = dns.rcode.NXRRSET
    with pytest.raises(PublishFailed, match="wildcard"):
        publish(server, PRESENT, Wanted(MX, None, (B,)))


@tries_again
def test_a_lost_reply_to_an_update_that_was_done() -> None:
    with at_work() as server:
        lost_replies(server, 1)
        (zone,) = publish(server, PRESENT, Wanted(MX, None, (B,)), timeout=patient(0.5))
        assert zone.changes[0].added == (B,)
        assert (len(server.updates), server.serials["example.org."]) == (1, 2)


@tries_again
def test_a_lost_update_is_sent_again() -> None:
    with at_work() as server:
        lost_replies(server, 1, done=False)
        (zone,) = publish(server, PRESENT, Wanted(MX, None, (B,)), timeout=patient(0.5))
        assert zone.changes[0].added == (B,)
        assert len(server.updates) == 2


@tries_again
def test_an_update_that_arrives_late_is_still_ours() -> None:
    """The first update is done only when the second one comes, which therefore finds its prerequisites not met."""
    with at_work() as server:
        lost_replies(server, 1, done=False)

        def arrive() -> None:
            if len(server.updates) == 2:
                server.records[MX + "."][str(B)] = 300

        server.before_update = arrive
        (zone,) = publish(server, PRESENT, Wanted(MX, None, (B,)), timeout=patient(0.5))
        assert zone.changes[0].added == (B,)


@tries_again
def test_updates_that_are_always_lost() -> None:
    with at_work() as server:
        lost_replies(server, 100, done=False)
        with pytest.raises(PublishFailed, match="no reply.*; the update was not done, as reading again shows") as caught:
            publish(server, PRESENT, Wanted(MX, None, (B,)), timeout=patient(0.5))
        assert caught.value.error.kind is UpdateFailureKind.TIMEOUT
        assert len(server.updates) == ATTEMPTS


@tries_again
def test_a_server_that_goes_away_leaves_it_open() -> None:
    with at_work() as server:
        def away(wire: bytes, request: dns.message.Message) -> bytes | None:
            return None if server.updates else wire

        server.alter = away
        with pytest.raises(PublishFailed, match="cannot be seen whether the update was done") as caught:
            publish(server, PRESENT, Wanted(MX, None, (B,)), timeout=patient(0.1))
        assert caught.value.error.certain is False


def test_a_refusal_is_not_repeated(server: UpdateServer) -> None:
    server.update_rcode = dns.rcode.REFUSED
    with pytest.raises(PublishFailed) as caught:
        publish(server, PRESENT, Wanted(MX, None, (B,)))
    assert caught.value.error.kind is UpdateFailureKind.REFUSED
    assert len(server.updates) == 1


def test_an_update_that_is_accepted_and_not_done(server: UpdateServer) -> None:
    server.ignore_updates = True
    with pytest.raises(PublishFailed, match="accepted the update, and does not show it: " + MX) as caught:
        publish(server, PRESENT, Wanted(MX, None, (B,)))
    assert caught.value.error.kind is UpdateFailureKind.NOT_SHOWN


def test_what_was_done_before_a_failure_is_told(server: UpdateServer) -> None:
    def refuse_the_second() -> None:
        if len(server.updates) == 2:
            server.update_rcode = dns.rcode.SERVFAIL

    server.before_update = refuse_the_second
    with pytest.raises(PublishFailed) as caught:
        publish(server, PRESENT, Wanted(MX, None, (B,)), Wanted(SUB, None, (A,)))
    assert [(one.zone, one.serial) for one in caught.value.done] == [("example.org", 2)]
    assert caught.value.error.kind is UpdateFailureKind.SERVER_FAILURE


@pytest.mark.parametrize("check_mode", [True, False])
def test_nothing_is_done_when_one_of_the_zones_would_lose_its_last_record(server: UpdateServer, check_mode: bool) -> None:
    server.put(MX + ".", str(A), str(B))
    server.put(SUB + ".", str(A))
    with pytest.raises(OptionError, match=SUB):
        publish(server, ABSENT, Wanted(MX, None, (A,)), Wanted(SUB, None, (A,)), check_mode=check_mode)
    assert not server.updates


def test_turning_dane_off(server: UpdateServer) -> None:
    (zone,) = publish(server, Order(present=False, allow_empty=True), Wanted(MX, None, (A, B)))
    assert server.records[MX + "."] == {}
    assert zone.changes[0].removed == (A,)


def test_another_ttl(server: UpdateServer) -> None:
    server.put(MX + ".", str(A), str(B))
    publish(server, PRESENT, Wanted(MX, 90, (B, C)))
    assert server.records[MX + "."] == {str(A): 90, str(B): 90, str(C): 90}
    assert len(server.updates) == 1


def test_a_zone_that_is_named_is_not_asked_for(server: UpdateServer) -> None:
    primary = PrimaryServer("127.0.0.1", server.port, key=KEY)
    assert list(by_zone(primary, [Wanted(MX, None, (A,))], "example.org")) == ["example.org"]
    assert not server.over
    for other in ("ample.org", "example.net"):
        with pytest.raises(OptionError, match="does not have " + MX):
            by_zone(primary, [Wanted(MX, None, (A,))], other)


def test_a_server_that_cannot_be_asked(server: UpdateServer) -> None:
    server.query_rcode = dns.rcode.SERVFAIL
    with pytest.raises(UpdateFailed) as caught:
        publish(server, PRESENT, Wanted(MX, None, (A,)))
    assert caught.value.kind is UpdateFailureKind.SERVER_FAILURE
