# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trust-anchor files: certificates and public keys a user trusts, as synthetic TLSA records (Postfix tls_dane.c)."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import (
    END_ENTITY,
    FULL,
    PUBLIC_KEY,
    TRUST_ANCHOR,
    WHOLE_CERTIFICATE,
    screen,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._x509.loadable import load_certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import PemBlock, PemError, pem_blocks

_SELECTORS = {"CERTIFICATE": WHOLE_CERTIFICATE, "X509 CERTIFICATE": WHOLE_CERTIFICATE, "PUBLIC KEY": PUBLIC_KEY}


def trust_anchor_records(
    pem: bytes, option: str = "trust_anchor_files", value: object = "the file"
) -> tuple[TlsaRecord, ...]:
    """Return ``2 s 0`` and ``3 s 0`` records for every certificate and public key block of a PEM file.

    A certificate or key listed there is so accepted as an issuer and as the server's own; names are still required
    for the latter (ee_needs_name of match.authenticate). What OpenSSL cannot use is left out, as Postfix leaves it out. Raises
    OptionError, naming option and value (the path), when OpenSSL cannot read the file to its end or nothing in it can be used.
    """
    try:
        blocks = [block for block in pem_blocks(pem) if block.label in _SELECTORS]
    except PemError as problem:
        raise OptionError(option, value, f"cannot be read as OpenSSL reads it: {problem}") from None
    if not blocks:
        raise OptionError(option, value, "has no certificate and no public key in PEM form")
    found = [record for block in blocks for record in _records(block)]
    if not found:
        raise OptionError(option, value, "has no certificate and no public key that can be decoded")
    return tuple(found)


def _records(block: PemBlock) -> list[TlsaRecord]:
    """Both records of a block; none when OpenSSL would not take them (dane_tlsa_add)."""
    selector = _SELECTORS[block.label]
    if selector == WHOLE_CERTIFICATE:
        loaded = load_certificate(block.der)
        if loaded is None or loaded.rest:
            return []
    pair = [TlsaRecord(usage, selector, FULL, block.der) for usage in (TRUST_ANCHOR, END_ENTITY)]
    return pair if all(each.usable for each in screen(pair)) else []
