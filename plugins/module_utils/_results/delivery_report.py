# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A test message on its way as text: what became of it, each step, each hop, and what the receiver noted (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._results.columns import Line, columns, paragraph
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import (
    error_text,
    flag,
    mapping,
    mappings,
    number,
    reply_text,
    word,
)

MOST = 100
_STEPS = ("AT", "STEP", "", "ANSWER")
_HOPS = ("HOP", "BY", "WITH", "TLS", "SECONDS", "FROM")


def delivery_report(delivery: Mapping[str, Any], width: int) -> list[str]:
    """Return the lines about a delivery, none longer than *width*."""
    lines = paragraph(f"delivery: {fate(delivery)}", width)
    steps = [_step(one) for one in _steps(delivery)]
    if steps:
        lines += ["", *columns(_STEPS, steps, width)]
    hops = [_hop(at, one) for at, one in enumerate(mappings(delivery.get("received"), MOST), 1)]
    if hops:
        lines += ["", *columns(_HOPS, hops, width)]
    lines += _noted(delivery, width)
    return lines


def fate(delivery: Mapping[str, Any]) -> str:
    """Say what became of the message, in one line."""
    number_there = word(delivery.get("queue_id"))
    queued = f", queued there as {number_there}" if number_there else ""
    trouble = error_text(delivery.get("error"))
    if delivery.get("delivered") is True:
        seconds, folder = number(delivery.get("found_after")), word(delivery.get("folder"))
        found = f"the message was found in {folder}" if folder else "the message was found"
        return f"{found}{'' if seconds is None else f' after {seconds:.1f} s'}{queued}{f', but {trouble}' if trouble else ''}"
    sought = any(word(one.get("step")) == "search" and mapping(one.get("reply")).get("status") != "no" for one in _steps(delivery))
    if _taken(delivery) and not sought:
        return f"the message was handed over, and nobody has looked for it{queued}{f': {trouble}' if trouble else ''}"
    lost = number_there and mapping(delivery.get("error")).get("kind") == ErrorKind.NOT_FOUND.value
    advice = f". Search the log of that server for {number_there}" if lost else ""
    return f"the message was not delivered: {trouble or 'no reason is known'}{queued}{advice}"


def _taken(delivery: Mapping[str, Any]) -> bool:
    """Whether the server has taken the message."""
    return any(word(one.get("step")) == "end_of_data" and flag(one.get("ok")) for one in _steps(delivery))


def _steps(delivery: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return mappings(delivery.get("steps"), MOST)


def _step(step: Mapping[str, Any]) -> Line:
    at, well = number(step.get("at")), flag(step.get("ok"))
    done = "" if well is None else "ok" if well else "failed"
    named = " ".join(filter(None, (word(step.get("step")), word(step.get("recipient") or step.get("folder")))))
    return Line(("" if at is None else f"{at:.2f}", named, done, reply_text(step.get("reply")) or error_text(step.get("error"))))


def _hop(at: int, hop: Mapping[str, Any]) -> Line:
    tls, seconds = mapping(hop.get("tls")), number(hop.get("seconds"))
    protected = word(tls.get("protocol")) or ("yes" if tls else "none")
    sender = " ".join(filter(None, (word(hop.get("from")), word(hop.get("from_address")))))
    return Line((str(at), word(hop.get("by")), word(hop.get("with")), protected, "" if seconds is None else f"{seconds:.0f}", sender))


def _noted(delivery: Mapping[str, Any], width: int) -> Iterator[str]:
    """What the receiver found of SPF, DKIM and DMARC, and whether the message is gone again."""
    found = [f"{word(one.get('method'))} {word(one.get('result'))}" for one in mappings(delivery.get("authentication_results"), MOST)]
    if found:
        yield from paragraph(f"the receiver notes: {', '.join(found)}", width, 2)
    cleanup = mapping(delivery.get("cleanup"))
    left, removed = number(cleanup.get("left")) or 0, number(cleanup.get("removed")) or 0
    if left or removed:
        yield from paragraph(f"removed from the mailbox: {removed:.0f}, left there: {left:.0f}", width, 2)
