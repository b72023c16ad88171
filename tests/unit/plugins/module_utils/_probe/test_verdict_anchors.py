# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trust anchors of files (posttls-finger -A, Postfix tls_dane.c): where they count, and what they leave of other checks.

Row numbers are those of the scenarios that were run with posttls-finger of Postfix 3.12.
"""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy, fixed_policy
from ansible_collections.mailops.tls.tests.unit.makers.certificates import DAY, NOW, Issued, Key, issue, pem
from ansible_collections.mailops.tls.tests.unit.makers.judging import (
    NAME,
    NO_ISSUER,
    OTHER,
    Level,
    chain,
    dane,
    evidence,
    expired,
    leaf_record,
    sha256,
    verdict,
    word,
)

WITH_NAMES = [Level.VERIFY, Level.SECURE]


def public_key(of: Issued) -> bytes:
    return pem("PUBLIC KEY", of.key.spki)


@pytest.mark.parametrize("which", ["root", "intermediate", "leaf"])
def test_row_38_a_trust_anchor_of_a_file(which: str) -> None:
    anchor: Issued = getattr(chain(), which)
    seen = evidence((*chain().served, chain().root.der), [NO_ISSUER])
    result = verdict(fixed_policy(Level.SECURE), seen, anchors=anchor.pem)
    assert word(result) == ("verified", True, None)
    assert result.depth == {"leaf": 0, "intermediate": 1, "root": 2}[which]
    assert result.records == ()
    assert word(verdict(fixed_policy(Level.SECURE), seen, anchors=anchor.pem, names=[OTHER])) == ("trusted", False, 62)


def test_row_39_with_a_trust_anchor_file_other_authorities_do_not_count() -> None:
    unrelated = issue("self", dns_names=[NAME])
    result = verdict(fixed_policy(Level.SECURE), evidence(chain().served), anchors=unrelated.pem)
    assert word(result) == ("untrusted", False, 65)


def test_trust_anchor_files_do_not_count_at_secure_reached_from_dane() -> None:
    policy = SessionPolicy(Level.DANE, Level.SECURE, Level.MAY, True)
    result = verdict(policy, evidence(chain().served, [NO_ISSUER]), anchors=chain().root.pem)
    assert word(result) == ("untrusted", True, 20)


@pytest.mark.parametrize("level", WITH_NAMES)
def test_an_anchor_of_a_file_takes_the_place_of_known_authorities(level: SecurityLevel) -> None:
    unrelated = issue("self", dns_names=[NAME])
    known, unknown = evidence(chain().served), evidence(chain().served, [NO_ISSUER])
    assert word(verdict(fixed_policy(level), known, anchors=unrelated.pem)) == ("untrusted", False, 65)
    assert word(verdict(fixed_policy(level), unknown, anchors=chain().intermediate.pem)) == ("verified", True, None)


@pytest.mark.parametrize(
    ("level", "status"),
    [(Level.MAY, "trusted"), (Level.ENCRYPT, "trusted"), (Level.FINGERPRINT, "untrusted"), (Level.DANE, "untrusted")],
)
def test_at_other_levels_an_anchor_of_a_file_changes_nothing(level: SecurityLevel, status: str) -> None:
    policy = dane() if level is Level.DANE else fixed_policy(level)
    records = [TlsaRecord(3, 1, 1, b"x" * 32)] if level is Level.DANE else []
    for anchors in (b"", chain().leaf.pem, issue("self").pem):
        result = verdict(policy, evidence(chain().served), records=records, fingerprints=[b"y" * 32], anchors=anchors)
        assert result.status.value == status


def test_a_record_of_dns_that_matches_needs_no_anchor_of_a_file() -> None:
    result = verdict(dane(), evidence(chain().served), records=[leaf_record()], anchors=issue("self").pem)
    assert word(result) == ("verified", True, None)


@pytest.mark.parametrize("level", WITH_NAMES)
@pytest.mark.parametrize("form", ["certificate", "public key"])
def test_a_server_listed_itself_needs_a_name_but_no_date_and_no_issuer(level: SecurityLevel, form: str) -> None:
    leaf = expired()
    anchors = leaf.pem if form == "certificate" else public_key(leaf)
    seen = evidence([leaf.der], [NO_ISSUER, (10, 0)])
    result = verdict(fixed_policy(level), seen, anchors=anchors)
    assert word(result) == ("verified", True, None) and (result.depth, result.matched_name) == (0, NAME)
    assert word(verdict(fixed_policy(level), seen, anchors=anchors, names=[OTHER])) == ("trusted", False, 62)
    assert word(verdict(fixed_policy(level), seen, anchors=anchors, names=[])) == ("untrusted", False, 1)


def test_below_an_anchor_dates_count() -> None:
    seen = evidence([expired().der, chain().intermediate.der])
    assert word(verdict(fixed_policy(Level.SECURE), seen, anchors=chain().intermediate.pem)) == ("untrusted", False, 10)


def test_an_anchor_itself_may_have_expired_unless_it_is_a_root() -> None:
    old = issue("Inter", issuer=chain().root, ca=True, key=chain().intermediate.key, not_after=NOW - DAY)
    seen = evidence([chain().leaf.der, old.der], [(10, 1)])
    assert word(verdict(fixed_policy(Level.SECURE), seen, anchors=old.pem)) == ("verified", True, None)
    root = issue("Root", ca=True, key=chain().root.key, not_after=NOW - DAY)
    seen = evidence([*chain().served, root.der], [(10, 2)])
    assert word(verdict(fixed_policy(Level.SECURE), seen, anchors=root.pem)) == ("untrusted", False, 10)


@pytest.mark.parametrize("form", ["certificate", "public key"])
def test_an_anchor_that_the_server_does_not_send(form: str) -> None:
    root = chain().root
    anchors = root.pem if form == "certificate" else public_key(root)
    result = verdict(fixed_policy(Level.SECURE), evidence(chain().served, [NO_ISSUER]), anchors=anchors)
    assert word(result) == ("verified", True, None)


def test_any_anchor_of_several_will_do() -> None:
    anchors = issue("self").pem + public_key(issue("other")) + chain().intermediate.pem
    result = verdict(fixed_policy(Level.SECURE), evidence(chain().served, [NO_ISSUER]), anchors=anchors)
    assert word(result) == ("verified", True, None) and result.depth == 1


def test_a_weak_key_is_not_saved_by_its_being_listed() -> None:
    weak = issue("weak", key=Key.generate("rsa768"), dns_names=[NAME])
    assert word(verdict(fixed_policy(Level.SECURE), evidence([weak.der]), anchors=weak.pem)) == ("untrusted", False, 66)


def test_an_anchor_does_not_verify_an_anonymous_session() -> None:
    result = verdict(fixed_policy(Level.SECURE), evidence([]), anchors=chain().root.pem)
    assert word(result) == ("anonymous", False, None)


def test_an_anchor_is_no_fingerprint() -> None:
    seen = evidence(chain().served)
    for fingerprints in ([], [sha256(chain().root.der)]):
        result = verdict(fixed_policy(Level.FINGERPRINT), seen, fingerprints=fingerprints, anchors=chain().leaf.pem)
        assert word(result) == ("untrusted", False, 65)
