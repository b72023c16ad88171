# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of `smtp_tls_probe` as short as a line of a file can have them, and whole again. Pure.

What is null or empty is left out where it is certain that a whole result has it. So who reads a line without this file misses names
and nothing else. A server that says very much cannot make a line of any length: what is cut then is named in the line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_FINDINGS = 20
"""So many findings of a line that is too long are kept."""
_ENDPOINTS = 10
"""So many endpoints of one that is too long without all else."""


@dataclass(frozen=True)
class _Whole:
    """A mapping as it is in a whole result.

    Attributes:
        empty: the names that it always has, each with what is left out of it.
        parts: the mappings in it, and in lists in it. One that is always there is not in `empty`.
    """

    empty: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, _Whole] = field(default_factory=dict)


def _nulls(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names)


_CERTIFICATE = _Whole({
    **_nulls("subject", "issuer", "serial", "not_before", "not_after", "public_key", "signature_algorithm", "pem"),
    "dns_names": [],
    "ip_addresses": [],
})  # fmt: skip
_TLS = _Whole(_nulls("group", "signature", "signature_digest", "sni", "alpn", "session_reused", "resumable", "ticket_lifetime"))
_VERIFICATION = _Whole(_nulls("delivery_level", "reason", "matched_name", "depth", "error"))
_RECORD = _Whole(_nulls("reason", "matched", "matched_depth"))
_JUDGED = {"tls": _TLS, "chain": _CERTIFICATE, "verification": _VERIFICATION}
_SESSION = _Whole({**_nulls("error", "tls", "verification"), "chain": []}, {**_JUDGED, "tlsa": _Whole(parts={"records": _RECORD})})
_ENDPOINT = _Whole(
    {**_nulls("address", "port", "preference", "error", "greeting", "server_name", "tls", "verification", "rfc", "scan"), "chain": []},
    {
        **_JUDGED,
        "capabilities": _Whole(_nulls("before_tls", "after_tls")),
        "rfc": _Whole({"differences": []}),
        "tlsa": _Whole(_nulls("base_domain", "owner", "secure", "error"), {"records": _RECORD}),
        "key_algorithms": _SESSION,
    },
)
_EXCHANGE = _Whole({"canonical_name": "", "addresses": [], "error": None})
_ROUTE = _Whole({"canonical_name": "", "exchanges": [], "warnings": []}, {"exchanges": _EXCHANGE})
_RESULT = _Whole({"error": None, "endpoints": [], "lint": []}, {"route": _ROUTE, "endpoints": _ENDPOINT})
_OPTIONAL = frozenset(("key_algorithms", "records"))
"""Parts that a whole result can do without, or that are never left out."""


def shortened(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result without what `whole` knows to put back."""
    return _shorten(result, _RESULT)


def whole(short: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result with all its names; one that has them stays as it is. What is in it is changed in place, as it was just read."""
    found = dict(short)
    _restore(found, _RESULT)
    return found


def _shorten(value: Mapping[str, Any], kind: _Whole) -> dict[str, Any]:
    found = {}
    for name, one in value.items():
        if name in kind.empty and one == kind.empty[name] and type(one) is type(kind.empty[name]):
            continue
        part = kind.parts.get(name)
        if part is not None and isinstance(one, Mapping):
            one = _shorten(one, part)
            if not one and name not in kind.empty:
                continue
        elif part is not None and isinstance(one, list):
            one = [_shorten(each, part) if isinstance(each, Mapping) else each for each in one]
        found[name] = one
    return found


def _restore(found: dict[str, Any], kind: _Whole) -> None:
    """Put back what was left out. Nothing is copied: a file can have 100,000 results."""
    for name, empty in kind.empty.items():
        if name not in found:
            found[name] = [] if empty == [] else empty
    for name, part in kind.parts.items():
        one = found.get(name)
        if isinstance(one, dict):
            _restore(one, part)
        elif isinstance(one, list):
            for each in one:
                if isinstance(each, dict):
                    _restore(each, part)
        elif name not in found and name not in _OPTIONAL:
            found[name] = {}
            _restore(found[name], part)


def cut(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a result that is too long ever shorter; its item `cut` names what is not in it any more, or not all of it."""
    left: dict[str, Any] = dict(result)
    names: list[str] = []
    for name, shorten in _CUTS:
        left = shorten(left)
        names.append(name)
        yield {**left, "cut": list(names)}


def _each(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what changes every endpoint, and every session of one with a kind of key."""

    def session(one: Mapping[str, Any]) -> dict[str, Any]:
        found = change(dict(one))
        if found.get("key_algorithms"):
            found["key_algorithms"] = [change(dict(each)) for each in found["key_algorithms"]]
        return found

    return lambda result: {**result, "endpoints": [session(one) for one in result.get("endpoints") or ()]}


def _without(name: str, instead: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return _each(lambda one: {**one, name: instead} if one.get(name) else one)


_CUTS: tuple[tuple[str, Callable[[dict[str, Any]], dict[str, Any]]], ...] = (
    ("transcript", _without("transcript", [])),
    ("pem", _each(lambda one: {**one, "chain": [{**each, "pem": None} for each in one.get("chain") or ()]})),
    ("scan", _without("scan", None)),
    ("chain", _each(lambda one: {**one, "chain": list(one.get("chain") or ())[:1]})),
    ("capabilities", _without("capabilities", {"before_tls": None, "after_tls": None})),
    ("lint", lambda result: {**result, "lint": list(result.get("lint") or ())[:_FINDINGS]}),
    ("endpoints", lambda result: {**result, "endpoints": result["endpoints"][:_ENDPOINTS]}),
    ("certificates", _each(lambda one: {**one, "chain": []})),
    ("everything", lambda result: {**result, "endpoints": [], "lint": [], **_route_without_exchanges(result)}),
)


def _route_without_exchanges(result: Mapping[str, Any]) -> dict[str, Any]:
    route = result.get("route")
    return {"route": {**route, "exchanges": [], "warnings": []}} if isinstance(route, Mapping) else {}
