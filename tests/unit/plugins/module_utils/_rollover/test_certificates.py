# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a chain that is to be served, and which of its certificates count as issuers."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._rollover.certificates import CertificateNeeds, chain_problem, in_hand
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make
from ansible_collections.mailops.tls.tests.unit.makers.certificates import NOW, Issued

ROOT = make.issue("Root", ca=True)
INTER = make.issue("Inter", issuer=ROOT, ca=True)
BETWEEN = make.issue("between", issuer=ROOT)
WEAK = make.issue("Weak", ca=True, key=make.SmallRsaKey(512))
LEAF, BELOW, OF_WEAK = (make.issue("leaf", issuer=one) for one in (INTER, BETWEEN, WEAK))


@pytest.mark.parametrize(
    ("chain", "problem", "issuers"),
    [
        ((LEAF, INTER, ROOT), None, 2),
        ((LEAF, INTER), None, 1),
        ((LEAF,), None, 0),
        ((LEAF, ROOT, INTER), "CN=Root follows CN=leaf, which it has not issued", 0),
        ((LEAF, INTER, BETWEEN), "CN=between follows CN=Inter, which it has not issued", 1),
        ((BELOW, BETWEEN, ROOT), "CN=between is not the certificate of an issuer", 0),
        ((BELOW, BETWEEN, INTER), "CN=between is not the certificate of an issuer", 0),
        ((OF_WEAK, WEAK), None, 1),
    ],
)
def test_order_and_issuers(chain: tuple[Issued, ...], problem: str | None, issuers: int) -> None:
    read = [Certificate(one.der) for one in chain]
    assert chain_problem(read, CertificateNeeds((), False), NOW) == problem
    assert in_hand(read, problem).issuer_certificates == tuple(one.der for one in chain[1 : issuers + 1])


def test_records_about_issuers_need_one() -> None:
    assert chain_problem([Certificate(LEAF.der)], CertificateNeeds((), True), NOW) == (
        "the chain has no issuer's certificate, which 2 1 x records are about"
    )
