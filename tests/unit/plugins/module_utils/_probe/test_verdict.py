# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict at levels without DANE: authorities, names, fingerprints, and Postfix's words for them.

Row numbers are those of the scenarios that were run with posttls-finger of Postfix 3.12.
"""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import fixed_policy
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Key, issue
from ansible_collections.mailops.tls.tests.unit.makers.judging import (
    NAME,
    NO_ISSUER,
    OTHER,
    Level,
    chain,
    evidence,
    expired,
    sha256,
    verdict,
    word,
)

# --- certification authorities and names ---------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [Level.VERIFY, Level.SECURE])
@pytest.mark.parametrize(
    ("names", "errors", "expected"),
    [
        ([NAME], [], ("verified", True, None)),
        ([".example.com"], [], ("verified", True, None)),  # row 34
        ([OTHER, NAME], [], ("verified", True, None)),
        ([OTHER], [], ("trusted", False, 62)),  # row 32
        ([OTHER], [NO_ISSUER], ("untrusted", False, 20)),  # row 33
        ([NAME], [NO_ISSUER], ("untrusted", False, 20)),  # row 16
        ([NAME], [(10, 0)], ("untrusted", False, 10)),  # row 40
        ([NAME], [(2, 1), (20, 0)], ("untrusted", False, 20)),  # row 41
        ([NAME], [(18, 0)], ("untrusted", False, 18)),  # row 42
        ([], [], ("untrusted", False, 1)),
    ],
)
def test_levels_that_compare_names(
    level: SecurityLevel, names: list[str], errors: list[tuple[int, int]], expected: tuple[str, bool, int | None]
) -> None:
    result = verdict(fixed_policy(level), evidence(chain().served, errors), names=names)
    assert word(result) == expected
    assert result.matched is (expected[0] == "verified")
    assert result.matched_name == (NAME if result.matched else None)
    assert result.trusted is (expected[0] != "untrusted")


@pytest.mark.parametrize(
    ("errors", "shown"),
    [
        ([(20, 1), (10, 0)], (10, 0)),
        ([(10, 0), (20, 0)], (10, 0)),
        ([(10, 2), (9, 1)], (9, 1)),
        ([(19, 2)], (19, 2)),
    ],
)
def test_the_error_shown_is_the_one_nearest_the_leaf_and_never_the_name_first(
    errors: list[tuple[int, int]], shown: tuple[int, int]
) -> None:
    result = verdict(fixed_policy(Level.SECURE), evidence(chain().served, errors), names=[OTHER])
    assert result.error is not None and (result.error.code, result.error.depth) == shown


@pytest.mark.parametrize("level", [Level.MAY, Level.ENCRYPT])
@pytest.mark.parametrize(
    ("errors", "status", "code"), [([], "trusted", None), ([NO_ISSUER], "untrusted", 20), ([(10, 0)], "untrusted", 10)]
)
def test_where_nothing_must_match_names_do_not_count_and_mail_is_delivered(
    level: SecurityLevel, errors: list[tuple[int, int]], status: str, code: int | None
) -> None:
    result = verdict(fixed_policy(level), evidence(chain().served, errors), names=[OTHER])  # row 37
    assert word(result) == (status, True, code) and not result.matched


@pytest.mark.parametrize("level", [Level.MAY, Level.ENCRYPT])
def test_row_45_an_anonymous_server(level: SecurityLevel) -> None:
    assert word(verdict(fixed_policy(level), evidence([]))) == ("anonymous", True, None)


# --- fingerprints --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["certificate", "key"])
def test_row_43_a_fingerprint_of_the_certificate_or_its_key(of: str) -> None:
    leaf = expired()
    digest = sha256(leaf.der if of == "certificate" else leaf.key.spki)
    seen = evidence([leaf.der], [NO_ISSUER, (10, 0)])
    result = verdict(fixed_policy(Level.FINGERPRINT), seen, names=[OTHER], fingerprints=[b"y" * 32, digest])
    assert word(result) == ("verified", True, None) and (result.depth, result.trusted) == (0, True)


@pytest.mark.parametrize("fingerprints", [[], [b"y" * 32]])
def test_without_a_matching_fingerprint_a_trusted_chain_is_not_enough(fingerprints: list[bytes]) -> None:
    """Row 44: posttls-finger calls this verified when no fingerprint is given (its bug B1)."""
    result = verdict(fixed_policy(Level.FINGERPRINT), evidence(chain().served), fingerprints=fingerprints)
    assert word(result) == ("untrusted", False, 65)


def test_a_fingerprint_of_an_issuer_does_not_match() -> None:
    digest = sha256(chain().intermediate.der)
    result = verdict(fixed_policy(Level.FINGERPRINT), evidence(chain().served), fingerprints=[digest])
    assert word(result) == ("untrusted", False, 65)


def test_a_key_too_weak_does_not_match_by_fingerprint() -> None:
    weak = issue("weak", key=Key.generate("rsa768"))
    result = verdict(fixed_policy(Level.FINGERPRINT), evidence([weak.der]), fingerprints=[sha256(weak.der)])
    assert word(result) == ("untrusted", False, 66)
