# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PEM blocks (RFC 7468) among anything else."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import pem_blocks
from ansible_collections.mailops.tls.tests.unit import certificates as make
from hypothesis import given
from hypothesis import strategies as st

LABELS = st.sampled_from(["CERTIFICATE", "PUBLIC KEY", "EC PARAMETERS", "X509 CERTIFICATE", "PRIVATE KEY"])


@given(st.lists(st.tuples(LABELS, st.binary()), max_size=5), st.sampled_from([b"\n", b"\r\n"]), st.text("abc -\n", max_size=30))
def test_what_was_written_is_read(written: list[tuple[str, bytes]], newline: bytes, between: str) -> None:
    text = between.encode().join(b"\n" + make.pem(label, content) for label, content in written)
    found = pem_blocks(text.replace(b"\n", newline))
    assert [(block.label, block.der) for block in found] == written


@given(st.binary(max_size=300))
def test_anything_else_is_no_block(data: bytes) -> None:
    assert pem_blocks(data) == () or b"-----BEGIN" in data


def test_an_end_of_another_label_ends_nothing() -> None:
    text = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END PUBLIC KEY-----\n" + make.pem("PUBLIC KEY", b"key")
    assert [block.label for block in pem_blocks(text)] == ["PUBLIC KEY"]


@pytest.mark.parametrize("body", [b"!!!!", b"AAA", b"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\nAAAA"])
def test_a_block_that_is_no_base64(body: bytes) -> None:
    (block,) = pem_blocks(b"-----BEGIN RSA PRIVATE KEY-----\n" + body + b"\n-----END RSA PRIVATE KEY-----\n")
    assert body in block.text
    with pytest.raises(ValueError, match="RSA PRIVATE KEY block that is no base64"):
        block.der  # noqa: B018
