# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Internationalised domain names in ASCII, as Postfix makes them (UTS 46, non-transitional; midna_domain.c)."""

from __future__ import annotations

import unicodedata

MAX_LABEL = 63
"""Longest label of a domain name (RFC 1035 section 2.3.4)."""


def to_ascii(name: str) -> str:
    """Return a name with every label in ASCII; ASCII names are passed unchanged, whatever they are.

    The stricter tables of IDNA 2008 are not applied: registries sell names outside them.

    Raises:
        ValueError: for a name that cannot be converted, or when the Python package idna is missing.
    """
    if name.isascii():
        return name
    try:
        import idna
    except ImportError:
        raise ValueError("is not ASCII, which needs the Python package idna") from None
    try:
        mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
    except (idna.IDNAError, UnicodeError):
        raise ValueError("is not a valid internationalised domain name") from None
    return ".".join(_label_to_ascii(label) for label in mapped.split("."))


def domain_of(text: str) -> str:
    """Return the domain of a text as a user writes one, `user@Müller.example.` too: ASCII, in lower case, without a dot at the end.

    A text that cannot be converted comes back as it is, but for its case.
    """
    domain = text.strip().rpartition("@")[2]
    domain = domain[:-1] if domain.endswith(".") else domain
    try:
        return to_ascii(domain).lower()
    except ValueError:
        return domain.lower()


def _label_to_ascii(label: str) -> str:
    if label.isascii():
        return label
    if label[2:4] == "--" or unicodedata.category(label[0]).startswith("M"):
        raise ValueError("is not a valid internationalised domain name")
    converted = "xn--" + label.encode("punycode").decode("ascii")
    if len(converted) > MAX_LABEL:
        raise ValueError("is not a valid internationalised domain name")
    return converted
