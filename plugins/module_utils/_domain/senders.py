# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who can deliver to a domain now: for each kind of sender and each address of each exchange, whether mail arrives, and how protected.

There is no second opinion here. Every kind of sender is one of Postfix's security levels, and its outcome is what a fleet at that level
found (`_smtp/fleet.py`). Only the rules of MTA-STS come on top (RFC 8461 sections 4 and 5):

    sender             level          what else decides
    no_tls             none           nothing
    opportunistic      may            nothing
    mta_sts            verify         only under a policy that enforces, exchanges that it names, by a dNSName; else as opportunistic
    dane               dane           nothing
    dane_and_mta_sts   dane           what DANE refuses or authenticates it decides (RFC 8461 section 2); else as mta_sts
    mandatory          verify         nothing

Where the MX records are not secure, or no TLSA record can be used, DANE authenticates nobody: the policy names the exchanges then.

A sender is taken to meet the domain for the first time, so it has no MTA-STS policy in a cache.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import mail_dns
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding, Severity
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Status
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult, EndpointResult


class Sender(str, Enum):
    """A kind of sending server, by what it asks of TLS."""

    NO_TLS = "no_tls"
    OPPORTUNISTIC = "opportunistic"
    MTA_STS = "mta_sts"
    DANE = "dane"
    DANE_AND_MTA_STS = "dane_and_mta_sts"
    MANDATORY = "mandatory"


class Outcome(str, Enum):
    """What becomes of the mail. `partly`: some exchanges or addresses take it, so it arrives, maybe late."""

    DELIVERED = "delivered"
    PARTLY = "partly"
    DELAYED = "delayed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Protection(str, Enum):
    """What delivered mail is protected by: nothing, encryption with whoever answered, or a server that was authenticated."""

    NONE = "none"
    ENCRYPTED = "encrypted"
    VERIFIED = "verified"


LEVELS = (SecurityLevel.NONE, SecurityLevel.MAY, SecurityLevel.VERIFY, SecurityLevel.DANE)
"""The levels at which a domain has to be probed."""
_REFUSING = (ErrorKind.NULL_MX, ErrorKind.DNS_NOT_FOUND, ErrorKind.INVALID_DESTINATION)
_NOT_ASKED = (ErrorKind.DNSSEC_UNAVAILABLE, ErrorKind.LIMIT_EXCEEDED, ErrorKind.WITHHELD)


@dataclass(frozen=True)
class StsView:
    """What a sender makes of the domain's MTA-STS policy.

    `enforced` is true under a policy in mode `enforce` that could be fetched. `matched` tells of each exchange whether the policy names
    it. `fact` says in a few words why there is nothing to enforce, where there is not. `known` is false where it could not be asked for.
    """

    enforced: bool = False
    matched: Mapping[str, bool] = field(default_factory=dict)
    fact: str = "no MTA-STS policy"
    known: bool = True


@dataclass(frozen=True)
class Delivery:
    """How one kind of sender fares at one address of one exchange, and by which fact.

    `has_dns_name` is whether the certificate has a dNSName, None where none was seen: without one it is nothing to MTA-STS.
    """

    exchange: str
    address: str | None
    preference: int | None
    outcome: Outcome
    protection: Protection | None
    fact: str
    expected_down: bool = False
    has_dns_name: bool | None = None

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `exchanges`."""
        return {
            "exchange": self.exchange,
            "address": self.address,
            "preference": self.preference,
            "outcome": self.outcome.value,
            "protection": self.protection.value if self.protection is not None else None,
            "fact": self.fact,
            "expected_down": self.expected_down,
            "has_dns_name": self.has_dns_name,
        }


@dataclass(frozen=True)
class SenderResult:
    """How one kind of sender fares at the whole domain."""

    sender: Sender
    deliveries: tuple[Delivery, ...]
    outcome: Outcome
    protection: Protection | None
    fact: str

    def as_facts(self) -> dict[str, Any]:
        """Return the value of this sender in `senders`."""
        return {
            "outcome": self.outcome.value,
            "protection": self.protection.value if self.protection is not None else None,
            "fact": self.fact,
            "exchanges": [one.as_facts() for one in self.deliveries],
        }


def senders(
    found: Mapping[SecurityLevel, DestinationResult], sts: StsView, expected_down: frozenset[str] = frozenset()
) -> tuple[SenderResult, ...]:
    """Return what becomes of the mail of each kind of sender.

    Args:
        found: what a fleet found at each of `LEVELS`, whose names to match are the exchanges themselves.
        sts: the domain's MTA-STS policy.
        expected_down: exchanges that may be down by design, in lower case and without the dot at the end.
    """
    results = []
    for sender in Sender:
        first = found[_LEVEL_OF[sender]]
        rows = [_delivery(sender, index, found, sts) for index in range(len(first.endpoints))]
        rows = [replace(row, expected_down=row.exchange.lower() in expected_down) for row in rows]
        results.append(_overall(sender, rows, first.route.failure))
    return tuple(results)


_LEVEL_OF = {
    Sender.NO_TLS: SecurityLevel.NONE,
    Sender.OPPORTUNISTIC: SecurityLevel.MAY,
    Sender.MTA_STS: SecurityLevel.VERIFY,
    Sender.DANE: SecurityLevel.DANE,
    Sender.DANE_AND_MTA_STS: SecurityLevel.DANE,
    Sender.MANDATORY: SecurityLevel.VERIFY,
}


def _delivery(sender: Sender, index: int, found: Mapping[SecurityLevel, DestinationResult], sts: StsView) -> Delivery:
    endpoint = found[_LEVEL_OF[sender]].endpoints[index]
    if sender is Sender.DANE_AND_MTA_STS and not _dane_decides(endpoint, sts):
        return _under_sts(_same(found[SecurityLevel.VERIFY], endpoint), endpoint, sts)
    if sender is Sender.MTA_STS:
        return _under_sts(endpoint, _same(found[SecurityLevel.MAY], endpoint), sts)
    return _judged(endpoint)


def _under_sts(verified: EndpointResult | None, lax: EndpointResult | None, sts: StsView) -> Delivery:
    """Apply the policy to an endpoint, as probed at `verify` and at `may`. Without one of them nothing is known."""
    endpoint = verified if sts.enforced else lax
    if endpoint is None:
        other = verified or lax
        host = other.host if other is not None else ""
        return Delivery(host, None, None, Outcome.UNKNOWN, None, "its address was not found a second time")
    judged = _judged(endpoint)
    if not sts.known:
        return replace(judged, outcome=Outcome.UNKNOWN, protection=None, fact=sts.fact)
    if not sts.enforced:
        return replace(judged, fact=f"{sts.fact}; {judged.fact}")
    if not sts.matched.get(endpoint.host.lower(), False):
        return replace(judged, outcome=Outcome.DELAYED, protection=None, fact="the MTA-STS policy does not name this exchange")
    if endpoint.satisfied and not names_itself(endpoint):
        return replace(judged, outcome=Outcome.DELAYED, protection=None, fact=f"MTA-STS enforces: {NO_DNS_NAME}")
    return replace(judged, fact=f"MTA-STS enforces: {judged.fact}")


def _same(result: DestinationResult, endpoint: EndpointResult) -> EndpointResult | None:
    """Return the same address of the same exchange at another level: each level has an order of its own among equals."""
    return next((one for one in result.endpoints if one.name == endpoint.name), None)


NO_DNS_NAME = "the certificate has no name in subjectAltName, which senders with MTA-STS need"


def names_itself(endpoint: EndpointResult) -> bool:
    """Whether the certificate has a dNSName: Postfix takes the common name where there is none, RFC 8461 section 4.2 does not."""
    return bool(endpoint.chain) and bool(endpoint.chain[0].dns_names)


def _dane_decides(endpoint: EndpointResult, sts: StsView) -> bool:
    """Whether TLSA records, or the failure to learn of them, decide about this endpoint whatever the MTA-STS policy says."""
    delivery = endpoint.policy.delivery if endpoint.policy is not None else None
    if delivery is SecurityLevel.MAY:
        return False
    authenticates = delivery not in (SecurityLevel.ENCRYPT, SecurityLevel.HALF_DANE)
    return authenticates or not endpoint.satisfied or (sts.known and not sts.enforced)


def _judged(endpoint: EndpointResult) -> Delivery:
    outcome = Outcome.DELIVERED if endpoint.satisfied else _without(endpoint.failure)
    protection = _protection(endpoint) if endpoint.satisfied else None
    address = endpoint.candidate.address if endpoint.candidate is not None else None
    named = names_itself(endpoint) if endpoint.chain else None
    return Delivery(endpoint.host, address, endpoint.preference, outcome, protection, _fact(endpoint), has_dns_name=named)


def _without(failure: Failure | None) -> Outcome:
    """What becomes of mail that cannot be delivered now: senders keep it and try again. Where we could not look, nobody knows."""
    return Outcome.UNKNOWN if failure is not None and failure.kind in _NOT_ASKED else Outcome.DELAYED


def _protection(endpoint: EndpointResult) -> Protection:
    if endpoint.status in (Status.PLAINTEXT, Status.FAILED):
        return Protection.NONE  # who needs no TLS delivers without it when the handshake fails
    delivery = endpoint.policy.delivery if endpoint.policy is not None else None
    matched = endpoint.status is Status.VERIFIED and delivery is not None and delivery.must_match
    return Protection.VERIFIED if matched else Protection.ENCRYPTED


def _fact(endpoint: EndpointResult) -> str:
    """The one fact that decided, in few words."""
    if endpoint.failure is not None:
        without = endpoint.satisfied and endpoint.status is Status.FAILED
        return f"{endpoint.failure.text}; then it goes without TLS" if without else endpoint.failure.text
    verification, policy = endpoint.verification, endpoint.policy
    if verification is not None and not verification.satisfied and verification.error is not None:
        return verification.error.text
    if endpoint.status is Status.PLAINTEXT:
        return "a session without TLS is possible"
    if policy is not None and policy.reason:
        return policy.reason
    if verification is not None and verification.matched and any(one.matched for one in verification.records):
        return "a TLSA record matches"
    if verification is not None and verification.matched:
        return f"the certificate is valid for {verification.matched_name}" if verification.matched_name else "the certificate matches"
    return "TLS with any certificate is enough"


def _overall(sender: Sender, rows: Sequence[Delivery], failure: Failure | None) -> SenderResult:
    counting = [row for row in rows if not row.expected_down or row.outcome is Outcome.DELIVERED] or list(rows)
    if not counting:
        text = failure.text if failure is not None else "it has no mail exchange"
        refused = failure is not None and failure.kind in _REFUSING
        return SenderResult(sender, tuple(rows), Outcome.REFUSED if refused else _without(failure), None, text)
    delivered = [row for row in counting if row.outcome is Outcome.DELIVERED]
    if not delivered:
        worst = next((row for row in counting if row.outcome is not Outcome.UNKNOWN), counting[0])
        return SenderResult(sender, tuple(rows), worst.outcome, None, f"{worst.exchange}: {worst.fact}")
    order = list(Protection)
    weakest = min(delivered, key=lambda row: order.index(row.protection or Protection.NONE))
    failed = next((row for row in counting if row.outcome is not Outcome.DELIVERED), None)
    told = failed or weakest
    outcome = Outcome.PARTLY if failed else Outcome.DELIVERED
    return SenderResult(sender, tuple(rows), outcome, weakest.protection, f"{told.exchange}: {told.fact}")


def judge_senders(domain: str, results: Sequence[SenderResult]) -> tuple[Finding, ...]:
    """Return whether mail of usual senders waits now. Those that always want a verified certificate chose that by themselves."""
    down = {(row.exchange, row.address) for row in _failing(results, Sender.NO_TLS)}
    waiting = [one for one in results if one.sender is not Sender.MANDATORY and _waits(one, down)]
    if not waiting:
        return ()
    alike: dict[tuple[str, str], list[str]] = {}
    for one in waiting:
        alike.setdefault((one.outcome.value, one.fact), []).append(one.sender.value)
    told = "; ".join(f"{', '.join(kinds)} {outcome} ({fact})" for (outcome, fact), kinds in alike.items())
    severity = None if any(one.outcome is Outcome.DELAYED for one in waiting) else Severity.WARNING
    return (Finding(mail_dns.SENDERS_DELAYED, domain, told, severity),)


def _waits(one: SenderResult, down: set[tuple[str, str | None]]) -> bool:
    """Whether mail waits for what this kind of sender asks. Who goes past an exchange that is down for everybody loses nothing by it."""
    if one.outcome is Outcome.PARTLY:
        return any((row.exchange, row.address) not in down for row in _failing([one], one.sender))
    return one.outcome is Outcome.DELAYED


def _failing(results: Sequence[SenderResult], sender: Sender) -> list[Delivery]:
    return [row for one in results if one.sender is sender for row in one.deliveries if row.outcome is not Outcome.DELIVERED]
