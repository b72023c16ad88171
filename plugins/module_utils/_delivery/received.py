# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each hop wrote about itself: the Received fields of a message (RFC 5321 section 4.4, `with` by RFC 3848 and its registry).

Programs write the clauses in different orders and put TLS into comments of their own. Read are Postfix, Exim, Sendmail, Dovecot,
Exchange and Gmail; of others what fits the grammar.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from ansible_collections.mailops.tls.plugins.module_utils._delivery.comments import parts
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

MOST_HOPS = 100
LONGEST_FIELD = 4096
_CLAUSES = ("from", "by", "via", "with", "id", "for")
_VERSION = re.compile(r"\b(?:version=)?(TLS|SSL)[ _]?v?([0-9])(?:[._]([0-9]))?\b", re.IGNORECASE)
_CIPHER = re.compile(r"\bcipher[= ]+([A-Z0-9_:-]+)|\btls ((?:TLS_)?[A-Z0-9]+[A-Z0-9_:-]+)", re.IGNORECASE)
_ADDRESS = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]+)\]|(?:^|[ (])([0-9A-Fa-f]*[:.][0-9A-Fa-f:.]+)(?=[) ]|\Z)")
_SECURED = re.compile(r"(?:E|UTF8)?(?:SMTP|LMTP)SA?", re.IGNORECASE)


@dataclass(frozen=True)
class HopTls:
    """TLS as a hop noted it: version and cipher where it named them; *stated* is false when only its `with` says so."""

    protocol: str | None
    cipher: str | None
    stated: bool


@dataclass(frozen=True)
class Hop:
    """One Received field.

    Attributes:
        by: the host that took the message.
        source: the host that gave it, as it called itself.
        source_address: its address as the taker saw it.
        protocol: the words behind `with`.
        identifier: the words behind `id`.
        recipient: whom it was for, where that was noted.
        at: when, in UTC; None when that cannot be read.
        seconds: since the hop before; None for the first and where a time is missing.
        tls: TLS as noted; None where nothing says so.
    """

    by: str | None = None
    source: str | None = None
    source_address: str | None = None
    protocol: str | None = None
    identifier: str | None = None
    recipient: str | None = None
    at: datetime | None = None
    seconds: float | None = None
    tls: HopTls | None = None

    def as_facts(self) -> dict[str, object]:
        """Return it in the shape of `received` in results."""
        tls = self.tls
        return {
            "by": self.by,
            "from": self.source,
            "from_address": self.source_address,
            "with": self.protocol,
            "id": self.identifier,
            "for": self.recipient,
            "at": self.at.strftime("%Y-%m-%dT%H:%M:%SZ") if self.at else None,
            "seconds": self.seconds,
            "tls": {"protocol": tls.protocol, "cipher": tls.cipher, "stated": tls.stated} if tls else None,
        }


def hops(fields: Sequence[str]) -> tuple[Hop, ...]:
    """Read all Received fields, the last hop first as they stand in the message; at most `MOST_HOPS`."""
    found = [read_hop(field) for field in fields[:MOST_HOPS]]
    return tuple(
        replace(hop, seconds=_between(found[number + 1].at, hop.at)) if number + 1 < len(found) else hop
        for number, hop in enumerate(found)
    )


def _between(before: datetime | None, after: datetime | None) -> float | None:
    return (after - before).total_seconds() if before and after else None


def read_hop(field: str) -> Hop:
    """Read one Received field; what cannot be read is None."""
    text = " ".join(field[:LONGEST_FIELD].split())
    information, _semicolon, date = text.rpartition(";")
    if not _semicolon:
        information, date = text, ""
    clauses = _clauses(information)
    comments = [words for clause in clauses.values() for comment, words in clause if comment]
    protocol = _first(clauses, "with", whole=True)
    return Hop(
        by=_first(clauses, "by"),
        source=_first(clauses, "from"),
        source_address=_address(clauses.get("from", [])),
        protocol=protocol,
        identifier=_first(clauses, "id"),
        recipient=(_first(clauses, "for") or "").strip("<>") or None,
        at=_time(date),
        tls=_tls(" ".join((*comments, _exim_words(clauses))), protocol),
    )


def _clauses(text: str) -> dict[str, list[tuple[bool, str]]]:
    """Clause -> its words and comments; the first of each kind counts."""
    found: dict[str, list[tuple[bool, str]]] = {}
    name = ""
    for comment, piece in parts(text):
        if comment:
            found.setdefault(name, []).append((True, piece))
            continue
        for word in piece.split(" "):
            if word.lower() in _CLAUSES and word.lower() not in found:
                name = word.lower()
                found[name] = []
            else:
                found.setdefault(name, []).append((False, word))
    return found


def _first(clauses: dict[str, list[tuple[bool, str]]], name: str, *, whole: bool = False) -> str | None:
    """The first word of a clause; *whole*: all its words up to a comment, as of `with Microsoft SMTP Server`."""
    words: list[str] = []
    for comment, word in clauses.get(name, []):
        if comment or word.lower() == "tls":
            break
        words.append(word)
    if not words:
        return None
    return clean(" ".join(words) if whole else words[0], 256)


def _exim_words(clauses: dict[str, list[tuple[bool, str]]]) -> str:
    """Exim names the cipher outside of comments: `with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384`."""
    return " ".join(word for comment, word in clauses.get("with", []) if not comment)


def _address(clause: list[tuple[bool, str]]) -> str | None:
    for _comment, words in sorted(clause, key=lambda part: not part[0]):
        for found in _ADDRESS.finditer(words):
            try:
                return str(ipaddress.ip_address(found.group(1) or found.group(2)))
            except ValueError:
                continue
    return None


def _tls(notes: str, protocol: str | None) -> HopTls | None:
    version = _VERSION.search(notes)
    secured = protocol is not None and bool(_SECURED.fullmatch(protocol))
    if version:
        cipher = _CIPHER.search(notes)
        kind = "TLS" if version[1].upper() == "TLS" else "SSL"
        number = f"{version[2]}.{version[3]}" if version[3] and (kind, version[3]) != ("TLS", "0") else version[2]
        return HopTls(f"{kind}v{number}", clean((cipher[1] or cipher[2]), 64) if cipher else None, True)
    return HopTls(None, None, False) if secured else None


def _time(date: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(date.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None
