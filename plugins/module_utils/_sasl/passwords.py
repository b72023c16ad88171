# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mechanisms that send a password, or a hash of it with a challenge: PLAIN, LOGIN, CRAM-MD5, and APOP's digest."""

from __future__ import annotations

import hashlib
import hmac
import re

from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import (
    Credentials,
    Mechanism,
    Misstep,
    SaslError,
    UnusableCredential,
    bounded,
)

_TIMESTAMP = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
"""`msg-id` of RFC 5322: printable ASCII. Anything else is how MD5's collisions are put to use (CVE-2007-1558)."""


def _without_nul(name: str, value: str) -> bytes:
    if "\0" in value:
        raise UnusableCredential(name, "has a NUL character, which this mechanism cannot carry")
    return value.encode("utf-8")


class Plain(Mechanism):
    """PLAIN (RFC 4616): identities and password in one response, in the clear."""

    name = "PLAIN"

    def __init__(self, credentials: Credentials) -> None:
        parts = (
            _without_nul("authorization_identity", credentials.authorization_identity),
            _without_nul("username", credentials.needed_username()),
            _without_nul("password", credentials.needed_password()),
        )
        self.initial = b"\0".join(parts)


class Login(Mechanism):
    """LOGIN (draft-murchison-sasl-login): two prompts, whose text means nothing, then name and password in the clear."""

    name = "LOGIN"

    def __init__(self, credentials: Credentials) -> None:
        self._answers = [credentials.needed_password().encode("utf-8"), credentials.needed_username().encode("utf-8")]

    def respond(self, challenge: bytes) -> bytes:
        """Answer the first prompt with the name, the second with the password."""
        bounded(challenge)
        if not self._answers:
            raise SaslError(Misstep.MALFORMED, "LOGIN has two prompts, and the server sent a third")
        return self._answers.pop()

    def succeed(self, additional: bytes | None = None) -> None:
        """A server that did not ask for both has not looked at the password."""
        if self._answers:
            raise SaslError(Misstep.NOT_AUTHENTIC, "the server accepted LOGIN before it had asked for the password")


class CramMd5(Mechanism):
    """CRAM-MD5 (RFC 2195): HMAC-MD5 of the challenge. Who sees it can try passwords at leisure."""

    name = "CRAM-MD5"

    def __init__(self, credentials: Credentials) -> None:
        self._user = credentials.needed_username().encode("utf-8")
        self._password = credentials.needed_password().encode("utf-8")
        self._answered = False

    def respond(self, challenge: bytes) -> bytes:
        """Answer the one challenge."""
        bounded(challenge)
        if self._answered or not challenge:
            raise SaslError(Misstep.MALFORMED, "CRAM-MD5 has exactly one challenge, which is not empty")
        self._answered = True
        return self._user + b" " + hmac.new(self._password, challenge, "md5").hexdigest().encode("ascii")

    def succeed(self, additional: bytes | None = None) -> None:
        """A server that never sent its challenge has seen no password."""
        if not self._answered:
            raise SaslError(Misstep.NOT_AUTHENTIC, "the server accepted CRAM-MD5 without a challenge")


def apop_timestamp(greeting: str) -> str | None:
    """Return the timestamp of a POP3 greeting (RFC 1939 section 7), None where APOP is not offered or must not be used."""
    found = _TIMESTAMP.search(greeting)
    return found.group() if found else None


def apop_digest(timestamp: str, credentials: Credentials) -> str:
    """Return the digest that APOP sends: MD5 of timestamp and password, in hexadecimal.

    Raises:
        UnusableCredential: there is no password.
    """
    return hashlib.md5((timestamp + credentials.needed_password()).encode("utf-8")).hexdigest()
