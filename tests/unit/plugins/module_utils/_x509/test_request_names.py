# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate signing request is read without a library as the library reads it, and nothing breaks the reader."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._x509 import keys, requests
from ansible_collections.mailops.tls.plugins.module_utils._x509.request_names import MAX_REQUEST, asked_for
from hypothesis import given
from hypothesis import strategies as st

REQUESTS = {
    kind: requests.request(keys.generate(kind), ["MX.example.org", "*.example.org"], {"CN": "mx.example.net", "O": "x"})
    for kind in (keys.KeyKind.ECDSA_P256, keys.KeyKind.RSA_2048)
}


@pytest.mark.parametrize("pem", REQUESTS.values(), ids=[kind.name for kind in REQUESTS])
def test_names_and_key_are_those_that_the_library_finds(pem: bytes) -> None:
    facts, found = requests.request_facts(pem), asked_for(pem.decode())
    assert found.names == ("mx.example.net", "mx.example.org", "*.example.org")
    assert found.more == ("the attribute 2.5.4.10 in its subject",)
    assert found.public_key_sha256 == facts["public_key_sha256"]


@given(st.binary(max_size=400))
def test_whatever_comes_is_refused_or_read(data: bytes) -> None:
    body = base64.encodebytes(data).decode()
    with pytest.raises(ValueError):
        asked_for(f"-----BEGIN CERTIFICATE REQUEST-----\n{body}-----END CERTIFICATE REQUEST-----\n")


@given(st.integers(0, 10**6), st.integers(0, 255))
def test_a_changed_octet_breaks_nothing(at: int, octet: int) -> None:
    pem = REQUESTS[keys.KeyKind.ECDSA_P256].decode()
    der = bytearray(base64.b64decode("".join(pem.splitlines()[1:-1])))
    der[at % len(der)] = octet
    body = base64.encodebytes(bytes(der)).decode()
    try:
        asked_for(f"-----BEGIN CERTIFICATE REQUEST-----\n{body}-----END CERTIFICATE REQUEST-----\n")
    except ValueError as error:
        assert "request" in str(error) or "read" in str(error)


def test_a_long_text_is_not_read() -> None:
    with pytest.raises(ValueError, match="one certificate signing request"):
        asked_for(REQUESTS[keys.KeyKind.RSA_2048].decode() + "\n" * MAX_REQUEST)
