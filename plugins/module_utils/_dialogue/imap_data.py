# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Responses that tell what is in a mailbox: LIST, SELECT, SEARCH and FETCH (RFC 9051 sections 7.3 to 7.5), as values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import Completed
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_names import decoded_name
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_response import ImapResponse, Value, values
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import FolderFacts
from ansible_collections.mailops.tls.plugins.module_utils._text import clean, words

_MOST_PARTS = 64
_LONGEST_STRUCTURE = 512
_LONGEST_NAME = 255
_MOST_LISTED = 8
_HIGHEST = 2**32 - 1
_UID = re.compile(r"[0-9]{1,10}")
_NUMBER = re.compile(r"[0-9]{1,20}")
"""What str calls digits are more than these, and int() does not take all of them."""


def listed(completed: Completed, attribute: str) -> list[str]:
    """Return the names of the mailboxes that LIST shows with this attribute, a few of them.

    One with control characters in its name, or longer than any, is no mailbox that a person would look into.
    """
    found: list[str] = []
    for response in completed.untagged:
        if response.name != "LIST":
            continue
        items = values(response.line)
        if len(items) == 5 and isinstance(items[2], tuple) and attribute.lower() in _words(items[2]):
            name = decoded_name(octets(items[4]))
            if name and name == clean(name, _LONGEST_NAME):
                found.append(name)
    return found[:_MOST_LISTED]


def _words(items: Iterable[Value]) -> list[str]:
    return [item.lower() for item in items if isinstance(item, str)]


def folder_facts(folder: str, completed: Completed, *, junk: bool = False) -> FolderFacts:
    """Return what SELECT told of a folder."""
    facts = FolderFacts(folder, junk=junk)
    for response in completed.untagged:
        if response.name == "EXISTS":
            facts = replace(facts, exists=response.number)
        elif response.name == "RECENT":
            facts = replace(facts, recent=response.number)
        elif response.name == "FLAGS":
            facts = replace(facts, flags=_flags(response.text))
        elif response.code == "PERMANENTFLAGS":
            facts = replace(facts, permanent_flags=_flags(response.code_text))
        elif response.code == "UNSEEN":
            facts = replace(facts, unseen=_number(response.code_text))
        elif response.code == "UIDVALIDITY":
            facts = replace(facts, uid_validity=_number(response.code_text))
        elif response.code == "UIDNEXT":
            facts = replace(facts, uid_next=_number(response.code_text))
    if completed.tagged.code in ("READ-WRITE", "READ-ONLY"):
        facts = replace(facts, read_write=completed.tagged.code == "READ-WRITE")
    return facts


def exists_after(exists: int, responses: Iterable[ImapResponse]) -> int:
    """Return how many messages there are after the news that came with a command."""
    for response in responses:
        if response.name == "EXISTS" and response.number is not None:
            exists = response.number
        elif response.name == "EXPUNGE":
            exists = max(0, exists - 1)
    return exists


def found_uids(completed: Completed) -> list[int]:
    """Return the numbers that SEARCH found, the newest first."""
    found: set[int] = set()
    for response in completed.untagged:
        if response.name == "SEARCH":
            found |= {int(word) for word in words(response.text) if _UID.fullmatch(word)}
    return sorted((uid for uid in found if 0 < uid <= _HIGHEST), reverse=True)


def fetched(completed: Completed, uid: int) -> dict[str, Value]:
    """Return what FETCH brought of one message: the item in upper case, without a partial's origin -> its value.

    A server may tell it in several responses, and of other messages between (RFC 9051 section 7.5.2).

    Raises:
        LineError: brackets or quotation marks do not fit together.
    """
    by_number: dict[int | None, dict[str, Value]] = {}
    for response in completed.untagged:
        if response.name != "FETCH":
            continue
        items = values(response.line)
        pairs = items[-1] if len(items) == 4 else None
        if isinstance(pairs, tuple):
            told = by_number.setdefault(response.number, {})
            told.update({str(name).upper().partition("<")[0]: value for name, value in zip(pairs[::2], pairs[1::2])})
    return next((told for told in by_number.values() if told.get("UID") == str(uid)), {})


def octets(value: Value) -> bytes:
    """Return a string or literal; NIL is an empty one."""
    if isinstance(value, bytes):
        return value
    return value.encode("utf-8") if isinstance(value, str) else b""


def number(value: Value) -> int | None:
    """Return a number; None for what is none."""
    return _number(value) if isinstance(value, str) else None


def flags(value: Value) -> tuple[str, ...] | None:
    """Return a list of flags; None for what is none."""
    return tuple(clean(item, 64) for item in value if isinstance(item, str))[:_MOST_PARTS] if isinstance(value, tuple) else None


def text(value: Value) -> str | None:
    """Return a string for people; None for what is none."""
    return clean(value, 256) if isinstance(value, (bytes, str)) else None


def structure(value: Value) -> str | None:
    """Return BODYSTRUCTURE as media types, `multipart/mixed(text/plain, image/png)`; None for what is none."""
    if not isinstance(value, tuple) or not value:
        return None
    return clean(_structure(value, [_MOST_PARTS]), _LONGEST_STRUCTURE)


def _structure(value: tuple[Value, ...], budget: list[int]) -> str:
    budget[0] -= 1
    if budget[0] < 0:
        return "..."
    parts = [item for item in value if isinstance(item, tuple)]
    if isinstance(value[0] if value else None, tuple):
        subtype = next((item for item in value if not isinstance(item, tuple)), None)
        inner = value[: next((at for at, item in enumerate(value) if not isinstance(item, tuple)), len(parts))]
        shown = ", ".join(_structure(item, budget) for item in inner if isinstance(item, tuple))
        return f"multipart/{_media(subtype)}({shown})"
    if len(value) < 2:
        return "?"
    return f"{_media(value[0])}/{_media(value[1])}"


def _media(value: Value) -> str:
    return octets(value).decode("utf-8", "replace").lower() or "?"


def _flags(told: str) -> tuple[str, ...]:
    return tuple(clean(word, 64) for word in told.strip("() ").split())[:_MOST_PARTS]


def _number(told: str) -> int | None:
    word = told.strip()
    return int(word) if _NUMBER.fullmatch(word) else None
