# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which probes look at several mail servers from outside, as few as possible, and what they saw of each. Pure.

Where to look follows from the inventory alone: what a mail server says has no part in it, or it could have any host probed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import rollover
from ansible_collections.mailops.tls.plugins.module_utils._rollover.answer import KEY_KINDS
from ansible_collections.mailops.tls.plugins.module_utils._text import inert

IMPLICIT_PORT = 465
"""The port at which TLS begins at once (RFC 8314)."""
_MAX_REASON = 400
_SETTINGS = ("from", "become", "nameservers", "trust_ad", "deadline")


def destinations(exchanges: Iterable[object], ports: Iterable[object]) -> dict[str, list[str]]:
    """Return where to look at a server, by the way TLS begins."""
    found: dict[str, list[str]] = {"starttls": [], "implicit": []}
    numbers = [int(str(port)) for port in ports]
    for exchange in exchanges:
        host = str(exchange).rstrip(".").lower()
        for port in numbers:
            found["implicit" if port == IMPLICIT_PORT else "starttls"].append(f"[{host}]:{port}")
    return found


def looks(servers: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the probes for these servers: one for each host to look from, way TLS begins and set of settings.

    Args:
        servers: mappings with ``exchanges``, ``ports``, ``key_algorithms``, ``vantage_hosts``, and the settings of the probe.
            """
    merged: dict[tuple[str, ...], dict[str, Any]] = {}
    for server in servers:
        places = destinations(server["exchanges"], server["ports"])
        for host in server["vantage_hosts"]:
            settings = {"from": host, **{name: server[name] for name in _SETTINGS[1:]}}
            for tls_mode, wanted in places.items():
                if not wanted:
                    continue
                one = merged.setdefault(
                    (tls_mode, *(repr(settings[name]) for name in _SETTINGS)),
                    {**settings, "tls_mode": tls_mode, "destinations": [], "key_algorithms": []},
                )
                one["destinations"] = list(dict.fromkeys([*one["destinations"], *wanted]))
                asked = {*one["key_algorithms"], *server["key_algorithms"]}
                one["key_algorithms"] = [kind for kind in KEY_KINDS if kind in asked]
    return list(merged.values())


@dataclass(frozen=True)
class Seen:
    """What the probes saw of one server.

    Args:
        results: the results of the probes that are about it. Where some could look and others not, an item for each place at which
            one was lost: what the others saw to be wrong is told, and nothing passes for seen by all.
        complete: whether every probe that was to look at it did.
        lost: who could not look, and why; empty when all could.
            """

    results: tuple[Any, ...]
    complete: bool
    lost: str


def seen(probes: Iterable[object], server: Mapping[str, Any], asked: Iterable[Mapping[str, Any]]) -> Seen:
    """Return what is about one server in the results of probes.

    Args:
        probes: results of the task that probed, one for each of what was asked, in this order.
        server: an item as looks() takes them.
        asked: what looks() has returned. A result may say of which look it is, but whoever probed has said that.
            """
    wanted = {(one["from"], one["tls_mode"], *one["destinations"]) for one in looks([server])}
    places = {place for one in wanted for place in one[2:]}
    results: list[Any] = []
    lost: dict[str, None] = {}
    done: set[tuple[str, str]] = set()
    for look, probe in zip(asked, probes):
        if not isinstance(probe, Mapping):
            continue
        key = (look["from"], look["tls_mode"])
        if not any(one[:2] == key and set(one[2:]) <= set(look["destinations"]) for one in wanted):
            continue
        if probe.get("failed") or probe.get("unreachable"):
            lost[f"{look['from']} ({inert(str(probe.get('msg') or 'no message').strip(), _MAX_REASON)})"] = None
            continue
        found = probe.get("results")
        about = [] if not isinstance(found, Sequence) or isinstance(found, (str, bytes)) else found
        ours = [one for one in about if isinstance(one, Mapping) and str(one.get("destination")) in places]
        results += ours
        if all({str(one.get("destination")) for one in ours}.issuperset(one[2:]) for one in wanted if one[:2] == key):
            done.add(key)
        else:
            lost[f"{look['from']} (it has no results)"] = None
    missing = [one for one in wanted if one[:2] not in done]
    if results:
        results += [_lost(place, one[0]) for one in sorted(missing) for place in one[2:]]
    return Seen(tuple(results), bool(wanted) and not missing, ", ".join(lost))


def _lost(place: str, host: str) -> dict[str, Any]:
    """What stands in the place of a result of a host that could not look."""
    error = {"kind": rollover.VANTAGE_FAILED.id, "phase": None, "text": f"no look from {host}"}
    return {"destination": place, "endpoints": [], "error": error}
