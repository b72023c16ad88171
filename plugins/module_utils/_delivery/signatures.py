# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DKIM signatures of a message that has arrived: what each says (RFC 6376 section 3.5), and whether it is right, where dkimpy is there.

The keys are looked up by whoever calls, with the nameservers of the run; dkimpy asks nobody. Its import takes a second, so it is only
imported when there is a signature to verify.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._text import clean

MOST_SIGNATURES = 5
"""Signatures that are read and verified: each costs an operation with a public key."""
_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*([^;]*)")
_BLANK = re.compile(r"\s+")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253})\Z")


@dataclass(frozen=True)
class Signature:
    """One DKIM-Signature field.

    Attributes:
        tags: its tags, blanks taken out of values.
        verified: whether it is right; None when that was not found out.
        error: why it is not right, or was not verified.
    """

    tags: Mapping[str, str]
    verified: bool | None = None
    error: str | None = None

    @property
    def owner(self) -> str | None:
        """The name that has its key; None when it names none."""
        domain, selector = self.tags.get("d", ""), self.tags.get("s", "")
        if not (_NAME.match(domain) and _NAME.match(selector)):
            return None
        return f"{selector}._domainkey.{domain}".lower()

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `headers.dkim_signatures` in results."""
        shown = {name: clean(self.tags[name], 256) if name in self.tags else None for name in ("d", "s", "a", "c", "i", "bh")}
        signed = [clean(name, 64) for name in self.tags.get("h", "").split(":") if name][:50]
        return {**shown, "h": signed, "verified": self.verified, "error": self.error}


def read_signatures(fields: Sequence[str]) -> tuple[Signature, ...]:
    """Read DKIM-Signature fields, the one written last first, as they stand in the message."""
    return tuple(Signature(_tags(field)) for field in fields[:MOST_SIGNATURES])


def _tags(field: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in field[:8192].split(";"):
        tag = _TAG.match(part)
        if tag:
            found.setdefault(tag[1], _BLANK.sub("", tag[2]))
    return found


def verify(message: bytes, signatures: Sequence[Signature], keys: Mapping[str, bytes | None]) -> tuple[Signature, ...]:
    """Verify the signatures of a whole message.

    Args:
        message: as it is in the mailbox.
        signatures: those that `read_signatures` read of it.
        keys: owner name -> the text of its key record; None where there is none. An owner that is missing could not be asked for.
    """
    try:
        import dkim  # pylint: disable=import-outside-toplevel
    except ImportError:
        return tuple(replace(one, error="not verified: the Python library dkimpy is not installed") for one in signatures)
    return tuple(_verified(dkim, message, number, one, keys) for number, one in enumerate(signatures))


def _verified(dkim: Any, message: bytes, number: int, signature: Signature, keys: Mapping[str, bytes | None]) -> Signature:
    owner = signature.owner
    if owner is None:
        return replace(signature, verified=False, error="it names no domain and selector")
    if owner not in keys:
        return replace(signature, error=f"not verified: the key at {owner} could not be looked up")
    if keys[owner] is None:
        return replace(signature, verified=False, error=f"there is no key at {owner}")

    def find_key(_name: bytes, **_options: Any) -> bytes | None:
        return keys[owner]

    try:
        right = bool(dkim.DKIM(message).verify(idx=number, dnsfunc=find_key))
    except Exception as problem:  # noqa: BLE001  # pylint: disable=broad-except
        # The library lets errors of other libraries through for keys and signatures that are broken.
        return replace(signature, verified=False, error=clean(str(problem) or type(problem).__name__, 256))
    return replace(signature, verified=right, error=None if right else "the signature does not fit the message")
