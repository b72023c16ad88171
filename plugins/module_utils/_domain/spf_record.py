# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar of an SPF record (RFC 7208 sections 4.5, 4.6, 5, 6 and 12). Pure.

Every term is read, also those behind one that is broken, so that all mistakes are told at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Union

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import quoted
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_macro import MacroError, Piece, ends_in_macro, parse_macros

VERSION = "v=spf1"
LONGEST_REMEMBERED = 2048
"""Most characters of a record that is kept when it is read, as it may come again."""
Network = Union[IPv4Network, IPv6Network]


class Qualifier(str, Enum):
    """What a mechanism that matches results in."""

    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"


class MechanismName(str, Enum):
    """The mechanisms there are."""

    ALL = "all"
    INCLUDE = "include"
    A = "a"
    MX = "mx"
    PTR = "ptr"
    IP4 = "ip4"
    IP6 = "ip6"
    EXISTS = "exists"


class Flaw(Enum):
    """How a term can be wrong."""

    SYNTAX = "syntax"
    UNKNOWN_MECHANISM = "unknown mechanism"
    ADDRESS = "address"
    ADDRESS_FOR_NAME = "address for name"
    MACRO = "macro"
    CHARACTER = "character"
    TWICE = "twice"


@dataclass(frozen=True)
class DomainSpec:
    """A domain-spec: its text, and the literals and macros that it is made of."""

    text: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class SpfMechanism:
    """A mechanism. `target` is its domain-spec, `network` that of ip4 and ip6, `prefixes` those of IPv4 and IPv6 for a and mx."""

    text: str
    qualifier: Qualifier
    name: MechanismName
    target: DomainSpec | None = None
    network: Network | None = None
    prefixes: tuple[int, int] = (32, 128)
    host_bits: bool = False


@dataclass(frozen=True)
class Modifier:
    """A modifier, its name in lower case. `target` is the domain-spec of redirect and exp."""

    text: str
    name: str
    target: DomainSpec | None = None


@dataclass(frozen=True)
class BrokenTerm:
    """A term that the grammar does not know, and why."""

    text: str
    flaw: Flaw
    reason: str

    def told(self) -> str:
        """Return it with what is wrong with it."""
        return f"{quoted(self.text)}: {self.reason}"


Term = Union[SpfMechanism, Modifier, BrokenTerm]


@dataclass(frozen=True)
class SpfRecord:
    """A record that begins as one of SPF, with its terms in order."""

    text: str
    terms: tuple[Term, ...]

    @property
    def broken(self) -> tuple[BrokenTerm, ...]:
        """The terms that make it a permanent error."""
        return tuple(term for term in self.terms if isinstance(term, BrokenTerm))

    @property
    def mechanisms(self) -> tuple[SpfMechanism, ...]:
        """Its mechanisms in order."""
        return tuple(term for term in self.terms if isinstance(term, SpfMechanism))

    def modifier(self, name: str) -> Modifier | None:
        """Return the modifier of a name, the first if there are more."""
        return next((term for term in self.terms if isinstance(term, Modifier) and term.name == name), None)

    @property
    def all(self) -> SpfMechanism | None:
        """The mechanism that ends it."""
        return next((term for term in self.mechanisms if term.name is MechanismName.ALL), None)


class TermError(ValueError):
    """A term is not what the grammar asks for."""

    def __init__(self, flaw: Flaw, reason: str) -> None:
        """Take the kind of the flaw and what exactly it is."""
        super().__init__(reason)
        self.flaw = flaw


def text_of(record: TxtRecord) -> str:
    """Return the strings of a record joined (section 3.3). Octets that are no UTF-8 become U+FFFD, control characters stay."""
    return b"".join(record.strings).decode("utf-8", "replace")


def is_spf(text: str) -> bool:
    """Return whether a text is taken for an SPF record (section 4.5): the version, then a blank or the end."""
    return text[:6].lower() == VERSION and text[6:7] in ("", " ")


def parse_record(text: str) -> SpfRecord:
    """Return what is in a text for which is_spf() is true. The same few records are included by thousands of domains."""
    return _parsed(text) if len(text) <= LONGEST_REMEMBERED else _parse(text)


def _parse(text: str) -> SpfRecord:
    terms: list[Term] = []
    once: set[str] = set()
    for part in text[len(VERSION):].split(" "):
        if part:
            term = _term(part)
            if isinstance(term, Modifier) and term.name in ("redirect", "exp"):
                if term.name in once:
                    term = BrokenTerm(part, Flaw.TWICE, f"{term.name} stands twice")
                else:
                    once.add(term.name)
            terms.append(term)
    return SpfRecord(text, tuple(terms))


_parsed = lru_cache(maxsize=512)(_parse)

_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9\-_.]*)=(.*)", re.DOTALL)
_MECHANISM = re.compile(r"([+\-?~]?)([A-Za-z][A-Za-z0-9\-_.]*)(?:([:/])(.*))?", re.DOTALL)
_QUALIFIERS = {"": Qualifier.PASS, "+": Qualifier.PASS, "-": Qualifier.FAIL, "~": Qualifier.SOFTFAIL, "?": Qualifier.NEUTRAL}
_MECHANISMS = {one.value: one for one in MechanismName}
_DUAL_CIDR = re.compile(r"(?:/([0-9]{1,9}))?(?://([0-9]{1,9}))?\Z")
_PREFIX = re.compile(r"0|[1-9][0-9]{0,2}")
_IP4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!\Z)|\Z)){4}")
_ADDRESS_CHARACTERS = re.compile(r"[A-Za-z0-9.:/_-]*")
_LIKE_ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}\.?|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f.]*){2,}")


def _term(text: str) -> Term:
    try:
        modifier = _MODIFIER.fullmatch(text)
        return _modifier(text, modifier[1].lower(), modifier[2]) if modifier else _mechanism(text)
    except TermError as error:
        strange = not all("!" <= char <= "~" for char in text) or '"' in text or "\\" in text
        return BrokenTerm(text, Flaw.CHARACTER if strange else error.flaw, str(error))


def _modifier(text: str, name: str, value: str) -> Modifier:
    if name in ("redirect", "exp"):
        return Modifier(text, name, _domain_spec(value))
    try:
        parse_macros(value)
    except MacroError as error:
        raise TermError(Flaw.MACRO, str(error)) from error
    return Modifier(text, name)


def _mechanism(text: str) -> SpfMechanism:
    match = _MECHANISM.fullmatch(text)
    if match is None:
        raise TermError(Flaw.SYNTAX, "is neither a mechanism nor a modifier")
    qualifier, name, sign, rest = _QUALIFIERS[match[1]], _MECHANISMS.get(match[2].lower()), match[3] or "", match[4] or ""
    if name is None:
        raise TermError(Flaw.UNKNOWN_MECHANISM, f"there is no mechanism {match[2][:40]}")
    if name is MechanismName.ALL:
        if sign:
            raise TermError(Flaw.SYNTAX, "all takes no argument")
        return SpfMechanism(text, qualifier, name)
    if name in (MechanismName.IP4, MechanismName.IP6):
        network, host_bits = _network(name, sign, rest)
        return SpfMechanism(text, qualifier, name, network=network, host_bits=host_bits)
    if name in (MechanismName.A, MechanismName.MX):
        target, prefixes = _name_and_prefixes(sign, rest)
        return SpfMechanism(text, qualifier, name, target, prefixes=prefixes)
    if sign == "/" or (not sign and name is not MechanismName.PTR):
        raise TermError(Flaw.SYNTAX, f"{name.value} needs a colon and a name")
    return SpfMechanism(text, qualifier, name, _domain_spec(rest) if sign else None)


def _network(name: MechanismName, sign: str, rest: str) -> tuple[Network, bool]:
    """Return the network of ip4 or ip6, and whether bits behind its prefix are set."""
    flaw = Flaw.ADDRESS if _ADDRESS_CHARACTERS.fullmatch(rest) else Flaw.SYNTAX
    if sign != ":" or not rest:
        raise TermError(Flaw.ADDRESS, f"{name.value} needs a colon and an address")
    address, slash, length = rest.partition("/")
    four = name is MechanismName.IP4
    longest = 32 if four else 128
    prefix = _prefix(length, longest) if slash else longest
    if four and not _IP4.fullmatch(address):
        raise TermError(flaw, f"{address[:60]} is not an IPv4 address")
    try:
        number = int(IPv4Address(address)) if four else int(IPv6Address(_no_zone(address)))
    except ValueError:
        raise TermError(flaw, f"{address[:60]} is not an IPv6 address") from None
    kept = number >> (longest - prefix) << (longest - prefix)
    return IPv4Network((kept, prefix)) if four else IPv6Network((kept, prefix)), kept != number


def _no_zone(address: str) -> str:
    if "%" in address:
        raise ValueError("has a zone")
    return address


def _prefix(text: str, longest: int) -> int:
    if not _PREFIX.fullmatch(text) or int(text) > longest:
        raise TermError(Flaw.ADDRESS, f"/{text[:20]} is not a prefix length of 0 to {longest}")
    return int(text)


def _name_and_prefixes(sign: str, rest: str) -> tuple[DomainSpec | None, tuple[int, int]]:
    """Return what follows a and mx: [ ":" domain-spec ] [ dual-cidr-length ]."""
    argument = "/" + rest if sign == "/" else rest
    match = _DUAL_CIDR.search(argument)
    if match is None:
        raise TermError(Flaw.SYNTAX, "does not end as it should")
    name = argument[:match.start()]
    if (sign == ":" and not name) or (sign == "/" and name):
        raise TermError(Flaw.SYNTAX, "has no name behind the colon" if sign == ":" else f"/{rest[:20]} is not a prefix length")
    prefixes = (32 if match[1] is None else _prefix(match[1], 32), 128 if match[2] is None else _prefix(match[2], 128))
    return _domain_spec(name) if name else None, prefixes


def _domain_spec(text: str) -> DomainSpec:
    """Return a domain-spec: a macro-string that ends in a macro, or in a dot and a top label (section 7.1)."""
    if not text:
        raise TermError(Flaw.SYNTAX, "has no name")
    try:
        pieces = parse_macros(text)
    except MacroError as error:
        raise TermError(Flaw.MACRO, str(error)) from error
    if ends_in_macro(pieces):
        return DomainSpec(text, pieces)
    stem, dot, label = (text[:-1] if text.endswith(".") else text).rpartition(".")
    if _LIKE_ADDRESS.fullmatch(text[:60]):
        raise TermError(Flaw.ADDRESS_FOR_NAME, f"{text[:60]} is an address and not a name")
    if not dot or not _is_top_label(label):
        raise TermError(Flaw.SYNTAX, f"{text[:60]} is not a full domain name")
    return DomainSpec(text, pieces)


def _is_top_label(label: str) -> bool:
    if not label.replace("-", "").isalnum() or not label.isascii() or label.startswith("-") or label.endswith("-"):
        return False
    return "-" in label or not label.isdigit()
