# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A grade: one result of a probe and one policy in, the level and the reasons for it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._grade.endpoint_view import EndpointView
from ansible_collections.mailops.tls.plugins.module_utils._grade.internetnl import OWN, check_known, internetnl_facts
from ansible_collections.mailops.tls.plugins.module_utils._grade.judge import judge
from ansible_collections.mailops.tls.plugins.module_utils._grade.levels import Level, concluded, worst
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import POLICIES, Policy
from ansible_collections.mailops.tls.plugins.module_utils._grade.rules import Rule
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import error_text, mapping, mappings, shown, word, words
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

INTERNETNL = "ncsc-2025"
"""The policy that Internet.nl counts by."""
_MOST_ENDPOINTS = 2000
_SHOWN_CHECKS = 6
_GRADED = frozenset(("chain", "capabilities", "endpoints", "certificates", "everything"))
"""What can be cut off a line and is graded; a scan that is gone is not tested anyway."""
_RUNNING = ("open", "error")


class NotGradable(ValueError):
    """What cannot be graded: it is no result of a probe."""


def named_policies(names: object, option: str = "policy") -> tuple[Policy, ...]:
    """Return policies by their ids, each once.

    Raises:
        OptionError: for an id that there is not, and where there is none at all.
    """
    given = [names] if isinstance(names, str) else names
    if not isinstance(given, (list, tuple)) or not given:
        raise OptionError(option, None if given in (None, []) else clean(repr(given), 100), "names no policy")
    for name in given:
        if not isinstance(name, str) or name not in POLICIES:
            raise OptionError(option, clean(str(name), 100), f"is not a policy; known are: {', '.join(POLICIES)}")
    return tuple(POLICIES[name] for name in dict.fromkeys(given))


def grade(result: Mapping[str, Any], policy: Policy, rules: Sequence[Rule] = (), known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the grade of one result.

    Args:
        result: one of `smtp_tls_probe` or `mailbox_tls_probe`, as facts.
        policy: what is asked for.
        rules: what the user asks for besides.
        known: what is known of Internet.nl's other categories.

    Raises:
        NotGradable: when it is no such result.
    """
    subject = subject_of(result)
    endpoints = running_endpoints(result)
    provider = _is_elsewhere(result, endpoints)
    nothing = _nothing(result)
    judged = judge(policy, endpoints, nothing, provider=provider)
    items = [one.as_facts() for one in judged]
    items += [found for found in (rule.as_facts(result, provider) for rule in rules) if found is not None]
    counting = [Level(one["level"]) for one in items if one["mandatory"]]
    tested = worst(Level(one["tested_level"]) for one in items if one["mandatory"] and one["tested_level"] is not None)
    level = concluded(counting, complete=not _is_cut(result) and (bool(endpoints) or not policy.items))
    route = mapping(result.get("route"))
    exchanges = endpoints if route.get("lookup") == "mx" else []
    scored = policy.id == INTERNETNL and "destination" in result
    signed = route.get("secure") is True
    return {
        "subject": subject,
        "policy": policy.id,
        "title": policy.title,
        "version": policy.version,
        "level": level.value,
        "tested_level": tested.value if tested is not None else None,
        "not_tested": [one["id"] for one in items if one["level"] == Level.NOT_TESTED.value],
        "counts": {level.value: sum(1 for one in items if one["level"] == level.value) for level in Level},
        "checks": items,
        "internetnl": internetnl_facts(policy, exchanges, known or {}, signed=signed, judged=judged) if scored else None,
    }


def subject_of(result: object) -> str:
    """Return whose result it is.

    Raises:
        NotGradable: when it is no result of a probe.
    """
    facts = result if isinstance(result, Mapping) else {}
    name = facts.get("destination", facts.get("target"))
    if not isinstance(name, str) or not isinstance(facts.get("endpoints"), list):
        raise NotGradable(f"{shown(result)} is no result of smtp_tls_probe or mailbox_tls_probe")
    return word(name)


def running_endpoints(result: Mapping[str, Any]) -> list[EndpointView]:
    """Return the endpoints that count: of a mailbox server, services that run. A closed port is a service that it has not."""
    found = [EndpointView(f"endpoints[{index}]", one) for index, one in enumerate(mappings(result.get("endpoints"), _MOST_ENDPOINTS))]
    if "target" in result and "destination" not in result:
        return [one for one in found if one.facts.get("port_state") in _RUNNING]
    return found


def _is_cut(result: Mapping[str, Any]) -> bool:
    """True for a result that was too long for a line of a file, and lost what could have been worse."""
    return not _GRADED.isdisjoint(words(result.get("cut")))


def _nothing(result: Mapping[str, Any]) -> str:
    if mapping(result.get("route")).get("null_mx") is True:
        return "the domain takes no mail (null MX)"
    return error_text(result.get("error")) or "no server was reached"


def _is_elsewhere(result: Mapping[str, Any], endpoints: Sequence[EndpointView]) -> bool:
    """True when no exchange of a domain is within that domain: its operator is somebody else."""
    domain = word(result.get("destination")).lower().strip("[]").rstrip(".")
    by_mx = mapping(result.get("route")).get("lookup") == "mx"
    return by_mx and bool(endpoints) and not any(one.host == domain or one.host.endswith("." + domain) for one in endpoints)


def check_domain_facts(given: object, option: str = "domain_facts") -> Mapping[str, Mapping[str, Any]]:
    """Return what is known of domains from elsewhere, by domain.

    Raises:
        OptionError: when it cannot be used.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise OptionError(option, clean(repr(given), 100), "is not a mapping of domains")
    return {word(domain).lower(): check_known(known, option) for domain, known in given.items()}


def report_line(found: Mapping[str, Any]) -> str:
    """Return a grade in one line: whose, by what, how good, Internet.nl's number, and why it is not better."""
    level = found["level"]
    share = (found["internetnl"] or {}).get("ranges", {}).get(OWN)
    number = f" {OWN} {share[0]}%" if share and share[0] == share[1] else f" {OWN} {share[0]}-{share[1]}%" if share else ""
    reasons = _reasons(found)
    return f"{found['subject']}: {found['policy']} {level}{number}" + (f" ({reasons})" if reasons else "")


def _reasons(found: Mapping[str, Any]) -> str:
    """Name the checks that make a grade what it is; of a server that was not reached, say why."""
    level = found["level"]
    if level in ("good", "sufficient"):
        return ""
    guilty = [one for one in found["checks"] if one["mandatory"] and one["level"] == level]
    if level == Level.NOT_TESTED.value and guilty and guilty[0]["id"] == "starttls":
        return str(guilty[0]["text"])
    names = [one["id"] for one in guilty]
    rest = f" and {len(names) - _SHOWN_CHECKS} more" if len(names) > _SHOWN_CHECKS else ""
    return ", ".join(names[:_SHOWN_CHECKS]) + rest


class Tally:
    """Counts grades as they come, for who keeps none of them."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}

    def add(self, found: Mapping[str, Any]) -> None:
        """Count one grade."""
        self._counts.setdefault(found["policy"], Counter())[found["level"]] += 1

    def as_facts(self) -> dict[str, dict[str, int]]:
        """Return how many grades of each level there are, by policy."""
        return {policy: {level.value: counts[level.value] for level in Level} for policy, counts in self._counts.items()}


def grades(
    results: Iterable[Mapping[str, Any]],
    policies: Sequence[Policy],
    rules: Sequence[Rule] = (),
    known: Mapping[str, Mapping[str, Any]] | None = None,
) -> Iterable[dict[str, Any]]:
    """Yield the grades of results, one for each policy; *known* is by subject, in lower case."""
    for result in results:
        about = (known or {}).get(subject_of(result).lower())
        for policy in policies:
            yield grade(result, policy, rules, about)
