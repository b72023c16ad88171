# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every SASL mechanism is: challenges in, responses out (RFC 4422 section 3), and what a server can do wrong in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

CHALLENGE_LIMIT = 8192
"""Longest challenge that is read, in bytes: RFC 4954 section 4 has 12288 characters of base64 for a line of AUTH."""


class Misstep(str, Enum):
    """How a server left the rules of a mechanism."""

    MALFORMED = "malformed"
    """A challenge that the mechanism does not have, or one too many."""
    EXCESSIVE = "excessive"
    """More bytes or more work than a client gives a server."""
    NOT_AUTHENTIC = "not_authentic"
    """The server accepted the login without the proof that it knows the password, or with a wrong one."""
    REFUSED = "refused"
    """The mechanism itself carries the server's refusal (RFC 5802 `e=`, RFC 7628 section 3.2.2)."""


class SaslError(Exception):
    """A server left the rules; the exchange has to be cancelled. Its text has no secret and nothing uncleaned of the server's.

    *said* is the word by which a mechanism itself tells why (RFC 5802 section 7, server-error-value).
    """

    def __init__(self, misstep: Misstep, text: str, said: str | None = None) -> None:
        super().__init__(text)
        self.misstep = misstep
        self.said = said


class UnusableCredential(ValueError):
    """Something of the user's cannot be sent with a mechanism: names the field of `Credentials`, never its value."""

    def __init__(self, credential: str, reason: str) -> None:
        super().__init__(f"{credential} {reason}")
        self.credential = credential
        self.reason = reason


@dataclass(frozen=True)
class Credentials:
    """Who logs in, and with what.

    Attributes:
        username: the authentication identity.
        password: for mechanisms that prove its knowledge.
        token: an OAuth 2.0 bearer token (RFC 6750).
        authorization_identity: whom to act as; empty is the user itself.
    """

    username: str = ""
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    authorization_identity: str = ""

    def needed_password(self) -> str:
        """Return the password.

        Raises:
            UnusableCredential: there is none.
        """
        if not self.password:
            raise UnusableCredential("password", "is needed for this mechanism")
        return self.password

    def needed_token(self) -> str:
        """Return the token.

        Raises:
            UnusableCredential: there is none, or it is no bearer token.
        """
        if not self.token:
            raise UnusableCredential("oauth_token", "is needed for this mechanism")
        if any(not "!" <= char <= "~" for char in self.token):
            raise UnusableCredential("oauth_token", "has characters that no bearer token has (RFC 6750 section 2.1)")
        return self.token

    def needed_username(self) -> str:
        """Return the user name.

        Raises:
            UnusableCredential: there is none.
        """
        if not self.username:
            raise UnusableCredential("username", "is needed for this mechanism")
        return self.username


class Mechanism:
    """The client's half of one login. A machine is used once.

    `initial` is the client's first response, None when the server speaks first. `respond` answers a challenge. `succeed` is
    called once when the server says that the login succeeded, with the data that came along.
    """

    name: str = ""
    initial: bytes | None = None
    server_authenticated: bool | None = None
    """Whether the server has proved that it knows the password; None for mechanisms without such a proof."""
    channel_binding: str | None = None
    """The name of the channel binding that went into the proof (IANA's registry), None without one."""

    def respond(self, challenge: bytes) -> bytes:
        """Answer a challenge.

        Raises:
            SaslError: the server left the rules of the mechanism.
        """
        raise SaslError(Misstep.MALFORMED, f"{self.name} has no more challenges")

    def succeed(self, additional: bytes | None = None) -> None:
        """Take the server's word that the login succeeded.

        Args:
            additional: additional data with success (RFC 4422 section 3.6); None where none came.

        Raises:
            SaslError: the server may not say so yet, or has not proved itself.
        """


def bounded(challenge: bytes) -> bytes:
    """Return a challenge that is short enough.

    Raises:
        SaslError: it is longer than `CHALLENGE_LIMIT`.
    """
    if len(challenge) > CHALLENGE_LIMIT:
        raise SaslError(Misstep.EXCESSIVE, f"the challenge has more than {CHALLENGE_LIMIT} bytes")
    return challenge
