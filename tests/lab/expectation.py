# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Short ways to write what is expected at every level.

The rule of smtp(8): satisfied at none and may; at encrypt with TLS up; above it only when the certificate matched, judged at the
level that is left after DANE's own downgrades (no TLSA records: may; none usable: encrypt).
"""

from __future__ import annotations

from dataclasses import replace

from .case import Expected, Levels

PLAIN = Expected(None, True)
NAME_MISMATCH_37 = "before 3.10.4 a name mismatch on a trusted chain is reported as Untrusted"


def verified(matched: str | None = None) -> Expected:
    """Authenticated, by the TLSA record with these parameters or, without, by a CA."""
    return Expected("verified", True, matched)


def trusted(satisfied: bool = True, matched: str | None = None) -> Expected:
    """The chain is good; nothing more is claimed."""
    return Expected("trusted", satisfied, matched)


def mismatched_name() -> Expected:
    """The chain is good, the name is not."""
    return Expected("trusted", False, postfix37="untrusted", reason37=NAME_MISMATCH_37)


def untrusted(satisfied: bool = False) -> Expected:
    """TLS is up, the certificate says nothing."""
    return Expected("untrusted", satisfied)


def no_tls(error_kind: str, satisfied: bool = False) -> Expected:
    """TLS did not come up, and why."""
    return Expected(None, satisfied, error_kind=error_kind)


def opportunistic(dane: Expected, dane_only: Expected | None = None) -> Levels:
    """A server with TLS, nobody's CA given: unauthenticated levels see Untrusted, CA levels fail, DANE as told."""
    return {
        "none": PLAIN,
        "may": untrusted(True),
        "encrypt": untrusted(True),
        "dane": dane,
        "dane-only": dane if dane_only is None else dane_only,
        "verify": untrusted(),
        "secure": untrusted(),
    }


def without_dane() -> Levels:
    """As opportunistic, and no TLSA records: posttls-finger resorts to secure, smtp(8) goes on as with may or encrypt."""
    return opportunistic(untrusted(True), untrusted())


def with_ca(dane: Expected, dane_only: Expected | None = None, **levels: Expected) -> Levels:
    """A server whose chain the given CA vouches for: Trusted without, Verified with a name; `levels` say otherwise."""
    found = {
        "none": PLAIN,
        "may": trusted(),
        "encrypt": trusted(),
        "dane": dane,
        "dane-only": dane if dane_only is None else dane_only,
        "verify": verified(),
        "secure": verified(),
    }
    return {**found, **levels}


def with_ca_without_dane(secure: Expected | None = None, **levels: Expected) -> Levels:
    """As with_ca, and no TLSA records: the DANE levels show what secure shows; dane is satisfied all the same."""
    found = secure or verified()
    return with_ca(replace(found, satisfied=True), replace(found, satisfied=False), secure=found, **levels)


def handshake_fails(*levels: str, satisfied: bool = False) -> Levels:
    """No common ground for TLS at these levels."""
    return same(no_tls("handshake_failed", satisfied), *levels)


def same(expected: Expected, *levels: str) -> Levels:
    """The same at each of the levels."""
    return {level: expected for level in levels}


ALL_LEVELS = ("none", "may", "encrypt", "dane", "dane-only", "verify", "secure")


def unreachable(error_kind: str) -> Levels:
    """Nothing to talk to: no level is satisfied."""
    return same(no_tls(error_kind), *ALL_LEVELS)


def plaintext_only(error_kind: str, dane_satisfied: bool = True) -> Levels:
    """A server that speaks SMTP and will not do TLS; none and may deliver in plaintext, and dane unless TLSA records forbid."""
    refused = no_tls(error_kind)
    return {
        "none": PLAIN,
        "may": replace(refused, satisfied=True),
        "encrypt": refused,
        "dane": replace(refused, satisfied=dane_satisfied),
        "dane-only": refused,
        "verify": refused,
        "secure": refused,
    }
