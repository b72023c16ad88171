# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a TLSA record by itself, whatever certificates there are (RFC 7671 section 5, RFC 7672 section 3.1.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dane
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import WHOLE_CERTIFICATE, screen
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding

_EMPTY_DIGESTS = (hashlib.sha256(b"").digest(), hashlib.sha512(b"").digest())
_DANE_OF_PKIX = {0: 2, 1: 3}
"""Usages 0 and 1 have data of the same form as 2 and 3."""


def record_mistakes(owner: str, record: TlsaRecord, unusable: str | None) -> Iterator[Finding]:
    """Yield the mistakes in a record for SMTP; *unusable* is why it cannot be used (`ScreenedRecord.reason`), None when it can."""
    if record.usage in _DANE_OF_PKIX:
        text = f"usage {record.usage} ({record.parameters}) is not for SMTP; senders ignore it (RFC 7672 section 3.1.3)"
        yield Finding(dane.PKIX_USAGE_ON_SMTP, owner, text)
    elif unusable is not None:
        yield Finding(dane.MALFORMED_RECORD, owner, f"{record.parameters} cannot be used: {unusable}")
    if record.data in _EMPTY_DIGESTS:
        yield Finding(dane.EMPTY_INPUT_DIGEST, owner, f"{record.parameters} is the digest of nothing: its input was empty")
    if unusable is None and (record.usage, record.selector) == (3, WHOLE_CERTIFICATE):
        text = f"{record.parameters} pins the certificate, so that every renewal breaks it, even with the same key; use 3 1 1"
        yield Finding(dane.SELECTOR0_WITH_RENEWAL, owner, text)


def record_mistakes_elsewhere(owner: str, record: TlsaRecord) -> Iterator[Finding]:
    """Yield the mistakes in a record for another protocol than SMTP, where usages 0 and 1 may be of use."""
    as_dane = replace(record, usage=_DANE_OF_PKIX.get(record.usage, record.usage))
    for one in record_mistakes(owner, as_dane, screen([as_dane])[0].reason):
        yield replace(one, text=one.text.replace(as_dane.parameters, record.parameters))
