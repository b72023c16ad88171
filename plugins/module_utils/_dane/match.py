# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether TLSA records authenticate the certificates a server sent (RFC 7671 section 5, RFC 7672 section 3).

The rules are those of OpenSSL's DANE code as Postfix uses it, written out, because no Python library offers them:

1. Digest agility leaves, of each (usage, selector), the strongest digest published (screen.py).
2. DANE-EE(3) is compared with the server's own certificate only. A match authenticates: no names, dates or chain are
   looked at. Only its key must not be too weak.
3. Otherwise one path is grown from the leaf, out of `2 0 0` records and the certificates the server sent. The first
   issuer that a DANE-TA(2) record names is the trust anchor. The leaf never is.
4. Without one, a `2 1 0` key that signed the top of the path is the anchor; this works for the leaf too.
5. A path to an anchor must stand the checks of _x509/path.py, and the leaf must have one of the reference names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import (
    END_ENTITY,
    FULL,
    PUBLIC_KEY,
    TRUST_ANCHOR,
    WHOLE_CERTIFICATE,
    ScreenedRecord,
    association_data,
    preferred,
)
from ansible_collections.mailops.tls.plugins.module_utils._x509 import errors
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import ReferenceName, match_names
from ansible_collections.mailops.tls.plugins.module_utils._x509.path import (
    VERIFY_DEPTH,
    Anchor,
    Path,
    grow_path,
    path_errors,
)
from ansible_collections.mailops.tls.plugins.module_utils._x509.signature import is_signed_by
from ansible_collections.mailops.tls.plugins.module_utils._x509.strength import key_is_strong

SUPERSEDED = "superseded by a stronger digest (RFC 7671 section 9)"
NOT_ITS_OWN_ANCHOR = "matches only the server's own certificate, which cannot be its own trust anchor"
NOT_END_ENTITY = "matches an issuer, but this usage is compared with the server's own certificate only"

_END_ENTITY_USAGES = (1, END_ENTITY)


class MatchKind(str, Enum):
    """What a record matched: the server's certificate, an issuer, or a bare key that signed the path."""

    EE = "ee"
    TA = "ta"
    TA_KEY = "ta_key"


@dataclass(frozen=True)
class RecordMatch:
    """One record compared with everything the server sent, whatever the verdict is.

    `matched`: it names a certificate in the place its usage is for, so it is not stale; `matched_depth` where, in
    the path if one was grown, else in the order sent. `usable` and `reason` are of `screen`, or what kept a usable
    record from counting (superseded, wrong place).
    """

    record: TlsaRecord
    usable: bool
    reason: str | None
    matched: bool
    matched_depth: int | None


@dataclass(frozen=True)
class DaneResult:
    """The verdict. `error` is `None` if and only if the server is authenticated; see `authenticated`.

    `matched` (the record), `kind`, `depth` and `matched_name` (DANE-TA only) are `None` unless authenticated.
    `no_usable_records`: nothing was compared, the error is OpenSSL's code 1; the caller decides on a fallback
    (RFC 7672 section 2.2: unauthenticated TLS). That is not a success. `records` is about every record given.
    """

    matched: TlsaRecord | None
    depth: int | None
    kind: MatchKind | None
    matched_name: str | None
    error: errors.VerifyError | None
    records: tuple[RecordMatch, ...]
    no_usable_records: bool = False

    @property
    def authenticated(self) -> bool:
        """Whether a record authenticated the server."""
        return self.error is None


@dataclass(frozen=True)
class _Found:
    """A record that matches, and where; by a path if it is not the leaf's."""

    record: TlsaRecord
    depth: int
    kind: MatchKind


def authenticate(
    screened: Sequence[ScreenedRecord],
    chain: Sequence[Certificate],
    references: Sequence[ReferenceName],
    now: datetime,
    *,
    ee_needs_name: bool = False,
) -> DaneResult:
    """Judge the certificates a server sent, leaf first, by its TLSA records; *now* is an aware time.

    *references* are the names of RFC 7672 section 3.2.2, any one of which the leaf must have for DANE-TA, and with
    *ee_needs_name* (trust-anchor files) for DANE-EE too. Never raises for what the server or DNS say.
    """
    order = preferred(screened)
    if not order:
        return DaneResult(
            None, None, None, None, errors.verify_error(errors.UNSPECIFIED), _report(screened, chain, None), True
        )
    if not chain:
        return _refused([errors.verify_error(errors.DANE_NO_MATCH)], _report(screened, chain, None))
    leaf = chain[0]
    found: list[errors.VerifyError] = []
    if not key_is_strong(leaf):
        found.append(errors.verify_error(errors.EE_KEY_TOO_SMALL))
    end_entity = _end_entity_match(order, leaf)
    anchors = [each for each in order if each.record.usage == TRUST_ANCHOR]
    path = _grow(anchors, chain, now) if _path_matters(anchors, end_entity is not None) else None
    hit = end_entity or (_anchor_match(anchors, path) if path else None)
    records = _report(screened, chain, path)
    name = match_names(leaf, references)
    if end_entity is not None:
        if ee_needs_name and name.error is not None:
            found.append(name.error)
    elif path is None:
        found.append(errors.verify_error(errors.DANE_NO_MATCH))
    else:
        found.extend(_chain_errors(path, hit, now, name.error))
    if found or hit is None:
        return _refused(found, records)
    matched_name = name.matched_name if end_entity is None or ee_needs_name else None
    return DaneResult(hit.record, hit.depth, hit.kind, matched_name, None, records)


def _refused(found: Sequence[errors.VerifyError], records: tuple[RecordMatch, ...]) -> DaneResult:
    error = errors.select_error(found) or errors.verify_error(errors.DANE_NO_MATCH)
    return DaneResult(None, None, None, None, error, records)


def _end_entity_match(order: Sequence[ScreenedRecord], leaf: Certificate) -> _Found | None:
    for each in order:
        if each.record.usage == END_ENTITY and _matches(each, leaf):
            return _Found(each.record, 0, MatchKind.EE)
    return None


def _path_matters(anchors: Sequence[ScreenedRecord], end_entity_matched: bool) -> bool:
    """After an end-entity match only full-data records need the path for a report; it may hold what was not sent."""
    return bool(anchors) and (not end_entity_matched or any(each.record.matching_type == FULL for each in anchors))


def _grow(anchors: Sequence[ScreenedRecord], chain: Sequence[Certificate], now: datetime) -> Path:
    """Candidate issuers are the `2 0 0` certificates first, then what the server sent; no CA store is ever asked."""
    given = [Certificate(each.record.data) for each in anchors if _is_full(each, WHOLE_CERTIFICATE)]
    return grow_path(
        chain[0], [*given, *chain[1:]], now, lambda issuer: any(_matches(each, issuer) for each in anchors)
    )


def _anchor_match(anchors: Sequence[ScreenedRecord], path: Path) -> _Found | None:
    top = path.certificates[-1]
    if path.anchored:
        record = next(each.record for each in anchors if _matches(each, top))
        return _Found(record, path.top_depth, MatchKind.TA)
    if path.top_depth > VERIFY_DEPTH:
        return None
    for each in anchors:
        if _is_full(each, PUBLIC_KEY) and is_signed_by(top, each.record.data):
            return _Found(each.record, path.top_depth, MatchKind.TA_KEY)
    return None


def _chain_errors(
    path: Path, hit: _Found | None, now: datetime, name_error: errors.VerifyError | None
) -> list[errors.VerifyError]:
    """Everything wrong with the path; without an anchor too, as an error nearer the leaf is the one shown."""
    if hit is None:
        code = errors.CERT_CHAIN_TOO_LONG if path.too_long else errors.DANE_NO_MATCH
        missing = errors.verify_error(code, path.top_depth)
        return [missing, *path_errors(path.certificates, Anchor.NONE, now, name_error)]
    anchor = Anchor.KEY if hit.kind is MatchKind.TA_KEY else Anchor.CERTIFICATE
    return path_errors(path.certificates, anchor, now, name_error)


def _is_full(screened: ScreenedRecord, selector: int) -> bool:
    return screened.record.matching_type == FULL and screened.record.selector == selector


def _matches(screened: ScreenedRecord, certificate: Certificate) -> bool:
    record = screened.record
    return association_data(record.selector, record.matching_type, certificate, screened.digest) == record.data


def _report(
    screened: Sequence[ScreenedRecord], chain: Sequence[Certificate], path: Path | None
) -> tuple[RecordMatch, ...]:
    """Compare every record with every certificate; those of the path come first, so depths are the path's."""
    kept = preferred(screened)
    places = list(enumerate(path.certificates)) if path else []
    places += [
        (depth, certificate)
        for depth, certificate in enumerate(chain)
        if not path or certificate not in path.certificates
    ]
    return tuple(_reported(each, places, path, each in kept) for each in screened)


def _reported(
    screened: ScreenedRecord, places: Sequence[tuple[int, Certificate]], path: Path | None, kept: bool
) -> RecordMatch:
    record, reason = screened.record, screened.reason
    depths = [depth for depth, certificate in places if _matches(screened, certificate)]
    if record.usage in _END_ENTITY_USAGES:
        fitting, elsewhere = [depth for depth in depths if depth == 0], NOT_END_ENTITY
    else:
        fitting, elsewhere = [depth for depth in depths if depth > 0], NOT_ITS_OWN_ANCHOR
        if not fitting and path and screened.usable and _is_full(screened, PUBLIC_KEY):
            fitting = [path.top_depth] if is_signed_by(path.certificates[-1], record.data) else []
    if screened.usable and not kept:
        reason = SUPERSEDED
    elif screened.usable and depths and not fitting:
        reason = elsewhere
    return RecordMatch(record, screened.usable, reason, bool(fitting), fitting[0] if fitting else None)
