# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cache may hold anything."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._inventory.cached import cached_domains

ERROR = {"kind": "dns_error", "phase": "dns", "text": "SERVFAIL"}
DOMAIN: dict[str, Any] = {
    "domain": "example.org", "lookup": "mx", "secure": None, "null_mx": False, "ad_untrusted": False, "error": ERROR, "warnings": ["odd"],
    "exchanges": [{
        "preference": 10, "exchange": "mx.example.org", "canonical_name": "", "secure": True, "addresses": ["192.0.2.1"], "error": None,
    }],
    "endpoints": [{"host": "mx.example.org", "status": "verified", "satisfied": True, "error": None, "chain": []}],
}  # fmt: skip


def test_what_was_written_is_read() -> None:
    assert cached_domains({"settings": "s", "domains": [DOMAIN, {**DOMAIN, "endpoints": None}]}, "s") is not None


@pytest.mark.parametrize("value", [None, 7, "text", [], {}, {"settings": "t", "domains": []}, {"settings": "s", "domains": "all"}])
def test_anything_else_is_of_no_use(value: Any) -> None:
    assert cached_domains(value, "s") is None


@pytest.mark.parametrize(
    ("path", "value"),
    [(("domain",), "{{ x }}"), (("domain",), None), (("lookup",), "srv"), (("null_mx",), "no"), (("warnings",), [1]), (("error",), "bad"),
     (("error",), {"kind": ["x"], "text": "y"}), (("exchanges",), {}), (("exchanges", 0), "mx"),
     (("exchanges", 0, "exchange"), "web[1:9].example"),
     (("exchanges", 0, "preference"), "10"), (("exchanges", 0, "preference"), -1), (("exchanges", 0, "addresses"), ["{{ x }}"]),
     (("exchanges", 0, "secure"), 1), (("endpoints",), "x"), (("endpoints", 0, "status"), "superb"), (("endpoints", 0, "host"), None),
     (("endpoints", 0, "satisfied"), "yes"), (("endpoints", 0, "status"), ["verified"])],
)  # fmt: skip
def test_what_does_not_fit_makes_all_of_it_useless(path: tuple[Any, ...], value: Any) -> None:
    domain: Any = copy.deepcopy(DOMAIN)
    place = domain
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert cached_domains({"settings": "s", "domains": [domain]}, "s") is None
