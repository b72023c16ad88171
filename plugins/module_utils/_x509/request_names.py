# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a certificate signing request (RFC 2986) asks for, read from its bytes without any library.

A controller looks at the request of a server with it before an authority does, and may have no cryptography installed.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._x509 import der, distinguished_name

MAX_REQUEST = 65536
"""Longest text of a request that is read, in characters."""
COMMON_NAME = "2.5.4.3"
SUBJECT_ALTERNATIVE_NAME = "2.5.29.17"
USUAL_EXTENSIONS = frozenset((SUBJECT_ALTERNATIVE_NAME, "2.5.29.14", "2.5.29.15", "2.5.29.37", "1.3.6.1.5.5.7.1.24"))
"""The extensions that a server asks for: names, key identifier, two usages of keys, and stapling (RFC 7633)."""
_EXTENSION_REQUEST = "1.2.840.113549.1.9.14"
_ATTRIBUTES = 0xA0
_DNS_NAME = 0x82
_TEXT = re.compile(
    r"\s*-----BEGIN (?P<label>(?:NEW )?CERTIFICATE REQUEST)-----\r?\n(?P<body>[A-Za-z0-9+/=\r\n]+)-----END (?P=label)-----\s*\Z"
)


@dataclass(frozen=True)
class AskedFor:
    """What a request asks for.

    Args:
        names: the common names and DNS names, in lower case, each once.
        more: what else there is in subject, names and extensions, as texts for people.
        public_key_sha256: of the SubjectPublicKeyInfo, in hexadecimal.
            """

    names: tuple[str, ...]
    more: tuple[str, ...]
    public_key_sha256: str


def asked_for(text: str) -> AskedFor:
    """Return what the request in a text asks for, which has to be one block of PEM and nothing else.

    Raises:
        ValueError: when it cannot be read.
    """
    found = _TEXT.match(text) if len(text) <= MAX_REQUEST else None
    if found is None:
        raise ValueError("is not one certificate signing request in PEM")
    try:
        outer = der.members(der.read_exactly(binascii.a2b_base64(found["body"]), der.SEQUENCE))
        info = der.members(outer[0]) if len(outer) == 3 else []
        if len(info) < 3:
            raise der.DerError("a part of the request is missing")
        names, more = _subject(info[1].raw)
        digest = hashlib.sha256(der.expect(info[2], der.SEQUENCE).raw).hexdigest()
        for element in info[3:]:
            for oid, value in _extensions(element):
                if oid == SUBJECT_ALTERNATIVE_NAME:
                    found_names, others = _alternative_names(value)
                    names, more = [*names, *found_names], [*more, *others]
                elif oid not in USUAL_EXTENSIONS:
                    more.append(f"the extension {oid}")
    except (der.DerError, binascii.Error) as error:
        raise ValueError(f"cannot be read: {error}") from error
    return AskedFor(tuple(dict.fromkeys(one.lower() for one in names)), tuple(dict.fromkeys(more)), digest)


def _subject(raw: bytes) -> tuple[list[str], list[str]]:
    name = distinguished_name.parse(raw)
    others = [attribute.oid for relative in name for attribute in relative if attribute.oid != COMMON_NAME]
    return list(distinguished_name.values(name, COMMON_NAME)), [f"the attribute {oid} in its subject" for oid in others]


def _extensions(attributes: der.Element) -> Iterator[tuple[str, bytes]]:
    """Give the OIDs and values of all extensions that are asked for."""
    for attribute in der.members(attributes, _ATTRIBUTES):
        parts = der.members(attribute)
        if len(parts) != 2 or der.object_identifier(parts[0]) != _EXTENSION_REQUEST:
            continue
        for extensions in der.members(parts[1], der.SET):
            for extension in der.members(extensions):
                fields = der.members(extension)
                if len(fields) < 2:
                    raise der.DerError("a part of an extension is missing")
                yield der.object_identifier(fields[0]), der.expect(fields[-1], der.OCTET_STRING).content


def _alternative_names(value: bytes) -> tuple[list[str], list[str]]:
    parts = der.members(der.read_exactly(value))
    names = [part.content.decode("latin-1") for part in parts if part.tag == _DNS_NAME]
    return names, ["a name that is no DNS name" for part in parts if part.tag != _DNS_NAME]
