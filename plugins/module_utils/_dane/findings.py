# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings about TLSA records that several rooms make, each with one text and one threshold. What is wrong with a record by itself
is in record_lint.py.

RFC 6781 section 4.4.2 (validity of signatures), RFC 7671 section 8 (TTLs, and a match for every key that is served).
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dane, dns
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding, Severity

LONGEST_TTL = 86400
"""Above it a change takes more than two days, as two TTLs have to pass."""
SHORTEST_TTL = 60
"""Below it senders ask for every mail, and a short failure of the name servers becomes one of the mail."""
SIGNATURE_MARGIN = 6 * 3600
"""A signature should be replaced long before its end; those that are made for each answer are often valid for a day only."""


def odd_ttl(owner: str, ttl: int | None) -> Iterator[Finding]:
    """Yield what is wrong with the TTL of an RRset; None is no TTL."""
    if ttl is not None and ttl > LONGEST_TTL:
        yield Finding(dns.TTL_TOO_HIGH, owner, f"the TTL is {ttl} s; a change of keys has to wait for two of them")
    if ttl is not None and ttl < SHORTEST_TTL:
        yield Finding(dns.TTL_TOO_LOW, owner, f"the TTL is {ttl} s; senders have to ask again for nearly every mail")


def long_absence(owner: str, negative_ttl: int) -> Iterator[Finding]:
    """Yield a finding when caches remember for too long that there are no records."""
    if negative_ttl > LONGEST_TTL:
        text = f"absence is remembered for {negative_ttl} s; first records are not seen before that"
        yield Finding(dns.TTL_TOO_HIGH, owner, text)


def short_signature(subject: str, left: float, ttl: int | None, server: str = "") -> Iterator[Finding]:
    """Yield a finding when a signature ends in less than the margin, or than two TTLs.

    Args:
        left: the seconds that are left, not above 0 when it has ended.
        server: who has it, where that is not the subject.
    """
    if left < max(SIGNATURE_MARGIN, 2 * (ttl or 0)):
        when = f"ends in {int(left)} s" if left > 0 else f"ended {int(-left)} s ago"
        text = (f"{server}: " if server else "") + f"the signature of the TLSA records {when}"
        yield Finding(dns.SIGNATURE_NEAR_EXPIRY, subject, text, None if left > 0 else Severity.ERROR)


def zone_insecure(owner: str) -> Finding:
    """Return the finding that a validating resolver has records without having validated them."""
    return Finding(dns.TLSA_ZONE_INSECURE, owner, "the TLSA records are not validated with DNSSEC, so senders ignore them")


def without_records(subject: str, host: str) -> Finding:
    """Return the finding that an exchange has no records while others of its domain have."""
    return Finding(dane.EXCHANGE_WITHOUT_TLSA, subject, f"{host} has no TLSA records, other exchanges have")


def matched_in_part(subject: str, records: str, matched: str, lacking: str) -> Finding:
    """Return the finding that records match one key of a server and not the other; all three are named by their words."""
    text = f"{records} match {matched}, but not {lacking}: clients that are shown that one will not deliver"
    return Finding(dane.ONE_ALGORITHM_ONLY, subject, text)


def name_missing_below_anchor(subject: str, certificate: str, names: str, severity: Severity | None = None) -> Finding:
    """Return the finding that a certificate below a trust anchor lacks names; it and they are named by their words."""
    text = f"{certificate} does not have {names}, which counts below a trust anchor (usage 2)"
    return Finding(dane.TA_NAME_MISMATCH, subject, text, severity)


def expired_below_anchor(subject: str, certificate: str, severity: Severity | None = None) -> Finding:
    """Return the finding that a certificate below a trust anchor has expired."""
    text = f"{certificate} has expired, which counts below a trust anchor (usage 2)"
    return Finding(dane.EXPIRED_LEAF_UNDER_TA, subject, text, severity)
