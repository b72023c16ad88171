# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SCRAM (RFC 5802; SHA-256 by RFC 7677): both sides prove that they know the password, bound to the TLS session with -PLUS.

What a hostile server could gain, and what stops it: a login without its own proof (the server signature is checked, and success
without one is none), an old exchange (the nonce has to begin with ours and go on), another reading of the message (the order
of attributes is fixed, each comes once, unknown ones only at the end, mandatory extensions end it), our time (the iterations
have a limit).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import ChannelBinding
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import (
    Credentials,
    Mechanism,
    Misstep,
    SaslError,
    UnusableCredential,
    bounded,
)
from ansible_collections.mailops.tls.plugins.module_utils._sasl.saslprep import saslprep
from ansible_collections.mailops.tls.plugins.module_utils._sasl.tokens import escaped
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

MOST_ITERATIONS = 600_000
"""What a server may ask for: the most that anybody recommends (OWASP, PBKDF2 with SHA-256), and well under a second."""
_DIGESTS = {"SCRAM-SHA-1": "sha1", "SCRAM-SHA-256": "sha256"}
_NONCE_BYTES = 24
_ATTRIBUTE = re.compile(r"([A-Za-z])=([^,\0]*)")
_PRINTABLE = re.compile(r"[!-+\--~]+")
"""`printable` of RFC 5802: no comma."""
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")


@dataclass(frozen=True)
class ServerFirst:
    """The server's first message, read: the nonce of both, the salt and the iterations."""

    nonce: str
    salt: bytes
    iterations: int


class Scram(Mechanism):
    """One login. With a *binding* it is the -PLUS form; *offered_plus* False tells the server that we could have used it.

    Attributes:
        iterations: how many the server asked for; None before it did.
    """

    def __init__(
        self,
        name: str,
        credentials: Credentials,
        *,
        binding: ChannelBinding | None = None,
        could_bind: bool = False,
        nonce: str | None = None,
    ) -> None:
        self.name = name
        self.iterations: int | None = None
        self.server_authenticated = False
        self.channel_binding = binding.name if binding else None
        self._digest = _DIGESTS[name[: -len("-PLUS")] if name.endswith("-PLUS") else name]
        self._password = _prepared("password", credentials.needed_password()).encode("utf-8")
        user = escaped(_prepared("username", credentials.needed_username()))
        self._nonce = nonce or base64.b64encode(secrets.token_bytes(_NONCE_BYTES)).decode("ascii")
        identity = credentials.authorization_identity
        authorization = f"a={escaped(_prepared('authorization_identity', identity))}" if identity else ""
        # y: "I could bind, and think that you cannot". A server that can has been impersonated, and ends the login.
        flag = f"p={binding.name}" if binding else "y" if could_bind else "n"
        self._header = f"{flag},{authorization},".encode()
        self._bound = self._header + (binding.data if binding else b"")
        self._first = f"n={user},r={self._nonce}".encode()
        self.initial = self._header + self._first
        self._signature: bytes | None = None

    def respond(self, challenge: bytes) -> bytes:
        """Answer the server's first message with the proof, and its final one with nothing."""
        text = _ascii(bounded(challenge))
        if self._signature is None:
            return self._prove(text)
        if self.server_authenticated:
            raise SaslError(Misstep.MALFORMED, "the server has proved itself already, and sent one challenge more")
        self._check(text)
        return b""

    def succeed(self, additional: bytes | None = None) -> None:
        """Success counts when the server has proved itself, here or before."""
        if additional and not self.server_authenticated and self._signature is not None:
            self._check(_ascii(bounded(additional)))
        if not self.server_authenticated:
            raise SaslError(Misstep.NOT_AUTHENTIC, "the server accepted the login without proving that it knows the password")

    def _prove(self, text: str) -> bytes:
        said = server_first(text, self._nonce)
        self.iterations = said.iterations
        salted = hashlib.pbkdf2_hmac(self._digest, self._password, said.salt, said.iterations)
        client_key = self._hmac(salted, b"Client Key")
        final = b"c=" + base64.b64encode(self._bound) + b",r=" + said.nonce.encode("ascii")
        signed = self._first + b"," + text.encode("ascii") + b"," + final
        signature = self._hmac(hashlib.new(self._digest, client_key).digest(), signed)
        proof = bytes(ours ^ theirs for ours, theirs in zip(client_key, signature))
        self._signature = self._hmac(self._hmac(salted, b"Server Key"), signed)
        return final + b",p=" + base64.b64encode(proof)

    def _check(self, text: str) -> None:
        """Read server-final-message (RFC 5802 section 7)."""
        attributes = _attributes(text)
        name, value = attributes[0]
        if name == "e":
            raise _refused(value)
        if name != "v" or any(other in "ve" for other, _value in attributes[1:]):
            raise SaslError(Misstep.MALFORMED, "the server's final message has no signature, or more than one")
        if self._signature is None or not hmac.compare_digest(_base64(value), self._signature):
            raise SaslError(Misstep.NOT_AUTHENTIC, "the server's signature is wrong: it does not know the password")
        self.server_authenticated = True

    def _hmac(self, key: bytes, message: bytes) -> bytes:
        return hmac.new(key, message, self._digest).digest()


def server_first(text: str, nonce: str) -> ServerFirst:
    """Read server-first-message (RFC 5802 section 7) that answers this client nonce.

    Raises:
        SaslError: it is not what the grammar says, does not go on with our nonce, or asks for too much.
    """
    attributes = _attributes(text)
    names = "".join(name for name, _value in attributes)
    if names.startswith("e"):
        raise _refused(attributes[0][1])
    if names.startswith("m"):
        raise SaslError(Misstep.MALFORMED, "the server's first message wants an extension that is not known")
    if not names.startswith("rsi") or len(set(names)) < len(names) or "m" in names:
        raise SaslError(Misstep.MALFORMED, "the server's first message is not nonce, salt and iterations, each once and in this order")
    (_r, both), (_s, salt), (_i, iterations) = attributes[:3]
    if not both.startswith(nonce) or len(both) == len(nonce) or not _PRINTABLE.fullmatch(both):
        raise SaslError(Misstep.NOT_AUTHENTIC, "the server's nonce does not go on with ours: this answers another login")
    if not _NUMBER.fullmatch(iterations):
        raise SaslError(Misstep.MALFORMED, f"the server's number of iterations is none: {clean(iterations, 20)!r}")
    if int(iterations) > MOST_ITERATIONS:
        raise SaslError(Misstep.EXCESSIVE, f"the server asks for {int(iterations)} iterations, and {MOST_ITERATIONS} are the limit")
    decoded = _base64(salt)
    if not decoded:
        raise SaslError(Misstep.MALFORMED, "the server's salt is empty")
    return ServerFirst(both, decoded, int(iterations))


def _refused(value: str) -> SaslError:
    word = clean(value, 100)
    return SaslError(Misstep.REFUSED, f"the server refused the login: {word}", word)


def _attributes(text: str) -> list[tuple[str, str]]:
    found = [_ATTRIBUTE.fullmatch(part) for part in text.split(",")]
    if not all(found):
        raise SaslError(Misstep.MALFORMED, "the server's message is not a list of attributes (RFC 5802 section 5.1)")
    return [(one.group(1), one.group(2)) for one in found if one]


def _ascii(message: bytes) -> str:
    """Extensions may be UTF-8, everything else is ASCII; what is not is no reason to trust it."""
    try:
        return message.decode("ascii")
    except UnicodeDecodeError:
        raise SaslError(Misstep.MALFORMED, "the server's message is not ASCII") from None


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except binascii.Error:
        raise SaslError(Misstep.MALFORMED, "the server's message has base64 that cannot be read") from None


def _prepared(name: str, value: str) -> str:
    try:
        prepared = saslprep(value)
    except ValueError as problem:
        raise UnusableCredential(name, str(problem)) from None
    if not prepared or "\0" in prepared:
        raise UnusableCredential(name, "has nothing that SASLprep keeps (RFC 4013)")
    return prepared
