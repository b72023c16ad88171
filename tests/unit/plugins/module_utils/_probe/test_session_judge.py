# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is vouched for before a secret is sent: the same verdict as that of results, and only where a certificate had to match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import screen
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Criteria
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_judge import SessionJudge
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy, fixed_policy
from ansible_collections.mailops.tls.plugins.module_utils._probe.verdict import judge
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import reference_names
from ansible_collections.mailops.tls.tests.unit.makers.certificates import NOW
from ansible_collections.mailops.tls.tests.unit.makers.judging import (
    NAME,
    NO_ISSUER,
    OTHER,
    Level,
    chain,
    dane,
    evidence,
    leaf_record,
    sha256,
)

SERVED = chain().served


def criteria(*, name: str = NAME, fingerprint: bytes | None = None, records: bool = False) -> Criteria:
    found = screen((leaf_record(),)) if records else ()
    names = reference_names((name,), nexthop=name, hostname=name)
    return Criteria(names, (fingerprint,) if fingerprint else (), "sha256", found)


@pytest.mark.parametrize(
    ("policy", "wanted", "errors", "vouched"),
    [
        (fixed_policy(Level.VERIFY), criteria(), (), True),
        (fixed_policy(Level.VERIFY), criteria(name=OTHER), (), False),
        (fixed_policy(Level.VERIFY), criteria(), (NO_ISSUER,), False),
        (fixed_policy(Level.NONE), criteria(), (), False),
        (fixed_policy(Level.ENCRYPT), criteria(), (), False),
        (fixed_policy(Level.FINGERPRINT), criteria(fingerprint=sha256(SERVED[0])), (NO_ISSUER,), True),
        (fixed_policy(Level.FINGERPRINT), criteria(fingerprint=bytes(32)), (), False),
        (dane(), criteria(records=True), (NO_ISSUER,), True),
        (dane(Level.HALF_DANE, Level.HALF_DANE), criteria(records=True), (), False),
        (replace(fixed_policy(Level.VERIFY), delivery=None), criteria(), (), False),
    ],
)
def test_who_is_vouched_for(policy: SessionPolicy, wanted: Criteria, errors: Sequence[tuple[int, int]], vouched: bool) -> None:
    seen = evidence(SERVED, errors)
    assert seen.tls is not None
    judged = SessionJudge(policy, wanted, NOW)
    assert judged.vouches(seen.tls) is vouched
    assert judged.verification(seen.tls) == judge(policy, wanted, seen, tuple(map(Certificate, SERVED)), NOW)


@pytest.mark.parametrize("level", [one for one in SecurityLevel if one is not SecurityLevel.HALF_DANE])
def test_nobody_is_vouched_for_without_a_certificate_or_a_whole_handshake(level: SecurityLevel) -> None:
    judged = SessionJudge(fixed_policy(level), criteria(), NOW)
    for seen in (evidence(()), evidence(SERVED, established=False)):
        assert seen.tls is not None and not judged.vouches(seen.tls)
