# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What senders would object to in a chain. That OpenSSL does is seen in the differential tests, of the same chains."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._x509.acceptance import ends_soon, objections
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.tests.unit.makers.certificates import DAY, NOW, Issued, hierarchy, issue
from ansible_collections.mailops.tls.tests.unit.makers.refused_chains import Refused, refused_chains


def identifiers(*chain: Issued) -> list[str]:
    return [one.id for one in objections([Certificate(one.der) for one in chain], NOW)]


@pytest.mark.parametrize("refused", refused_chains(), ids=lambda one: f"{one.identifier}-{one.title}")
def test_each_kind_is_told_once_and_alone(refused: Refused) -> None:
    assert identifiers(*refused.sent) == [refused.identifier]


def test_300_certificates() -> None:
    made = hierarchy()
    chain = (made.leaf, made.intermediate, *(made.root for _number in range(298)))
    assert identifiers(*chain) == ["chain_too_large", "duplicate_certificate"]
    below = made.root
    longest = [below]
    for number in range(298):
        below = issue(f"Inter {number}", issuer=below, ca=True)
        longest.append(below)
    longest.append(issue("leaf", issuer=below, dns_names=("mx.example.com",)))
    assert set(identifiers(*reversed(longest))) == {"chain_too_large", "chain_too_long"}


@pytest.mark.parametrize("kind", ["ecdsa", "rsa", "ed25519"])
def test_good_chains(kind: str) -> None:
    made = hierarchy(kind=kind)
    for chain in ((made.leaf,), (made.leaf, made.intermediate), (made.leaf, made.intermediate, made.root)):
        assert identifiers(*chain) == []


def test_a_certificate_that_is_its_own_issuer_is_for_dane() -> None:
    assert identifiers(issue("mx", dns_names=("mx.example.com",))) == []
    assert identifiers(issue("mx", dns_names=("mx.example.com",), extended_key_usage=("1.3.6.1.5.5.7.3.2",))) == ["not_for_servers"]


@pytest.mark.parametrize(
    ("life", "left", "soon"),
    [
        (timedelta(days=365), timedelta(days=1), True),
        (timedelta(days=90), timedelta(days=6), True),
        (timedelta(days=90), timedelta(days=8), False),
        (timedelta(hours=160), timedelta(days=3), False),
        (timedelta(hours=160), timedelta(days=2), True),
        (DAY, DAY, True),
        (timedelta(days=10), timedelta(days=10), False),
    ],
)
def test_the_end_is_near(life: timedelta, left: timedelta, soon: bool) -> None:
    certificate = Certificate(issue(not_before=NOW + left - life, not_after=NOW + left).der)
    assert ends_soon(certificate, NOW) is soon
