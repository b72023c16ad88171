# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz targets of certificates and TLSA records: details, matching, screening. They take DER of a server and RDATA of DNS."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timezone

from ansible_collections.mailops.tls.plugins.module_utils._dane.match import authenticate
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import association_data, preferred, screen
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import match_names, reference_names
from ansible_collections.mailops.tls.tests.fuzz.tls_targets import pieces_of
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import is_clean, unclean

NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)
_REFERENCES = reference_names(["hostname", "dot-nexthop", "192.0.2.1"], nexthop="example.com", hostname="mx.example.com")
_ATTRIBUTES = [name for name in dir(Certificate) if not name.startswith("_") and name not in ("as_facts", "digest")]


def certificate(data: bytes) -> None:
    """Every attribute of any bytes can be asked for, and the facts are clean JSON."""
    one = Certificate(data)
    for name in _ATTRIBUTES:
        getattr(one, name)
    facts = one.as_facts(include_pem=True, digest="sha1")
    assert facts["fingerprints"]["certificate"]["sha1"] == hashlib.sha1(data).hexdigest()  # type: ignore[index]
    assert not list(unclean(facts)) and json.loads(json.dumps(facts)) == facts
    assert is_clean(repr(one)) and one == Certificate(data) and one in {Certificate(data)}
    if one.spki is not None:
        assert one.spki in data
    match = match_names(one, _REFERENCES)
    assert match.matched is (match.error is None) and is_clean(match.matched_name or "")


def dane(data: bytes) -> None:
    """Chains of any bytes are judged by records, and only such records authenticate as name a certificate in the chain.

    Pieces are certificates, leaf first; the number of each chooses the record that is made of it.
    """
    pieces = list(pieces_of(data))[:8]
    chain = [Certificate(payload) for _kind, payload in pieces]
    made = [record for (kind, _payload), one in zip(pieces, chain) for record in _record_of(kind, one)]
    for records in (made, [TlsaRecord(3, 1, 1, b"x" * 32), TlsaRecord(2, 0, 1, b"y" * 32)]):
        screened = screen(records)
        result = authenticate(screened, chain, _REFERENCES[:2], NOW)
        assert len(result.records) == len(records)
        assert result.authenticated is (result.matched is not None)
        if result.matched is not None:
            assert records is made and result.matched in made and chain
        if result.error is not None:
            assert is_clean(result.error.text)


def _record_of(kind: int, one: Certificate) -> Iterator[TlsaRecord]:
    usage, selector, matching_type = 2 + (kind & 1), kind >> 1 & 1, kind >> 2 & 3
    data = association_data(selector, matching_type, one)
    if data is not None:
        yield TlsaRecord(usage, selector, matching_type, data)


def tlsa(data: bytes) -> None:
    """Any RRset is screened to the last record. Pieces: the number holds usage, selector and type, two or three bits each."""
    records = [
        TlsaRecord(kind & 7, kind >> 3 & 3, _TYPES[kind >> 5], payload) for kind, payload in pieces_of(data)
    ]
    screened = screen(records)
    assert [one.record for one in screened] == records
    for one in screened:
        assert one.usable is (one.reason is None) and not (one.usable and one.dropped)
        assert is_clean(str(one.record)) and is_clean(one.reason or "")
        if one.usable and one.digest is not None:
            assert len(one.record.data) == hashlib.new(one.digest).digest_size
    kept = preferred(screened)
    assert all(one.usable for one in kept) and bool(kept) is any(one.usable for one in screened)
    result = authenticate(screened, [_LEAF], _REFERENCES, NOW)
    assert not result.authenticated and result.no_usable_records is (not kept)


_TYPES = (0, 1, 2, 3, 4, 17, 254, 255)
_LEAF = Certificate(b"no record names me")
