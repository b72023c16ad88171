# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the posttls-finger of Debian and our engine differ, and why; as data, complete and exact.

A difference that is not listed fails the test, and so does a listed one that does not occur. `until` is the version of Postfix that
no longer differs, `since` the first one that does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.tests.differential.situations import Situation

DANE = "dane dane-only"
CA = "verify secure"
ALL = "verify secure dane dane-only"
AUTHENTICATED = "fingerprint-certificate fingerprint-key " + ALL
ADDRESS = "{address}"
"""Stands for the address of the case's first listener."""


@dataclass(frozen=True)
class Difference:
    """One item that differs in the same way for the same reason; `where` maps cases to levels, separated by spaces."""

    item: str
    postfix: Any
    ours: Any
    reason: str
    where: Mapping[str, str]
    until: tuple[int, ...] = (99,)
    since: tuple[int, ...] = (0,)

    def covers(self, situation: Situation, version: tuple[int, ...]) -> bool:
        """Whether it is to be seen in a situation, with posttls-finger of that version."""
        return self.since <= version < self.until and situation.where in self.where.get(situation.case["name"], "").split()


def known(situation: Situation, version: tuple[int, ...]) -> set[tuple[str, Any, Any]]:
    """What has to differ in a situation: items with both sides' values."""
    address = situation.case["listeners"][0]["address"] if situation.case["listeners"] else None
    return {(one.item, one.postfix, address if one.ours == ADDRESS else one.ours) for one in DIFFERENCES if one.covers(situation, version)}


def listed() -> set[tuple[str, str]]:
    """All cases and levels that are named."""
    return {(case, level) for one in DIFFERENCES for case, levels in one.where.items() for level in levels.split()}


LATEST_FINDINGS = (3, 10, 4)
NAME_MISMATCH = "before 3.10.4 a name mismatch on an otherwise trusted chain is reported as Untrusted"
LATER_NAMES = "posttls-finger compares with the names of the exchange before, which had TLSA records (its bug B5)"
LONG_EHLO = "Postfix does not look for STARTTLS behind the first 2 kB of a reply (its bug B10)"
MISMATCH_HIDES = "before 3.10.4 a name mismatch hides every other finding at the leaf and above"

DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        "status",
        "untrusted",
        "trusted",
        NAME_MISMATCH,
        {
            "dane-ta-wrong-name": DANE,
            "insecure-mx-wrong-name": DANE,
            "host-alias-bracket": DANE,
            "secure-other-domain": "secure " + DANE,
            "secure-match-subdomain": DANE,
            "verify-insecure-mx": "secure",
            "encrypt-any-name": ALL,
            "wildcard-two-labels": "verify",
            "cn-ignored": ALL,
            "address-certificate": "secure " + DANE,
            "sni-absent": CA,
        },
        LATEST_FINDINGS,
    ),
    Difference(
        "finding",
        62,
        20,
        MISMATCH_HIDES + ", here that the issuer is not known",
        {
            "dane-ta-wrong-name": CA,
            "dane-ta-nexthop-name": "verify",
            "insecure-mx": "secure",
            "insecure-mx-dane-only": "secure",
            "insecure-mx-encrypt": "secure",
            "insecure-mx-may": "secure",
            "insecure-mx-wrong-name": CA,
            "insecure-address": "verify",
            "insecure-address-forced": "verify",
            "insecure-address-not-forced": "verify",
            "mx-alias-expansion": CA,
            "mx-alias-name": CA,
            "domain-alias": CA,
            "domain-alias-insecure": "secure",
            "shared-exchange-b": "secure",
            "shared-exchange-c": "secure",
            "secure-other-domain-no-ca": "secure " + DANE,
            "sni": CA,
            "fingerprint-key": CA,
        },
        LATEST_FINDINGS,
    ),
    Difference(
        "finding",
        62,
        10,
        MISMATCH_HIDES + ", here that the certificate has expired",
        {"dane-ee-expired": CA, "fingerprint-certificate": ALL, "fingerprint-other": ALL},
        LATEST_FINDINGS,
    ),
    Difference(
        "finding",
        62,
        64,
        MISMATCH_HIDES + ", here that the certificate is not for that address",
        {"bracket-address": "secure " + DANE, "bracket-address-ca": "secure " + DANE, "ipv6-literal": "secure " + DANE},
        LATEST_FINDINGS,
    ),
    Difference(
        "matched name",
        None,
        ADDRESS,
        "an address in the certificate is a name that matched; Postfix, which lets OpenSSL compare it, does not print it",
        {"address-certificate": "verify"},
    ),
    Difference(
        "fatal",
        "mymalloc: requested length 0",
        None,
        "an empty TLSA record makes Postfix panic",
        {"unusable-empty": DANE},
        (3, 12),
    ),
    Difference("status", "untrusted", "verified", LATER_NAMES, {"names-of-others": DANE}, LATEST_FINDINGS),
    Difference("status", "trusted", "verified", LATER_NAMES, {"names-of-others": DANE}, since=LATEST_FINDINGS),
    Difference("finding", 62, None, LATER_NAMES, {"names-of-others": DANE}),
    Difference("matched name", None, "mx.names-of-others.test", LATER_NAMES, {"names-of-others": DANE}),
    Difference("error_kind", "starttls_not_offered", None, LONG_EHLO, {"ehlo-long": "may encrypt fingerprint-other " + AUTHENTICATED}),
    Difference("status", None, "untrusted", LONG_EHLO, {"ehlo-long": "may encrypt fingerprint-other " + CA}),
    Difference("status", None, "verified", LONG_EHLO, {"ehlo-long": "fingerprint-certificate fingerprint-key " + DANE}),
)

VERIFIED = {"status": "verified", "satisfied": True, "matched": "3 1 1", "error_kind": None}
FOUND = {"status": "untrusted", "error_kind": None}

DELIBERATE: Mapping[tuple[str, str], Mapping[str, Any]] = {
    **{("srv", level): VERIFIED for level in DANE.split()},
    **{("names-of-others", level): {"status": "verified"} for level in DANE.split()},
    **{("ehlo-long", level): VERIFIED for level in DANE.split()},
    **{("ehlo-long", level): FOUND for level in ("may", *CA.split())},
    ("ehlo-long", "encrypt"): {**FOUND, "satisfied": True},
}
"""Where we differ from every Postfix on purpose, by case and level, with what we see instead.

posttls-finger looks up TLSA records of an SRV record's host at the port of the service asked for, and so misses those at the port
that it connects to (RFC 7673 section 3.1: the port of the SRV record). The others are its bugs B5 and B10
(docs/postfix-semantics.md section 10).
"""
