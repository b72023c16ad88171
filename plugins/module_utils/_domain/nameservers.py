# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The name servers of a domain's zone: do all of them serve it, in the same version, with the same answers about mail.

Sources: RFC 1034 section 4.2, RFC 1982, RFC 2182. Other resolvers are compared here too, to see how far a change has come.

A server that could not be asked is not one that answers otherwise: it takes no part in comparisons. Delegation and zone are compared only
where both are known.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import mail_dns
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import (
    Answer,
    Ask,
    MxRecord,
    Outcome,
    RecordData,
    SrvRecord,
    TxtRecord,
)
from ansible_collections.mailops.tls.plugins.module_utils._dns.findings import resolver_failure, server_failure, server_not_tried
from ansible_collections.mailops.tls.plugins.module_utils._dns.zone_servers import set_mismatch
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import Noticed, joined
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

DnsQuestion = tuple[str, str]
"""Owner name and type."""
_NAMES = frozenset(("CNAME", "NS", "PTR"))
_SOA = re.compile(r"(\S+) (\S+) ([0-9]{1,10}) ([0-9]{1,10}) ([0-9]{1,10}) ([0-9]{1,10}) ([0-9]{1,10})")


@dataclass(frozen=True)
class SoaValues:
    """The fields of an SOA record (RFC 1035 section 3.3.13); names without final dot."""

    mname: str
    rname: str
    serial: int
    refresh: int
    retry: int
    expire: int
    minimum: int

    def as_facts(self) -> dict[str, Any]:
        """Return `soa`."""
        return dict(vars(self))


@dataclass(frozen=True)
class AskedServer:
    """One address of one name server, and what it said.

    Attributes:
        server: its name.
        address: the address; empty where it has none.
        authoritative: whether it answered for the zone with authority; None where it could not be asked.
        serial: of the zone as it has it.
        error: why it said nothing.
        answers: the records of each question, by `record_text`; what it did not tell is missing.
        tried: false for an address to which this machine has no route.
        silent: why it did not answer some of the questions, though it serves the zone.
    """

    server: str
    address: str
    authoritative: bool | None = None
    serial: int | None = None
    error: str | None = None
    answers: Mapping[DnsQuestion, frozenset[str]] = field(default_factory=dict)
    tried: bool = True
    silent: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """`status` in results: ok, not_authoritative, or error."""
        return "error" if self.authoritative is None else "ok" if self.authoritative else "not_authoritative"

    @property
    def name(self) -> str:
        """Name and address, for people."""
        return f"{self.server} ({self.address})" if self.address and self.address != self.server else self.server

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `servers`."""
        return {
            "server": self.server,
            "address": self.address or None,
            "status": self.status,
            "serial": self.serial,
            "authoritative": self.authoritative,
            "error": self.error,
        }


@dataclass(frozen=True)
class ZoneView:
    """A zone as its servers have it.

    Attributes:
        apex: its name; None where it could not be learnt.
        secure: whether its SOA record was validated; None where there is no answer.
        soa: its SOA record as the resolver has it.
        servers: every address of every server.
        delegated_to: the servers that the parent names; None where that is not known.
        own_servers: those that the zone names; None as before.
        error: why something of it is not known.
    """

    apex: str | None
    secure: bool | None = None
    soa: SoaValues | None = None
    servers: tuple[AskedServer, ...] = ()
    delegated_to: frozenset[str] | None = None
    own_servers: frozenset[str] | None = None
    error: str | None = None

    @property
    def agreed(self) -> bool | None:
        """Whether all servers were asked and said the same; None where nobody said anything.

        An address without a route does not count where its server answered at another one.
        """
        known = [one for one in self.servers if one.authoritative]
        if not known:
            return None
        answered = {one.server for one in known}
        complete = all(one.authoritative or (not one.tried and one.server in answered) for one in self.servers)
        return complete and len({one.serial for one in known}) == 1 and not list(_differences(known))

    def as_facts(self) -> dict[str, Any]:
        """Return `zone` of a domain."""
        return {
            "secure": self.secure,
            "apex": self.apex,
            "soa": self.soa.as_facts() if self.soa else None,
            "servers": [one.as_facts() for one in self.servers],
            "agreed": self.agreed,
            "error": self.error,
        }


def read_soa(answer: Answer) -> SoaValues | None:
    """Return the SOA record of an answer; None where it has none that can be read."""
    for record in answer.records:
        found = _SOA.fullmatch(record) if isinstance(record, str) else None
        if found is not None:
            mname, rname = (clean(found[at], 300).rstrip(".") for at in (1, 2))
            return SoaValues(mname, rname, *(int(found[at]) for at in range(3, 8)))
    return None


def record_text(record: RecordData, rdtype: str) -> str:
    """Return a record as one text that is equal for equal records: names in lower case and without final dot."""
    if isinstance(record, MxRecord):
        return f"{record.preference} {_name(record.exchange)}"
    if isinstance(record, SrvRecord):
        return f"{record.priority} {record.weight} {record.port} {_name(record.target)}"
    if isinstance(record, TlsaRecord):
        return f"{record.usage} {record.selector} {record.matching_type} {record.data.hex()}"
    if isinstance(record, TxtRecord):
        return record.text
    return _name(record) if rdtype in _NAMES else record


def _name(text: str) -> str:
    return text.lower().rstrip(".") or "."


def record_texts(answer: Answer) -> frozenset[str] | None:
    """Return the records of an answer as texts, none for absence, and None for what is not known."""
    if answer.outcome is Outcome.ERROR:
        return None
    return frozenset(record_text(one, answer.rdtype) for one in answer.records)


def _differences(servers: Sequence[AskedServer]) -> Iterable[tuple[DnsQuestion, list[list[AskedServer]]]]:
    """Yield the questions that servers answer differently, with the servers of each answer."""
    for question in dict.fromkeys(question for one in servers for question in one.answers):
        groups: dict[frozenset[str], list[AskedServer]] = {}
        for one in servers:
            if question in one.answers:
                groups.setdefault(one.answers[question], []).append(one)
        if len(groups) > 1:
            yield question, list(groups.values())


def judge_zone(domain: str, view: ZoneView) -> tuple[Finding, ...]:
    """Return what is wrong with the name servers of a domain's zone."""
    noticed = Noticed()
    apex = view.apex or domain
    for one in view.servers:
        if one.authoritative is False:
            noticed.add(mail_dns.NS_NOT_AUTHORITATIVE, apex, f"{one.name}: {one.error or 'it does not serve the zone'}")
    _judge_silence(domain, view, noticed)
    known = [one for one in view.servers if one.authoritative]
    serials: dict[int, list[str]] = {}
    for one in known:
        if one.serial is not None:
            serials.setdefault(one.serial, []).append(one.name)
    if len(serials) > 1:
        text = "; ".join(f"{serial} at {', '.join(names[:5])}" for serial, names in sorted(serials.items(), reverse=True))
        noticed.add(mail_dns.NS_SERIAL_DIFFERS, apex, text)
    for (owner, rdtype), groups in _differences(known):
        told = " or ".join(", ".join(one.name for one in group[:5]) for group in groups[:5])
        noticed.add(mail_dns.NS_ANSWERS_DIFFER, owner, f"{rdtype}: other records at {told}")
    _judge_servers(apex, view, noticed)
    if view.secure is False:
        noticed.add(mail_dns.ZONE_INSECURE, apex, "the answers about the zone are not validated")
    return noticed.findings()


def _judge_silence(domain: str, view: ZoneView, noticed: Noticed) -> None:
    """Say which servers say nothing. Where none at all answers it is more likely that nobody can be asked from here."""
    if view.apex is None:
        noticed.include(resolver_failure(domain, view.error))
        return
    answered = {one.server for one in view.servers if one.authoritative is not None}
    silent = [one for one in view.servers if one.authoritative is None]
    if silent and not answered:
        told = joined([f"{one.name}: {one.error or 'no answer'}" for one in silent])
        noticed.include(server_not_tried(view.apex, f"none of its name servers was heard from here: {told}"))
        return
    for one in silent:
        if one.tried:
            noticed.include(server_failure(one.name, one.error or "no answer"))
        elif one.server not in answered:
            noticed.include(server_not_tried(one.name, one.error or "not asked"))
    for one in view.servers:
        if one.silent:
            noticed.include(server_failure(one.name, joined(one.silent)))


def _judge_servers(apex: str, view: ZoneView, noticed: Noticed) -> None:
    """Say what is wrong with the list of servers."""
    names = view.own_servers or view.delegated_to
    addresses = {one.address for one in view.servers if one.address}
    if names is not None and len(names) == 1:
        noticed.add(mail_dns.NS_SINGLE, apex, f"its only name server is {', '.join(names)}")
    elif names is not None and len(addresses) == 1 and view.error is None:
        noticed.add(mail_dns.NS_SINGLE, apex, f"all its name servers have the address {', '.join(addresses)}")
    if view.delegated_to is not None and view.own_servers is not None and view.delegated_to != view.own_servers:
        only_parent = ", ".join(sorted(view.delegated_to - view.own_servers)) or "none"
        only_zone = ", ".join(sorted(view.own_servers - view.delegated_to)) or "none"
        noticed.include(set_mismatch(apex, f"only the parent names: {only_parent}; only the zone: {only_zone}"))


@dataclass(frozen=True)
class PropagationDifference:
    """What a name server lacks, and has beyond the resolver, of one owner and type."""

    owner: str
    rdtype: str
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `differences`."""
        return {"owner": self.owner, "type": self.rdtype, "missing": list(self.missing), "extra": list(self.extra)}


@dataclass(frozen=True)
class Propagation:
    """How far a name server has what the resolver has. `errors` are questions that it did not answer."""

    nameserver: str
    differences: tuple[PropagationDifference, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def agreed(self) -> bool | None:
        """Whether all is the same; None where no difference is known and not everything either."""
        return False if self.differences else None if self.errors else True

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `propagation`."""
        return {
            "nameserver": self.nameserver,
            "agreed": self.agreed,
            "differences": [one.as_facts() for one in self.differences],
            "errors": list(self.errors),
        }


async def compare_nameservers(
    questions: Sequence[DnsQuestion], ask: Ask, others: Mapping[str, Ask]
) -> tuple[Propagation, ...]:
    """Ask others the same questions as the resolver, and say what they have otherwise."""

    async def answers(asked: Ask) -> list[Answer]:
        return list(await asyncio.gather(*(asked(owner, rdtype, False) for owner, rdtype in questions)))

    own, *told = await asyncio.gather(answers(ask), *(answers(other) for other in others.values()))
    return tuple(_propagation(name, own, theirs) for name, theirs in zip(others, told))


def _propagation(nameserver: str, own: Sequence[Answer], theirs: Sequence[Answer]) -> Propagation:
    differences, errors = [], []
    for mine, answer in zip(own, theirs):
        here, there = record_texts(mine), record_texts(answer)
        if here is None or there is None:
            failed = answer if there is None else mine
            errors.append(f"{failed.rdtype} of {clean(failed.name, 300)}: {failed.error or 'no answer'}")
        elif here != there:
            missing, extra = tuple(sorted(here - there)), tuple(sorted(there - here))
            differences.append(PropagationDifference(mine.name, mine.rdtype, missing, extra))
    return Propagation(nameserver, tuple(differences), tuple(errors))


@dataclass(frozen=True)
class ServerWord:
    """What one server said to one question. `authoritative` is None for one that could not be asked, or was not *tried*."""

    authoritative: bool | None
    records: frozenset[str] = frozenset()
    serial: int | None = None
    error: str | None = None
    tried: bool = True


AskServer = Callable[[str, str, str], Awaitable[ServerWord]]
"""Asks the server at an address: (address, owner name, type) -> ServerWord. Never raises for what servers do."""


async def ask_servers(
    apex: str, servers: Sequence[tuple[str, str]], questions: Sequence[DnsQuestion], ask_server: AskServer
) -> tuple[AskedServer, ...]:
    """Ask every server, by name and address, for the SOA record of the zone and all questions."""
    return tuple(await asyncio.gather(*(_ask_server(apex, name, address, questions, ask_server) for name, address in servers)))


async def _ask_server(apex: str, name: str, address: str, questions: Sequence[DnsQuestion], ask_server: AskServer) -> AskedServer:
    if not address:
        return AskedServer(name, "", error="it has no address")
    soa = await ask_server(address, apex, "SOA")
    if not soa.authoritative or soa.serial is None:
        known = None if soa.authoritative is None else False
        return AskedServer(name, address, known, soa.serial, soa.error, tried=soa.tried)
    words = await asyncio.gather(*(ask_server(address, owner, rdtype) for owner, rdtype in questions))
    answers = {question: word.records for question, word in zip(questions, words) if word.authoritative}
    # A referral or REFUSED may be right: parts of a zone are often delegated to others.
    failed = [(question, word.error) for question, word in zip(questions, words) if word.authoritative is None and word.error]
    silent = [f"{rdtype} of {clean(owner, 300)}: {error}" for (owner, rdtype), error in failed]
    return AskedServer(name, address, True, soa.serial, None, answers, silent=tuple(silent))
