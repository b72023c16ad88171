# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the way that a message took, by the identifiers of the catalogue."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import delivery as catalogue
from ansible_collections.mailops.tls.plugins.module_utils._delivery.conductor import Delivery
from ansible_collections.mailops.tls.plugins.module_utils._delivery.received import Hop
from ansible_collections.mailops.tls.plugins.module_utils._delivery.result import chosen_copy, hops_of
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding, Severity

SLOW = 60.0
"""Seconds from the acceptance of a message until it was found."""
SLOW_HOP = 30.0
SKEW = 5.0
"""Seconds by which the clock of a hop may be behind that of the hop before."""
_CLEAR = frozenset(("SMTP", "ESMTP", "ESMTPA", "UTF8SMTP", "UTF8SMTPA"))
_RANKS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}


def lint(delivery: Delivery) -> list[Finding]:
    """Return what is wrong, the worst first."""
    found = [*_copies(delivery), *_way(delivery), *_left(delivery)]
    return sorted(dict.fromkeys(found), key=lambda finding: _RANKS[finding.severity])


def worst(findings: list[Finding]) -> str:
    """Return the severity of the worst finding, `ok` without any."""
    return min(findings, key=lambda finding: _RANKS[finding.severity]).severity.value if findings else "ok"


def _recipient(delivery: Delivery) -> str:
    return ", ".join(delivery.written.letter.recipients)


def _copies(delivery: Delivery) -> Iterator[Finding]:
    copies, recipient = delivery.found.copies, _recipient(delivery)
    copy = chosen_copy(delivery)
    if copy is not None and copy.junk:
        yield Finding(catalogue.DELIVERY_IN_JUNK, recipient, f"the message was found in {copy.folder}")
    expected = max(1, len(delivery.handed.taken) if delivery.handed else 1)
    if len(copies) > expected:
        where = ", ".join(dict.fromkeys(one.folder for one in copies))
        yield Finding(catalogue.DELIVERY_DUPLICATED, recipient, f"there are {len(copies)} copies in {where}")
    if any(one.unchanged is False for one in copies):
        yield Finding(catalogue.DELIVERY_BODY_CHANGED, recipient, "the body is not the one that was sent")


def _way(delivery: Delivery) -> Iterator[Finding]:
    recipient = _recipient(delivery)
    if delivery.accepted_at is not None and delivery.found_at is not None and delivery.found_at - delivery.accepted_at > SLOW:
        text = f"it took {delivery.found_at - delivery.accepted_at:.0f} s until the message was there"
        yield Finding(catalogue.DELIVERY_SLOW, recipient, text)
    yield from hop_findings(hops_of(delivery), recipient)


def hop_findings(hops: Sequence[Hop], recipient: str) -> Iterator[Finding]:
    """What is wrong with the hops of a message for a recipient."""
    for hop in hops:
        where = hop.by or recipient
        if _in_clear(hop):
            text = f"{where} took the message from {hop.source or hop.source_address} by {hop.protocol}, without TLS"
            yield Finding(catalogue.DELIVERY_HOP_IN_CLEAR, where, text)
        if hop.seconds is not None and hop.seconds > SLOW_HOP:
            yield Finding(catalogue.DELIVERY_SLOW, where, f"it took {hop.seconds:.0f} s until {where} had the message")
        if hop.seconds is not None and hop.seconds < -SKEW:
            text = f"by its clock {where} had the message {-hop.seconds:.0f} s before the hop that gave it"
            yield Finding(catalogue.DELIVERY_CLOCK_SKEW, where, text)


def _in_clear(hop: Hop) -> bool:
    """Whether a hop between two hosts says that there was no TLS."""
    if hop.tls is not None or (hop.protocol or "").upper() not in _CLEAR:
        return False
    same = hop.source is not None and hop.by is not None and hop.source.lower() == hop.by.lower()
    return not same and not (hop.source_address and ipaddress.ip_address(hop.source_address).is_loopback)


def _left(delivery: Delivery) -> Iterator[Finding]:
    cleanup = delivery.cleanup
    if cleanup.left or cleanup.failure is not None:
        reason = cleanup.failure.text if cleanup.failure else "the connection ended before"
        count = f"{cleanup.left} messages are" if cleanup.left != 1 else "a message is"
        yield Finding(catalogue.DELIVERY_LEFT_BEHIND, _recipient(delivery), f"{count} still there: {reason}")
