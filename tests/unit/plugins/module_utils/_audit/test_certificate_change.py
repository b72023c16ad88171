# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who stands behind the name of an issuer."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.certificate_change import authority


@pytest.mark.parametrize(
    ("issuer", "name"),
    [
        ("CN=R11,O=Let's Encrypt,C=US", "let's encrypt"),
        ("CN=E7,O=Let's Encrypt,C=US", "let's encrypt"),
        (r"CN=A,O=Sun\, Moon and Co\+,C=DE", r"sun\, moon and co\+"),
        ("OU=x+O=Both,CN=y", "both"),
        (r"CN=not\,O=Forged", r"CN=not\,O=Forged"),
        ("CN=mx.example.org", "CN=mx.example.org"),
        ("O=,CN=mx.example.org", "O=,CN=mx.example.org"),
        ("", ""),
    ],
)
def test_an_authority_is_its_organisation(issuer: str, name: str) -> None:
    assert authority(issuer) == name
