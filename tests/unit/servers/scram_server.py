# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's half of SCRAM (RFC 5802), written from the RFC for tests of the client's; it has no mercy on other dialects."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping

from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import ChannelBinding
from ansible_collections.mailops.tls.plugins.module_utils._sasl.saslprep import saslprep

_HEADER = r"(?P<header>(?:n|y|p=(?P<binding>[A-Za-z0-9.-]+)),(?:a=(?P<acting>[^,]+))?,)"
_CLIENT_FIRST = re.compile(_HEADER + r"(?P<bare>n=(?P<user>[^,]+),r=(?P<nonce>[!-+\--~]+))")
_CLIENT_FINAL = re.compile(r"(?P<without>c=(?P<bound>[A-Za-z0-9+/=]+),r=(?P<nonce>[^,]+)),p=(?P<proof>[A-Za-z0-9+/=]+)")


class ScramServer:
    """One login at a server with these passwords."""

    def __init__(
        self,
        name: str,
        passwords: Mapping[str, str],
        *,
        binding: ChannelBinding | None = None,
        offers_plus: bool = False,
        iterations: int = 64,
    ) -> None:
        self._digest = "sha256" if "256" in name else "sha1"
        self._passwords, self._binding, self._offers_plus, self._iterations = passwords, binding, offers_plus, iterations
        self._salt = b"a salt of tests"
        self._signed = b""
        self._header = ""
        self._nonce = ""
        self._user = ""
        self.accepted = False

    def first(self, message: bytes) -> bytes:
        """Answer the client's first message."""
        read = _CLIENT_FIRST.fullmatch(message.decode())
        if not read:
            return b"e=other-error"
        if read["header"].startswith("y") and self._offers_plus:
            return b"e=server-does-support-channel-binding"
        if read["binding"] != (self._binding.name if self._binding else None):
            return b"e=unsupported-channel-binding-type"
        self._header, self._nonce = read["header"], read["nonce"] + "%server"
        self._user = read["user"].replace("=2C", ",").replace("=3D", "=")
        answer = f"r={self._nonce},s={base64.b64encode(self._salt).decode()},i={self._iterations}"
        self._signed = f"{read['bare']},{answer},".encode()
        return answer.encode()

    def final(self, message: bytes) -> bytes:
        """Judge the client's proof, and answer with one of our own when it is right."""
        read = _CLIENT_FINAL.fullmatch(message.decode())
        bound = self._header.encode() + (self._binding.data if self._binding else b"")
        if not read or read["nonce"] != self._nonce or base64.b64decode(read["bound"]) != bound:
            return b"e=channel-bindings-dont-match"
        password = saslprep(self._passwords.get(self._user, "")).encode()
        salted = hashlib.pbkdf2_hmac(self._digest, password, self._salt, self._iterations)
        stored = hashlib.new(self._digest, self._hmac(salted, b"Client Key")).digest()
        signed = self._signed + read["without"].encode()
        key = bytes(one ^ other for one, other in zip(base64.b64decode(read["proof"]), self._hmac(stored, signed)))
        if hashlib.new(self._digest, key).digest() != stored:
            return b"e=invalid-proof"
        self.accepted = True
        return b"v=" + base64.b64encode(self._hmac(self._hmac(salted, b"Server Key"), signed))

    def _hmac(self, key: bytes, message: bytes) -> bytes:
        return hmac.new(key, message, self._digest).digest()
