# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a target to the endpoints to ask: the addresses of a host, or SRV records and the addresses of their targets.

SRV records are read as RFC 6186 has them: every record of every service is one place to ask, `.` says that a service is not offered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask, Outcome, SrvRecord, noting
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService, service_at, srv_owner
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import AddressFamily, Candidate
from ansible_collections.mailops.tls.plugins.module_utils._probe.host_addresses import HostAddresses, name_service_error

FindHost = Callable[[str], Awaitable[HostAddresses]]
"""The addresses of a host."""
RECORD_LIMIT = 20
"""Most SRV records of one service, and most addresses of one host, that are used."""


@dataclass(frozen=True)
class Announcement:
    """One SRV record, or that there is none of a service.

    Attributes:
        service: what it announces.
        owner: its owner name.
        record: its data; None where there is none.
        secure: whether it was validated.
        failure: why nothing is known.
    """

    service: MailService
    owner: str
    record: SrvRecord | None = None
    secure: bool = False
    failure: Failure | None = None

    @property
    def not_offered(self) -> bool:
        """Whether the domain says that it does not have the service."""
        return self.record is not None and not self.record.target

    def as_facts(self) -> dict[str, object]:
        """Return the item of `srv` in results."""
        record = self.record
        return {
            "service": self.service.value,
            "owner": self.owner,
            "priority": record.priority if record else None,
            "weight": record.weight if record else None,
            "port": record.port if record else None,
            "target": record.target if record else None,
            "secure": self.secure,
            "not_offered": self.not_offered,
            "error": self.failure.as_dict() if self.failure else None,
        }


@dataclass(frozen=True)
class ServiceAddress:
    """One endpoint to ask, and how it was found; *failure* where a host has no address to ask at."""

    service: MailService
    candidate: Candidate
    announced: Announcement | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class Way:
    """What a target led to."""

    places: tuple[ServiceAddress, ...] = ()
    announced: tuple[Announcement, ...] = ()
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()
    ad_untrusted: bool = False
    without_ad: frozenset[str] = frozenset()


async def find_way(
    target: MailTarget, services: Sequence[MailService], ask: Ask, find_host: Callable[[str, Ask], Awaitable[HostAddresses]],
    family: AddressFamily = AddressFamily.ANY,
) -> Way:  # fmt: skip
    """Return the way to a target's endpoints. What DNS does wrong is in it; nothing is raised for that."""
    without_ad: set[str] = set()
    noted = noting(ask, without_ad)

    async def find(host: str) -> HostAddresses:
        return await find_host(host, noted)

    way = await (_by_srv(target, services, noted, find) if target.by_srv else _by_host(target, services, find))
    places = sorted(way.places, key=lambda place: _rank(place.candidate.address, family))
    return Way(tuple(places), way.announced, way.failure, way.warnings, way.ad_untrusted, frozenset(without_ad))


def _rank(address: str, family: AddressFamily) -> int:
    return 0 if family is AddressFamily.ANY else int((":" in address) is not (family is AddressFamily.IPV6))


async def _by_host(target: MailTarget, services: Sequence[MailService], find_host: FindHost) -> Way:
    found = await find_host(target.name)
    if target.port is not None:
        # Of several services the one that IANA has at the port is meant; one alone can be at any port.
        services = [service for service in services if service is service_at(target.port)] or services[:1]
    addresses = found.addresses[:RECORD_LIMIT]
    places = [
        ServiceAddress(service, Candidate(target.name, one.canonical_name, one.address, port, secure=one.secure))
        for service, port in ((service, target.port or service.terms.port) for service in services)
        for one in addresses
    ]
    return Way(tuple(places), (), found.failure, found.warnings, found.ad_untrusted)


async def _by_srv(target: MailTarget, services: Sequence[MailService], ask: Ask, find_host: FindHost) -> Way:
    wanted = [service for service in services if service.terms.announced]
    groups = await asyncio.gather(*(_announcements(target.name, service, ask) for service in wanted))
    announced = tuple(one for group in groups for one in group)
    offered = [one for one in announced if one.record and one.record.target]
    hosts = {record.target: None for record in (one.record for one in offered) if record}
    addresses = dict(zip(hosts, await asyncio.gather(*(find_host(host) for host in hosts))))
    places = [place for one in offered for place in _places(one, addresses)]
    warnings = tuple(warning for found in addresses.values() for warning in found.warnings)
    untrusted = any(found.ad_untrusted for found in addresses.values())
    return Way(tuple(places), announced, None if places else _nothing(target, announced), warnings, untrusted)


async def _announcements(domain: str, service: MailService, ask: Ask) -> list[Announcement]:
    owner = srv_owner(service, domain)
    answer = await ask(owner, "SRV", True)
    if answer.outcome is Outcome.ERROR:
        failure = Failure(ErrorKind.DNS_ERROR, CommonPhase.DNS, name_service_error(answer))
        return [Announcement(service, owner, failure=failure)]
    records = [record for record in answer.records if isinstance(record, SrvRecord)][:RECORD_LIMIT]
    ordered = sorted(records, key=lambda record: (record.priority, -record.weight, record.target, record.port))
    return [Announcement(service, owner, record, answer.secure) for record in ordered]


def _places(announced: Announcement, addresses: dict[str, HostAddresses]) -> list[ServiceAddress]:
    record = announced.record
    if record is None:
        return []
    found = addresses[record.target]
    if not found.addresses:
        nowhere = Candidate(record.target, "", "", record.port, record.priority)
        return [ServiceAddress(announced.service, nowhere, announced, found.failure)]
    return [
        ServiceAddress(
            announced.service,
            Candidate(record.target, one.canonical_name, one.address, record.port, record.priority, one.secure),
            announced,
        )
        for one in found.addresses[:RECORD_LIMIT]
    ]


def _nothing(target: MailTarget, announced: Sequence[Announcement]) -> Failure:
    """Why there is nothing to ask: a failure outweighs that nothing is announced."""
    failed = next((one.failure for one in announced if one.failure), None)
    if failed:
        return failed
    text = f"{target.name} announces none of these services by SRV records"
    return Failure(ErrorKind.DNS_NOT_FOUND, CommonPhase.DNS, text)
