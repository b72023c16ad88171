# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which TLSA records of an RRset can be used at all, and in what order they are looked at.

Step 1 is what Postfix drops when it reads DNS (tls_dane.c: parse_tlsa_rr()), step 2 what OpenSSL then refuses
(ssl_lib.c: dane_tlsa_add()); digest agility is RFC 7671 section 9. Usages 0 and 1 are unusable in SMTP (RFC 7672
section 3.1.3).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_key import is_decodable

TRUST_ANCHOR, END_ENTITY = 2, 3
"""The certificate usages DANE-TA and DANE-EE (RFC 7218)."""
WHOLE_CERTIFICATE, PUBLIC_KEY = 0, 1
"""The selectors Cert and SPKI (RFC 7218)."""
FULL = 0
"""The matching type that is no digest."""
RESERVED_MATCHING_TYPE = 255

DEFAULT_DIGESTS = ("sha512", "sha256")
"""Postfix's tls_dane_digests: most preferred first."""

_REGISTERED = {"sha256": 1, "sha512": 2}
_NUMBERED = re.compile(r"([a-z0-9_-]+)=([0-9]{1,3})\Z")


@dataclass(frozen=True)
class ScreenedRecord:
    """A record and what became of it.

    `dropped`: refused in step 1, when DNS is read; an RRset of nothing else counts as unusable. `usable`: passed
    both steps; else `reason` says why not. `digest` is hashlib's name for the matching type (`None` for full
    data), `preference` its rank, the higher the stronger, 0 for full data.
    """

    record: TlsaRecord
    usable: bool
    dropped: bool = False
    reason: str | None = None
    digest: str | None = None
    preference: int = 0


def screen(records: Iterable[TlsaRecord], digests: Sequence[str] = DEFAULT_DIGESTS) -> tuple[ScreenedRecord, ...]:
    """Return every record, in the same order, with a word on whether and why not it can be used.

    *digests* is Postfix's `tls_dane_digests`: names, most preferred first; a digest that is not listed is disabled; others than sha256 and
    sha512 as `name=matchingtype`.

    Raises:
        OptionError: for a digest that cannot be used.
    """
    known = _matching_types(digests)
    return tuple(_screened(record, known) for record in records)


def association_data(
    selector: int, matching_type: int, certificate: Certificate, digest: str | None = None
) -> bytes | None:
    """Return what a record with these parameters holds for the certificate (RFC 6698 sections 2.1.2 to 2.1.4).

    *digest* names the digest of a matching type other than 0, 1 and 2. `None` when a number is unknown, or the
    certificate so broken that its SPKI cannot be found.
    """
    selected = {WHOLE_CERTIFICATE: certificate.der, PUBLIC_KEY: certificate.spki}.get(selector)
    return None if selected is None else matching_data(matching_type, selected, digest)


def matching_data(matching_type: int, selected: bytes, digest: str | None = None) -> bytes | None:
    """Return what a record holds for the selected bytes, DER of a certificate or key (RFC 6698 section 2.1.3).

    *digest* names the digest of a matching type other than 0, 1 and 2; `None` when the matching type is unknown.
    """
    if matching_type == FULL:
        return selected
    digest = digest or next((name for name, number in _REGISTERED.items() if number == matching_type), None)
    return None if digest is None else hashlib.new(digest, selected).digest()


def preferred(screened: Iterable[ScreenedRecord]) -> tuple[ScreenedRecord, ...]:
    """Return the records left after digest agility, in the order they are compared.

    Of each (usage, selector) those with the most preferred digest among its usable records, and those with full data.
    Usage 3 comes before 2, selector 1 before 0, the strongest digest first, full data last.
    """
    usable = [each for each in screened if each.usable]
    best: dict[tuple[int, int], int] = {}
    for each in usable:
        group = (each.record.usage, each.record.selector)
        best[group] = max(best.get(group, 0), each.preference)
    kept = [each for each in usable if each.preference in (0, best[each.record.usage, each.record.selector])]
    return tuple(sorted(kept, key=lambda each: (-each.record.usage, -each.record.selector, -each.preference)))


def _matching_types(digests: Sequence[str]) -> dict[int, tuple[str, int]]:
    """Matching type -> (digest, preference)."""
    known: dict[int, tuple[str, int]] = {}
    for rank, text in enumerate(reversed(digests), 1):
        name, number = text.strip().lower(), _REGISTERED.get(text.strip().lower())
        numbered = _NUMBERED.match(name)
        if numbered:
            name, number = numbered.group(1), int(numbered.group(2))
        allowed = number is not None and (_REGISTERED.get(name) == number or 3 <= number < RESERVED_MATCHING_TYPE)
        if number is None or not allowed or name not in hashlib.algorithms_available or name.startswith("shake"):
            raise OptionError("dane_digests", text, "is not a digest for TLSA records: sha256, sha512 or name=3..254")
        known[number] = (name, rank)
    return known


def _screened(record: TlsaRecord, known: dict[int, tuple[str, int]]) -> ScreenedRecord:
    dropped = _dropped_because(record)
    if dropped is not None:
        return ScreenedRecord(record, False, True, dropped)
    if record.selector not in (WHOLE_CERTIFICATE, PUBLIC_KEY):
        return ScreenedRecord(record, False, False, "unknown selector")
    if record.matching_type == FULL:
        reason = _full_data_problem(record)
        return ScreenedRecord(record, reason is None, False, reason)
    if record.matching_type not in known:
        return ScreenedRecord(record, False, False, "unknown or disabled matching type")
    digest, preference = known[record.matching_type]
    if len(record.data) != hashlib.new(digest).digest_size:
        return ScreenedRecord(record, False, False, f"wrong length for a {digest} digest", digest)
    return ScreenedRecord(record, True, False, None, digest, preference)


def _dropped_because(record: TlsaRecord) -> str | None:
    if not record.data:
        return "truncated TLSA record"
    if record.usage not in (TRUST_ANCHOR, END_ENTITY):
        return "unsupported TLSA certificate usage"
    return "reserved private-use matching type" if record.matching_type == RESERVED_MATCHING_TYPE else None


def _full_data_problem(record: TlsaRecord) -> str | None:
    if record.selector == PUBLIC_KEY:
        return None if is_decodable(record.data) else "the data is not a public key"
    certificate = Certificate(record.data)
    if not certificate.is_exact:
        return "the data is not a certificate"
    spki = certificate.spki
    return None if spki is not None and is_decodable(spki) else "the certificate's key cannot be decoded"
