# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""check_host(): what SPF says of one sender (RFC 7208 section 4), by a function that asks DNS.

Limits of section 4.6.4: 10 terms that need DNS, 2 of them that find nothing, 10 exchanges of an mx, 10 names of an address.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Callable, Union

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, MxRecord, Outcome, TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import dns_failure
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_macro import (
    EXPLANATION_LETTERS,
    MacroError,
    expand,
    fitting_name,
    is_askable,
    letters_of,
    parse_macros,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_record import (
    DomainSpec,
    MechanismName,
    Modifier,
    Qualifier,
    SpfMechanism,
    SpfRecord,
    is_spf,
    parse_record,
    text_of,
)
from ansible_collections.mailops.tls.plugins.module_utils._text import inert

MOST_LOOKUPS, MOST_VOID, MOST_EXCHANGES, MOST_NAMES = 10, 2, 10, 10
Address = Union[IPv4Address, IPv6Address]


class SpfResult(str, Enum):
    """The results of check_host() (section 2.6)."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True)
class SpfSender:
    """Who sends: the address of the client, MAIL FROM (empty for the null sender) and the name in EHLO.

    `receiver` and `time` (seconds since 1970) are for the macros r and t of explanations.
    """

    address: str
    mail_from: str = ""
    helo: str = "unknown"
    receiver: str = "unknown"
    time: int = 0

    @property
    def identity(self) -> str:
        """The sender with a local part, as macros have it (sections 2.4 and 4.3)."""
        whole = self.mail_from if "@" in self.mail_from else "@" + (self.mail_from or self.helo)
        return "postmaster" + whole if whole.startswith("@") else whole


@dataclass(frozen=True)
class Evaluation:
    """What came out: the result, the term that decided, the text of exp=, and why it is an error."""

    result: SpfResult
    term: str | None = None
    explanation: str | None = None
    reason: str | None = None

    def as_facts(self, address: str) -> dict[str, object]:
        """Return the item of `evaluated`."""
        return {
            "address": address,
            "result": self.result.value,
            "mechanism": None if self.term is None else inert(self.term, 500),
            "explanation": None if self.explanation is None else inert(self.explanation, 500),
            "reason": None if self.reason is None else inert(self.reason, 500),
        }


async def check_host(sender: SpfSender, domain: str, ask: Ask) -> Evaluation:
    """Return what SPF of a domain says of a sender.

    Args:
        sender: who sends.
        domain: the domain of the identity that is checked, in ASCII.
        ask: how DNS is asked.

    Raises:
        ValueError: when the sender's address is none.
    """
    address = ip_address(sender.address)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    name = domain[:-1] if domain.endswith(".") else domain
    if not is_askable(name) or "." not in name:
        return Evaluation(SpfResult.NONE, reason="is not a full domain name")
    check = _Check(sender, address, ask)
    try:
        return await check.evaluate(name)
    except _Stop as stop:
        return Evaluation(stop.result, stop.term, reason=str(stop))


def select_records(answer: Answer) -> tuple[str, ...]:
    """Return the texts among TXT records that are SPF records (section 4.5)."""
    texts = (text_of(record) for record in answer.records if isinstance(record, TxtRecord))
    return tuple(text for text in texts if is_spf(text))


def reverse_name(address: Address) -> str:
    """Return the name under which an address has its PTR records."""
    return address.reverse_pointer


class _Stop(Exception):
    """The evaluation ends with an error, wherever it is."""

    def __init__(self, result: SpfResult, reason: str, term: str | None = None) -> None:
        super().__init__(reason)
        self.result, self.term = result, term


class _Check:
    """One evaluation, whose counters run through all included records."""

    def __init__(self, sender: SpfSender, address: Address, ask: Ask) -> None:
        self._address, self._ask = address, ask
        self._lookups = self._void = 0
        self._names: tuple[str, ...] | None = None
        self._sender = sender
        local, unused, of_sender = sender.identity.rpartition("@")
        dotted = ".".join(address.exploded.replace(":", "").upper()) if address.version == 6 else str(address)
        self._values = {
            "s": sender.identity, "l": local, "o": of_sender, "h": sender.helo, "i": dotted,
            "v": "ip6" if address.version == 6 else "in-addr",
            "c": str(address), "r": sender.receiver, "t": str(sender.time),
        }  # fmt: skip

    async def evaluate(self, domain: str) -> Evaluation:
        """Return what the record of a domain says; a domain that cannot be is one without a record."""
        record = await self._record(domain)
        if record is None:
            return Evaluation(SpfResult.NONE)
        for mechanism in record.mechanisms:
            if await self._matches(mechanism, domain):
                result = SpfResult(mechanism.qualifier.value)
                failed = mechanism.qualifier is Qualifier.FAIL
                return Evaluation(result, mechanism.text, await self._explanation(record, domain) if failed else None)
        redirect = record.modifier("redirect")
        if redirect is not None and record.all is None:
            return await self._redirected(redirect, domain)
        return Evaluation(SpfResult.NEUTRAL)

    async def _record(self, domain: str) -> SpfRecord | None:
        answer = await self._answer(domain, "TXT", domain, void_counts=False)
        texts = select_records(answer)
        if len(texts) > 1:
            raise _Stop(SpfResult.PERMERROR, f"{domain} has {len(texts)} SPF records")
        if not texts:
            return None
        record = parse_record(texts[0])
        if record.broken:
            raise _Stop(SpfResult.PERMERROR, record.broken[0].reason, record.broken[0].text)
        return record

    async def _redirected(self, redirect: Modifier, domain: str) -> Evaluation:
        self._count(redirect.text)
        evaluation = await self.evaluate(await self._target(redirect.target, domain))
        if evaluation.result is SpfResult.NONE:
            raise _Stop(SpfResult.PERMERROR, "the target of redirect has no SPF record", redirect.text)
        return evaluation

    async def _matches(self, mechanism: SpfMechanism, domain: str) -> bool:
        if mechanism.name is MechanismName.ALL:
            return True
        if mechanism.network is not None:
            return self._address.version == mechanism.network.version and self._address in mechanism.network
        self._count(mechanism.text)
        target = await self._target(mechanism.target, domain)
        return await _MATCHERS[mechanism.name](self, mechanism, target)

    def _count(self, term: str) -> None:
        self._lookups += 1
        if self._lookups > MOST_LOOKUPS:
            raise _Stop(SpfResult.PERMERROR, f"more than {MOST_LOOKUPS} terms need DNS", term)

    async def _include(self, mechanism: SpfMechanism, target: str) -> bool:
        evaluation = await self.evaluate(target)
        if evaluation.result is SpfResult.NONE:
            raise _Stop(SpfResult.PERMERROR, "the included domain has no SPF record", mechanism.text)
        return evaluation.result is SpfResult.PASS

    async def _a(self, mechanism: SpfMechanism, target: str) -> bool:
        return self._is_among(await self._addresses(target, mechanism.text, void_counts=True), mechanism)

    async def _mx(self, mechanism: SpfMechanism, target: str) -> bool:
        answer = await self._answer(target, "MX", mechanism.text)
        exchanges = [record.exchange for record in answer.records if isinstance(record, MxRecord)]
        if len(exchanges) > MOST_EXCHANGES:
            raise _Stop(SpfResult.PERMERROR, f"mx leads to {len(exchanges)} exchanges, of at most {MOST_EXCHANGES}", mechanism.text)
        for exchange in exchanges:
            if self._is_among(await self._addresses(exchange, mechanism.text), mechanism):
                return True
        return False

    async def _ptr(self, mechanism: SpfMechanism, target: str) -> bool:
        wanted = target.lower()
        names = await self._validated_names(mechanism.text)
        return any(name == wanted or name.endswith("." + wanted) for name in names)

    async def _exists(self, mechanism: SpfMechanism, target: str) -> bool:
        return (await self._answer(target, "A", mechanism.text)).found

    async def _answer(self, name: str, rdtype: str, term: str, *, void_counts: bool = True) -> Answer:
        """Ask, and count answers that are empty. A name that cannot be asked for is one that does not exist (section 4.3)."""
        if not is_askable(name):
            return Answer(name, rdtype, Outcome.NXDOMAIN)
        answer = await self._ask(name.replace("\\", "\\\\"), rdtype, True)
        if answer.outcome is Outcome.ERROR:
            raise _Stop(SpfResult.TEMPERROR, dns_failure(answer).text, term)
        if void_counts and not answer.found:
            self._void += 1
            if self._void > MOST_VOID:
                raise _Stop(SpfResult.PERMERROR, f"more than {MOST_VOID} terms lead to nothing", term)
        return answer

    async def _addresses(self, name: str, term: str, *, void_counts: bool = False) -> tuple[str, ...]:
        answer = await self._answer(name, "A" if self._address.version == 4 else "AAAA", term, void_counts=void_counts)
        return tuple(record for record in answer.records if isinstance(record, str))

    def _is_among(self, addresses: tuple[str, ...], mechanism: SpfMechanism) -> bool:
        longest = 32 if self._address.version == 4 else 128
        shift = longest - mechanism.prefixes[0 if longest == 32 else 1]
        wanted = int(self._address) >> shift
        return any(int(ip_address(one)) >> shift == wanted for one in addresses)

    async def _validated_names(self, term: str | None) -> tuple[str, ...]:
        """Return the names of the address that lead back to it (section 5.5). What fails is passed over. `term` is ptr, if it asks."""
        if self._names is None:
            self._names = await self._ask_names(term)
        return self._names

    async def _ask_names(self, term: str | None) -> tuple[str, ...]:
        try:
            answer = await self._answer(reverse_name(self._address), "PTR", term or "", void_counts=term is not None)
        except _Stop as stop:
            if stop.result is SpfResult.TEMPERROR:
                return ()
            raise
        names = []
        for name in [record for record in answer.records if isinstance(record, str)][:MOST_NAMES]:
            try:
                addresses = await self._addresses(name, term or "")
            except _Stop:
                continue
            if any(ip_address(one) == self._address for one in addresses):
                names.append(name.lower())
        return tuple(names)

    async def _name_for_macro(self, domain: str) -> str:
        """Return the value of the macro p: the domain, a name below it, any name, or "unknown" (section 7.3)."""
        names, domain = await self._validated_names(None), domain.lower()
        below = [name for name in names if name.endswith("." + domain)]
        return domain if domain in names else (*below, *names, "unknown")[0]

    async def _all_values(self, letters: frozenset[str], domain: str) -> Mapping[str, str]:
        values = {**self._values, "d": domain}
        return {**values, "p": await self._name_for_macro(domain)} if "p" in letters else values

    async def _target(self, spec: DomainSpec | None, domain: str) -> str:
        if spec is None:
            return domain
        return fitting_name(expand(spec.pieces, await self._all_values(letters_of(spec.pieces), domain)))

    async def _explanation(self, record: SpfRecord, domain: str) -> str | None:
        """Return the text that exp= leads to (section 6.2), None where there is none or it is broken."""
        modifier = record.modifier("exp")
        if modifier is None:
            return None
        try:
            answer = await self._answer(await self._target(modifier.target, domain), "TXT", modifier.text, void_counts=False)
            texts = [text_of(one) for one in answer.records if isinstance(one, TxtRecord)]
            if len(texts) != 1:
                return None
            pieces = parse_macros(texts[0], EXPLANATION_LETTERS, blanks=True)
        except (_Stop, MacroError):
            return None
        return expand(pieces, await self._all_values(letters_of(pieces), domain))


_Matcher = Callable[[_Check, SpfMechanism, str], Awaitable[bool]]
_MATCHERS: Mapping[MechanismName, _Matcher] = {
    MechanismName.INCLUDE: _Check._include,
    MechanismName.A: _Check._a,
    MechanismName.MX: _Check._mx,
    MechanismName.PTR: _Check._ptr,
    MechanismName.EXISTS: _Check._exists,
}
