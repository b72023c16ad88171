# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SPF record with all that it includes, as anybody can see it without a message (RFC 7208 sections 4.6.4, 5.2 and 6.1).

Terms are followed depth first, as if none of them matched, which is what the limits are counted for. What depends on the sender or its
address (macros other than d and o) cannot be followed. Beside check_host() this is the second reader of the same grammar (decision 0116).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from ipaddress import ip_network

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, MxRecord, Outcome, TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import dns_failure
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_check import (
    MOST_EXCHANGES,
    MOST_LOOKUPS,
    MOST_VOID,
    select_records,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_macro import expand, fitting_name, is_askable, letters_of
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_record import (
    DomainSpec,
    MechanismName,
    Network,
    Qualifier,
    SpfMechanism,
    SpfRecord,
    Term,
    parse_record,
    text_of,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure

MOST_FOLLOWED = 30
"""Most terms that DNS is asked for. Receivers stop at 10; behind this one they are only counted."""
MOST_TERMS = 20000
"""Most terms looked at over all records."""
_NOT_FOLLOWED = "is not followed, as there are too many before it"
_KNOWN_LETTERS = frozenset("do")
_NEED_DNS = frozenset(
    (MechanismName.INCLUDE, MechanismName.A, MechanismName.MX, MechanismName.PTR, MechanismName.EXISTS)
)


class SpfStatus(str, Enum):
    """What a domain's SPF is. MACRO: what it includes depends on the message, so its lookups are a lower bound."""

    VALID = "valid"
    PERMERROR = "permerror"
    TEMPERROR = "temperror"
    NONE = "none"
    MULTIPLE = "multiple"
    MACRO = "macro"


class Trouble(Enum):
    """What is wrong with where a term leads."""

    LOOP = "loop"
    NO_RECORD = "no record"
    RECORD_BROKEN = "record broken"
    EXCHANGES = "exchanges"
    DNS = "dns"


@dataclass(frozen=True)
class SeenTerm:
    """A term and where it leads.

    `lookups` and `void` count all below it. `networks` is what it covers, where that can be known. `record` is what is included.
    """

    term: Term
    name: str = ""
    lookups: int = 0
    void: int = 0
    networks: tuple[Network, ...] = ()
    of_message: bool = False
    trouble: Trouble | None = None
    reason: str = ""
    record: SeenRecord | None = None

    @property
    def own_void(self) -> bool:
        """Whether the term itself leads to nothing."""
        return self.void > 0 and self.record is None


@dataclass(frozen=True)
class SeenRecord:
    """The SPF of one name.

    `texts` are its SPF records, `strings` those of the only one, `others` its other TXT records, `terms` what receivers come to.
    """

    domain: str
    via: str = ""
    texts: tuple[str, ...] = ()
    strings: tuple[bytes, ...] = ()
    others: tuple[TxtRecord, ...] = ()
    record: SpfRecord | None = None
    terms: tuple[SeenTerm, ...] = ()
    failure: Failure | None = None

    @cached_property
    def lookups(self) -> int:
        """Terms that need DNS, with all included ones."""
        return sum(term.lookups for term in self.terms)

    @cached_property
    def void(self) -> int:
        """Terms that lead to nothing, with all included ones."""
        return sum(term.void for term in self.terms)

    @cached_property
    def status(self) -> SpfStatus:
        """What receivers make of it. What is wrong for certain counts before what could not be learnt."""
        if self.failure is not None:
            return SpfStatus.TEMPERROR
        if self.record is None:
            return SpfStatus.MULTIPLE if self.texts else SpfStatus.NONE
        troubles = {term.trouble for term in self.terms} - {None}
        if self.record.broken or troubles - {Trouble.DNS} or self.lookups > MOST_LOOKUPS or self.void > MOST_VOID:
            return SpfStatus.PERMERROR
        if troubles:
            return SpfStatus.TEMPERROR
        below = {term.record.status for term in self.terms if term.record is not None}
        unknown = any(term.of_message and _leads_on(term.term) for term in self.terms)
        return SpfStatus.MACRO if unknown or SpfStatus.MACRO in below else SpfStatus.VALID

    @property
    def default(self) -> Qualifier | None:
        """What all senders get that no term names: by `all`, else by redirect; None where nothing says so or nobody knows."""
        if self.record is None:
            return None
        if self.record.all is not None:
            return self.record.all.qualifier
        redirected = next((term for term in self.terms if not isinstance(term.term, SpfMechanism)), None)
        if redirected is not None:
            return redirected.record.default if redirected.record is not None else None
        return None

    @property
    def allows_someone(self) -> bool:
        """Whether any sender can pass, as far as can be known."""
        return any(_lets_pass(term) for term in self.terms)

    @property
    def names_senders(self) -> bool:
        """Whether it has a term that passes, whatever that leads to; redirect counts by the record that it leads to."""
        return any(
            _is_pass(seen.term) and (isinstance(seen.term, SpfMechanism) or seen.record is None or seen.record.names_senders)
            for seen in self.terms
        )

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks that pass, in order and without repetition."""
        found: dict[Network, None] = {}
        for term in self.terms:
            if _is_pass(term.term):
                found.update(dict.fromkeys(term.networks))
        return tuple(found)

    @property
    def includes(self) -> tuple[SeenRecord, ...]:
        """The records below it, depth first, once for each place."""
        found: list[SeenRecord] = []
        for term in self.terms:
            if term.record is not None:
                found += [term.record, *term.record.includes]
        return tuple(found)


async def see_record(domain: str, ask: Ask) -> SeenRecord:
    """Return the SPF of a domain with all that it includes.

    Args:
        domain: its name in ASCII.
        ask: how DNS is asked; nothing is asked twice if it keeps answers.
    """
    name = domain[:-1] if domain.endswith(".") else domain
    return await _Walk(name, ask).record(name, "", ())


def walk_terms(seen: SeenRecord, way: str = "") -> Iterator[tuple[str, SeenTerm]]:
    """Yield every term that receivers come to, each with the way to it."""
    for term in seen.terms:
        yield way, term
        if term.record is not None:
            yield from walk_terms(term.record, f"{way}{term.name}: ")


def why_permerror(record: SeenRecord) -> str | None:
    """Return why a record is a permanent error; None where only a circle or a limit makes it one, which is told by itself."""
    if len(record.texts) > 1:
        return f"{record.domain} has {len(record.texts)} SPF records"
    if record.record is not None and record.record.broken:
        return f"{record.domain} has {record.record.broken[0].told()}"
    for term in record.terms:
        if term.trouble is Trouble.NO_RECORD:
            return f"{record.domain} leads to {term.name}, which has no SPF record"
        if term.trouble is Trouble.RECORD_BROKEN and term.record is not None:
            cause = why_permerror(term.record)
            if cause is not None:
                return cause
    return None


def _is_pass(term: Term) -> bool:
    """Return whether who matches a term passes; redirect takes over what is there."""
    return not isinstance(term, SpfMechanism) or term.qualifier is Qualifier.PASS


def _leads_on(term: Term) -> bool:
    return not isinstance(term, SpfMechanism) or term.name is MechanismName.INCLUDE


def _lets_pass(seen: SeenTerm) -> bool:
    if not _is_pass(seen.term):
        return False
    if seen.record is not None:
        return seen.record.allows_someone
    for_all = isinstance(seen.term, SpfMechanism) and seen.term.name is MechanismName.ALL
    return for_all or bool(seen.networks or seen.of_message or seen.reason)


class _Walk:
    """One walk, which counts for all records together how much it still may ask."""

    def __init__(self, domain: str, ask: Ask) -> None:
        self._ask, self._top = ask, domain
        self._follow, self._look = MOST_FOLLOWED, MOST_TERMS

    async def record(self, domain: str, via: str, above: tuple[str, ...]) -> SeenRecord:
        """Return the record of a name, reached from the names above it."""
        answer = await self._answer(domain, "TXT")
        if answer.outcome is Outcome.ERROR:
            return SeenRecord(domain, via, failure=dns_failure(answer))
        texts = select_records(answer)
        records = [one for one in answer.records if isinstance(one, TxtRecord)]
        others = tuple(one for one in records if text_of(one) not in texts)
        if len(texts) != 1:
            return SeenRecord(domain, via, texts, others=others)
        strings = next(one.strings for one in records if text_of(one) == texts[0])
        parsed = parse_record(texts[0])
        seen = await self._terms(parsed, domain, (*above, domain.lower()))
        return SeenRecord(domain, via, texts, strings, others, parsed, seen)

    async def _terms(self, record: SpfRecord, domain: str, above: tuple[str, ...]) -> tuple[SeenTerm, ...]:
        """Return the terms that receivers come to: mechanisms up to `all`, and redirect where there is none."""
        seen = []
        for mechanism in record.mechanisms:
            if self._look <= 0:
                break
            self._look -= 1
            seen.append(await self._mechanism(mechanism, domain, above))
            if mechanism.name is MechanismName.ALL:
                break
        redirect = record.modifier("redirect")
        if redirect is not None and record.all is None:
            seen.append(await self._record_below(redirect, redirect.target, domain, above))
        return tuple(seen)

    async def _mechanism(self, mechanism: SpfMechanism, domain: str, above: tuple[str, ...]) -> SeenTerm:
        if mechanism.network is not None:
            return SeenTerm(mechanism, networks=(mechanism.network,))
        if mechanism.name not in _NEED_DNS:
            return SeenTerm(mechanism)
        if mechanism.name is MechanismName.INCLUDE:
            return await self._record_below(mechanism, mechanism.target, domain, above)
        name = self._name(mechanism.target, domain)
        if name is None or mechanism.name is MechanismName.PTR:
            return SeenTerm(mechanism, name or "", 1, of_message=True)
        if self._follow <= 0:
            return SeenTerm(mechanism, name, 1, reason=_NOT_FOLLOWED)
        self._follow -= 1
        if mechanism.name is MechanismName.EXISTS:
            answer = await self._answer(name, "A")
            return _seen(mechanism, answer, of_message=answer.found)
        if mechanism.name is MechanismName.A:
            return await self._addressed(mechanism, name, (name,))
        return await self._exchanges(mechanism, name)

    async def _record_below(self, term: Term, target: DomainSpec | None, domain: str, above: tuple[str, ...]) -> SeenTerm:
        """Return where include or redirect leads."""
        name = self._name(target, domain)
        if name is None:
            return SeenTerm(term, "", 1, of_message=True)
        if name.lower() in above:
            return SeenTerm(term, name, 1, trouble=Trouble.LOOP, reason=f"{' > '.join((*above, name.lower()))}")
        if self._follow <= 0:
            return SeenTerm(term, name, 1, reason=_NOT_FOLLOWED)
        self._follow -= 1
        record = await self.record(name, "include" if isinstance(term, SpfMechanism) else "redirect", above)
        trouble = _TROUBLES.get(record.status)
        reason = record.failure.text if record.failure is not None else ""
        return SeenTerm(term, name, 1 + record.lookups, record.void, record.networks, False, trouble, reason, record)

    async def _exchanges(self, mechanism: SpfMechanism, name: str) -> SeenTerm:
        answer = await self._answer(name, "MX")
        exchanges = tuple(one.exchange for one in answer.records if isinstance(one, MxRecord))
        if not answer.found:
            return _seen(mechanism, answer)
        if len(exchanges) > MOST_EXCHANGES:
            return SeenTerm(mechanism, name, 1, trouble=Trouble.EXCHANGES, reason=f"{name} has {len(exchanges)} exchanges")
        seen = await self._addressed(mechanism, name, exchanges)
        return SeenTerm(mechanism, name, 1, 0, seen.networks, False, seen.trouble, seen.reason)

    async def _addressed(self, mechanism: SpfMechanism, name: str, hosts: tuple[str, ...]) -> SeenTerm:
        """Return the networks around the addresses of hosts. One without any is void, which counts for a only."""
        networks: dict[Network, None] = {}
        failure = ""
        for host in hosts:
            for rdtype, prefix in zip(("A", "AAAA"), mechanism.prefixes):
                answer = await self._answer(host, rdtype)
                if answer.outcome is Outcome.ERROR:
                    failure = failure or dns_failure(answer).text
                for address in answer.records:
                    if isinstance(address, str):
                        networks[ip_network(f"{address}/{prefix}", strict=False)] = None
                if answer.outcome is Outcome.NXDOMAIN:
                    break
        void = int(not networks and not failure)
        return SeenTerm(mechanism, name, 1, void, tuple(networks), False, Trouble.DNS if failure else None, failure)

    def _name(self, target: DomainSpec | None, domain: str) -> str | None:
        """Return the name that a domain-spec is for every message, None where there is no one such name."""
        if target is None:
            return domain
        if letters_of(target.pieces) - _KNOWN_LETTERS:
            return None
        return fitting_name(expand(target.pieces, {"d": domain, "o": self._top}))

    async def _answer(self, name: str, rdtype: str) -> Answer:
        if not is_askable(name):
            return Answer(name, rdtype, Outcome.NXDOMAIN)
        return await self._ask(name.replace("\\", "\\\\"), rdtype, True)


_TROUBLES = {
    SpfStatus.NONE: Trouble.NO_RECORD,
    SpfStatus.MULTIPLE: Trouble.RECORD_BROKEN,
    SpfStatus.PERMERROR: Trouble.RECORD_BROKEN,
    SpfStatus.TEMPERROR: Trouble.DNS,
}
"""How the state of an included record troubles who includes it (section 5.2)."""


def _seen(mechanism: SpfMechanism, answer: Answer, *, of_message: bool = False) -> SeenTerm:
    """Return a term whose own question has this answer."""
    if answer.outcome is Outcome.ERROR:
        return SeenTerm(mechanism, answer.name, 1, trouble=Trouble.DNS, reason=dns_failure(answer).text)
    return SeenTerm(mechanism, answer.name, 1, int(not answer.found), of_message=of_message)
