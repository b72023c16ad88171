# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bearer tokens and EXTERNAL: the example of RFC 7628, and the server's refusal inside the mechanism."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials, Misstep, SaslError, UnusableCredential
from ansible_collections.mailops.tls.plugins.module_utils._sasl.tokens import External, OAuthBearer, XOAuth2, escaped

TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="
USER = Credentials("user@example.com", token=TOKEN)


def test_oauthbearer_of_the_rfc() -> None:
    """RFC 7628 section 4.1."""
    expected = f"n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer {TOKEN}\x01\x01"
    assert OAuthBearer(USER, "server.example.com", 143).initial == expected.encode()


def test_xoauth2() -> None:
    assert XOAuth2(USER).initial == f"user=user@example.com\x01auth=Bearer {TOKEN}\x01\x01".encode()


@pytest.mark.parametrize(("machine", "farewell"), [(XOAuth2(USER), b""), (OAuthBearer(USER), b"\x01")])
def test_the_error_document_is_answered_once(machine: XOAuth2, farewell: bytes) -> None:
    assert machine.respond(b'{"status":"invalid_token"\x1b}') == farewell
    assert machine.refusal == '{"status":"invalid_token"?}'
    with pytest.raises(SaslError) as again:
        machine.respond(b"{}")
    assert again.value.misstep is Misstep.MALFORMED
    with pytest.raises(SaslError):
        machine.succeed()


def test_names_cannot_leave_their_field() -> None:
    assert escaped("a=b,c") == "a=3Db=2Cc"
    assert OAuthBearer(Credentials("a,b", token="t")).initial == b"n,a=a=2Cb,\x01auth=Bearer t\x01\x01"
    with pytest.raises(UnusableCredential):
        XOAuth2(Credentials("a\x01b", token="t"))


@pytest.mark.parametrize("token", [None, "", "a b", "a\x01b", "\u00e9"])
def test_tokens_that_are_none(token: str | None) -> None:
    with pytest.raises(UnusableCredential) as refused:
        XOAuth2(Credentials("user", token=token))
    assert refused.value.credential == "oauth_token"


def test_external_sends_whom_to_act_as() -> None:
    assert External(Credentials()).initial == b""
    assert External(Credentials(authorization_identity="other")).initial == b"other"
    with pytest.raises(SaslError):
        External(Credentials()).respond(b"more?")
