# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in order, and what is an issuer."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.chain import (
    has_issued,
    is_authority,
    issuers_among,
    issuers_in_order,
    out_of_order,
)
from ansible_collections.mailops.tls.plugins.module_utils._x509.signature import is_signed_by
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make

MADE = make.hierarchy()
LEAF, INTER, ROOT = (Certificate(one.der) for one in (MADE.leaf, MADE.intermediate, MADE.root))
OTHER = Certificate(make.issue("Other CA", ca=True).der)


def test_order() -> None:
    assert [out_of_order(one) for one in ((LEAF,), (LEAF, INTER), (LEAF, INTER, ROOT), (LEAF, INTER, ROOT, ROOT))] == [None] * 4
    assert out_of_order((LEAF, ROOT, INTER)) == 1
    assert out_of_order((LEAF, INTER, OTHER, ROOT)) == 2
    assert out_of_order((LEAF, LEAF)) == 1


def test_issuers_in_order_end_at_the_first_stranger() -> None:
    assert issuers_in_order((LEAF,)) == ()
    assert issuers_in_order((LEAF, INTER, ROOT)) == (INTER, ROOT)
    assert issuers_in_order((LEAF, INTER, OTHER, ROOT)) == (INTER,)
    assert issuers_in_order((LEAF, ROOT, INTER)) == ()


def test_issuers_among_others_are_found_in_any_order() -> None:
    assert issuers_among(LEAF, (ROOT, OTHER, LEAF, INTER)) == (ROOT, INTER)
    assert issuers_among(LEAF, (ROOT, OTHER)) == ()
    alone = Certificate(make.issue("alone", ca=True).der)
    assert issuers_among(alone, (alone,)) == ()


def test_nothing_above_a_certificate_that_is_no_authority_is_an_issuer() -> None:
    root = make.issue("Root", ca=True)
    between = make.issue("between", issuer=root)
    leaf, stray, top = (Certificate(one.der) for one in (make.issue("leaf", issuer=between), between, root))
    assert not is_authority(stray) and out_of_order((leaf, stray, top)) is None
    assert issuers_in_order((leaf, stray, top)) == issuers_among(leaf, (stray, top)) == ()
    assert issuers_among(leaf, (stray, top), lambda _one: True) == (stray, top)


def test_a_signature_that_cannot_be_checked_here_speaks_against_nothing() -> None:
    """By a key of 512 bits, which most libraries do not load. What senders think of it is for the lint."""
    root = make.issue("Root", ca=True, key=make.SmallRsaKey(512))
    leaf, top = Certificate(make.issue("leaf", issuer=root).der), Certificate(root.der)
    assert is_signed_by(leaf, top.spki or b"") is not False
    assert has_issued(top, leaf) and out_of_order((leaf, top)) is None
    assert issuers_in_order((leaf, top)) == issuers_among(leaf, (top,)) == (top,)


def test_a_signature_that_is_wrong_speaks_against_an_issuer() -> None:
    impostor = Certificate(make.issue("Root", ca=True, key_identifiers=False).der)
    leaf = Certificate(make.issue("leaf", issuer=make.issue("Root", ca=True, key_identifiers=False), key_identifiers=False).der)
    assert not has_issued(impostor, leaf) and out_of_order((leaf, impostor)) == 1
    assert issuers_among(leaf, (impostor,)) == ()
