# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains by server name: the tables of `tls_server_sni_maps` (tls_misc.c, dict_file.c), every entry with its PEM text.

Indexed tables hold base64 of the PEM text, put there by `postmap -F`. Tables that Postfix reads as text name files.
"""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from dataclasses import dataclass, field
from typing import Callable, Optional

from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_TEXT_TABLES = ("texthash", "inline")
_SUFFIXES = {"hash": ".db", "btree": ".db", "lmdb": ".lmdb", "cdb": ".cdb", "dbm": ".pag", "texthash": ""}
_SEPARATORS = re.compile(r"[\s,]+")

Listing = tuple[Optional[tuple[tuple[str, str], ...]], str]
ReadTable = Callable[[str], Listing]
"""Lists a table `type:name`: its (key, value) pairs and an empty text, or None and why it cannot be listed."""


@dataclass(frozen=True)
class SniEntry:
    """One entry: the server name (or, with a dot first, the domain of server names), and PEM text or names of files.

    With neither, the value is malformed.
    """

    name: str
    pem: bytes | None = field(default=None, repr=False)
    files: tuple[str, ...] = ()


def table_names(value: str) -> tuple[str, ...]:
    """Return the tables of a parameter: words between commas or blanks, where braces hold words together."""
    found, depth = [""], 0
    for char in value:
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth <= 0 and (char.isspace() or char == ","):
            found.append("")
        else:
            found[-1] += char
    return tuple(word for word in found if word)


def absolute_table(table: str, directory: str) -> str:
    """Return a table with the absolute name of its file, where it is one that is named relative to a directory."""
    kind, _colon, name = table.partition(":")
    return f"{kind}:{posixpath.join(directory, name)}" if kind in _SUFFIXES else table


def table_file(table: str) -> str | None:
    """Return the file that holds a table's values; None for a table that is no file of its own."""
    kind, _colon, name = table.partition(":")
    return name + _SUFFIXES[kind] if kind in _SUFFIXES else None


def sni_entries(table: str, read_table: ReadTable) -> tuple[tuple[SniEntry, ...], str]:
    """Return the entries of a table, and why they are not known, empty when they are."""
    pairs, why = read_table(table)
    if pairs is None:
        return (), f"the entries of {table} cannot be listed: {why}"
    as_files = table.partition(":")[0] in _TEXT_TABLES
    return tuple(_entry(name, value, as_files) for name, value in pairs), ""


def _entry(name: str, value: str, as_files: bool) -> SniEntry:
    """A value of the wrong kind is not kept: it may be a private key where the name of its file belongs."""
    try:
        text = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        text = None
    if not as_files:
        return SniEntry(clean(name).lower(), pem=text)
    if text is not None and b"-----BEGIN" in text:
        return SniEntry(clean(name).lower())
    return SniEntry(clean(name).lower(), files=tuple(word for word in _SEPARATORS.split(value) if word))
