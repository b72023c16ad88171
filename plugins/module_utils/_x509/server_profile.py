# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `postfix tls` writes into server certificates and requests for them (conf/postfix-tls-script, RFC 5280 section 4.2).

The extensions, none of them critical, in its order: for certificates basicConstraints `CA:FALSE`, then for both
subjectKeyIdentifier (the SHA-1 of the key), extendedKeyUsage (serverAuth, clientAuth) and subjectAltName. There is no keyUsage
and no authorityKeyIdentifier. Needs cryptography.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._x509 import der
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import PrivateKey

try:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    _ATTRIBUTES = {
        "C": NameOID.COUNTRY_NAME,
        "ST": NameOID.STATE_OR_PROVINCE_NAME,
        "L": NameOID.LOCALITY_NAME,
        "O": NameOID.ORGANIZATION_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "CN": NameOID.COMMON_NAME,
        "emailAddress": NameOID.EMAIL_ADDRESS,
    }
except ImportError:
    pass

LONGEST = {"C": 2, "ST": 128, "L": 128, "O": 64, "OU": 64, "CN": 64, "emailAddress": 255}
"""The attributes a subject can be given, and their upper bounds in characters (RFC 5280 appendix A.1)."""


def subject_name(attributes: Mapping[str, str], option: str = "subject") -> x509.Name:
    """Return a Name of one attribute each, in the order given; empty for none.

    Raises:
        OptionError: for an attribute that is not in `LONGEST`, or a value that is empty or too long.
    """
    for attribute, value in attributes.items():
        if attribute not in LONGEST:
            raise OptionError(option, attribute, f"is none of the attributes {', '.join(LONGEST)}")
        if not 0 < len(value) <= LONGEST[attribute] or (attribute == "C" and len(value) != 2):
            reason = "must have two letters" if attribute == "C" else f"must have 1 to {LONGEST[attribute]} characters"
            raise OptionError(option, value, f"is no {attribute}: it {reason}")
    try:
        return x509.Name([x509.NameAttribute(_ATTRIBUTES[attribute], value) for attribute, value in attributes.items()])
    except ValueError as problem:
        raise OptionError(option, dict(attributes), f"cannot be a subject: {problem}") from problem


def server_extensions(key: PrivateKey, names: Sequence[str]) -> list[x509.ExtensionType]:
    """Return the extensions that certificates and requests share, in order; *names* are ASCII."""
    return [
        x509.SubjectKeyIdentifier(hashlib.sha1(_key_bits(key), usedforsecurity=False).digest()),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
        x509.SubjectAlternativeName([x509.DNSName(name) for name in names]),
    ]


def _key_bits(key: PrivateKey) -> bytes:
    """What the identifier is a digest of (RFC 5280 section 4.2.1.2, method 1)."""
    return der.bit_string(der.members(der.read_exactly(key.spki))[1])
