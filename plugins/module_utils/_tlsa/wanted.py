# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records that a task names, out of the items other modules return, grouped by owner; and what must not be published.

Refused are records that no certificate could match, which would keep mail away: a digest of nothing or of the wrong length, numbers without
a meaning, full data that is neither key nor certificate; and `3 0 x`, as `tlsa_records` does. Removed may be any record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import is_smtp, names_a_service
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.domain_name import canonical_name
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.owners import parse_ttl
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.rdata_text import parse_rdata, record_of
from ansible_collections.mailops.tls.plugins.module_utils._x509 import der

OPTION = "records"
_DIGESTS = {1: "sha256", 2: "sha512"}
_FIELDS = ("usage", "selector", "matching_type", "data")


@dataclass(frozen=True)
class Wanted:
    """Records of one owner, each once in the order given; `owner` without final dot in lower case, `ttl` as far as one is given."""

    owner: str
    ttl: int | None
    records: tuple[TlsaRecord, ...]


def parse_wanted(items: Sequence[Mapping[str, Any]], ttl: int | None = None) -> tuple[Wanted, ...]:
    """Return what *items* name, one value for each owner in their order.

    Args:
        items: as `records`, `record_sets` or `single_records` of `tlsa_records`, or as `dns.add` and `dns.remove` of
            `dane_rollover`.
        ttl: for items that have none.

    Raises:
        OptionError: for `records` and `ttl`.
    """
    records: dict[str, dict[TlsaRecord, None]] = {}
    ttls: dict[str, int | None] = {}
    for item in items:
        owner = _owner(item)
        own_ttl = parse_ttl(item["ttl"] if item.get("ttl") is not None else ttl)
        if ttls.setdefault(owner, own_ttl) != own_ttl:
            raise OptionError(OPTION, owner, "has records with different TTLs; an RRset has one (RFC 2181 section 5.2)")
        for record in _records(item, owner):
            records.setdefault(owner, {})[record] = None
    if not records:
        raise OptionError(OPTION, list(items), "names no record")
    return tuple(Wanted(owner, ttls[owner], tuple(found)) for owner, found in records.items())


def require_publishable(wanted: Iterable[Wanted], *, allow_certificate_pinning: bool = False) -> tuple[str, ...]:
    """Return warnings about records to be published.

    Raises:
        OptionError: for the first that must not be.
    """
    warnings: dict[str, None] = {}
    for one in wanted:
        for record in one.records:
            problem = _problem(record, allow_certificate_pinning)
            if problem is not None:
                raise OptionError(OPTION, f"{one.owner} {record}", problem)
            if record.usage in (0, 1) and is_smtp(one.owner):
                text = "%s %s: sending mail servers do not use certificate usages 0 and 1 (RFC 7672 section 3.1.3)"
                warnings[text % (one.owner, record.parameters)] = None
    return tuple(warnings)


def _problem(record: TlsaRecord, allow_certificate_pinning: bool) -> str | None:
    if record.usage > 3 or record.selector > 1 or record.matching_type > 2:
        return "has a certificate usage, selector or matching type that is not assigned"
    if not record.data:
        return "has no data"
    digest = _DIGESTS.get(record.matching_type)
    if digest is not None:
        if len(record.data) != hashlib.new(digest).digest_size:
            return f"has not the length of a {digest} digest"
        if record.data == hashlib.new(digest).digest():
            return "is the digest of nothing: the key or certificate it was made of was empty"
    if record.usage in (1, 3) and record.selector == 0 and not allow_certificate_pinning:
        return (
            f"is about the whole certificate and stops matching when it is renewed; publish {record.usage} 1 "
            f"{record.matching_type or 1} of the same key (or set allow_certificate_pinning)"
        )
    return None if digest is not None else _full_data_problem(record)


def _full_data_problem(record: TlsaRecord) -> str | None:
    """DER of a SubjectPublicKeyInfo or a certificate is one SEQUENCE that fills the data.

    No more is asked here: keys of a kind that nobody knows here yet are for others to judge (`_dane/screen.py` for senders of mail).
    """
    try:
        something = der.read_exactly(record.data, der.SEQUENCE).content
    except der.DerError:
        something = b""
    return None if something else "has data that is neither a public key nor a certificate in DER"


def _owner(item: Mapping[str, Any]) -> str:
    text = item.get("owner")
    if text is None:
        raise OptionError(OPTION, _shown(item), "names no owner")
    kind = item.get("type")
    if kind is not None and str(kind).upper() != "TLSA":
        raise OptionError(OPTION, kind, "is another type than TLSA")
    try:
        name = canonical_name(str(text))
    except ValueError as error:
        raise OptionError(OPTION, text, f"is not an owner of TLSA records: it {error}") from error
    if not names_a_service(name) and item.get("alias_target") is not True:
        reason = "has no port and protocol, as in _25._tcp.mx.example.org; say alias_target if an alias leads there from such a name"
        raise OptionError(OPTION, text, reason)
    return name


def _records(item: Mapping[str, Any], owner: str) -> tuple[TlsaRecord, ...]:
    """Return the records of an item; RDATA as text and as fields must agree where there are both."""
    given = item.get("rdata")
    texts = [] if given is None else [given] if isinstance(given, str) else given
    if not isinstance(texts, (list, tuple)) or not all(isinstance(one, str) for one in texts):
        raise OptionError(OPTION, owner, "has an RDATA that is neither a text nor a list of texts")
    fields = [item.get(name) for name in _FIELDS]
    try:
        found = [parse_rdata(one) for one in texts]
        if any(one is not None for one in fields):
            if any(one is None for one in fields):
                raise ValueError("needs all of usage, selector, matching_type and data")
            record = record_of(*fields)  # type: ignore[arg-type]
            if found and found != [record]:
                raise ValueError("has fields that say something else than its RDATA")
            found = [record]
    except ValueError as error:
        raise OptionError(OPTION, f"{owner} {', '.join(texts)}", str(error)) from error
    if not found:
        raise OptionError(OPTION, owner, "has no RDATA")
    return tuple(found)


def _shown(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if value is not None}
