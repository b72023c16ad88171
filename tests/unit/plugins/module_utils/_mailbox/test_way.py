# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From targets to endpoints: hosts, SRV records, and what DNS may do wrong."""

from __future__ import annotations

import asyncio

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask, SrvRecord
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import parse_domain, parse_host
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.way import Way, find_way
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import AddressFamily
from ansible_collections.mailops.tls.plugins.module_utils._probe.host_addresses import HostAddresses, HostLookup, host_addresses
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns

IMAPS, IMAP, POP3S = MailService.IMAPS, MailService.IMAP, MailService.POP3S


def dns() -> FakeDns:
    made = FakeDns().found("mail.example.org", "A", ["192.0.2.1"]).found("mail.example.org", "AAAA", ["2001:db8::1"], secure=False)
    records = [SrvRecord(10, 0, 993, "mail.example.org"), SrvRecord(0, 5, 1993, "mail.example.org")]
    return made.found("_imaps._tcp.example.org", "SRV", records)


async def _nobody(_host: str) -> tuple[str, ...]:
    return ()


def way(text: str, *services: MailService, world: FakeDns | None = None, family: AddressFamily = AddressFamily.ANY) -> Way:
    world = world or dns()
    target = parse_domain(text[4:]) if text.startswith("srv:") else parse_host(text)

    async def find_host(host: str, ask: Ask) -> HostAddresses:
        return await host_addresses(host, ask, (HostLookup.DNS,), _nobody)

    return asyncio.run(find_way(target, services, world.ask, find_host, family))


def places(found: Way) -> list[tuple[str, str, int]]:
    return [(one.service.value, one.candidate.address, one.candidate.port) for one in found.places]


def test_every_service_at_every_address() -> None:
    found = way("mail.example.org", IMAPS, IMAP)
    assert places(found) == [
        ("imaps", "192.0.2.1", 993), ("imaps", "2001:db8::1", 993), ("imap", "192.0.2.1", 143), ("imap", "2001:db8::1", 143),
    ]  # fmt: skip
    assert [one.candidate.secure for one in found.places] == [True, False, True, False] and found.failure is None
    assert places(way("mail.example.org", IMAPS, family=AddressFamily.IPV6))[0][1] == "2001:db8::1"


def test_a_port_is_that_of_its_own_service_or_of_the_only_one() -> None:
    assert places(way("192.0.2.1:143", IMAPS, IMAP)) == [("imap", "192.0.2.1", 143)]
    assert places(way("192.0.2.1:9993", IMAPS)) == [("imaps", "192.0.2.1", 9993)]


def test_a_host_that_is_not_there() -> None:
    found = way("nothing.example.org", IMAPS)
    assert not found.places and found.failure is not None and found.failure.kind is ErrorKind.DNS_NOT_FOUND
    broken = way("mail.example.org", IMAPS, world=FakeDns().error("mail.example.org", "A").error("mail.example.org", "AAAA"))
    assert broken.failure is not None and broken.failure.kind is ErrorKind.DNS_ERROR


def test_srv_records_lead_to_every_target_by_priority() -> None:
    found = way("srv:example.org", IMAPS, IMAP)
    assert [one.as_facts()["port"] for one in found.announced] == [1993, 993]
    assert found.announced[0].as_facts() == {
        "service": "imaps", "owner": "_imaps._tcp.example.org", "priority": 0, "weight": 5, "port": 1993,
        "target": "mail.example.org", "secure": True, "not_offered": False, "error": None,
    }  # fmt: skip
    assert places(found) == [
        ("imaps", "192.0.2.1", 1993), ("imaps", "2001:db8::1", 1993), ("imaps", "192.0.2.1", 993), ("imaps", "2001:db8::1", 993),
    ]  # fmt: skip


def test_what_is_not_offered_is_told_and_not_asked() -> None:
    found = way("srv:example.org", POP3S, world=FakeDns().found("_pop3s._tcp.example.org", "SRV", [SrvRecord(0, 0, 0, "")]))
    assert [one.not_offered for one in found.announced] == [True] and not found.places
    assert found.failure is not None and found.failure.kind is ErrorKind.DNS_NOT_FOUND


def test_a_failure_is_not_absence() -> None:
    found = way("srv:example.org", IMAPS, POP3S, world=FakeDns().error("_imaps._tcp.example.org", "SRV"))
    assert found.failure is not None and found.failure.kind is ErrorKind.DNS_ERROR
    partly = way("srv:example.org", IMAPS, POP3S, world=dns().error("_pop3s._tcp.example.org", "SRV"))
    assert partly.failure is None and partly.announced[-1].failure is not None


def test_a_target_without_address_is_a_place_with_a_failure() -> None:
    world = FakeDns().found("_imaps._tcp.example.org", "SRV", [SrvRecord(0, 0, 993, "gone.example.org")])
    found = way("srv:example.org", IMAPS, world=world)
    assert [(one.candidate.host, one.failure is not None) for one in found.places] == [("gone.example.org", True)]


def test_services_without_a_name_for_srv_are_left_out() -> None:
    world = dns()
    way("srv:example.org", MailService.SMTP, MailService.LMTP, IMAPS, world=world)
    assert world.names("SRV") == ["_imaps._tcp.example.org"]
