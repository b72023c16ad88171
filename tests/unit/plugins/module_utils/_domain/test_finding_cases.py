# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each finding that a look at a domain can make: told where it belongs, and not where something near it is right."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils import _finding
from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dane, dkim, dmarc, dns, mail_dns, mta_sts, setup, smtp, spf
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind
from ansible_collections.mailops.tls.tests.unit.domain_cases.every import CASES
from ansible_collections.mailops.tls.tests.unit.domain_cases.world import FindingCase, Situation, told
from OpenSSL import SSL

SUBJECTS = (dkim, dmarc, mail_dns, mta_sts, setup, spf)
"""The parts of the catalogue that are about domains."""
ELSEWHERE = ("_dane/findings.py", "_dane/record_lint.py", "_dns/findings.py", "_dns/zone_servers.py", "_smtp/lint.py")
"""Files of other rooms that make findings for a look at a domain, of the subjects dane, dns and smtp."""
NOT_OF_DOMAINS = {
    "one_algorithm_only": "servers are not asked for one kind of key after the other",
    "ttl_too_high": "only tlsa_info asks name servers for the TTL of TLSA records",
    "ttl_too_low": "as before",
    "signature_near_expiry": "only tlsa_info asks for signatures",
}
"""What those files make for others only, and why."""


def kinds_in(catalogue: object) -> dict[str, FindingKind]:
    """Return the entries of a part of the catalogue by the name of their constant."""
    return {name: one for name, one in vars(catalogue).items() if isinstance(one, FindingKind)}


def test_every_finding_that_a_look_at_a_domain_can_make_has_a_case() -> None:
    root = Path(_finding.__file__).parent
    text = "".join((root / one).read_text(encoding="utf-8") for one in ELSEWHERE)
    wanted = {one.id for subject in SUBJECTS for one in kinds_in(subject).values()}
    borrowed = {one.id for subject in (dane, dns, smtp) for name, one in kinds_in(subject).items() if re.search(rf"\b{name}\b", text)}
    assert set(NOT_OF_DOMAINS) <= borrowed
    counted = Counter(case.kind.id for case in CASES)
    assert set(counted) == wanted | (borrowed - set(NOT_OF_DOMAINS))
    assert set(counted.values()) == {1}
    assert not [case.kind.id for case in CASES if case.kind.to_come]


def test_nothing_worse_than_a_notice_is_told_of_the_good_domain() -> None:
    assert told(Situation()) == {"autoconfig_missing"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind.id)
def test_a_finding_is_told_where_it_belongs_and_nowhere_else(case: FindingCase) -> None:
    if case.kind is smtp.LOCAL_LIMIT and SSL.OPENSSL_VERSION_NUMBER < 0x30000000:
        pytest.skip("older libraries take such servers")
    assert case.kind.id in told(case.wrong)
    assert case.kind.id not in told(case.right)
