# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The downgrades of dane and dane-only, situation by situation: at which level the session is judged, and mail delivered."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import screen
from ansible_collections.mailops.tls.plugins.module_utils._dns.tlsa import TlsaLookup, TlsaOutcome
from ansible_collections.mailops.tls.plugins.module_utils._probe.policy import dane_policy, insecure_mx_may
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import (
    REQUESTABLE,
    InsecureMxPolicy,
    SecurityLevel,
)
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy, fixed_policy

DANE, DANE_ONLY, HALF_DANE = SecurityLevel.DANE, SecurityLevel.DANE_ONLY, SecurityLevel.HALF_DANE
MAY, ENCRYPT, SECURE = SecurityLevel.MAY, SecurityLevel.ENCRYPT, SecurityLevel.SECURE
BASE = "mx.example.com"

GOOD = TlsaRecord(3, 1, 1, b"x" * 32)
DROPPED = (TlsaRecord(1, 1, 1, b"x" * 32), TlsaRecord(3, 1, 255, b"x"), TlsaRecord(0, 0, 1, b"x" * 32))
UNUSABLE = (TlsaRecord(3, 1, 3, b"\xaa\xbb"), TlsaRecord(3, 1, 1, b"short"), TlsaRecord(3, 9, 1, b"x" * 32))


def decide(
    level: SecurityLevel,
    records: tuple[TlsaRecord, ...] = (GOOD,),
    *,
    mx_secure: bool | None = True,
    insecure_mx: InsecureMxPolicy = InsecureMxPolicy.DANE,
    outcome: TlsaOutcome = TlsaOutcome.FOUND,
) -> SessionPolicy:
    found = outcome is TlsaOutcome.FOUND
    lookup = TlsaLookup(outcome, BASE if found else None, secure=found, records=records if found else ())
    return dane_policy(
        level, mx_secure=mx_secure, insecure_mx=insecure_mx, lookup=lookup, screened=screen(lookup.records)
    )


@dataclass(frozen=True)
class Situation:
    """One row of the table: what DNS says, and the levels that follow for dane; the delivery of dane-only is None here."""

    session: SecurityLevel
    delivery: SecurityLevel
    records: tuple[TlsaRecord, ...] = (GOOD,)
    mx_secure: bool | None = True
    insecure_mx: InsecureMxPolicy = InsecureMxPolicy.DANE
    outcome: TlsaOutcome = TlsaOutcome.FOUND
    sni: bool = False

    def decide(self, level: SecurityLevel) -> SessionPolicy:
        return decide(level, self.records, mx_secure=self.mx_secure, insecure_mx=self.insecure_mx, outcome=self.outcome)


ENCRYPT_POLICY, MAY_POLICY = InsecureMxPolicy.ENCRYPT, InsecureMxPolicy.MAY
DOWNGRADES = {
    "insecure MX, policy may": Situation(MAY, MAY, mx_secure=False, insecure_mx=MAY_POLICY),
    "insecure MX, policy may, no TLSA": Situation(
        MAY, MAY, mx_secure=False, insecure_mx=MAY_POLICY, outcome=TlsaOutcome.SKIPPED
    ),
    "no TLSA": Situation(SECURE, MAY, outcome=TlsaOutcome.NONE),
    "TLSA not validated": Situation(SECURE, MAY, outcome=TlsaOutcome.INSECURE),
    "TLSA not asked for": Situation(SECURE, MAY, outcome=TlsaOutcome.SKIPPED),
    "no TLSA, no MX": Situation(SECURE, MAY, mx_secure=None, outcome=TlsaOutcome.NONE),
    "no TLSA, insecure MX": Situation(SECURE, MAY, mx_secure=False, outcome=TlsaOutcome.NONE),
    "no TLSA, insecure MX, policy encrypt": Situation(
        SECURE, MAY, mx_secure=False, insecure_mx=ENCRYPT_POLICY, outcome=TlsaOutcome.NONE
    ),
    "all dropped": Situation(SECURE, ENCRYPT, DROPPED),
    "RRset without a whole record": Situation(SECURE, ENCRYPT, ()),
    "all dropped, insecure MX": Situation(SECURE, ENCRYPT, DROPPED, mx_secure=False),
    "insecure MX, policy encrypt": Situation(ENCRYPT, ENCRYPT, mx_secure=False, insecure_mx=ENCRYPT_POLICY),
    "all unusable, insecure MX": Situation(ENCRYPT, ENCRYPT, UNUSABLE, mx_secure=False, sni=True),
    "all unusable, insecure MX, policy encrypt": Situation(
        ENCRYPT, ENCRYPT, UNUSABLE, mx_secure=False, insecure_mx=ENCRYPT_POLICY
    ),
    "insecure MX, policy dane": Situation(HALF_DANE, HALF_DANE, mx_secure=False, sni=True),
    "insecure MX, policy dane, some usable": Situation(
        HALF_DANE, HALF_DANE, (*DROPPED, *UNUSABLE, GOOD), mx_secure=False, sni=True
    ),
}


@pytest.mark.parametrize("name", DOWNGRADES)
def test_downgrades_of_dane(name: str) -> None:
    situation = DOWNGRADES[name]
    policy = situation.decide(DANE)
    assert (policy.requested, policy.session, policy.delivery) == (DANE, situation.session, situation.delivery)
    assert policy.reason and policy.forced_failure is None
    assert (policy.sni, policy.base_domain) == ((BASE, BASE) if situation.sni else (None, None))


@pytest.mark.parametrize("name", DOWNGRADES)
def test_dane_only_is_judged_alike_and_never_delivered_after_a_downgrade(name: str) -> None:
    situation = DOWNGRADES[name]
    policy = situation.decide(DANE_ONLY)
    assert (policy.requested, policy.session, policy.delivery) == (DANE_ONLY, situation.session, None)
    assert policy.reason


@pytest.mark.parametrize("mx_secure", [True, None])
@pytest.mark.parametrize("insecure_mx", InsecureMxPolicy)
@pytest.mark.parametrize("level", [DANE, DANE_ONLY])
def test_usable_records_and_no_insecure_mx_keep_the_level(
    level: SecurityLevel, insecure_mx: InsecureMxPolicy, mx_secure: bool | None
) -> None:
    for records in ((GOOD,), (*DROPPED, *UNUSABLE, GOOD)):
        policy = decide(level, records, mx_secure=mx_secure, insecure_mx=insecure_mx)
        assert policy == SessionPolicy(level, level, level, True, BASE, BASE)


@pytest.mark.parametrize("mx_secure", [True, None])
def test_records_that_only_the_tls_library_finds_unusable(mx_secure: bool | None) -> None:
    """dane falls back to unauthenticated TLS in a session made for matching; dane-only must fail (rows 23 and 24)."""
    dane = decide(DANE, (*DROPPED, *UNUSABLE), mx_secure=mx_secure)
    assert (dane.session, dane.delivery, dane.must_match) == (ENCRYPT, ENCRYPT, True)
    assert (dane.sni, dane.forced_failure) == (BASE, None)
    only = decide(DANE_ONLY, (*DROPPED, *UNUSABLE), mx_secure=mx_secure)
    assert (only.session, only.delivery, only.must_match) == (DANE_ONLY, None, True)
    assert (only.sni, only.forced_failure) == (BASE, "all TLSA records are unusable")


@pytest.mark.parametrize(
    ("name", "must_match"),
    [
        ("insecure MX, policy may", False),
        ("insecure MX, policy encrypt", False),
        ("no TLSA", True),
        ("all dropped", True),
        ("all unusable, insecure MX", True),
        ("insecure MX, policy dane", True),
    ],
)
def test_what_the_handshake_is_made_for(name: str, must_match: bool) -> None:
    assert DOWNGRADES[name].decide(DANE).must_match is must_match
    assert DOWNGRADES[name].decide(DANE_ONLY).must_match is must_match


@pytest.mark.parametrize("level", [level for level in SecurityLevel if not level.uses_dane])
def test_other_levels_are_as_requested(level: SecurityLevel) -> None:
    policy = fixed_policy(level)
    assert (policy.requested, policy.session, policy.delivery) == (level, level, level)
    assert policy.must_match is (level.value in ("fingerprint", "verify", "secure"))
    assert (policy.sni, policy.reason) == (None, None)


@pytest.mark.parametrize("level", SecurityLevel)
@pytest.mark.parametrize("mx_secure", [True, False, None])
@pytest.mark.parametrize("policy", InsecureMxPolicy)
def test_dane_is_not_even_tried(level: SecurityLevel, mx_secure: bool | None, policy: InsecureMxPolicy) -> None:
    expected = "dane" in level.value and mx_secure is False and policy.value == "may"
    assert insecure_mx_may(level, mx_secure, policy) is expected


def test_half_dane_cannot_be_asked_for() -> None:
    assert "half-dane" not in REQUESTABLE
    assert set(REQUESTABLE) == {"none", "may", "encrypt", "fingerprint", "verify", "secure", "dane", "dane-only"}
