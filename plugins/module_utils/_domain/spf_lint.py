# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the SPF of a domain (RFC 7208). Each finding is of the domain's own name; what is included is named in its text."""

from __future__ import annotations

import re

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import spf as catalogue
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import Noticed, quoted
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf import SpfView
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_check import MOST_LOOKUPS, MOST_VOID, SpfResult
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_record import (
    VERSION,
    Flaw,
    MechanismName,
    Modifier,
    Qualifier,
    SpfMechanism,
    SpfRecord,
    is_spf,
    parse_record,
    text_of,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_walk import (
    SeenRecord,
    SeenTerm,
    SpfStatus,
    Trouble,
    walk_terms,
    why_permerror,
)
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding

NEAR_LIMIT = 9
WIDE_4, WIDE_6 = 8, 16
"""Prefixes of networks that are too wide to be anybody's."""
PLAIN_UDP = 512
"""Octets of a reply that every path lets through (RFC 1035 section 4.2.1)."""
_KNOWN_MODIFIERS = frozenset(("redirect", "exp", "ra", "rp", "rr"))
_LIKE_SPF = re.compile(r"""[\s"'\\(\ufeff\u200b]*(?:v\s*=\s*["']?\s*spf(?![a-z])|spf1(?:[\s;:]|\Z))""", re.IGNORECASE)
_FLAWS = {
    Flaw.SYNTAX: catalogue.SPF_SYNTAX_ERROR,
    Flaw.UNKNOWN_MECHANISM: catalogue.SPF_UNKNOWN_MECHANISM,
    Flaw.ADDRESS: catalogue.SPF_INVALID_ADDRESS,
    Flaw.ADDRESS_FOR_NAME: catalogue.SPF_ADDRESS_IN_A,
    Flaw.MACRO: catalogue.SPF_MACRO_INVALID,
    Flaw.CHARACTER: catalogue.SPF_NOT_ASCII,
    Flaw.TWICE: catalogue.SPF_DUPLICATE_MODIFIER,
}


def lint_spf(view: SpfView, *, null_mx: bool = False) -> tuple[Finding, ...]:
    """Return what is wrong with the SPF of a domain.

    Args:
        view: what was seen.
        null_mx: whether the domain takes no mail, so that most likely it sends none either.
    """
    noticed, seen = Noticed(), view.seen
    if seen.failure is None:
        _presence(noticed, seen, null_mx)
        _neighbours(noticed, view)
    if seen.record is not None:
        _grammar(noticed, seen, seen.record)
        _end(noticed, seen, seen.record)
        _ways(noticed, seen)
        _counts(noticed, seen)
        _reach(noticed, seen)
    if seen.record is not None or seen.texts:
        _addresses(noticed, view)
    return noticed.findings()


def _presence(noticed: Noticed, seen: SeenRecord, null_mx: bool) -> None:
    """Whether there is one record."""
    unrecognised = [one for one in seen.others if _LIKE_SPF.match(text_of(one))]
    for one in unrecognised:
        mended = b" ".join(one.strings).decode("utf-8", "replace")
        if len(one.strings) > 1 and is_spf(mended) and not parse_record(mended).broken:
            _told_strings(noticed, seen.domain, one.strings)
        else:
            noticed.add(catalogue.SPF_RECORD_NOT_RECOGNISED, seen.domain, quoted(text_of(one)) + _what_stands(text_of(one)))
    if len(seen.texts) > 1:
        shown = ", ".join(map(quoted, seen.texts))
        noticed.add(catalogue.SPF_MULTIPLE_RECORDS, seen.domain, f"there are {len(seen.texts)} records: {shown}")
    elif not seen.texts and not unrecognised:
        more = ', and takes no mail, so "v=spf1 -all" is likely to be right' if null_mx else ""
        noticed.add(catalogue.SPF_MISSING, seen.domain, f"{seen.domain} has no SPF record{more}")


def _what_stands(text: str) -> str:
    """Say which character is in the way, as many look like a blank."""
    at = text.lower().find(VERSION)
    if at < 0:
        return ""
    behind = text[len(VERSION):len(VERSION) + 1]
    where, character = ("before", text[0]) if at else ("behind", behind)
    return f": {where} {VERSION} stands U+{ord(character):04X}" if character else ""


def _told_strings(noticed: Noticed, domain: str, strings: tuple[bytes, ...]) -> None:
    shown = " ".join(quoted(one.decode("utf-8", "replace"), 60) for one in strings[:4])
    noticed.add(catalogue.SPF_STRINGS_JOINED_WITHOUT_SPACE, domain, f"the strings {shown} would be valid with blanks between them")


def _neighbours(noticed: Noticed, view: SpfView) -> None:
    """What else stands at the name: records of old types, and so much that the answer is long."""
    seen = view.seen
    if view.type99:
        noticed.add(catalogue.SPF_TYPE99_RECORD, seen.domain, f"{seen.domain} has a record of type SPF")
    for one in seen.others:
        if text_of(one).lower().startswith("spf2.0/"):
            noticed.add(catalogue.SPF_SENDER_ID_RECORD, seen.domain, quoted(text_of(one)))
    if seen.record is not None:
        records = (*seen.others, TxtRecord(seen.strings))
        size = 12 + len(seen.domain) + 6 + sum(12 + sum(len(text) + 1 for text in one.strings) for one in records)
        if size > PLAIN_UDP:
            own = sum(map(len, seen.strings))
            noticed.add(catalogue.SPF_RECORD_TOO_LONG, seen.domain, f"the answer has {size} octets, {own} of them the SPF record")


def _grammar(noticed: Noticed, seen: SeenRecord, record: SpfRecord) -> None:
    """What is wrong with the terms as they are written."""
    if record.broken and len(seen.strings) > 1 and not parse_record(b" ".join(seen.strings).decode("utf-8", "replace")).broken:
        _told_strings(noticed, seen.domain, seen.strings)
    else:
        for term in record.broken:
            noticed.add(_FLAWS[term.flaw], seen.domain, term.told())
    for mechanism in record.mechanisms:
        if mechanism.host_bits:
            noticed.add(catalogue.SPF_HOST_BITS_SET, seen.domain, f"{quoted(mechanism.text)} is the network {mechanism.network}")
    for one in record.terms:
        if isinstance(one, Modifier) and one.name not in _KNOWN_MODIFIERS:
            noticed.add(catalogue.SPF_UNKNOWN_MODIFIER, seen.domain, quoted(one.text))


def _end(noticed: Noticed, seen: SeenRecord, record: SpfRecord) -> None:
    """What the record says of all others."""
    redirect = record.modifier("redirect")
    if record.all is not None:
        behind = record.mechanisms[record.mechanisms.index(record.all) + 1:]
        if behind:
            shown = ", ".join(quoted(one.text) for one in behind[:5])
            noticed.add(catalogue.SPF_TERMS_AFTER_ALL, seen.domain, f"behind {quoted(record.all.text)}: {shown}")
        if redirect is not None:
            noticed.add(catalogue.SPF_REDIRECT_WITH_ALL, seen.domain, f"{quoted(redirect.text)} beside {quoted(record.all.text)}")
    end = _last(seen)
    if end is None or end.record is None:
        return
    where = "" if end is seen else f" in the record of {end.domain}, where redirect leads"
    if end.record.all is None:
        if not end.record.broken and end.record.modifier("redirect") is None:
            noticed.add(catalogue.SPF_ALL_MISSING, seen.domain, f"there is neither all nor redirect{where}")
        return
    kind = {
        Qualifier.PASS: catalogue.SPF_ALL_PASS,
        Qualifier.NEUTRAL: catalogue.SPF_ALL_NEUTRAL,
        Qualifier.SOFTFAIL: catalogue.SPF_ALL_SOFTFAIL,
    }.get(end.record.all.qualifier)
    if kind is not None:
        noticed.add(kind, seen.domain, quoted(end.record.all.text) + where)


def _last(seen: SeenRecord) -> SeenRecord | None:
    """Return the record that decides on all others: the domain's own, or where redirect leads; None when that is unknown."""
    while seen.record is not None and seen.record.all is None and seen.record.modifier("redirect") is not None:
        below = next((term.record for term in seen.terms if isinstance(term.term, Modifier)), None)
        if below is None:
            return None
        seen = below
    return seen


def _ways(noticed: Noticed, seen: SeenRecord) -> None:
    """Where terms lead."""
    for way, term in walk_terms(seen):
        if term.trouble is Trouble.LOOP:
            noticed.add(catalogue.SPF_INCLUDE_LOOP, seen.domain, term.reason)
        elif term.trouble is Trouble.EXCHANGES:
            noticed.add(catalogue.SPF_MX_TOO_MANY, seen.domain, f"{way}{quoted(term.term.text)}: {term.reason}")
        if isinstance(term.term, SpfMechanism) and term.term.name is MechanismName.PTR:
            noticed.add(catalogue.SPF_PTR_USED, seen.domain, way + quoted(term.term.text))
    for term in seen.terms:
        redirect = isinstance(term.term, Modifier)
        if term.trouble is Trouble.NO_RECORD:
            kind = catalogue.SPF_REDIRECT_MISSING_RECORD if redirect else catalogue.SPF_INCLUDE_MISSING_RECORD
            noticed.add(kind, seen.domain, f"{quoted(term.term.text)}: {term.name} has no SPF record")
        elif term.trouble is Trouble.RECORD_BROKEN and term.record is not None:
            cause = why_permerror(term.record)
            if cause is not None:
                noticed.add(catalogue.SPF_INCLUDE_ERROR, seen.domain, f"{quoted(term.term.text)}: {cause}")
        if term.record is not None and not redirect and _is_pass(term) and _allows_all(term.record):
            noticed.add(catalogue.SPF_INCLUDE_ALLOWS_ALL, seen.domain, f"{quoted(term.term.text)} matches every address")


def _is_pass(term: SeenTerm) -> bool:
    return not isinstance(term.term, SpfMechanism) or term.term.qualifier is Qualifier.PASS


def _allows_all(record: SeenRecord) -> bool:
    """Whether every address passes a record."""
    return record.default is Qualifier.PASS or any(
        _is_pass(term) and term.record is not None and _allows_all(term.record) for term in record.terms
    )


def _counts(noticed: Noticed, seen: SeenRecord) -> None:
    """The limits of section 4.6.4."""
    counted = ", ".join(f"{term.term.text[:60]} {term.lookups}" for term in seen.terms[:30] if term.lookups)
    bound = "at least " if seen.status is SpfStatus.MACRO else ""
    if seen.lookups > MOST_LOOKUPS:
        noticed.add(catalogue.SPF_TOO_MANY_LOOKUPS, seen.domain, f"{bound}{seen.lookups} lookups: {counted}")
    elif seen.lookups >= NEAR_LIMIT:
        noticed.add(catalogue.SPF_LOOKUPS_NEAR_LIMIT, seen.domain, f"{bound}{seen.lookups} of {MOST_LOOKUPS} lookups: {counted}")
    if seen.void:
        kind = catalogue.SPF_TOO_MANY_VOID_LOOKUPS if seen.void > MOST_VOID else catalogue.SPF_VOID_LOOKUP
        for way, term in walk_terms(seen):
            if term.own_void:
                noticed.add(kind, seen.domain, f"{way}{quoted(term.term.text)} finds nothing at {term.name}")


def _reach(noticed: Noticed, seen: SeenRecord) -> None:
    """Networks that are too wide."""
    for way, term in walk_terms(seen):
        if _is_pass(term) and term.record is None:
            for network in term.networks:
                if network.prefixlen <= (WIDE_4 if network.version == 4 else WIDE_6):
                    noticed.add(catalogue.SPF_WIDE_NETWORK, seen.domain, f"{way}{quoted(term.term.text)} allows {network}")


def _addresses(noticed: Noticed, view: SpfView) -> None:
    """Addresses that send for the domain and may not."""
    denied = (SpfResult.FAIL, SpfResult.SOFTFAIL, SpfResult.NEUTRAL, SpfResult.PERMERROR)
    for address, evaluation in view.evaluated:
        if evaluation.result in denied:
            by = f" by {quoted(evaluation.term)}" if evaluation.term else ""
            noticed.add(catalogue.SPF_ADDRESS_NOT_AUTHORISED, view.seen.domain, f"{address}: {evaluation.result.value}{by}")
