# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One result as the page of a domain has it: bounded, each certificate once, and of sessions only what is shown. Pure.

A server shows its chain for each kind of key, and all servers of a provider have one intermediate certificate. So the certificates of a
part are in one list, and chains have their numbers there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._report.html.bounded import bounded
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Observed
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import mapping, mappings, word

MOST_CHECKS = 200
MOST_GRADES = 10
_OF_SESSIONS = ("algorithm", "offered", "status", "chain", "tlsa")
_OF_CHECKS = ("id", "title", "level", "text", "connections", "fixable_by", "ref")
_OF_GRADES = ("policy", "title", "level", "tested_level", "counts")


def part_of(observed: Observed) -> dict[str, Any]:
    """Return what the page of a domain needs of one result."""
    grades = observed.grades or _own_grades(observed.result.get("grade"))
    result: dict[str, Any] = bounded({name: value for name, value in observed.result.items() if name != "grade"})
    certificates: dict[str, int] = {}
    listed: list[Any] = []
    for session in _sessions(result):
        chain = session.get("chain")
        if isinstance(chain, list):
            session["chain"] = [_numbered(one, certificates, listed) for one in chain]
    part = {
        "kind": observed.kind.value, "vantage": word(observed.vantage), "probed_at": word(observed.probed_at), "result": result,
        "certificates": listed,
    }  # fmt: skip
    if grades:
        part["grades"] = [_grade(one) for one in grades]
    return part


def _sessions(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield all that has a chain; of sessions for one kind of key the rest is left out."""
    probes = [one.get("probe") for one in _dicts(mapping(result.get("mx")).get("exchanges"))]
    probed = [each for one in probes for each in (one if isinstance(one, list) else [one])]
    for endpoint in [*_dicts(result.get("endpoints")), *_dicts([result.get("submit"), result.get("retrieve"), *probed])]:
        yield endpoint
        if isinstance(endpoint.get("key_algorithms"), list):
            kept = [{name: one[name] for name in _OF_SESSIONS if name in one} for one in _dicts(endpoint["key_algorithms"])]
            endpoint["key_algorithms"] = kept
            yield from kept


def _own_grades(grade: Any) -> Sequence[Mapping[str, Any]]:
    """Return the grades that a result came with: the filter `tls_grade` can attach them."""
    return mappings(grade, MOST_GRADES) if isinstance(grade, (list, tuple)) else mappings([grade])


def _numbered(certificate: Any, known: dict[str, int], listed: list[Any]) -> Any:
    """Return the number of a certificate in the list, which gets it if it is new; one without a fingerprint stays as it is."""
    digests = mapping(mapping(mapping(certificate).get("fingerprints")).get("certificate"))
    digest = next((one for one in digests.values() if isinstance(one, str)), None)
    if digest is None:
        return None if isinstance(certificate, int) else certificate
    if digest not in known:
        known[digest] = len(listed)
        listed.append(certificate)
    return known[digest]


def _grade(grade: Any) -> Any:
    """Return what a page shows of a grade: all that keeps it from being good, and how much of the rest there is."""
    checks = [
        {name: check.get(name) for name in _OF_CHECKS}
        for check in mappings(grade.get("checks"), MOST_CHECKS)
        if check.get("level") != "good"
    ]
    total = mapping(grade.get("internetnl")).get("total")
    return bounded({**{name: grade.get(name) for name in _OF_GRADES}, "total": total, "checks": checks})


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
