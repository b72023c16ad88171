# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SRV records by which mail clients find their servers (RFC 2782, RFC 6186, RFC 8314 section 5.1; JMAP: RFC 8620 section 2.2).

The target "." says that a service is not offered, which is right and no mistake. Names that clients do not ask for are looked up too,
so that whoever published one is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import setup
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, Outcome, SrvRecord
from ansible_collections.mailops.tls.plugins.module_utils._domain.announced import AnnouncedServer, AnnouncedTls, ProbedServer
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import Noticed
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import dns_failure
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService, service_at

JMAP, MISNAMED = "jmap", "smtps"
SERVICES = (*(one.value for one in MailService if one.terms.announced), JMAP, MISNAMED)
"""What is looked up, in the order of results."""
MOST_RECORDS = 20
_TYPES = {"imap": "imap", "imaps": "imap", "pop3": "pop3", "pop3s": "pop3", "submission": "smtp", "submissions": "smtp"}


@dataclass(frozen=True)
class SrvEntry:
    """One SRV record, or why there is nothing to say of a service.

    Attributes:
        service: its name without the underscore.
        owner: the owner name.
        record: the data; None where the lookup failed.
        secure: whether it was validated.
        alias: whether the target is an alias; None where that is not known or there is no target.
        has_address: whether the target has an address; None as before.
        failure: why nothing is known.
    """

    service: str
    owner: str
    record: SrvRecord | None = None
    secure: bool = False
    alias: bool | None = None
    has_address: bool | None = None
    failure: Failure | None = None

    @property
    def not_offered(self) -> bool:
        """Whether the domain says that it does not have the service."""
        return self.record is not None and not self.record.target

    @property
    def offered(self) -> bool:
        """Whether a client will connect."""
        return self.record is not None and bool(self.record.target)

    @property
    def name(self) -> str:
        """Service, target and port, for people and as the key of its probe."""
        return f"{self.owner} {self.record.target}:{self.record.port}" if self.record else self.owner

    def as_facts(self, probe: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the item of `srv`, with what a probe of it found."""
        record = self.record
        return {
            "service": self.service,
            "owner": self.owner,
            "priority": record.priority if record else None,
            "weight": record.weight if record else None,
            "port": record.port if record else None,
            "target": record.target if record else None,
            "secure": self.secure,
            "not_offered": self.not_offered,
            "alias": self.alias,
            "probe": dict(probe) if probe is not None else None,
            "error": self.failure.as_dict() if self.failure else None,
        }


async def look_up_srv(domain: str, ask: Ask) -> tuple[SrvEntry, ...]:
    """Return the SRV records of a domain's mail services; services without one are not among them."""
    owners = {service: f"_{service}._tcp.{domain}" for service in SERVICES}
    answers = dict(zip(owners, await asyncio.gather(*(ask(owner, "SRV", True) for owner in owners.values()))))
    targets = {one.target: None for answer in answers.values() for one in _records(answer) if one.target}
    seen = dict(zip(targets, await asyncio.gather(*(_look_at(target, ask) for target in targets))))
    entries: list[SrvEntry] = []
    for service, answer in answers.items():
        if answer.outcome is Outcome.ERROR:
            entries.append(SrvEntry(service, owners[service], failure=dns_failure(answer)))
        for record in _records(answer):
            alias, has_address = seen[record.target] if record.target else (None, None)
            entries.append(SrvEntry(service, owners[service], record, answer.secure, alias, has_address))
    return tuple(entries)


def _records(answer: Answer) -> list[SrvRecord]:
    records = [one for one in answer.records if isinstance(one, SrvRecord)]
    return sorted(records, key=lambda one: (one.priority, -one.weight, one.target, one.port))[:MOST_RECORDS]


async def _look_at(target: str, ask: Ask) -> tuple[bool | None, bool | None]:
    """Whether a name is an alias, and whether it has an address; None for what DNS does not tell."""
    answers = await asyncio.gather(*(ask(target, rdtype, True) for rdtype in ("A", "AAAA")))
    known = [one for one in answers if one.outcome is not Outcome.ERROR]
    alias = any(one.canonical_name.lower().rstrip(".") != target.lower().rstrip(".") for one in known if one.canonical_name)
    has_address = True if any(one.found for one in known) else False if len(known) == len(answers) else None
    return alias if known else None, has_address


def announced_by_srv(entries: Iterable[SrvEntry]) -> tuple[AnnouncedServer, ...]:
    """Return the servers that the records announce."""
    servers = []
    for entry in entries:
        if entry.record is None or not entry.record.target or entry.service not in _TYPES:
            continue
        implicit = MailService(entry.service).terms.tls_mode is TlsMode.IMPLICIT
        servers.append(AnnouncedServer(
            "outgoing" if _TYPES[entry.service] == "smtp" else "incoming",
            _TYPES[entry.service],
            entry.record.target,
            entry.record.port,
            AnnouncedTls.IMPLICIT if implicit else AnnouncedTls.STARTTLS,
        ))  # fmt: skip
    return tuple(servers)


def judge_srv(domain: str, entries: Iterable[SrvEntry], probed: Mapping[str, ProbedServer] | None = None) -> tuple[Finding, ...]:
    """Return what is wrong with the records of a domain.

    Args:
        domain: the domain.
        entries: its records.
        probed: by `name` of an entry what came of probing it; what is missing was not probed.
    """
    noticed = Noticed()
    entries = tuple(entries)
    for entry in entries:
        if entry.record is None or not entry.record.target:
            continue
        record, owner = entry.record, entry.owner
        if entry.alias:
            noticed.add(setup.SRV_TARGET_ALIAS, owner, f"{record.target} is an alias")
        if entry.has_address is False:
            noticed.add(setup.SRV_TARGET_NO_ADDRESS, owner, f"{record.target} has no address")
        other = service_at(record.port)
        if other is not None and other.value != entry.service and entry.service != MISNAMED:
            noticed.add(setup.SRV_PORT_UNUSUAL, owner, f"port {record.port} is that of {other.value}")
        if entry.service == MISNAMED:
            noticed.add(setup.SRV_UNREGISTERED_NAME, owner, f"{record.target}:{record.port}")
        probe = (probed or {}).get(entry.name)
        if probe is not None and probe.satisfied is False:
            noticed.add(setup.SRV_SERVER_FAILS, owner, f"{record.target}:{record.port}: {probe.text}")
    _judge_sisters(domain, entries, noticed)
    return noticed.findings()


def _judge_sisters(domain: str, entries: tuple[SrvEntry, ...], noticed: Noticed) -> None:
    """Say what is offered without its sister that has implicit TLS. Where the lookup of the sister failed nothing is said."""
    offered = {one.service for one in entries if one.offered}
    unknown = {one.service for one in entries if one.failure is not None}
    for service in MailService:
        sister = service.terms.sister
        if sister is not None and service.value in offered and sister.value not in offered | unknown:
            noticed.add(setup.SRV_NO_IMPLICIT_TLS, domain, f"_{service.value} is there, _{sister.value} is not")
