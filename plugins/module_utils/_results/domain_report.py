# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of `mail_domain_info` as a page for people: what the domain publishes, who can deliver to it, and what to mend. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._results.table import DEFAULT_WIDTH
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_LONGEST = 500
_LABEL = 14
_PUNCTUATION = ":;,.()"
_MOST = 20
"""Most lines of one part."""
_KINDS = {
    "no_tls": "no TLS",
    "opportunistic": "opportunistic",
    "mta_sts": "MTA-STS",
    "dane": "DANE",
    "dane_and_mta_sts": "DANE, MTA-STS",
    "mandatory": "verified TLS",
}
_ROLES = {
    "sends_and_receives": "sends and receives mail",
    "receives_only": "receives mail only",
    "sends_only": "sends mail only",
    "parked": "neither sends nor receives mail",
}


def domain_report(results: Sequence[Mapping[str, Any]], width: int = DEFAULT_WIDTH) -> list[str]:
    """Return the lines about all domains, none longer than *width*; an empty line between two domains."""
    lines: list[str] = []
    for result in results:
        lines += [""] if lines else []
        lines += _domain(result, width)
    return lines


def _domain(result: Mapping[str, Any], width: int) -> Iterator[str]:
    if result["error"] is not None:
        yield from _wrapped(_about(result["domain"], result["error"]["text"]), width, "")
        if result["error"]["kind"] == ErrorKind.DNS_NOT_FOUND.value:
            return  # nothing else can be known of a domain that is none
    else:
        yield from _wrapped(", ".join(_summary(result)), width, "")
    for label, texts in _parts(result):
        for number, text in enumerate(texts[:_MOST]):
            yield from _labelled("" if number else label, text, width)
        if len(texts) > _MOST:
            yield from _labelled("", f"and {len(texts) - _MOST} more", width)
    if result["senders"]:
        yield "  who can deliver:"
        for kind, one in result["senders"].items():
            protection = {None: "", "none": ", unprotected"}.get(one["protection"], f", {one['protection']}")
            yield from _labelled(_KINDS.get(kind, kind), f"{one['outcome']}{protection} ({one['fact']})", width)
    for finding in result["lint"]:
        yield from _wrapped(f"{finding['severity']}: {finding['id']}: {_about(finding['subject'], finding['text'])}", width, "  ")
        yield from _wrapped(finding["fix"], width, "      ")


def _summary(result: Mapping[str, Any]) -> Iterator[str]:
    """The domain, what it is for, and how bad the worst finding is."""
    yield result["domain"]
    if result["role"] in _ROLES:
        yield _ROLES[result["role"]]
    yield "no findings" if result["worst"] == "ok" else f"worst finding: {result['worst']}"


def _about(subject: str, text: str) -> str:
    """A text with what it is about in front, unless it names that itself."""
    named = subject.lower() in (word.strip(_PUNCTUATION) for word in text.lower().split())
    return text if named or not subject else f"{subject}: {text}"


def _parts(result: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The parts that were looked at, each with a line for every record or server."""
    yield "zone", [_zone(result["zone"])] if result["zone"] else []
    yield "MX", list(_exchanges(result["mx"])) if result["mx"] else []
    yield "SPF", [_with_error(result["spf"], _spf)] if result["spf"] else []
    yield "DKIM", [f"{one['selector']}: {_with_error(one, _key)}" for one in result["dkim"]]
    yield "DMARC", [_with_error(result["dmarc"], _dmarc)] if result["dmarc"] else []
    yield "MTA-STS", [_with_error(result["mta_sts"], _policy)] if result["mta_sts"] else []
    yield "TLSRPT", [_with_error(result["tlsrpt"], lambda part: part["record"] or "")] if result["tlsrpt"] else []
    yield "DANE", [_tlsa(one) for one in result["dane"]]
    yield "CAA", [_caa(result["caa"])] if result["caa"] else []
    yield "SRV", [_srv(one) for one in result["srv"]]
    yield "autoconfig", [_document(result["autoconfig"])] if result["autoconfig"] else []
    yield "autodiscover", [_document(result["autodiscover"])] if result["autodiscover"] else []
    yield "BIMI", [_with_error(result["bimi"], lambda part: part["record"] or "")] if result["bimi"] else []
    yield "block lists", [f"{one['subject']} at {one['zone']}: {one['status']}" for one in result["dnsbl"]]
    yield "name servers", [f"{one['nameserver']}: {_agreement(one)}" for one in result["propagation"]]


def _zone(zone: Mapping[str, Any]) -> str:
    signed = {True: "signed", False: "not signed", None: "signed or not is not known"}[zone["secure"]]
    agreed = {True: "agree", False: "do not agree", None: "could not be asked"}[zone["agreed"]]
    serial = f", serial {zone['soa']['serial']}" if zone["soa"] else ""
    servers = f"{len(zone['servers'])} name servers {agreed}"
    if len(zone["servers"]) == 1:
        servers = f"only name server {'could not be asked' if zone['agreed'] is None else 'answers'}"
    return f"{zone['apex'] or 'not known'}, {signed}{serial}, its {servers}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _exchanges(mx: Mapping[str, Any]) -> Iterator[str]:
    if mx["null_mx"]:
        yield "none: the domain receives no mail (null MX)"
    for one in mx["exchanges"]:
        addresses = " ".join(each["address"] for each in one["addresses"]) or "no address"
        preference = "" if one["preference"] is None else f"{one['preference']} "
        yield f"{preference}{one['exchange']} {addresses}{' (may be down)' if one['expected_down'] else ''}"


def _spf(part: Mapping[str, Any]) -> str:
    return f"{part['record']} ({_counted(part['lookups'], 'lookup')})" if part["record"] else ""


def _key(part: Mapping[str, Any]) -> str:
    return f"{part['key_type']} of {part['key_bits']} bits" if part["key_bits"] else ""


def _dmarc(part: Mapping[str, Any]) -> str:
    if not part["applied_policy"]:
        return ""
    testing = ", testing" if part["testing"] else ""
    return f"{part['applied_policy']}{testing}, by the record of {part['location']}"


def _policy(part: Mapping[str, Any]) -> str:
    policy = part["policy"]
    return f"{policy['mode']}, {', '.join(policy['mx'])}" if policy["mode"] else ""


def _tlsa(part: Mapping[str, Any]) -> str:
    records = f", TLSA records: {len(part['records'])}" if part["records"] else ""
    why = f" ({part['error']})" if part["error"] else ""
    return f"{part['exchange']}: {part['lookup']}{records}{why}"


def _caa(part: Mapping[str, Any]) -> str:
    if not part["records"]:
        return "none" if part["error"] is None else part["error"]["text"]
    return f"{', '.join(one['tag'] + ' ' + one['value'] for one in part['records'])} (at {part['found_at']})"


def _srv(part: Mapping[str, Any]) -> str:
    if part["error"] is not None:
        return f"{part['service']}: {part['error']['text']}"
    where = "not offered" if part["not_offered"] else f"{part['target']}:{part['port']}"
    return f"{part['service']}: {where}{_verdict(part['probe'])}"


def _document(part: Mapping[str, Any]) -> str:
    servers = [f"{one['type']} {one['host']}:{one['port']}{_verdict(one['probe'])}" for one in part["servers"]]
    return ", ".join([f"{part['status']}{' from ' + part['source'] if part['source'] else ''}", *servers])


def _verdict(probe: Mapping[str, Any] | None) -> str:
    return f" {probe['status']}" if probe else ""


def _agreement(part: Mapping[str, Any]) -> str:
    if part["differences"]:
        return "differs in " + ", ".join(f"{one['type']} of {one['owner']}" for one in part["differences"])
    return "the same" if part["agreed"] else "; ".join(part["errors"]) or "not known"


def _with_error(part: Mapping[str, Any], told: Any) -> str:
    """The status, what is there, and why it is not right."""
    error = part["error"]["text"] if part["error"] else ""
    return ": ".join(text for text in (part["status"], told(part), error) if text)


def _labelled(label: str, text: str, width: int) -> list[str]:
    head = f"  {label:{_LABEL}} "
    return _filled(clean(text, _LONGEST), width, head, " " * len(head)) or [head.rstrip()]


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return _filled(clean(text, _LONGEST), width, indent, indent + "  ")


def _filled(text: str, width: int, first: str, later: str) -> list[str]:
    """Lines of words. Most texts are one line, which needs no search for the places to break it."""
    if text and len(first) + len(text) <= width and text.strip() == text:
        return [first + text]
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=later)
