# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's half of logins with PLAIN (RFC 4616) and SCRAM-SHA-256 (RFC 5802, RFC 7677), without IO and without our client's code.

A login is a generator: it yields challenges, is sent responses, and returns the name of the user, or None when it was refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Generator, Mapping
from typing import Callable, Optional

Login = Generator[bytes, bytes, Optional[str]]
ITERATIONS = 4096
_FIRST = re.compile(rb"(?P<header>[ny],(?:a=[^,]*)?,)(?P<bare>n=(?P<user>[^,]+),r=(?P<nonce>[!-+\--~]+))")
_FINAL = re.compile(rb"(?P<without>c=(?P<bound>[A-Za-z0-9+/=]+),r=(?P<nonce>[^,]+)),p=(?P<proof>[A-Za-z0-9+/=]+)")


def plain(passwords: Mapping[str, str]) -> Login:
    """Take a name and a password. Nobody may act for somebody else."""
    acting, *given = (yield b"").split(b"\0")
    if len(given) != 2:
        return None
    user, password = (part.decode("utf-8", "replace") for part in given)
    known = user in passwords and hmac.compare_digest(passwords[user].encode(), password.encode())
    return user if known and acting in (b"", given[0]) else None


def scram(passwords: Mapping[str, str]) -> Login:
    """Let the client prove that it knows the password, and prove the same in return."""
    first = _FIRST.fullmatch((yield b""))
    if first is None:
        return None
    user = first["user"].replace(b"=2C", b",").replace(b"=3D", b"=").decode("utf-8", "replace")
    salt, nonce = os.urandom(16), first["nonce"] + base64.b64encode(os.urandom(12))
    answer = b"r=%b,s=%b,i=%d" % (nonce, base64.b64encode(salt), ITERATIONS)
    final = _FINAL.fullmatch((yield answer))
    if final is None or final["nonce"] != nonce or _decoded(final["bound"]) != first["header"]:
        return None
    salted = hashlib.pbkdf2_hmac("sha256", passwords.get(user, "").encode(), salt, ITERATIONS)
    stored = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
    signed = b",".join((first["bare"], answer, final["without"]))
    mask = _hmac(stored, signed)
    key = bytes(one ^ other for one, other in zip(_decoded(final["proof"]), mask))
    if user not in passwords or not hmac.compare_digest(hashlib.sha256(key).digest(), stored):
        return None
    yield b"v=" + base64.b64encode(_hmac(_hmac(salted, b"Server Key"), signed))
    return user


MECHANISMS: dict[str, Callable[[Mapping[str, str]], Login]] = {"PLAIN": plain, "SCRAM-SHA-256": scram}


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, "sha256").digest()


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
