# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mechanisms without a password: bearer tokens of OAuth 2.0 (XOAUTH2, OAUTHBEARER) and what TLS has shown already (EXTERNAL)."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import (
    Credentials,
    Mechanism,
    Misstep,
    SaslError,
    UnusableCredential,
    bounded,
)
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_SEPARATOR = "\x01"
_SHOWN = 200
"""Characters of a server's error document that an error text shows."""


def _plain_text(name: str, value: str) -> str:
    if any(char < " " for char in value):
        raise UnusableCredential(name, "has a control character, which this mechanism cannot carry")
    return value


class _Bearer(Mechanism):
    """A token goes out first; a challenge is the server's refusal and wants one more, empty answer."""

    farewell = b""

    def __init__(self) -> None:
        self.refusal: str | None = None

    def respond(self, challenge: bytes) -> bytes:
        """Take the error document of the server, and answer so that it can end the login."""
        if self.refusal is not None:
            raise SaslError(Misstep.MALFORMED, f"{self.name} has one challenge, the server's error, and this is another")
        self.refusal = clean(bounded(challenge), _SHOWN)
        return self.farewell

    def succeed(self, additional: bytes | None = None) -> None:
        """An error document and success do not go together."""
        if self.refusal is not None:
            raise SaslError(Misstep.MALFORMED, "the server accepted the login after it had sent an error")


class XOAuth2(_Bearer):
    """XOAUTH2, the older form that Google and Microsoft have."""

    name = "XOAUTH2"

    def __init__(self, credentials: Credentials) -> None:
        super().__init__()
        user = _plain_text("username", credentials.needed_username())
        self.initial = f"user={user}{_SEPARATOR}auth=Bearer {credentials.needed_token()}{_SEPARATOR * 2}".encode()


class OAuthBearer(_Bearer):
    """OAUTHBEARER (RFC 7628)."""

    name = "OAUTHBEARER"
    farewell = _SEPARATOR.encode("ascii")

    def __init__(self, credentials: Credentials, host: str = "", port: int | None = None) -> None:
        super().__init__()
        identity = credentials.authorization_identity or credentials.username
        header = f"n,a={escaped(_plain_text('username', identity))}," if identity else "n,,"
        pairs = [f"host={host}"] if host else []
        pairs += [f"port={port}"] if port is not None else []
        pairs.append(f"auth=Bearer {credentials.needed_token()}")
        self.initial = (header + _SEPARATOR + _SEPARATOR.join(pairs) + _SEPARATOR * 2).encode()


class External(Mechanism):
    """EXTERNAL (RFC 4422 appendix A): the certificate of the client has said who it is."""

    name = "EXTERNAL"

    def __init__(self, credentials: Credentials) -> None:
        self.initial = _plain_text("authorization_identity", credentials.authorization_identity).encode("utf-8")


def escaped(name: str) -> str:
    """Return a name as `saslname` of RFC 5801 and RFC 5802: commas and equals signs would end it."""
    return name.replace("=", "=3D").replace(",", "=2C")
