# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the requested security level and DNS to the level of one session, before anything is connected.

The downgrades of `dane` and `dane-only`, candidate by candidate. Two programs of Postfix answer differently, and both answers
are kept: `session` is the level at which posttls-finger would verify (posttls-finger.c, dane_init), from which the
status word follows; `delivery` is the level at which smtp(8) would deliver (smtp_tls_policy.c), from which
`satisfied` follows, or None where smtp(8) would defer whatever the server shows.

    situation                               session        delivery: dane / dane-only
    unix-domain socket                      secure         defer / defer
    MX RRset insecure, policy may           may            may / defer
    TLSA lookup failed                      -              defer / defer
    no TLSA, or not secure                  secure         may / defer
    every record unusable in parsing        secure         encrypt / defer
    MX RRset insecure, policy encrypt       encrypt        encrypt / defer
    every record unusable for TLS           encrypt        encrypt / defer  (session of dane-only: dane-only, never matches)
    MX RRset insecure, policy dane          half-dane      half-dane / defer
    otherwise                               as requested   as requested
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import ScreenedRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.tlsa import TlsaLookup, TlsaOutcome
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import InsecureMxPolicy, SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy


def socket_policy(level: SecurityLevel) -> SessionPolicy:
    """Return the policy of a unix-domain socket at *level*, which uses DANE: there is no name to look records up by.

    smtp(8) calls the level invalid there and defers (smtp_tls_policy.c, dane_init); the session is judged as without records.
    """
    return SessionPolicy(level, SecurityLevel.SECURE, None, True, reason="a unix-domain socket has no TLSA records")


def insecure_mx_may(level: SecurityLevel, mx_secure: bool | None, policy: InsecureMxPolicy) -> bool:
    """True when DANE is not even tried because the MX RRset was insecure and the policy for that is `may`."""
    return level.uses_dane and mx_secure is False and policy is InsecureMxPolicy.MAY


def dane_policy(
    level: SecurityLevel,
    *,
    mx_secure: bool | None,
    insecure_mx: InsecureMxPolicy,
    lookup: TlsaLookup,
    screened: Sequence[ScreenedRecord],
) -> SessionPolicy:
    """Decide the level of a session at `dane` or `dane-only`.

    Args:
        level: the requested level.
        mx_secure: whether the MX (or SRV) RRset was validated; None when there was none.
        insecure_mx: what to do when it was not.
        lookup: the TLSA lookup of this candidate; must not be an error, which is a failure of the candidate.
        screened: its records after screening.
    """
    strict = level is SecurityLevel.DANE_ONLY

    def decide(
        session: SecurityLevel, delivery: SecurityLevel, reason: str, *, sni: bool = False, must_match: bool = False
    ) -> SessionPolicy:
        base = lookup.base_domain if sni else None
        reached = None if strict else delivery
        return SessionPolicy(level, session, reached, must_match or session.must_match, base, base, None, reason)

    if insecure_mx_may(level, mx_secure, insecure_mx):
        return decide(SecurityLevel.MAY, SecurityLevel.MAY, "the MX RRset is insecure: try to encrypt")
    if lookup.outcome is not TlsaOutcome.FOUND:
        return decide(SecurityLevel.SECURE, SecurityLevel.MAY, "no TLSA records found")
    if all(record.dropped for record in screened):
        return decide(SecurityLevel.SECURE, SecurityLevel.ENCRYPT, "no usable TLSA records found")
    if mx_secure is False and insecure_mx is InsecureMxPolicy.ENCRYPT:
        return decide(SecurityLevel.ENCRYPT, SecurityLevel.ENCRYPT, "TLSA records found, the MX RRset is insecure: just encrypt")
    if not any(record.usable for record in screened):
        return _all_unusable(level, lookup, mx_secure)
    if mx_secure is False:
        reason = "the MX RRset is insecure: a match counts as trusted only"
        return decide(SecurityLevel.HALF_DANE, SecurityLevel.HALF_DANE, reason, sni=True)
    return SessionPolicy(level, level, level, True, lookup.base_domain, lookup.base_domain)


def _all_unusable(level: SecurityLevel, lookup: TlsaLookup, mx_secure: bool | None) -> SessionPolicy:
    """The TLS library finds nothing to match with: mandatory but unauthenticated TLS (RFC 7672 section 2.2)."""
    base, reason = lookup.base_domain, "all TLSA records are unusable"
    if level is SecurityLevel.DANE_ONLY and mx_secure is not False:
        return SessionPolicy(level, level, None, True, base, base, reason, reason)
    delivery = None if level is SecurityLevel.DANE_ONLY else SecurityLevel.ENCRYPT
    return SessionPolicy(level, SecurityLevel.ENCRYPT, delivery, True, base, base, None, reason)
