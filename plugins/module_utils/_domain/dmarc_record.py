# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DMARC record as values (RFC 9989 sections 4.7 and 4.8). Pure.

What is broken falls back to its default, as receivers are told to do; it is kept for whoever judges the record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from urllib.parse import unquote, urlsplit

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname
from ansible_collections.mailops.tls.plugins.module_utils._domain.tag_list import TagList, read_tags, swallowed_tag

KNOWN_TAGS = frozenset(("v", "p", "sp", "np", "t", "psd", "adkim", "aspf", "fo", "rua", "ruf"))
REMOVED_TAGS = frozenset(("pct", "rf", "ri"))
"""What RFC 7489 had and RFC 9989 has not (appendix C.5.2)."""
MOST_URIS = 20

_VERSION = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")
_LIKE_DMARC = re.compile(
    r"""[\s"'\\(\ufeff\u200b]*v\s*=\s*["']?\s*dmarc|(?:.*;)?\s*s?p\s*[=:]\s*(?:none|quarantine|reject)\b""", re.IGNORECASE | re.DOTALL
)
_SIZE = re.compile(r"![0-9]+[kmgtKMGT]?\Z")
_CHOICES = {"t": ("y", "n"), "psd": ("y", "n", "u"), "adkim": ("r", "s"), "aspf": ("r", "s")}
_FO = frozenset("01ds")


class DmarcPolicy(str, Enum):
    """What is asked of receivers, the mildest first."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"

    @property
    def rank(self) -> int:
        """How strict it is."""
        return list(DmarcPolicy).index(self)

    def milder(self) -> DmarcPolicy:
        """Return what it is in test mode: one level below."""
        return list(DmarcPolicy)[max(0, self.rank - 1)]


_POLICIES = {policy.value: policy for policy in DmarcPolicy}


@dataclass(frozen=True)
class DmarcUri:
    """Where reports go. `domain` is the host of the address, None when it is no usable URI; `size_limit` is the obsolete suffix."""

    uri: str
    scheme: str | None = None
    address: str | None = None
    domain: str | None = None
    size_limit: bool = False


@dataclass(frozen=True)
class DmarcRecord:
    """A record that begins with the version, its tags in lower case. The properties are what receivers take it for."""

    text: str
    tags: TagList
    broken: tuple[str, ...] = ()

    def policy_of(self, tag: str) -> DmarcPolicy | None:
        """Return the policy in p, sp or np; None where there is none, or one that does not exist."""
        value = (self.tags.value(tag) or "").lower()
        return _POLICIES.get(value)

    def choice(self, tag: str, default: str) -> str:
        """Return the value of a tag that has a few; its default where it is missing or broken."""
        value = (self.tags.value(tag) or "").lower()
        return value if value in _CHOICES[tag] else default

    @property
    def policy(self) -> DmarcPolicy:
        """The policy of the domain itself; none where p is missing or a policy is invalid (section 4.10.1)."""
        return DmarcPolicy.NONE if self.invalid_policies else self.policy_of("p") or DmarcPolicy.NONE

    @property
    def subdomain_policy(self) -> DmarcPolicy:
        """The policy of subdomains that exist."""
        return DmarcPolicy.NONE if self.invalid_policies else self.policy_of("sp") or self.policy

    @property
    def nonexistent_policy(self) -> DmarcPolicy:
        """The policy of subdomains that do not exist."""
        return DmarcPolicy.NONE if self.invalid_policies else self.policy_of("np") or self.subdomain_policy

    @cached_property
    def invalid_policies(self) -> tuple[str, ...]:
        """The tags of p, sp and np whose value is no policy."""
        return tuple(tag for tag in ("p", "sp", "np") if self.tags.value(tag) is not None and self.policy_of(tag) is None)

    @property
    def testing(self) -> bool:
        """Whether the policy is only tried."""
        return self.choice("t", "n") == "y"

    @property
    def psd(self) -> str:
        """Whether the domain is a public suffix: y, n, or u for unknown."""
        return self.choice("psd", "u")

    @property
    def fo(self) -> tuple[str, ...]:
        """When failures are reported."""
        words = tuple(dict.fromkeys(word.strip().lower() for word in (self.tags.value("fo") or "0").split(":")))
        return words if _FO.issuperset(words) else ("0",)

    def uris(self, tag: str) -> tuple[DmarcUri, ...]:
        """Return the addresses in rua or ruf."""
        value = self.tags.value(tag)
        return () if not value else tuple(read_uri(part.strip()) for part in value.split(",")[:MOST_URIS] if part.strip())

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its tags, each once, in order."""
        return tuple(dict.fromkeys(tag.name for tag in self.tags.tags))

    @property
    def applies(self) -> bool:
        """Whether receivers act on it: with an invalid policy only when there is somewhere to report to (section 4.10.1)."""
        usable = self.policy_of("p") is not None and not self.invalid_policies
        return usable or any(one.domain is not None for one in self.uris("rua"))


def is_dmarc(text: str) -> bool:
    """Return whether a text begins with the version of DMARC: the tag in any case, its value as it is written."""
    return _VERSION.match(text) is not None


def resembles_dmarc(text: str) -> bool:
    """Return whether a text that is no DMARC record was meant to be one."""
    return not is_dmarc(text) and _LIKE_DMARC.match(text[:2000]) is not None


def read_dmarc(text: str) -> DmarcRecord:
    """Return what is in a text for which is_dmarc() is true."""
    tags = read_tags(text, fold=True)
    broken = [f'"{part[:60]}" is not tag=value' for part in tags.broken]
    for tag in tags.tags:
        value = tag.value.lower()
        swallowed = swallowed_tag(tag, KNOWN_TAGS | REMOVED_TAGS) if tag.name in KNOWN_TAGS else None
        if swallowed is not None and not (tag.name in ("rua", "ruf") and "?" in tag.value):
            broken.append(f'a semicolon is missing before "{swallowed[:60]}"')
        elif not tag.value:
            broken.append(f"{tag.name}= is empty")
        elif tag.name in _CHOICES and value not in _CHOICES[tag.name]:
            broken.append(f"{tag.name}={tag.value[:60]} is not one of {', '.join(_CHOICES[tag.name])}")
        elif tag.name == "fo" and not _is_fo(value):
            broken.append(f"fo={tag.value[:60]} is not a list of 0 or 1, d and s")
    return DmarcRecord(text, tags, tuple(broken))


def _is_fo(value: str) -> bool:
    words = [word.strip() for word in value.split(":")]
    return _FO.issuperset(words) and len(set(words)) == len(words) and not {"0", "1"} <= set(words)


def read_uri(text: str) -> DmarcUri:
    """Return what one of the addresses in rua or ruf is."""
    limited = _SIZE.search(text)
    uri = text[:limited.start()] if limited else text
    scheme, colon, rest = uri.partition(":")
    scheme = scheme.lower()
    if not colon or not re.fullmatch(r"[a-z][a-z0-9+.\-]{0,30}", scheme) or "!" in uri or not all("!" <= char <= "~" for char in uri):
        return DmarcUri(text, None, size_limit=bool(limited))
    if scheme == "mailto":
        address = unquote(rest.partition("?")[0])
        local, at, domain = address.rpartition("@")
        usable = bool(local and at and is_hostname(domain))
        return DmarcUri(text, scheme, address if usable else None, domain.lower() if usable else None, bool(limited))
    try:
        host = urlsplit(uri).hostname
    except ValueError:
        host = None
    return DmarcUri(text, scheme, None, host.lower() if host and is_hostname(host) else None, bool(limited))
