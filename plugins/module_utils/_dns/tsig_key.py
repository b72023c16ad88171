# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that sign messages to a server (TSIG, RFC 8945), from options or from a key file.

Two kinds of key file are known: the `key` clause that BIND's `tsig-keygen` and `named.conf` have, and the line
`[algorithm:]name:secret` of `kdig -k` and `knsupdate -k`, which Knot's `keymgr -t` writes as a comment too.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

from ansible_collections.mailops.tls.plugins.module_utils._dns.domain_name import canonical_name
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError

ALGORITHMS = ("hmac-sha256", "hmac-sha384", "hmac-sha512")
"""Those of RFC 8945 section 6 that are neither broken nor cut short."""
HIDDEN = "(hidden)"
"""Stands for a secret, or a file that holds one, in error messages."""

_COMMENT = re.compile(r'("[^"\n]*")|/\*.*?\*/|(?://|#)[^\n]*', re.DOTALL)
"""Or a text between quotes, which is kept: base64 may have two slashes in a row."""
_CLAUSE = re.compile(r'\bkey\s+(?:"([^"]*)"|([^\s{;"]+))\s*\{([^}]*)\}\s*;?')
_STATEMENT = re.compile(r'\b(algorithm|secret)\s+(?:"([^"]*)"|([^\s;"]+))\s*;')
_LINE = re.compile(r"(?:#\s*)?(?:(hmac-[a-z0-9.-]+):)?([^\s:#{}\"]+):([A-Za-z0-9+/]+={0,2})", re.IGNORECASE)


@dataclass(frozen=True)
class TsigKey:
    """A key: its name, which may be any name of DNS, in canonical form; one of the ALGORITHMS; and the secret, which is never shown."""

    name: str
    algorithm: str
    secret: bytes = field(repr=False)


def tsig_key(name: str, secret: str, algorithm: str, option: str = "key_secret") -> TsigKey:
    """Return the key of these texts, the secret in base64.

    Raises:
        OptionError: for what cannot be used; its text shows nothing of the secret.
    """
    try:
        canonical = canonical_name(name)
    except ValueError as error:
        raise OptionError("key_name" if option == "key_secret" else option, name, f"is not the name of a key: it {error}") from error
    known = algorithm.lower().rstrip(".")
    if known not in ALGORITHMS:
        raise OptionError(
            "key_algorithm" if option == "key_secret" else option,
            algorithm,
            f"is too weak or unknown an algorithm for a key: use {', '.join(ALGORITHMS)}",
        )
    try:
        decoded = base64.b64decode("".join(secret.split()), validate=True)
    except (binascii.Error, ValueError):
        raise OptionError(option, HIDDEN, "holds a secret that is not base64") from None
    if not decoded:
        raise OptionError(option, HIDDEN, "holds an empty secret")
    return TsigKey(canonical, known, decoded)


def key_of_file(text: str, path: str, wanted: str | None = None, algorithm: str = ALGORITHMS[0]) -> TsigKey:
    """Return the key in the text of a key file.

    Args:
        wanted: the name of the key; needed when the file has several.
        algorithm: for a key whose algorithm the file does not name.

    Raises:
        OptionError: for `key_file` with the path; nothing of the content is shown but names of keys and algorithms.
    """
    found = _clauses(text) or _lines(text)
    if wanted is not None:
        found = [one for one in found if _same(one[0], wanted)]
    if not found:
        reason = "has no key" if wanted is None else f"has no key of the name {wanted}"
        raise OptionError("key_file", path, reason + " in the form of BIND's tsig-keygen, or algorithm:name:secret")
    if len({_comparable(one[0]) for one in found}) > 1:
        raise OptionError("key_file", path, "has several keys: say by key_name which one to use")
    name, its_algorithm, secret = found[0]
    return tsig_key(name, secret, its_algorithm or algorithm, "key_file")


def _clauses(text: str) -> list[tuple[str, str | None, str]]:
    found = []
    for clause in _CLAUSE.finditer(_COMMENT.sub(lambda found: found[1] or " ", text)):
        values = {one[1]: one[2] or one[3] or "" for one in _STATEMENT.finditer(clause[3])}
        if "secret" in values:
            found.append((clause[1] or clause[2], values.get("algorithm"), values["secret"]))
    return found


def _lines(text: str) -> list[tuple[str, str | None, str]]:
    matches = (_LINE.fullmatch(line.strip()) for line in text.splitlines())
    return [(one[2], one[1], one[3]) for one in matches if one is not None]


def _same(one: str, other: str) -> bool:
    return _comparable(one) == _comparable(other)


def _comparable(name: str) -> str:
    try:
        return canonical_name(name)
    except ValueError:
        return name
