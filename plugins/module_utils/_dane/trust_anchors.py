# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trust-anchor files: certificates and public keys a user trusts, as synthetic TLSA records (Postfix tls_dane.c)."""

from __future__ import annotations

import base64
import binascii
import re

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

_SELECTORS = {b"CERTIFICATE": WHOLE_CERTIFICATE, b"X509 CERTIFICATE": WHOLE_CERTIFICATE, b"PUBLIC KEY": PUBLIC_KEY}
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\s(.*?)-----END \1-----", re.DOTALL)


def trust_anchor_records(
    pem: bytes, option: str = "trust_anchor_files", value: object = "the file"
) -> tuple[TlsaRecord, ...]:
    """Return C(2 s 0) and C(3 s 0) records for every certificate and public key block of a PEM file.

    A certificate or key listed there is so accepted as an issuer and as the server's own; names are still required
    for the latter (O(ee_needs_name) of L(match.authenticate)). Raises L(OptionError), naming O(option) and O(value)
    (the path), when there is no such block or one does not decode.
    """
    found: list[TlsaRecord] = []
    for label, body in _BLOCK.findall(pem):
        if label not in _SELECTORS:
            continue
        try:
            data = base64.b64decode(b"".join(body.split()), validate=True)
        except binascii.Error as problem:
            raise OptionError(option, value, "has a %s block that is no base64" % label.decode()) from problem
        pair = [TlsaRecord(usage, _SELECTORS[label], FULL, data) for usage in (TRUST_ANCHOR, END_ENTITY)]
        if not all(each.usable for each in screen(pair)):
            raise OptionError(option, value, "has a %s block that does not decode" % label.decode())
        found.extend(pair)
    if not found:
        raise OptionError(option, value, "has no certificate and no public key in PEM form")
    return tuple(found)
