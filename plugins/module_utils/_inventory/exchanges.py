# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what was gathered of mail domains to the hosts, groups and variables of an inventory.

Hosts are exchanges, named in lower case; an exchange that serves many domains is one host. All values are plain JSON, and all
text in them came from DNS, servers or the user: whoever hands them to Ansible marks them.
Which names may become hosts is decided by the caller.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase
from ansible_collections.mailops.tls.plugins.module_utils._inventory.host_names import host_name_problem
from ansible_collections.mailops.tls.plugins.module_utils._inventory.operator_domain import operator_domain
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Status

ALL_EXCHANGES = "mx"
"""The group of all exchanges, parent of the groups of domains."""
NO_MX = "no_mx"
"""The kind of problem of a domain without MX records."""
NAME_REFUSED = "name_refused"
"""The kind of problem of an exchange whose name may not be that of a host; all other kinds are error kinds of a probe."""
FIXED_GROUPS = frozenset((ALL_EXCHANGES, "satisfied", "unsatisfied", *(f"status_{one.value}" for one in Status)))
"""Groups whose names mean the same in every inventory."""
_SHARED = ("host", "preference", "timings")
"""Items of an endpoint that differ between domains though it was probed only once, or that the host has already."""

Facts = Mapping[str, Any]


@dataclass
class ExchangeHost:
    """One host: its name, its variables, and the names of its groups before Ansible makes them valid."""

    name: str
    variables: dict[str, Any]
    groups: list[str]


@dataclass
class MxInventory:
    """A whole inventory: hosts, the groups of domains with their variables, and warnings for the user."""

    hosts: list[ExchangeHost] = field(default_factory=list)
    domain_groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def build_inventory(
    domains: Sequence[Facts],
    *,
    name_problem: Callable[[str], str | None] = host_name_problem,
    ansible_host: bool = False,
    refused_domains: Sequence[dict[str, Any]] = (),
) -> MxInventory:
    """Return the inventory of domains as gather_domains() describes them.

    Args:
        domains: What was gathered of each.
        name_problem: Says why an exchange cannot be a host, None when it can.
        ansible_host: Whether Ansible is to connect to the address that DNS has for an exchange.
        refused_domains: Problems of what is no domain.
    """
    inventory = MxInventory(problems=list(refused_domains))
    names = dict.fromkeys(exchange["exchange"].lower() for domain in domains for exchange in domain["exchanges"])
    refused = {name: reason for name in names if (reason := name_problem(name)) is not None}
    served: dict[str, list[tuple[Facts, Facts]]] = {}
    for domain in domains:
        inventory.domain_groups[domain_group(domain["domain"])] = _domain_variables(domain, refused)
        inventory.problems += _problems(domain, refused)
        inventory.warnings += [f"{domain['domain']}: {text}" for text in domain["warnings"]]
        for exchange in domain["exchanges"]:
            name = exchange["exchange"].lower()
            if name not in refused:
                served.setdefault(name, []).append((domain, exchange))
    inventory.warnings[:0] = [_warning(problem) for problem in inventory.problems]
    if any(domain["ad_untrusted"] for domain in domains):
        text = "a resolver validated answers with DNSSEC but is not believed, so they count as not validated: see trust_ad"
        inventory.warnings.insert(0, text)
    inventory.hosts = [_host(name, uses, ansible_host) for name, uses in served.items()]
    return inventory


def domain_group(domain: str) -> str:
    """Return the name of a domain's group, before Ansible makes it valid."""
    return "domain_" + domain


def _domain_variables(domain: Facts, refused: Mapping[str, str]) -> dict[str, Any]:
    """Variables of a domain's group. A group with hosts has none: a host in many such groups would get those of just one."""
    names = [exchange["exchange"].lower() for exchange in domain["exchanges"]]
    if any(name not in refused for name in names):
        return {}
    error = domain["error"]
    if names and error is None:
        error = {"kind": NAME_REFUSED, "phase": CommonPhase.DNS.value, "text": _refusal(refused[names[0]])}
    return {"mx_domain": domain["domain"], "mx_null_mx": domain["null_mx"], "mx_error": error}


def _problems(domain: Facts, refused: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what a domain lacks, as items of `mx_problems`."""
    found = []
    if domain["error"] is not None and not domain["exchanges"]:  # else the exchanges tell more exactly
        found.append((None, domain["error"]["kind"], domain["error"]["text"]))
    elif domain["lookup"] == "address":
        found.append((None, NO_MX, "there is no MX record, so the domain itself is the exchange"))
    for exchange in domain["exchanges"]:
        if exchange["error"] is not None:
            found.append((exchange["exchange"], exchange["error"]["kind"], exchange["error"]["text"]))
        if exchange["exchange"].lower() in refused:
            found.append((exchange["exchange"], NAME_REFUSED, _refusal(refused[exchange["exchange"].lower()])))
    return [
        {"domain": domain["domain"], "exchange": exchange, "kind": kind, "text": text}
        for exchange, kind, text in _distinct(found)
    ]


def _refusal(reason: str) -> str:
    return f"it becomes no host of the inventory: {reason}"


def _warning(problem: Facts) -> str:
    where = f" exchange {problem['exchange']}:" if problem["exchange"] else ""
    return f"{problem['domain']}:{where} {problem['text']}"


def _host(name: str, uses: Sequence[tuple[Facts, Facts]], ansible_host: bool) -> ExchangeHost:
    """Return one exchange from all (domain, exchange) it stands in."""
    exchanges = [exchange for _domain, exchange in uses]
    known = next((one for one in exchanges if one["addresses"]), exchanges[0])
    addresses = sorted(known["addresses"], key=_address_order)
    operator = operator_domain(name)
    domains: dict[str, dict[str, Any]] = {}
    for domain, exchange in sorted(uses, key=lambda use: use[1]["preference"]):  # the best first, if it is there twice
        domains.setdefault(domain["domain"], _service(domain, exchange))
    variables = {
        "mx_exchange": known["exchange"],
        "mx_canonical_name": known["canonical_name"] or None,
        "mx_addresses": addresses,
        "mx_secure": any(one["secure"] for one in exchanges),
        "mx_error": None if addresses else known["error"],
        "mx_operator": operator,
        "mx_domains": {name: domains[name] for name in sorted(domains)},
    }
    if addresses and ansible_host:
        variables["ansible_host"] = addresses[0]
    groups = [domain_group(one) for one in domains]
    groups += [f"preference_{one['preference']}" for one in domains.values()]
    groups += ["operator_" + operator] if operator is not None else []
    host = ExchangeHost(name, variables, groups)
    _add_verdict(host, [domain for domain, _exchange in uses])
    host.groups = list(_distinct(host.groups))
    return host


def _service(domain: Facts, exchange: Facts) -> dict[str, Any]:
    """Return what an exchange is for one domain, an item of `mx_domains`."""
    return {
        "preference": exchange["preference"],
        "secure": domain["secure"],
        "implicit": domain["lookup"] == "address",
    }


def _add_verdict(host: ExchangeHost, domains: Sequence[Facts]) -> None:
    """Add what a probe found, when there was one. The verdict on an endpoint can differ from domain to domain."""
    endpoints: list[dict[str, Any]] = []
    verdicts: list[tuple[str, bool]] = []
    for domain in _distinct_domains(domains):
        own = [one for one in domain["endpoints"] or () if one["host"].lower() == host.name]
        if not own:
            continue
        status, satisfied = _worst(one["status"] for one in own), all(one["satisfied"] for one in own)
        host.variables["mx_domains"][domain["domain"]].update(status=status, satisfied=satisfied)
        verdicts.append((status, satisfied))
        for endpoint in own:
            _add_endpoint(endpoints, domain["domain"], endpoint)
    if not verdicts:
        return
    status, satisfied = _worst(word for word, _satisfied in verdicts), all(one for _word, one in verdicts)
    host.variables.update(mx_status=status, mx_satisfied=satisfied, mx_endpoints=endpoints)
    host.groups += ["status_" + status, "satisfied" if satisfied else "unsatisfied"]


def _add_endpoint(endpoints: list[dict[str, Any]], domain: str, endpoint: Facts) -> None:
    """Add an endpoint, or only the domain's name where all that was found is there already."""
    facts = {name: value for name, value in endpoint.items() if name not in _SHARED}
    for known in endpoints:
        if {**known, "domains": None} == {**facts, "domains": None}:
            known["domains"].append(domain)
            return
    endpoints.append({**facts, "domains": [domain]})


def _worst(words: Iterable[str]) -> str:
    return max((Status(word) for word in words), key=lambda status: status.severity).value


def _address_order(address: str) -> tuple[int, int]:
    """IPv4 first, then by number: the order of DNS changes from answer to answer."""
    parsed = ipaddress.ip_address(address)
    return parsed.version, int(parsed)


def _distinct(values: Iterable[Any]) -> Iterable[Any]:
    return dict.fromkeys(values)


def _distinct_domains(domains: Sequence[Facts]) -> Iterable[Facts]:
    return {domain["domain"]: domain for domain in domains}.values()
