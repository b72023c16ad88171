# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of an audit tells people in a terminal: what changed first, then how many there are of what, then what is missing. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._text import clean

Facts = Mapping[str, Any]
SHOWN = 40
"""Most changes that are listed."""
LONGEST_LINE = 1000
_DIGEST = 64
"""Characters of a key's digest, of which the first ones are enough to tell two apart."""
_KINDS = {
    "delivery": "mail",
    "tlsa": "TLSA records",
    "mx": "exchanges",
    "dnssec": "DNSSEC",
    "expiry": "certificate ends",
}
_LEVELS = ("good", "sufficient", "phase_out", "insufficient", "not_tested")
_QUIET = ("renewed", "unconfirmed", "ignored")


def audit_page(result: Facts) -> list[str]:
    """Return the lines about the result of the role `mx_audit`."""
    lines = [
        *_head(result),
        *_changes(result),
        *_quiet(result["changes"]),
        *_verdicts(result["counts"]),
        *_no_destinations(result["no_destinations"]),
        *_grades(result["grades"]),
        *_views(result["views"]),
        *_missing(result),
        *([f"Report: {result['report']}"] if result["report"] else []),
    ]
    return [clean(line, LONGEST_LINE) for line in lines]  # a prober says why it failed, and it can say anything


def _head(result: Facts) -> Iterator[str]:
    count = result["counts"]["destinations"]
    name = "" if result["name"] == "default" else f" {result['name']}"
    yield f"Audit{name} of {_number(count, 'domain')}, run {result['run_id']}"
    if result["previous"] is None:
        yield "There is no run before to compare with."


def _changes(result: Facts) -> Iterator[str]:
    if result["previous"] is None:
        return
    changes, items = result["changes"], result["details"]
    told = [f"{changes[name]} {word}" for name, word in (("changed", "different"), ("new", "new"), ("gone", "gone")) if changes[name]]
    if not told:
        said = "Nothing changed since" if result["counts"]["destinations"] else "Nothing was seen, so nothing is compared with"
        yield f"{said} {result['previous']}."
        return
    yield f"Changed since {result['previous']}: {', '.join(told)}"
    for item in items[:SHOWN]:
        yield f"  {change_line(item)}"
    counted = sum(count for kind, count in changes["by_kind"].items() if kind not in ("renewed", "unconfirmed", "missing", "address"))
    if counted > min(len(items), SHOWN):
        yield f"  and {counted - min(len(items), SHOWN):,} more, in {result['directory']}/changes.jsonl"


def change_line(item: Facts) -> str:
    """Return a change as one line."""
    if item["kind"] == "new":
        return f"{item['destination']}: new in the list, {item['after']}"
    if item["kind"] == "gone":
        return f"{item['destination']}: no longer in the list, was {item['before']}"
    kind = _KINDS.get(item["kind"], item["kind"])
    return f"{_subject(item)}: {kind}: {_shown(item['before'])} -> {_shown(item['after'])}"


def _subject(item: Facts) -> str:
    if not item["host"]:
        return str(item["destination"])
    address = f"[{item['address']}]" if item["address"] else ""
    port = f":{item['port']}" if item["port"] else ""
    algorithm = f" ({item['algorithm']})" if item["algorithm"] not in (None, "any") else ""
    return f"{item['destination']} at {item['host']}{address}{port}{algorithm}"


def _shown(value: str | None) -> str:
    if value is None:
        return "none"
    is_digest = len(value) == _DIGEST and not value.strip("0123456789abcdef")
    return value[:12] + "..." if is_digest else value


def _quiet(changes: Facts) -> Iterator[str]:
    told = [f"{changes[name]} {name}" for name in _QUIET if changes.get(name)]
    if changes["by_kind"].get("address"):
        told.append(f"{changes['by_kind']['address']} at other addresses")
    if told:
        yield f"Not counted as changes: {', '.join(told)}"


def _verdicts(counts: Facts) -> Iterator[str]:
    by_status = sorted(counts["by_status"].items(), key=lambda one: (-one[1], one[0]))
    if by_status:
        yield f"Verdicts: {', '.join(f'{count:,} {status}' for status, count in by_status)}"


def _no_destinations(lines: Facts) -> Iterator[str]:
    """Name the lines of the list that nobody could probe: whoever keeps the list wants to mend them, at the first audit most of all."""
    if lines["count"]:
        are = "is" if lines["count"] == 1 else "are"
        more = f" and {lines['count'] - len(lines['first']):,} more" if lines["count"] > len(lines["first"]) else ""
        yield f"{_number(lines['count'], 'line')} of the list {are} no destination: {'; '.join(lines['first'])}{more}"


def _grades(counted: Sequence[Facts]) -> Iterator[str]:
    """Tell the grades by each policy; what several probers have counted is put together."""
    for policy in dict.fromkeys(name for one in counted for name in one):
        levels = {level: sum(one[policy][level] for one in counted if policy in one) for level in _LEVELS}
        yield f"By {policy}: " + ", ".join(f"{count:,} {level.replace('_', ' ')}" for level, count in levels.items() if count)


def _views(views: Sequence[Facts]) -> Iterator[str]:
    if views:
        yield "Not the same from everywhere:"
    for one in views[:SHOWN]:
        kind = _KINDS.get(one["kind"], one["kind"])
        here, there = (f"{_shown(one[side])} from {name}" for side, name in (("before", one["reference"]), ("after", one["vantage"])))
        yield f"  {_subject(one)}: {kind}: {here}, {there}"
    if len(views) > SHOWN:
        yield f"  and {len(views) - SHOWN:,} more"


def _missing(result: Facts) -> Iterator[str]:
    shares = {share["prober"]: share for share in result["shares"]}
    for kept in result["probers"]:
        if not kept["whole"]:
            yield f"The share of {kept['prober']} is not whole, {_came(kept)}{_why(kept, shares.get(kept['prober']))}"
    if result["changes"]["missing"]:
        yield f"{_number(result['changes']['missing'], 'domain')} of the run before were not seen in this one, and are not counted as gone."


def _came(kept: Facts) -> str:
    return f"{kept['received']:,} of {kept['expected']:,}" if kept["expected"] is not None else _number(kept["received"], "domain")


def _why(kept: Facts, share: Facts | None) -> str:
    if kept["refused"]:
        return f": what came was not taken, since it {kept['refused']}"
    return f": {share['text'] or share['ending']}" if share is not None and share["ending"] != "done" else ""


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
