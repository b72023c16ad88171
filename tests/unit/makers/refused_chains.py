# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains that senders object to, each with what this collection calls it and the code of OpenSSL's objection, if it has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.tests.unit.makers.certificates import (
    ANY_EXTENDED_KEY_USAGE,
    CLIENT_AUTH,
    DAY,
    NOW,
    Issued,
    Key,
    extension,
    issue,
    name,
    octet_string,
    sequence,
    subject_alternative_name,
    tlv,
)

HOST = "mx.example.com"
OPENSSL_CODES = {
    "unknown_critical_extension": 34,
    "not_for_servers": 26,
    "issuer_not_ca": 79,
    "path_length_exceeded": 25,
    "signature_too_weak": 68,
    "name_constraints_violated": 47,
}


@dataclass(frozen=True)
class Refused:
    """A chain, leaf first, the root that senders know, and the identifier; `openssl`: openssl(1) refuses it too, at level 1."""

    identifier: str
    sent: tuple[Issued, ...]
    root: Issued
    openssl: bool = True
    title: str = ""

    @property
    def code(self) -> int | None:
        """The code of OpenSSL's first error; None when it has none."""
        return OPENSSL_CODES[self.identifier] if self.openssl else None


def _root(**more: Any) -> Issued:
    return issue("Root", **{"ca": True, "not_after": NOW + 3650 * DAY, **more})


def _leaf(issuer: Issued, **more: Any) -> Issued:
    return issue("leaf", **{"issuer": issuer, "dns_names": (HOST,), **more})


def _below(root: Issued, *issuers: dict[str, Any], leaf: dict[str, Any] | None = None) -> tuple[Issued, ...]:
    """The leaf, and the authorities below a root, from the bottom up."""
    made: list[Issued] = []
    above = root
    for number, more in enumerate(issuers):
        above = issue(f"Inter {number}", **{"issuer": above, "ca": True, "not_after": NOW + 1825 * DAY, **more})
        made.append(above)
    return (_leaf(above, **(leaf or {})), *reversed(made))


def _one(identifier: str, title: str, *, openssl: bool = True, issuer: dict[str, Any] | None = None, **leaf: Any) -> Refused:
    root = _root()
    return Refused(identifier, _below(root, issuer or {}, leaf=leaf), root, openssl, title)


def _constraints(permitted: str) -> bytes:
    """A critical nameConstraints that permits names below one domain."""
    return extension("2.5.29.30", sequence(tlv(0xA0, sequence(tlv(0x82, permitted.encode())))), critical=True)


def refused_chains() -> Sequence[Refused]:
    """Return a chain of each kind."""
    unknown = extension("1.2.3.4.5", octet_string(b"odd"), critical=True)
    san = extension("2.5.29.17", subject_alternative_name((HOST,)))
    staple = extension("1.3.6.1.5.5.7.1.24", b"\x30\x03\x02\x01\x05")
    root = _root()
    short = _below(root, {"path_length": 0}, {})
    many = _below(root, *({} for _number in range(11)))
    twice = _below(root, {})
    padding = extension("1.2.3.4.6", octet_string(b"x" * 110_000))
    return (
        _one("not_for_servers", "client-only", extended_key_usage=(CLIENT_AUTH,)),
        _one("not_for_servers", "any-purpose-alone", extended_key_usage=(ANY_EXTENDED_KEY_USAGE,)),
        _one("not_for_servers", "signs-certificates-only", key_usage=("key_cert_sign",)),
        _one("not_for_servers", "issuer-for-clients", issuer={"extended_key_usage": (CLIENT_AUTH,)}),
        _one("issuer_not_ca", "no-authority", issuer={"ca": False}),
        _one("issuer_not_ca", "says-nothing", issuer={"ca": None}),
        _one("issuer_not_ca", "may-not-sign", issuer={"key_usage": ("digital_signature",)}),
        _one("unknown_critical_extension", "of-the-leaf", extensions=(unknown,)),
        _one("unknown_critical_extension", "of-the-issuer", issuer={"extensions": (unknown,)}),
        Refused("path_length_exceeded", short, root, title="an-authority-too-many"),
        _one("name_constraints_violated", "another-domain", issuer={"extensions": (_constraints("example.net"),)}),
        _one("signature_too_weak", "sha1-leaf", digest="sha1"),
        _one("signature_too_weak", "sha1-issuer", issuer={"digest": "sha1"}),
        _one("key_too_weak", "rsa-1024", openssl=False, key=Key.generate("rsa1024")),
        _one("key_usage_unfit", "encipherment-only", openssl=False, key_usage=("key_encipherment",)),
        _one("no_subject_alternative_name", "common-name-alone", openssl=False, dns_names=()),
        _one("empty_subject", "no-subject", openssl=False, subject=name(None), dns_names=(), extensions=(san,)),
        _one("must_staple", "tls-feature", openssl=False, extensions=(staple,)),
        Refused("duplicate_certificate", (*twice, twice[-1]), root, False, "issuer-twice"),
        Refused("chain_too_long", many, root, False, "11-authorities"),
        _one("chain_too_large", "more-than-100-kb", openssl=False, extensions=(padding,)),
    )
