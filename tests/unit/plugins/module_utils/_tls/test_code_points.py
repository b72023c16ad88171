# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of TLS numbers: samples against the RFCs, and that every number has one."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._tls.code_points import (
    ALERTS,
    EXTENSIONS,
    GROUPS,
    SIGNATURES,
    VERSIONS,
    Signature,
    alert_name,
    extension_name,
    group_name,
    signature_name,
    version_name,
)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (23, "secp256r1"),
        (29, "x25519"),
        (0x0100, "ffdhe2048"),
        (0x11EC, "X25519MLKEM768"),
        (0x11EB, "SecP256r1MLKEM768"),
        (0x4A4A, "0x4a4a"),
    ],
)
def test_groups(number: int, name: str) -> None:
    assert group_name(number) == name


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (0x0403, Signature("ECDSA", "SHA256")),
        (0x0806, Signature("RSA-PSS", "SHA512")),
        (0x0807, Signature("Ed25519", None)),
        (0x0201, Signature("RSA", "SHA1")),
        (0xFFFF, Signature("0xffff", None)),
    ],
)
def test_signatures(number: int, name: Signature) -> None:
    assert signature_name(number) == name


def test_other_names_and_numbers_without_one() -> None:
    assert (version_name(0x0303), version_name(0x7F1C)) == ("TLSv1.2", "0x7f1c")
    assert (extension_name(43), extension_name(0xFF01), extension_name(0x1234)) == ("supported_versions", "renegotiation_info", "0x1234")
    assert (alert_name(0), alert_name(40), alert_name(254)) == ("close_notify", "handshake_failure", "alert 254")


def test_names_are_used_once_and_printable() -> None:
    for table in (GROUPS, ALERTS, VERSIONS, EXTENSIONS):
        assert len(set(table.values())) == len(table)
        assert all(name.isprintable() for name in table.values())
    assert all(0 < number <= 0xFFFF for number in (*GROUPS, *SIGNATURES))
