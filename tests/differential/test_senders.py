# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who can deliver, as mail_domain_info has it, beside what each case of the test network tells of Postfix's smtp(8) at the same level.

That a case tells the truth is tested by `lab.py check`, where a real smtp(8) sends a message at every level.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.arguments import domain_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.run import run_domain_look
from ansible_collections.mailops.tls.tests.differential.situations import SLOW

KINDS = {"no_tls": "none", "opportunistic": "may", "dane": "dane", "mandatory": "verify"}
"""Kinds of senders, and the level of Postfix that each is. No domain here has an MTA-STS policy: the others are as two of these."""
EXPLAINED = {
    "ehlo-long": "we find STARTTLS at the end of a long reply, see differences.py",
    "sni-absent": "senders of mandatory TLS send SNI here, as RFC 8461 section 4.1 asks; Postfix at verify does not",
}
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")

Result = Mapping[str, Any]


def is_plain(case: Result) -> bool:
    """Whether a case is a mail domain, probed as mail_domain_info does it."""
    kinds = {expected["error_kind"] for expected in case["expected"].values()}
    options = {name for name, value in case["options"].items() if value not in ((), [])}
    usual = case["name"] not in EXPLAINED and not kinds.intersection(SLOW)
    return usual and options <= {"ca"} and bool(_DOMAIN.fullmatch(case["destination"]))


def looks(lab: Result, cases: list[Result]) -> Iterator[tuple[Result, Result]]:
    """Yield each case with what we say of its domain, in one run for each authority that is trusted."""
    for authority in sorted({str(case["options"].get("ca", "")) for case in cases}):
        members = [case for case in cases if str(case["options"].get("ca", "")) == authority]
        file = lab["ca_file"] if authority == "True" else lab["authorities"][authority]["file"] if authority else None
        options = {
            "domains": sorted({case["destination"] for case in members}),
            "checks": ["mx", "mta_sts", "senders"], "allow_private_addresses": True, **({"ca_file": file} if file else {}),
        }  # fmt: skip
        validated = ArgumentSpecValidator(domain_arguments()).validate(options)
        assert not validated.error_messages
        found = run_domain_look(validated.validated_parameters)
        results = {one["domain"]: one for one in found.facts["results"]}
        yield from ((case, results[case["destination"]]) for case in members)


@pytest.fixture(scope="module", name="looked_at")
def fixture_looked_at(lab: Result) -> list[tuple[Result, Result]]:
    """Return all cases that are mail domains, with our results."""
    looked_at = looks(lab, [case for case in lab["cases"] if is_plain(case)])
    found = [(case, result) for case, result in looked_at if not result["error"]]
    assert len(found) > 40 and EXPLAINED.keys() <= {case["name"] for case in lab["cases"]}
    return found


def row_of(case: Result, sender: Result) -> Result:
    """Return the row of the endpoint that a case tells of: the first that took a connection, else the domain as a whole."""
    rows: list[Result] = [one for one in sender["exchanges"] if one["outcome"] != "unknown"]
    return rows[0] if len({(one["exchange"], one["address"]) for one in rows}) == 1 else sender


def protection(expected: Result, level: str) -> str:
    """Return the word for what mail is protected by, where a case says that it is delivered."""
    if level == "none" or expected["status"] is None:
        return "none"
    authenticated = expected["matched"] is not None if level == "dane" else level == "verify"
    return "verified" if authenticated and expected["status"] == "verified" else "encrypted"


@pytest.mark.parametrize("kind", KINDS)
def test_senders_fare_as_postfix_does(kind: str, looked_at: list[tuple[Result, Result]]) -> None:
    level, unlike = KINDS[kind], []
    for case, result in looked_at:
        expected = case["expected"].get(level)
        if expected is None:
            continue
        row = row_of(case, result["senders"][kind])
        delivered = row["outcome"] in ("delivered", "partly")
        if delivered is not expected["satisfied"]:
            unlike.append(f"{case['name']}: {row['outcome']} ({row['fact']}), and Postfix {expected}")
        elif "exchange" in row and delivered and row["protection"] != protection(expected, level):
            unlike.append(f"{case['name']}: {row['protection']} ({row['fact']}), and Postfix {expected}")
    assert not unlike, "\n".join(unlike)


def test_without_a_policy_mta_sts_changes_nothing(looked_at: list[tuple[Result, Result]]) -> None:
    for case, result in looked_at:
        told = {name: (one["outcome"], one["protection"]) for name, one in result["senders"].items()}
        assert told["mta_sts"] == told["opportunistic"] and told["dane_and_mta_sts"] == told["dane"], case["name"]
