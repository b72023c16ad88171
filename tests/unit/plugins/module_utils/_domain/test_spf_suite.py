# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The openspf test suite for RFC 7208, every case. Its data is the YAML of pyspf's source distribution as JSON (see REUSE.toml)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_check import Evaluation, SpfSender, check_host
from ansible_collections.mailops.tls.tests.unit.makers.asked_zone import FAILS, Zone, run

SUITE = json.loads((Path(__file__).parent / "rfc7208_suite.json").read_text(encoding="utf-8"))


def zone(data: Mapping[str, Any]) -> Zone:
    """The zone of a scenario. SPF stands for TXT too where a name has no TXT; TIMEOUT for every type that is not given before it."""
    names: dict[str, dict[str, Any]] = {}
    for name, records in data.items():
        types: dict[str, Any] = {}
        for record in records:
            if record == "TIMEOUT":
                types["ANY"] = FAILS
                continue
            ((rdtype, value),) = record.items()
            if value == "TIMEOUT":
                types[rdtype] = FAILS
            elif rdtype == "CNAME":
                types[rdtype] = value
            else:
                types.setdefault(rdtype, []).append(tuple(value) if isinstance(value, list) else value)
        if "TXT" not in types and "SPF" in types:
            types["TXT"] = types["SPF"]
        types["TXT"] = [one for one in types.get("TXT", []) if one != "NONE"] if types.get("TXT") != FAILS else FAILS
        names[name] = types if types["TXT"] or "ANY" not in types else {key: value for key, value in types.items() if key != "TXT"}
    return Zone(names)


CASES = [
    pytest.param(scenario["zonedata"], case, id=f"{scenario['description']}-{name}".replace(" ", "_"))
    for scenario in SUITE
    for name, case in scenario["tests"].items()
]


def evaluate(data: Mapping[str, Any], case: Mapping[str, Any]) -> Evaluation:
    sender = SpfSender(case["host"], case["mailfrom"], case["helo"], receiver="unused", time=0)
    return run(check_host(sender, sender.identity.rpartition("@")[2], zone(data).ask))


def test_no_case_is_missing() -> None:
    assert sum(len(scenario["tests"]) for scenario in SUITE) == 203


@pytest.mark.parametrize(("data", "case"), CASES)
def test_case(data: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    found = evaluate(data, case)
    assert found.result.value in case["result"] if isinstance(case["result"], list) else found.result.value == case["result"], found
    if "explanation" in case:
        assert (found.explanation or "DEFAULT") == case["explanation"]
