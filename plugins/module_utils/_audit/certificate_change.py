# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether another certificate at the same place is a renewal. Pure; the rules stand in `changes.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import EXPIRED, EXPIRES_SOON, LATER, Fact

_ATTRIBUTE = re.compile(r"(?:\\.|[^\\,+])+")
"""One attribute of a name as RFC 4514 writes it, with what is escaped in it."""
SEVERITY = {"verified": 0, "trusted": 1, "untrusted": 2, "anonymous": 3, "plaintext": 4, "failed": 5}
"""How bad each verdict is."""
_LEFT = {LATER: 0, EXPIRES_SOON: 1, EXPIRED: 2}
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class CertificateChange(Enum):
    """What a certificate can differ in."""

    RENEWED = "renewed"
    KEY = "key"
    ISSUER = "issuer"
    EXPIRY = "expiry"


def certificate_changes(before: Fact, after: Fact) -> Iterator[tuple[CertificateChange, str | None, str | None]]:
    """Yield what is different about the certificates of two rows that have one, with text of both."""
    if before.certificate != after.certificate:
        same_key = before.spki is not None and before.spki == after.spki
        same_issuer = _same_issuer(before, after, same_key=same_key)
        if same_issuer and (same_key or _is_renewed_key(before, after)):
            yield CertificateChange.RENEWED, _until(before, ""), _until(after, "" if same_key else ", new key")
        else:
            if not same_issuer:
                yield CertificateChange.ISSUER, before.issuer, after.issuer
            if not same_key:
                yield CertificateChange.KEY, _hex(before.spki), _hex(after.spki)
    if _LEFT.get(after.expiry or "", 0) > _LEFT.get(before.expiry or "", 0):
        yield CertificateChange.EXPIRY, _left(before), _left(after)


def authority(issuer: str) -> str:
    """Return who stands behind the name of an issuer: the organisation, since one has many keys and names that take turns."""
    attributes = (one.strip() for one in _ATTRIBUTE.findall(issuer))
    return next((one[2:].strip().lower() for one in attributes if one.startswith("O=") and one[2:].strip()), issuer)


def _same_issuer(before: Fact, after: Fact, *, same_key: bool) -> bool:
    if before.issuer is None or after.issuer is None:
        return same_key and before.issuer is after.issuer
    if before.self_issued != after.self_issued:
        return False
    if after.self_issued:
        return same_key or before.issuer == after.issuer
    return authority(before.issuer) == authority(after.issuer)


def _is_renewed_key(before: Fact, after: Fact) -> bool:
    """Tell whether a new key came as it does with renewals: vouched for by somebody, and to no harm."""
    if SEVERITY.get(after.status, 5) > SEVERITY.get(before.status, 5) or (before.satisfied and not after.satisfied):
        return False
    return after.matched if after.matched is not None else not after.self_issued


def _until(fact: Fact, more: str) -> str:
    return ("until an unknown day" if fact.not_after is None else f"until {_day(fact.not_after)}") + more


def _left(fact: Fact) -> str | None:
    return fact.expiry if fact.not_after is None else f"{fact.expiry} ({_day(fact.not_after)})"


def _day(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).date().isoformat()


def _hex(digest: bytes | None) -> str | None:
    return digest.hex() if digest is not None else None
