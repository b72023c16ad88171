# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Channel bindings: which digest of the certificate, which of several bindings."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import ChannelBinding, preferred, server_end_point

CERTIFICATE = b"0\x82 certificate"


@pytest.mark.parametrize(
    ("signature_digest", "used"),
    [("md5", "sha256"), ("sha1", "sha256"), ("sha224", "sha224"), ("sha256", "sha256"), ("sha384", "sha384"), ("sha512", "sha512")],
)
def test_end_point_uses_the_digest_of_the_signature(signature_digest: str, used: str) -> None:
    """RFC 5929 section 4.1."""
    binding = server_end_point(CERTIFICATE, signature_digest)
    assert binding == ChannelBinding("tls-server-end-point", hashlib.new(used, CERTIFICATE).digest())
    assert "data" not in repr(binding)


@pytest.mark.parametrize("signature_digest", [None, "md2", "nothing"])
def test_end_point_is_not_defined_for_every_signature(signature_digest: str | None) -> None:
    assert server_end_point(CERTIFICATE, signature_digest) is None


def test_the_sessions_own_binding_comes_first() -> None:
    exporter, unique, point = (ChannelBinding(name, b"x") for name in ("tls-exporter", "tls-unique", "tls-server-end-point"))
    assert preferred((point, unique, exporter)) == exporter
    assert preferred((point, unique)) == unique
    assert preferred((ChannelBinding("other", b""),)) is None
    assert preferred(()) is None
