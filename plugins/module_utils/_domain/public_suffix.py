# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A public suffix list, and the organisational domain by it (RFC 7489 section 3.2; the algorithm of publicsuffix.org). Pure.

RFC 9989 needs no such list. It is here to say where receivers that still use one find something else.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii


@dataclass(frozen=True)
class PublicSuffixes:
    """The rules of a list, in ASCII and lower case: plain ones, parents of wildcards, and exceptions."""

    plain: frozenset[str]
    wildcards: frozenset[str]
    exceptions: frozenset[str]

    def suffix_of(self, domain: str) -> str:
        """Return the public suffix of a domain; its last label where no rule fits."""
        labels = domain.lower().split(".")
        for at in range(len(labels)):
            name, parent = ".".join(labels[at:]), ".".join(labels[at + 1:])
            if name in self.exceptions:
                return parent
            if name in self.plain or (parent and parent in self.wildcards):
                return name
        return labels[-1]

    def organizational_domain(self, domain: str) -> str:
        """Return the suffix with one more label; a domain that is a suffix is its own."""
        labels = domain.lower().split(".")
        known = len(self.suffix_of(domain).split("."))
        return ".".join(labels[-(known + 1):])


def read_suffixes(text: str) -> PublicSuffixes:
    """Return the rules in the text of a list. Names that cannot be converted to ASCII are passed over."""
    plain, wildcards, exceptions = set(), set(), set()
    for line in text.splitlines():
        rule = line.strip().split(" ")[0].split("\t")[0]
        if not rule or rule.startswith("//"):
            continue
        try:
            name = to_ascii(rule.lstrip("!")).lower()
        except ValueError:
            continue
        if rule.startswith("!"):
            exceptions.add(name)
        elif name.startswith("*."):
            wildcards.add(name[2:])
        else:
            plain.add(name)
    return PublicSuffixes(frozenset(plain), frozenset(wildcards), frozenset(exceptions))
