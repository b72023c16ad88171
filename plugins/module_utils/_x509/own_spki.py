# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and requests with the key's SubjectPublicKeyInfo as its file has it, whatever the library makes of that.

cryptography writes every EC point uncompressed. A certificate made so would have another digest, and other TLSA records ``3 1 x``, than the
one that ``openssl req`` makes of the same key.
"""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._x509 import der, der_writing
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import PrivateKey, library_spki


def with_own_spki(key: PrivateKey, signed: bytes) -> bytes:
    """Return a certificate or request (DER) with the key's own SubjectPublicKeyInfo, signed by the key again if that is another one."""
    as_library = library_spki(key.signer)
    if as_library == key.spki:
        return signed
    content, algorithm, _signature = der.members(der.read_exactly(signed))
    parts = [key.spki if part.raw == as_library else part.raw for part in der.members(content)]
    changed = der_writing.element(der.SEQUENCE, *parts)
    signature = der_writing.element(der.BIT_STRING, b"\0", key.sign(changed))
    return der_writing.element(der.SEQUENCE, changed, algorithm.raw, signature)
