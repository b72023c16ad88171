# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of `smtp_tls_probe` as short as a line of a file can have them, and whole again. Pure.

What is null or empty is left out where it is certain that a whole result has it. So is what is as usual: a name that the server gives
itself which is the one of its host, or capabilities after STARTTLS that are those before. Where something else is null, that is written.
A server that says very much cannot make a line of any length: what is cut then is named in the line.
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
class WholeMapping:
    """A mapping as it is in a whole result.

    Attributes:
        usual: the names that it always has, each with what is left out of it: a value, or how to find one by the names before.
        parts: the mappings in it, and in lists in it. One that is always there is not in `usual`.
    """

    usual: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, WholeMapping] = field(default_factory=dict)


def _nulls(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names)


def _as(name: str) -> Callable[[Mapping[str, Any]], Any]:
    """Return what finds the value beside it by that name."""
    return lambda one: one.get(name)


def _after_tls(capabilities: Mapping[str, Any]) -> Any:
    """Return what a server offers inside TLS that offers the same as before: all but STARTTLS."""
    before = capabilities.get("before_tls")
    return {name: words for name, words in before.items() if name != "STARTTLS"} if isinstance(before, Mapping) else None


def _base_domain(tlsa: Mapping[str, Any]) -> Any:
    """Return the name that TLSA records are of, by their owner (RFC 6698 section 3)."""
    owner = tlsa.get("owner")
    return owner.split(".", 2)[2] if isinstance(owner, str) and owner.startswith("_") and owner.count(".") > 1 else None


def _matched_depth(record: Mapping[str, Any]) -> int | None:
    return 0 if record.get("matched") is True else None


_CERTIFICATE = WholeMapping({
    **_nulls("subject", "issuer", "serial", "not_before", "not_after", "public_key", "signature_algorithm", "pem"),
    "dns_names": [],
    "ip_addresses": [],
})  # fmt: skip
_TLS = WholeMapping({
    **_nulls("group", "signature", "signature_digest", "sni", "alpn", "resumable", "ticket_lifetime"),
    "established": True,
    "session_reused": False,
})  # fmt: skip
_VERIFICATION = WholeMapping({
    **_nulls("reason", "matched_name", "depth", "error"),
    "effective_level": _as("requested_level"),
    "delivery_level": _as("effective_level"),
})  # fmt: skip
_RECORD = WholeMapping({"usable": True, **_nulls("reason", "matched"), "matched_depth": _matched_depth})
_TLSA = WholeMapping({"owner": None, "base_domain": _base_domain, **_nulls("secure", "error"), "ad_untrusted": False}, {"records": _RECORD})
_JUDGED = {"tls": _TLS, "chain": _CERTIFICATE, "verification": _VERIFICATION}
_SESSION = WholeMapping(
    {**_nulls("error", "tls", "verification"), "chain": []}, {**_JUDGED, "tlsa": WholeMapping(parts={"records": _RECORD})}
)
_ENDPOINT = WholeMapping(
    {
        **_nulls("address", "port", "preference", "error", "greeting", "tls", "verification", "rfc", "scan"),
        "chain": [],
        "injected_plaintext": 0,
        "server_name": _as("host"),
    },
    {
        **_JUDGED,
        "capabilities": WholeMapping({"before_tls": None, "after_tls": _after_tls}),
        "rfc": WholeMapping({"differences": []}),
        "tlsa": _TLSA,
        "key_algorithms": _SESSION,
    },
)
_EXCHANGE = WholeMapping({"canonical_name": _as("exchange"), "addresses": [], "error": None})
_ROUTE = WholeMapping({"canonical_name": "", "exchanges": [], "warnings": [], "ad_untrusted": False}, {"exchanges": _EXCHANGE})
WHOLE_RESULT = WholeMapping({"error": None, "endpoints": [], "lint": []}, {"route": _ROUTE, "endpoints": _ENDPOINT})
OPTIONAL = frozenset(("key_algorithms", "records"))
"""Parts that a whole result can do without, or that are never left out."""


def shortened(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result without what `whole` knows to put back."""
    return _shorten(result, WHOLE_RESULT)


def whole(short: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result with all its names; one that has them stays as it is. What is in it is changed in place, as it was just read."""
    found = dict(short)
    _restore(found, WHOLE_RESULT)
    return found


def _same(one: Any, other: Any) -> bool:
    """Whether two values are written the same; for Python 0 is False, and 1.0 is 1, also inside of lists."""
    if one.__class__ is not other.__class__ or one != other:
        return False
    return not isinstance(one, (dict, list)) or not one or repr(one) == repr(other)


def _shorten(value: Mapping[str, Any], kind: WholeMapping) -> dict[str, Any]:
    found = {}
    all_usual, parts = kind.usual, kind.parts
    for name, one in value.items():
        if name in all_usual:
            usual = all_usual[name]
            if one is usual or _same(one, usual(value) if callable(usual) else usual):
                continue
        if name in parts:
            part = parts[name]
            if isinstance(one, dict):
                one = _shorten(one, part)
                if not one and name not in all_usual:
                    continue
            elif isinstance(one, list):
                one = [_shorten(each, part) if isinstance(each, dict) else each for each in one]
        found[name] = one
    return found


def _restore(found: dict[str, Any], kind: WholeMapping) -> None:
    """Put back what was left out. Nothing is copied: a file can have 100,000 results."""
    for name, usual in kind.usual.items():
        if name not in found:
            found[name] = usual if usual is None or usual is False else [] if usual == [] else usual(found) if callable(usual) else usual
    for name, part in kind.parts.items():
        one = found.get(name)
        if one.__class__ is dict:
            _restore(one, part)
        elif one.__class__ is list:
            for each in one:
                if each.__class__ is dict:
                    _restore(each, part)
        elif name not in found and name not in OPTIONAL:
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
