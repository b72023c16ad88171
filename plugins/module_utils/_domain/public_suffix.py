# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A public suffix list, and the organisational domain by it (RFC 7489 section 3.2; the algorithm of publicsuffix.org). Pure.

RFC 9989 needs no such list. It is here to say where receivers that still use one find something else.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PublicSuffixes:
    """The rules as a list writes them, in Unicode: `com`, `*.ck` for all below a name, `!www.ck` for an exception."""

    rules: frozenset[str]

    def suffix_of(self, domain: str) -> str:
        """Return the public suffix of a domain; its last label where no rule fits."""
        labels = domain.lower().split(".")
        written = [_written(label) for label in labels]
        for at in range(len(labels)):
            name, parent = ".".join(written[at:]), ".".join(written[at + 1:])
            if f"!{name}" in self.rules:
                return ".".join(labels[at + 1:])
            if name in self.rules or (parent and f"*.{parent}" in self.rules):
                return ".".join(labels[at:])
        return labels[-1]

    def organizational_domain(self, domain: str) -> str:
        """Return the suffix with one more label; a domain that is a suffix is its own."""
        labels = domain.lower().split(".")
        known = len(self.suffix_of(domain).split("."))
        return ".".join(labels[-(known + 1):])


def _written(label: str) -> str:
    """A label as a list has it: in Unicode."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def read_suffixes(text: str) -> PublicSuffixes:
    """Return the rules in the text of a list.

    Nearly all of its ten thousand lines are one rule, and are taken as they are; of the others what comes before the first blank.
    Comments may stay: they have a slash, as no name has.
    """
    lines = frozenset(text.split("\n"))
    others = (line.split() for line in lines if line[:2] != "//" and (" " in line or not line.isprintable()))
    return PublicSuffixes(lines | {words[0] for words in others if words})
