# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exchanges of a domain, and what the domain is for (RFC 5321 section 5.1, RFC 7505)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import mail_dns as catalogue
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, MxRecord, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_address
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import Noticed
from ansible_collections.mailops.tls.plugins.module_utils._domain.public_address import is_public
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import dns_failure
from ansible_collections.mailops.tls.plugins.module_utils._domain.reverse_names import ReverseNames, look_up_reverse
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding, Severity
from ansible_collections.mailops.tls.plugins.module_utils._text import inert

MOST_EXCHANGES, MOST_ADDRESSES = 20, 16
"""Most exchanges, and addresses of each, whose names are asked for: whoever has a hundred of both means no good."""
_NULL = ""


class DomainRole(str, Enum):
    """What a domain is for, as its records have it."""

    SENDS_AND_RECEIVES = "sends_and_receives"
    RECEIVES_ONLY = "receives_only"
    SENDS_ONLY = "sends_only"
    PARKED = "parked"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class DomainExchange:
    """One exchange: its addresses with their names. `canonical` is where an alias leads, `failure` why addresses may be missing."""

    preference: int
    name: str
    addresses: tuple[ReverseNames, ...] = ()
    canonical: str | None = None
    failure: Failure | None = None
    expected_down: bool = False

    @property
    def is_alias(self) -> bool:
        """Whether its name is an alias."""
        return self.canonical is not None

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `exchanges`; `probe` is for whoever connects."""
        return {
            "preference": self.preference,
            "exchange": inert(self.name, 300),
            "alias": self.is_alias,
            "addresses": [one.as_facts() for one in self.addresses],
            "probe": None,
            "expected_down": self.expected_down,
            "error": self.failure.as_dict() if self.failure else None,
        }


@dataclass(frozen=True)
class MxView:
    """Where mail for a domain goes. `found` is None where nobody could be asked.

    `nulls` are the preferences of null MX records. `implicit` means that there is no MX, and the domain's own address is used.
    """

    domain: str
    found: bool | None
    exchanges: tuple[DomainExchange, ...] = ()
    nulls: tuple[int, ...] = ()
    implicit: bool = False
    secure: bool = False
    ttl: int | None = None
    failure: Failure | None = None

    @property
    def receives(self) -> bool | None:
        """Whether the domain takes mail; None where nobody knows. One null MX refuses all mail, whatever stands beside it."""
        if self.found is None:
            return None
        if self.nulls:
            return False
        if self.found or self.implicit:
            return True
        return None if self.failure is not None else False

    def as_facts(self) -> dict[str, Any]:
        """Return the fact `mx`."""
        return {
            "found": self.found,
            "null_mx": bool(self.nulls) if self.found is not None else None,
            "implicit": self.implicit,
            "secure": self.secure,
            "ttl": self.ttl,
            "exchanges": [one.as_facts() for one in self.exchanges],
            "error": self.failure.as_dict() if self.failure else None,
        }


async def look_up_mx(domain: str, ask: Ask, expected_down: frozenset[str] = frozenset(), *, reverse: bool = True) -> MxView:
    """Return the exchanges of a domain, the most preferred first.

    Args:
        domain: its name in ASCII.
        ask: how DNS is asked.
        expected_down: exchanges that may be down by design, in lower case.
        reverse: whether the names of addresses are asked for.
    """
    answer = await ask(domain, "MX", True)
    if answer.outcome is Outcome.ERROR:
        return MxView(domain, None, failure=dns_failure(answer))
    records = sorted((one for one in answer.records if isinstance(one, MxRecord)), key=lambda one: one.preference)
    if not records:
        own = await _exchange(MxRecord(0, domain), ask, expected_down, reverse)
        there = bool(own.addresses)
        return MxView(domain, False, (own,) if there else (), (), there, answer.secure, answer.ttl, None if there else own.failure)
    named = [one for one in records if one.exchange != _NULL]
    looks = [_exchange(one, ask, expected_down, reverse and number < MOST_EXCHANGES) for number, one in enumerate(named)]
    exchanges = await asyncio.gather(*looks) if len(looks) > 1 else [await one for one in looks]
    nulls = tuple(one.preference for one in records if one.exchange == _NULL)
    return MxView(domain, True, tuple(exchanges), nulls, False, answer.secure, answer.ttl)


async def _exchange(record: MxRecord, ask: Ask, expected_down: frozenset[str], reverse: bool) -> DomainExchange:
    name, down = record.exchange, record.exchange.lower() in expected_down
    if is_address(name):
        return DomainExchange(record.preference, name, expected_down=down)
    answers = [await ask(name, rdtype, True) for rdtype in ("A", "AAAA")]
    found = [address for answer in answers for address in answer.records if isinstance(address, str)]
    failed = next((answer for answer in answers if answer.outcome is Outcome.ERROR), None)
    addresses = [
        await look_up_reverse(address, ask) if reverse and number < MOST_ADDRESSES else ReverseNames(address)
        for number, address in enumerate(dict.fromkeys(found))
    ]
    return DomainExchange(
        record.preference, name, tuple(addresses), _alias(name, answers), dns_failure(failed) if failed is not None else None, down
    )


def _alias(name: str, answers: list[Answer]) -> str | None:
    """Return where a name leads if it is an alias."""
    for answer in answers:
        if answer.outcome is not Outcome.ERROR and answer.canonical_name and answer.canonical_name.lower() != name.lower():
            return answer.canonical_name
    return None


def lint_mx(
    view: MxView, sends: bool | None = None, silent: Mapping[str, str] | None = None, *, private_allowed: bool = False
) -> tuple[Finding, ...]:
    """Return what is wrong with the exchanges of a domain.

    Args:
        view: what was seen.
        sends: whether SPF names senders of the domain; None where nobody knows.
        silent: exchanges that do not answer, in lower case, each with the reason; None when they were not asked.
        private_allowed: whether the look is from within a network, whose own addresses are no mistake there.
    """
    noticed = Noticed()
    if view.found is False and view.failure is None:
        own = ", ".join(address.address for one in view.exchanges for address in one.addresses[:5])
        where = f"mail goes to {own}" if view.implicit else "there is no address either"
        noticed.add(catalogue.MX_MISSING, view.domain, f"{view.domain} has no MX record; {where}")
    if view.nulls:
        _null(noticed, view, sends)
    seen: dict[str, int] = {}
    for one in view.exchanges:
        key = one.name.lower()
        if key in seen:
            noticed.add(catalogue.MX_EXCHANGE_TWICE, one.name, f"{one.name} has the preferences {seen[key]} and {one.preference}")
        seen.setdefault(key, one.preference)
        if not view.implicit:
            _judge_exchange(noticed, one, private_allowed)
        if silent is not None and key in silent:
            severity = Severity.NOTICE if one.expected_down else None
            by_design = ", which is expected" if one.expected_down else ""
            noticed.add(catalogue.MX_EXCHANGE_DOWN, one.name, f"{silent[key]}{by_design}", severity)
    return noticed.findings()


def _null(noticed: Noticed, view: MxView, sends: bool | None) -> None:
    if view.exchanges:
        others = ", ".join(one.name for one in view.exchanges[:5])
        noticed.add(catalogue.MX_NULL_WITH_OTHERS, view.domain, f"a null MX stands beside {others}")
    for preference in view.nulls:
        if preference:
            noticed.add(catalogue.MX_NULL_PREFERENCE, view.domain, f"its preference is {preference}")
    if sends:
        noticed.add(catalogue.MX_NULL_BUT_SENDS, view.domain, "there is a null MX, and the SPF record names senders")


def _judge_exchange(noticed: Noticed, one: DomainExchange, private_allowed: bool) -> None:
    if is_address(one.name):
        noticed.add(catalogue.MX_EXCHANGE_IS_ADDRESS, one.name, f"{one.name} is an address")
        return
    if one.canonical is not None:
        noticed.add(catalogue.MX_EXCHANGE_ALIAS, one.name, f"{one.name} is an alias of {one.canonical}")
    if not one.addresses and one.failure is None:
        noticed.add(catalogue.MX_EXCHANGE_NO_ADDRESS, one.name, f"{one.name} has neither A nor AAAA records")
    for address in one.addresses:
        if not is_public(address.address):
            noticed.add(catalogue.MX_EXCHANGE_PRIVATE_ADDRESS, one.name, address.address, Severity.NOTICE if private_allowed else None)


def domain_role(view: MxView, sends_nobody: bool | None, spf_absent: bool, rejects_forged: bool | None) -> DomainRole:
    """Return what a domain is for.

    SPF that denies everybody, or has a list, decides on sending. A domain without SPF that takes mail is taken to send, too: nothing
    denies it. One that takes none is parked if DMARC has forged mail rejected.

    Args:
        view: its exchanges.
        sends_nobody: whether SPF denies everybody; None where there is no telling.
        spf_absent: whether it certainly has no SPF.
        rejects_forged: whether DMARC has forged mail rejected; None where nobody knows.
    """
    receives = view.receives
    sends = None if sends_nobody is None else not sends_nobody
    if sends is None and spf_absent and receives is not None:
        sends = True if receives else False if rejects_forged else None
    if receives is None or sends is None:
        return DomainRole.UNKNOWN
    return {
        (True, True): DomainRole.SENDS_AND_RECEIVES,
        (True, False): DomainRole.RECEIVES_ONLY,
        (False, True): DomainRole.SENDS_ONLY,
        (False, False): DomainRole.PARKED,
    }[receives, sends]
