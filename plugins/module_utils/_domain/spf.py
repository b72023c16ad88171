# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SPF of a domain as facts (RFC 7208), with what it says of given addresses. What is wrong with it is found by spf_lint.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import unreadable
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_check import Evaluation, SpfSender, check_host
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_record import SpfMechanism
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_walk import (
    SeenRecord,
    SeenTerm,
    SpfStatus,
    Trouble,
    see_record,
    walk_terms,
    why_permerror,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._text import inert

MOST_SHOWN = 1000
"""Most terms and networks in facts."""
_LONGEST = 65535


@dataclass(frozen=True)
class SpfView:
    """What SPF a domain has: its record with all below it, results for addresses, and whether there is one of the old type 99."""

    seen: SeenRecord
    evaluated: tuple[tuple[str, Evaluation], ...] = ()
    type99: bool = False

    @property
    def status(self) -> SpfStatus:
        """What receivers make of it."""
        return self.seen.status

    @property
    def sends_nobody(self) -> bool | None:
        """Whether SPF says that nobody sends for the domain; None where there is no telling."""
        if self.status not in (SpfStatus.VALID, SpfStatus.MACRO) or self.seen.default is None:
            return None
        return self.seen.default.value == "fail" and not self.seen.allows_someone

    @property
    def names_senders(self) -> bool | None:
        """Whether the record was made for somebody to send, even where its terms lead to nothing; None where nobody knows."""
        return None if self.seen.failure is not None else self.seen.names_senders

    @property
    def failure(self) -> Failure | None:
        """Why receivers end with an error; None where they do not, or there is no record."""
        if self.seen.failure is not None:
            return self.seen.failure
        if self.status is SpfStatus.TEMPERROR:
            reasons = (term.reason for unused, term in walk_terms(self.seen) if term.trouble is Trouble.DNS)
            reason = next(filter(None, reasons), "no answer")
            return Failure(ErrorKind.DNS_ERROR, CommonPhase.DNS, inert(reason, 500))
        if self.status in (SpfStatus.MULTIPLE, SpfStatus.PERMERROR):
            return unreadable(inert(why_permerror(self.seen) or self._over_a_limit(), 500))
        return None

    def _over_a_limit(self) -> str:
        for term in [one[1] for one in walk_terms(self.seen)]:
            if term.trouble in (Trouble.LOOP, Trouble.EXCHANGES):
                return f"it goes round in a circle: {term.reason}" if term.trouble is Trouble.LOOP else term.reason
        return f"it needs {self.seen.lookups} lookups, {self.seen.void} of them lead to nothing"

    def as_facts(self) -> dict[str, object]:
        """Return the fact `spf`."""
        seen = self.seen
        record = seen.record
        redirect = record.modifier("redirect") if record else None
        known = seen.failure is None
        return {
            "status": seen.status.value,
            "records": [inert(text, _LONGEST) for text in seen.texts],
            "record": inert(seen.texts[0], _LONGEST) if record else None,
            "lookups": seen.lookups if known else None,
            "void_lookups": seen.void if known else None,
            "all": record.all.qualifier.value if record and record.all else None,
            "redirect": inert(redirect.target.text, 500) if redirect and redirect.target else None,
            "size": sum(map(len, seen.strings)) if record else None,
            "includes": [_include_facts(one) for one in seen.includes],
            "terms": [_term_facts(one, one.term) for one in seen.terms[:MOST_SHOWN] if isinstance(one.term, SpfMechanism)],
            "networks": [str(one) for one in seen.networks[:MOST_SHOWN]],
            "evaluated": [evaluation.as_facts(address) for address, evaluation in self.evaluated],
            "error": self.failure.as_dict() if self.failure is not None else None,
        }


async def look_up_spf(domain: str, ask: Ask, addresses: Sequence[str] = ()) -> SpfView:
    """Return the SPF of a domain.

    Args:
        domain: its name in ASCII.
        ask: how DNS is asked.
        addresses: what sends for the domain; each is evaluated as the sender postmaster of the domain.

    Raises:
        ValueError: when one of the addresses is none.
    """
    seen = await see_record(domain, ask)
    old = await ask(domain, "SPF", True)
    evaluated = [(address, await check_host(SpfSender(address, f"postmaster@{domain}", domain), domain, ask)) for address in addresses]
    return SpfView(seen, tuple(evaluated), old.found)


def _include_facts(record: SeenRecord) -> dict[str, object]:
    known = record.failure is None
    return {
        "domain": inert(record.domain, 300),
        "via": record.via,
        "status": record.status.value,
        "lookups": record.lookups if known else None,
        "void_lookups": record.void if known else None,
        "record": inert(record.texts[0], _LONGEST) if record.record else None,
    }


def _term_facts(seen: SeenTerm, term: SpfMechanism) -> dict[str, object]:
    return {
        "term": inert(term.text, 500),
        "mechanism": term.name.value,
        "qualifier": term.qualifier.value,
        "value": _value(term),
        "lookups": seen.lookups,
        "void": seen.void,
    }


def _value(term: SpfMechanism) -> str | None:
    """Return what stands behind the name of a mechanism, without the colon."""
    rest = term.text.lstrip("+-~?")[len(term.name.value):]
    return inert(rest[1:] if rest.startswith(":") else rest, 500) or None
