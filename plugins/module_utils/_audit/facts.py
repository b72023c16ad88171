# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A result as narrow rows of facts: one for the destination, one for each endpoint and kind of key. Pure.

Only what two runs can be compared by is in a row. What was not learnt is `None`, which is no fact: it is never compared.

One run can look at a destination twice, as a transient failure deserves. Then the file has several results of it, and
`merged_facts` makes one of them: a look that learnt something counts before one that failed for now.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._errors import TRANSIENT_KINDS, ErrorKind, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii
from ansible_collections.mailops.tls.plugins.module_utils._port import is_port
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import failed_for_now
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import KNOWN_PORTS, Protocol, parse_destination
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

LONGEST = 255
"""Most characters of a text in a row; longer ones end in a digest of the whole."""
RECORDS = 4
"""Most TLSA records, and exchanges, that a row lists; more are told by a digest of all."""
NOT_OFFERED = "not_offered"
"""Status of a kind of key that was asked for and that the server does not have; none of the words of a result."""
UNCONFIRMED = 1
"""Looks after which a transient failure is not to be believed yet."""
DAY = 86400
SOON = 30 * DAY
_NO_DESTINATION = ErrorKind.INVALID_DESTINATION.value

LATER, EXPIRES_SOON, EXPIRED = "later", "soon", "expired"
"""Classes of what is left of a certificate: `soon` is less than 30 days and less than a sixth of its whole time."""

_PLAIN = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z][a-z0-9-]*")
_PARTS = re.compile(r"(?s)(\[?)([^\[\]:]*)(.*)")
_TIME = re.compile(r"([1-9][0-9]{3})-(0[1-9]|1[0-2])-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")


class FactKey(NamedTuple):
    """What a row is about. A destination's own row has no host, an exchange without address has none."""

    destination: str
    host: str = ""
    address: str = ""
    port: int = 0
    algorithm: str = ""
    vantage: str = ""


class Fact(NamedTuple):
    """One row.

    Attributes:
        destination, host, address, port, algorithm, vantage: what it is about, as in `FactKey`.
        status: the word of the result, or `NOT_OFFERED`.
        satisfied: whether mail would be delivered: to the destination, or by this endpoint.
        error: the kind of the error.
        looks: how many looks in the same run ended in a transient failure, 0 for what is not one.
        probed_at: seconds since 1970.
        protocol: of TLS, when a session was established.
        certificate, spki: digests of the server's certificate, cut to 16 bytes, and of its key.
        issuer: who issued it.
        self_issued: whether subject and issuer are one.
        not_after: when it ends, in seconds since 1970.
        expiry: the class of what was left when it was seen.
        tlsa: the TLSA records in short; `none`, or `insecure` when the answer was not validated.
        matched: whether one of them matches what is served.
        mx: the exchanges with their preferences, in the row of the destination.
        dnssec: whether the MX records, or the addresses of the exchange, were validated.
    """

    destination: str
    host: str
    address: str
    port: int
    algorithm: str
    vantage: str
    status: str
    satisfied: bool
    error: str | None = None
    looks: int = 0
    probed_at: int = 0
    protocol: str | None = None
    certificate: bytes | None = None
    spki: bytes | None = None
    issuer: str | None = None
    self_issued: bool = False
    not_after: int | None = None
    expiry: str | None = None
    tlsa: str | None = None
    matched: bool | None = None
    mx: str | None = None
    dnssec: bool | None = None

    @property
    def key(self) -> FactKey:
        """What it is about."""
        return FactKey(*self[:6])

    @property
    def is_settled(self) -> bool:
        """Whether it is to be believed: no transient failure, or one that another look has confirmed."""
        return self.looks != UNCONFIRMED


def destination_key(text: str) -> str:
    """Return how a destination is known: the same for all its spellings, so that no list has more of them than a probe finds.

    Its host is in lower case and ASCII, without a dot at the end, an address in brackets. SMTP's own port is left out.
    """
    if _PLAIN.fullmatch(text):
        return _bounded(text)
    try:
        read = parse_destination(text, protocol=Protocol.SMTP, service_port=KNOWN_PORTS.get)
    except OptionError:
        return _bounded(_key_of_none(text))
    host = read.address or read.nexthop.lower()
    if read.bracketed or read.address is not None:
        host = f"[{host}]"
    return _bounded(host if read.port == KNOWN_PORTS["smtp"] else f"{host}:{read.port}")


def _key_of_none(text: str) -> str:
    """Return the key of what is a destination for other protocols, a name with a dot at its end, or none at all."""
    if text.startswith("unix:"):
        return text
    opened, host, rest = _PARTS.fullmatch(text[5:] if text.startswith("inet:") else text).groups()  # type: ignore[union-attr]
    if not host.isascii():
        try:
            host = to_ascii(host)
        except ValueError:
            pass  # it is no destination, and known by what it is
    key: str = (opened + host.rstrip(".") + rest).lower()
    return key


def facts_of(result: Mapping[str, Any], probed_at: str, vantage: str = "") -> tuple[Fact, ...]:
    """Return the rows of one result of `smtp_tls_probe`, as `parse_line` gives it: the destination's own first.

    Args:
        result: the result.
        probed_at: when it was made, as in the line.
        vantage: from where, as whoever reads knows it; a line can say anything.
    """
    seen = seconds_of(probed_at) or 0
    name = destination_key(result["destination"])
    exchanges = result["route"]["exchanges"]
    # Where no address was found none was validated either, which says nothing about the zone.
    validated = {_lower(one.get("exchange")): _flag(one.get("secure")) if one.get("addresses") else None for one in exchanges}
    lost = not result["satisfied"] and failed_for_now(result)
    rows = [
        Fact(
            name, "", "", 0, "", vantage, result["status"], result["satisfied"],
            error=_kind(result["error"]), looks=int(lost), probed_at=seen,
            mx=_mx(result), dnssec=_flag(result["route"].get("secure")),
        )
    ]  # fmt: skip
    for endpoint in result["endpoints"]:
        host = _bounded(_lower(endpoint["host"]))
        where = (name, host, _bounded(endpoint["address"] or ""), _port(endpoint["port"]))
        dnssec = validated.get(host)
        sessions = [one for one in endpoint.get("key_algorithms") or () if one["algorithm"] != "any"]
        if not sessions:
            rows.append(_session_fact((*where, "any", vantage), endpoint, endpoint["tlsa"], dnssec, seen))
        for one in sessions:
            key = (*where, _bounded(one["algorithm"]), vantage)
            rows.append(_session_fact(key, one, {**endpoint["tlsa"], **one["tlsa"]}, dnssec, seen))
    unique: dict[FactKey, Fact] = {}
    for row in rows:
        unique.setdefault(row.key, row)  # an exchange can be listed twice, with two preferences
    return tuple(unique.values())


def merged_facts(looks: Sequence[Sequence[Fact]]) -> tuple[Fact, ...]:
    """Return one set of rows of several looks at one destination in one run, in their order; the first can be merged already.

    What failed for now in the last look is taken from an earlier one that learnt it. What failed in all of them has their number.
    A spelling that is no destination, such as one with a dot at its end, is no look at the one that it has the key of.
    """
    if len(looks) == 1:
        return tuple(looks[0])
    newest_first = [rows for rows in reversed(looks) if rows[0].error != _NO_DESTINATION] or list(reversed(looks))
    base = next((rows for rows in newest_first if not _lost(rows)), newest_first[0])
    tables = [{fact.key: fact for fact in rows} for rows in newest_first]
    merged = []
    for fact in base:
        found = [table[fact.key] for table in tables if fact.key in table]
        learnt = next((one for one in found if not one.looks), None)
        merged.append(learnt or fact._replace(looks=sum(one.looks for one in found)))
    return tuple(merged)


def expiry_class(ends: int | None, begins: int | None, seen: int) -> str | None:
    """Return the class of what is left of a certificate at a moment; null when its end is not known."""
    if ends is None:
        return None
    if ends <= seen:
        return EXPIRED
    limit = SOON if begins is None else min(SOON, (ends - begins) // 6)
    return EXPIRES_SOON if ends - seen < limit else LATER


def seconds_of(text: Any) -> int | None:
    """Return a time of a result in seconds since 1970; null for what is none."""
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    return calendar.timegm(tuple(map(int, found.groups()))) if found else None


def _lost(rows: Sequence[Fact]) -> bool:
    """Tell whether a look did not come as far as the endpoints."""
    return bool(rows[0].looks) and len(rows) == 1


def _session_fact(
    key: tuple[str, str, str, int, str, str], session: Mapping[str, Any], tlsa: Mapping[str, Any], dnssec: bool | None, seen: int
) -> Fact:
    """Return the row of what was seen of an endpoint, or of one kind of its keys."""
    error = _kind(session["error"])
    if session.get("offered") is False:
        return Fact(*key, NOT_OFFERED, session["satisfied"], probed_at=seen, tlsa=_records(tlsa), dnssec=dnssec)
    lost = error in TRANSIENT_KINDS or tlsa.get("error") is not None
    tls = session["tls"] or {}
    leaf = session["chain"][0] if session["chain"] else {}
    prints = leaf.get("fingerprints") or {"certificate": {}, "public_key": {}}
    issuer, ends = leaf.get("issuer"), seconds_of(leaf.get("not_after"))
    return Fact(
        *key, session["status"], session["satisfied"],
        error=error, looks=int(lost), probed_at=seen,
        protocol=_word(tls.get("protocol")) if tls.get("established", True) else None,
        certificate=_digest(prints["certificate"], 16), spki=_digest(prints["public_key"], 32),
        issuer=None if issuer is None else _bounded(issuer), self_issued=issuer is not None and issuer == leaf.get("subject"),
        not_after=ends, expiry=expiry_class(ends, seconds_of(leaf.get("not_before")), seen),
        tlsa=_records(tlsa), matched=_matched(tlsa), dnssec=dnssec,
    )  # fmt: skip


def _mx(result: Mapping[str, Any]) -> str | None:
    """Return the exchanges in short. A host that stands for itself has none, and a lookup that failed told nothing."""
    route = result["route"]
    if route.get("null_mx") or _kind(result["error"]) == ErrorKind.NULL_MX.value:
        return "null"
    if route.get("lookup") == "address":
        return "none"
    exchanges = route["exchanges"]
    if not exchanges:
        return None
    pairs = sorted({(_number(one.get("preference")), _lower(one.get("exchange"))) for one in exchanges})
    return _listed([f"{preference} {host}" for preference, host in pairs])


def _records(tlsa: Mapping[str, Any]) -> str | None:
    """Return TLSA records in short; null when nothing is known of them."""
    lookup = tlsa.get("lookup")
    if tlsa.get("error") is not None or lookup in ("error", "skipped"):
        return None
    if lookup == "insecure":
        return "insecure"
    records = sorted({(one["usage"], one["selector"], one["matching_type"], one["data"]) for one in tlsa["records"]})
    if not records:
        return "none" if lookup == "none" else None
    short = [data if len(data) <= 32 else data[:16] + _short(data) for *unused, data in records]
    return _listed([f"{usage} {selector} {kind} {data}" for (usage, selector, kind, unused), data in zip(records, short)])


def _matched(tlsa: Mapping[str, Any]) -> bool | None:
    told = [one["matched"] for one in tlsa["records"] if one["matched"] is not None]
    return any(told) if told else None


def _listed(items: Sequence[str]) -> str:
    text = ", ".join(items[:RECORDS])
    return _bounded(text if len(items) <= RECORDS else f"{text}, {len(items) - RECORDS} more ({_short(', '.join(items))})")


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _digest(fingerprints: Mapping[str, Any], length: int) -> bytes | None:
    """Return a fingerprint, by SHA-256 where that is among several."""
    text = fingerprints.get("sha256") or next(filter(None, fingerprints.values()), None)
    return bytes.fromhex(text)[:length] if text else None


def _kind(error: Mapping[str, Any] | None) -> str | None:
    return None if error is None else _bounded(error["kind"])


def _lower(text: Any) -> str:
    return text.lower() if isinstance(text, str) else ""


def _word(text: Any) -> str | None:
    return _bounded(text) if isinstance(text, str) else None


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _port(value: Any) -> int:
    return value if isinstance(value, int) and is_port(value) else 0


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _bounded(text: str) -> str:
    """Return a text without control characters and no longer than a row takes."""
    cut = text if len(text) <= LONGEST else f"{text[: LONGEST - 17]}~{_short(text)}"
    return cut if cut.isascii() and cut.isprintable() else clean(cut)
