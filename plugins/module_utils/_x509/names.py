# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names a server's certificate must have, and whether it has one (RFC 6125, RFC 7672 section 3.2.3).

The rules are those of OpenSSL's X509_check_host() as Postfix uses it (v3_utl.c, tls_client.c): one whole-label
wildcard, sub-domain references `.example.com`, and the subject's CN only when there is no dNSName at all.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._x509 import errors
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

_DOTS = (".", "\u3002", "\uff0e", "\uff61")
_WILDCARD = re.compile(r"\*(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?){2,}\Z")
_LABEL = re.compile(r"(?:[a-z0-9-]+|\*)\Z")
_TO_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class ReferenceKind(str, Enum):
    """What a reference identifier is compared with."""

    DNS = "dns"
    SUBDOMAIN = "subdomain"
    IP = "ip"
    SRV = "srv"
    """A service of a domain, `_imaps.example.org` (RFC 4985, RFC 7817)."""


@dataclass(frozen=True)
class ReferenceName:
    """One reference identifier; `value` is the ASCII name (a sub-domain form with its leading dot) or the address."""

    kind: ReferenceKind
    value: str


@dataclass(frozen=True)
class NameMatch:
    """Whether a certificate has a name asked for; `matched_name` is the certificate's own spelling, clean."""

    matched: bool
    matched_name: str | None
    error: errors.VerifyError | None


def reference_name(text: str, option: str = "match") -> ReferenceName:
    """Return what one name means: `.example.com` any name below, an address literal, else the name itself.

    Raises:
        OptionError: for an empty name, a lone dot and a name that cannot be converted to ASCII.
    """
    name = text.strip()
    below = name.startswith(_DOTS)
    bare = name[1:] if below else name
    if not bare or "\0" in bare:
        raise OptionError(option, text, "is not a name a certificate could have")
    address = _address(bare)
    if address is not None and not below:
        return ReferenceName(ReferenceKind.IP, str(address))
    try:
        bare = to_ascii(bare)
    except ValueError as problem:
        raise OptionError(option, text, str(problem)) from problem
    return ReferenceName(ReferenceKind.SUBDOMAIN, "." + bare) if below else ReferenceName(ReferenceKind.DNS, bare)


def reference_names(
    match: Iterable[str], *, nexthop: str, hostname: str, option: str = "match"
) -> tuple[ReferenceName, ...]:
    """Return the reference identifiers that match arguments stand for, in order, without repetition.

    The words `nexthop`, `dot-nexthop` and `hostname` (any case) stand for these names; everything else is as in
    `reference_name`.
    """
    found: dict[ReferenceName, None] = {}
    for argument in match:
        word = argument.strip().lower()
        if word == "nexthop":
            found[reference_name(nexthop, option)] = None
        elif word == "hostname":
            found[reference_name(hostname, option)] = None
        elif word == "dot-nexthop":
            found[reference_name("." + nexthop, option)] = None
        else:
            found[reference_name(argument, option)] = None
    return tuple(found)


def match_names(certificate: Certificate, references: Iterable[ReferenceName]) -> NameMatch:
    """Return whether the certificate has the names that Postfix with OpenSSL 3 wants.

    Of names, one is enough. An address among the references must match `as well`; of several only the last counts
    (X509_VERIFY_PARAM_set1_ip_asc). So Postfix's level secure never verifies an address literal by its default names,
    which is why nothing here may either: mail would not be delivered. Without a match the error is 64 for the
    address, else 62 for the names, and 1 when there was no reference at all.
    """
    wanted = tuple(references)
    if not wanted:
        return NameMatch(False, None, errors.verify_error(errors.UNSPECIFIED))
    services = [reference for reference in wanted if reference.kind is ReferenceKind.SRV]
    names = [reference for reference in wanted if reference.kind not in (ReferenceKind.IP, ReferenceKind.SRV)]
    addresses = [reference for reference in wanted if reference.kind is ReferenceKind.IP][-1:]
    matched_address = _first_match(addresses, [str(address) for address in certificate.ip_addresses])
    if addresses and matched_address is None:
        return NameMatch(False, None, errors.verify_error(errors.IP_ADDRESS_MISMATCH))
    matched_name = _first_match(names, _presented_names(certificate)) or _first_match(services, certificate.srv_names)
    if (names or services) and matched_name is None:
        return NameMatch(False, None, errors.verify_error(errors.HOSTNAME_MISMATCH))
    return NameMatch(True, clean(matched_name or matched_address or ""), None)


def _first_match(references: Iterable[ReferenceName], presented: Sequence[str]) -> str | None:
    """Return the first name of the certificate that matches the first reference possible, as in the certificate."""
    for reference in references:
        for name in presented:
            if name_matches(name, reference):
                return name
    return None


def name_matches(presented: str, reference: ReferenceName) -> bool:
    """Return whether one name of a certificate (or one address, as text) is what the reference asks for."""
    if reference.kind is ReferenceKind.IP:
        return presented == reference.value
    pattern, name = presented.translate(_TO_LOWER), reference.value.translate(_TO_LOWER)
    if "\0" in pattern:
        return False
    if reference.kind is ReferenceKind.SRV:
        return pattern == name
    if reference.kind is ReferenceKind.SUBDOMAIN:
        return len(pattern) >= len(name) and pattern.endswith(name)
    if not _WILDCARD.match(pattern):
        return pattern == name
    label, dot, parent = name.partition(".")
    return dot + parent == pattern[1:] and _LABEL.match(label) is not None


def _presented_names(certificate: Certificate) -> tuple[str, ...]:
    """The dNSNames, else every CN; names that could not be read are not replaced by the CN."""
    if certificate.dns_names or not certificate.names_are_readable:
        return certificate.dns_names
    return certificate.subject_common_names


def _address(text: str) -> ipaddress._BaseAddress | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
