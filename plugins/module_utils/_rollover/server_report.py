# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of the rollover of one server in a run, in lines for people: one line with everything first, then what it is about. Pure.

What was done and what comes next are told apart: a step that this run has taken is not the next one. Who waits for a turn is not blocked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_HOUR = 1.0
_LATER = {
    "publish": "waits until every name server has the records",
    "retire": "waits until no name server has the records any more",
}
"""What is waited for after a step of the role's own, which the module has asked for."""


def typed(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result with values of their types: ansible-core up to 2.18 makes texts of numbers, and nothing of none."""
    days, dnssec = result["days_left"], result["dnssec"]
    return {
        **result,
        "failed": _is_true(result["failed"]),
        "alarm": _is_true(result.get("alarm")),
        "blocked_hours": float(result["blocked_hours"]),
        "days_left": None if days in (None, "") else int(days),
        "dnssec": None if dnssec in (None, "") else _is_true(dnssec),
    }


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


def line(result: Mapping[str, Any]) -> str:
    """Return the one line of a server. *result* is what the role keeps of it."""
    said = [_what_is(result)]
    if result["taken"]:
        said.append("done: " + ", ".join(result["taken"]))
    said += _texts([*result["own_blockers"], *result["waits"]])
    if result["blocked_hours"] >= _HOUR:
        said.append(f"blocked for {result['blocked_hours']} h")
    if result["dnssec"] is not None:
        said.append("DNSSEC yes" if result["dnssec"] else "DNSSEC no")
    if result["days_left"] is not None:
        said.append(_days(result["days_left"]))
    return f"{result['label']}: " + "; ".join(said)


def details(result: Mapping[str, Any], by_hand: bool) -> list[str]:
    """Return the lines below it: what was refused, and records for somebody to publish by hand."""
    found = [f"refused {one}" for one in result["refused"]]
    if by_hand:
        for verb in ("add", "remove"):
            found += [f"{verb:<6} {one['owner']} IN TLSA {one['rdata']}" for one in result["dns"][verb]]
    return [f"  {result['label']}: {one}" for one in found]


def _what_is(result: Mapping[str, Any]) -> str:
    """Where it is and what comes next; what the role has done since the module was asked is no next step."""
    if result["failed"]:
        return f"failed: {result['message']}"
    asked, done = result["action"]["kind"], result["taken"]
    blockers = _texts(result["module_blockers"])
    if asked in _LATER and asked in done and result["next_step"]["text"]:
        return _sentence(result, [_LATER[asked], *(["blocked by " + "; ".join(blockers)] if blockers else [])])
    if result["waits"] and not blockers:
        return _sentence(result, ["another server has its turn"])
    return str(result["message"])


def _sentence(result: Mapping[str, Any], parts: Sequence[str]) -> str:
    alarms = _texts(result["alarms"])
    return f"{result['phase']}: " + "; ".join([*(["alarm: " + "; ".join(alarms)] if alarms else []), *parts])


def _texts(items: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(str(one["text"]) for one in items))


def _days(number: int) -> str:
    if number < 0:
        return f"certificate ended {-number} days ago"
    return f"certificate {number} day{'' if number == 1 else 's'}"
