# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Block lists in DNS: is an address or a domain on one, and does the list work at all (RFC 5782).

    question    2.2.0.192.zone for 192.0.2.2, the nibbles of an IPv6 address, the domain itself
    answer      127.0.0.0/8, but for the addresses below, is a listing
    refused     127.255.255.0/24 and 127.0.1.255 (Spamhaus), 127.0.0.1 (URIBL, and RFC 5782 forbids it), the rcode REFUSED
    rewritten   an address outside 127.0.0.0/8: a resolver that invents addresses
    health      127.0.0.2, ::FFFF:7F00:2 or TEST has to be listed; 127.0.0.1, ::FFFF:7F00:1 or INVALID must not be (section 5)
                in place of TEST, lists of domains have test.surbl.org, test.uribl.com or dbltest.com

An answer of a list that is not healthy is no listing. A list of addresses is not asked about domains, nor one of domains about addresses.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import mail_dns
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.findings import resolver_failure
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import Noticed
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import dns_failure, texts
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

MOST_TEXTS, MOST_CODES = 5, 20
_LISTINGS = ipaddress.IPv4Network("127.0.0.0/8")
_REFUSALS = (ipaddress.IPv4Network("127.255.255.0/24"), ipaddress.IPv4Network("127.0.1.255/32"), ipaddress.IPv4Network("127.0.0.1/32"))
_REFUSED = re.compile(r"REFUSED\b")


class Listing(str, Enum):
    """Whether a subject is on a list; `status` of an item of `dnsbl`."""

    LISTED = "listed"
    NOT_LISTED = "not_listed"
    BLOCKED = "blocked"
    BROKEN = "broken"
    ERROR = "error"


class ListKind(str, Enum):
    """What a list is asked about, with the two names that tell whether it works."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"
    DOMAIN = "domain"

    @property
    def tests(self) -> tuple[str, str]:
        """What has to be listed, and what must not be."""
        return _TESTS[self]


_TESTS = {
    ListKind.IPV4: ("127.0.0.2", "127.0.0.1"),
    ListKind.IPV6: ("::ffff:7f00:2", "::ffff:7f00:1"),
    ListKind.DOMAIN: ("test", "invalid"),
}


@dataclass(frozen=True)
class ZoneHealth:
    """Whether a list does as RFC 5782 says, for one kind of subject. `healthy` is None where that could not be learnt.

    `reads` tells whether it lists this kind at all; `blocked` that it does not answer us; `why` what was seen, for people.
    """

    healthy: bool | None
    reads: bool = True
    blocked: bool = False
    why: str = ""


@dataclass(frozen=True)
class ListAnswer:
    """What one list says about one subject."""

    zone: str
    subject: str
    query: str
    status: Listing
    codes: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    health: ZoneHealth = ZoneHealth(None)
    failure: Failure | None = None

    @property
    def rewritten(self) -> tuple[str, ...]:
        """Addresses that no list gives."""
        return tuple(code for code in self.codes if ipaddress.ip_address(code) not in _LISTINGS)

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `dnsbl`."""
        return {
            "zone": self.zone,
            "subject": self.subject,
            "query": self.query,
            "status": self.status.value,
            "codes": list(self.codes),
            "text": list(self.text),
            "zone_healthy": self.health.healthy,
            "error": self.failure.as_dict() if self.failure else None,
        }


def kind_of(subject: str) -> ListKind:
    """Return what kind of list knows a subject."""
    try:
        return ListKind.IPV4 if ipaddress.ip_address(subject).version == 4 else ListKind.IPV6
    except ValueError:
        return ListKind.DOMAIN


def query_name(subject: str, zone: str) -> str:
    """Return the name to ask for (RFC 5782 sections 2.1, 2.4 and 3.1)."""
    try:
        pointer = ipaddress.ip_address(subject).reverse_pointer
    except ValueError:
        return f"{subject.rstrip('.')}.{zone}"
    return f"{pointer.rpartition('.')[0].rpartition('.')[0]}.{zone}"


def _read(answer: Answer) -> tuple[Listing, tuple[str, ...]]:
    """Return what an answer says by itself, and its addresses."""
    if answer.outcome is Outcome.ERROR:
        return Listing.BLOCKED if _REFUSED.match(answer.error or "") else Listing.ERROR, ()
    codes = tuple(one for one in answer.records if isinstance(one, str) and kind_of(one) is ListKind.IPV4)[:MOST_CODES]
    addresses = [ipaddress.IPv4Address(one) for one in codes]
    if any(one not in _LISTINGS for one in addresses):
        return Listing.BROKEN, codes
    if any(one in network for one in addresses for network in _REFUSALS):
        return Listing.BLOCKED, codes
    return Listing.LISTED if codes else Listing.NOT_LISTED, codes


async def zone_health(zone: str, kind: ListKind, ask: Ask) -> ZoneHealth:
    """Return whether a list works for one kind of subject."""
    there, not_there = await asyncio.gather(*(ask(query_name(one, zone), "A", False) for one in kind.tests))
    (first, _codes), (second, codes) = _read(there), _read(not_there)
    if kind is ListKind.DOMAIN and first is Listing.NOT_LISTED:
        others = await asyncio.gather(*(ask(query_name(one, zone), "A", False) for one in _other_tests(zone)))
        first = next((status for status, _codes in map(_read, others) if status is not Listing.NOT_LISTED), first)
    if Listing.BLOCKED in (first,) or (second is Listing.BLOCKED and not _is_only_itself(codes)):
        return ZoneHealth(None, blocked=True, why="the list does not answer this resolver")
    if second not in (Listing.NOT_LISTED, Listing.ERROR):
        return ZoneHealth(False, why=f"{kind.tests[1]} is listed")
    if Listing.ERROR in (first, second):
        return ZoneHealth(None, why=str(there.error or not_there.error))
    if first is Listing.LISTED:
        return ZoneHealth(True)
    return ZoneHealth(False, reads=first is not Listing.NOT_LISTED, why=f"{kind.tests[0]} is not listed")


def _other_tests(zone: str) -> tuple[str, str]:
    """Names that lists of domains have for tests in place of RFC 5782's."""
    return f"test.{'.'.join(zone.rstrip('.').split('.')[-2:])}", "dbltest.com"


def _is_only_itself(codes: Sequence[str]) -> bool:
    """A list that has everything may well answer 127.0.0.1 for 127.0.0.1: that is a listing and no refusal."""
    return bool(codes) and set(codes) == {"127.0.0.1"}


async def ask_lists(zones: Sequence[str], subjects: Iterable[str], ask: Ask) -> tuple[ListAnswer, ...]:
    """Return what each list says of each subject; the two questions for its health are asked once a kind."""
    subjects = tuple(dict.fromkeys(subjects))
    kinds = tuple(dict.fromkeys(kind_of(one) for one in subjects))
    answers = await asyncio.gather(*(_ask_list(zone, subjects, kinds, ask) for zone in dict.fromkeys(zones)))
    return tuple(one for group in answers for one in group)


async def _ask_list(zone: str, subjects: Sequence[str], kinds: Sequence[ListKind], ask: Ask) -> list[ListAnswer]:
    health = await _healths(zone, kinds, ask)
    if not all(one.reads for one in health.values()):
        # Is it a list of another kind? Then it is not broken.
        health.update(await _healths(zone, [kind for kind in (ListKind.IPV4, ListKind.DOMAIN) if kind not in health], ask))
    answers = []
    for subject in subjects:
        judged = _health_for(kind_of(subject), health)
        if judged is not None:
            answers.append(await _ask_one(zone, subject, judged, ask))
    return answers


async def _healths(zone: str, kinds: Sequence[ListKind], ask: Ask) -> dict[ListKind, ZoneHealth]:
    return dict(zip(kinds, await asyncio.gather(*(zone_health(zone, kind, ask) for kind in kinds))))


def _health_for(kind: ListKind, health: dict[ListKind, ZoneHealth]) -> ZoneHealth | None:
    """Return the health that counts for a kind; None for a list that knows other kinds only and works for those."""
    own = health[kind]
    if own.reads:
        return own
    both = health.get(ListKind.IPV4) if kind is ListKind.IPV6 else None
    if both is not None and both.healthy:
        return both  # many have one test entry for both families
    return None if any(one.healthy for one in health.values()) else own


async def _ask_one(zone: str, subject: str, health: ZoneHealth, ask: Ask) -> ListAnswer:
    query = query_name(subject, zone)
    answer = await ask(query, "A", False)
    status, codes = _read(answer)
    failure = dns_failure(answer) if answer.outcome is Outcome.ERROR else None
    if health.healthy is False:
        status = Listing.BROKEN
    elif health.blocked:
        status = Listing.BLOCKED
    elif health.healthy is None and status is not Listing.BLOCKED:
        status = Listing.ERROR
    text: tuple[str, ...] = ()
    if status in (Listing.LISTED, Listing.BLOCKED) and codes:
        text = tuple(clean(one, 300) for one in texts(await ask(query, "TXT", False)))[:MOST_TEXTS]
    return ListAnswer(zone, subject, query, status, codes, text, health, failure)


def judge_lists(answers: Iterable[ListAnswer]) -> tuple[Finding, ...]:
    """Return what is to be told of the answers of lists."""
    noticed = Noticed()
    for one in answers:
        said = f"{', '.join(one.codes) or 'REFUSED'}{': ' + one.text[0] if one.text else ''}"
        if one.rewritten:
            noticed.add(mail_dns.DNSBL_ANSWER_REWRITTEN, one.zone, f"{one.query} is {', '.join(one.rewritten)}")
        elif one.status is Listing.LISTED:
            noticed.add(mail_dns.DNSBL_LISTED, one.subject, f"{one.zone}: {said}")
        elif one.status is Listing.BLOCKED:
            noticed.add(mail_dns.DNSBL_QUERY_REFUSED, one.zone, f"{one.query}: {said}" if one.codes else one.health.why or said)
        elif one.status is Listing.BROKEN:
            noticed.add(mail_dns.DNSBL_ZONE_BROKEN, one.zone, one.health.why)
        elif one.status is Listing.ERROR:
            noticed.include(resolver_failure(one.zone, one.failure.text if one.failure else one.health.why))
    return noticed.findings()
