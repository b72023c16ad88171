# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A delivery in the shape of results. Every key is always there; what was not learnt is None."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._delivery.authentication_results import read_results
from ansible_collections.mailops.tls.plugins.module_utils._delivery.conductor import Delivery
from ansible_collections.mailops.tls.plugins.module_utils._delivery.received import Hop, hops
from ansible_collections.mailops.tls.plugins.module_utils._delivery.side import Side
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import Copy, header_fields
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail, transcript_facts
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

MOST_FIELDS = 20
_FIELDS = ("Subject", "From", "To", "Date", "Message-ID", "Return-Path")
_FILTERS = (
    "DKIM-Filter", "X-Spam-Flag", "X-Spam-Status", "X-Spam-Score", "X-Spam-Level", "X-Spamd-Result", "X-Spamd-Bar", "X-Rspamd-Server",
    "X-Virus-Scanned", "X-Forefront-Antispam-Report", "X-Proofpoint-Spam-Details",
)  # fmt: skip
"""Fields of filters that say what they made of the message."""


def chosen_copy(delivery: Delivery) -> Copy | None:
    """Return the copy that results are of: one that is not in the folder for junk, where there are several."""
    return min(delivery.found.copies, key=lambda one: one.junk, default=None)


def hops_of(delivery: Delivery) -> tuple[Hop, ...]:
    """Return the hops of the copy that results are of, the last one first."""
    copy = chosen_copy(delivery)
    return hops(header_fields(copy.header, "Received")) if copy else ()


def failure_of(delivery: Delivery) -> Failure | None:
    """Return what went wrong; that the message could not be removed only where nothing else did."""
    return delivery.failure or delivery.cleanup.failure


def delivery_facts(delivery: Delivery, detail: Detail) -> dict[str, Any]:
    """Return the result without its findings."""
    copy, letter, failure, cleanup = chosen_copy(delivery), delivery.written.letter, failure_of(delivery), delivery.cleanup
    noted = header_fields(copy.header, "Authentication-Results", MOST_FIELDS) if copy else []
    results = [one for text in noted for one in read_results(text)]
    found_after = _seconds(delivery.accepted_at, delivery.found_at)
    return {
        "delivered": delivery.delivered,
        "token": letter.token,
        "message_id": letter.message_id,
        "queue_id": delivery.handed.queue_id if delivery.handed else None,
        "accepted_recipients": list(delivery.handed.taken) if delivery.handed else [],
        "steps": delivery.steps,
        "submit": _side_facts(delivery.submit, detail),
        "retrieve": _side_facts(delivery.retrieve, detail) if delivery.retrieve else None,
        "select": [one.as_facts() for one in delivery.found.folders],
        "folder": copy.folder if copy else None,
        "copies": [one.as_facts() for one in delivery.found.copies],
        "found_after": found_after,
        "received": [one.as_facts() for one in hops_of(delivery)],
        "authentication_results": [one.as_facts() for one in results],
        "headers": _header_facts(delivery, copy) if copy else None,
        "unchanged_body": copy.unchanged if copy else None,
        "cleanup": {
            "found": cleanup.found,
            "removed": cleanup.removed,
            "left": cleanup.left,
            "error": cleanup.failure.as_dict() if cleanup.failure else None,
        },
        "latency": {
            "submit": _seconds(delivery.submit_began, delivery.accepted_at),
            "delivery": found_after,
            "total": _seconds(delivery.submit_began, delivery.found_at),
        },
        "error": failure.as_dict() if failure else None,
    }


def _seconds(start: float | None, end: float | None) -> float | None:
    return round(end - start, 3) if start is not None and end is not None else None


def _side_facts(side: Side, detail: Detail) -> dict[str, Any] | None:
    """The endpoint as `mailbox_tls_probe` returns it, and the login there."""
    if side.endpoint is None:
        return None
    facts = side.endpoint.as_facts(detail)
    del facts["scan"]  # who is on an errand does nothing for which servers ban
    evidence = side.acted.evidence if side.acted else None
    if detail.transcript and evidence is not None:
        facts["transcript"] = transcript_facts(evidence)
    note = side.login
    login = {"mechanism": note.mechanism, "outcome": note.outcome.value if note.outcome else None, "reason": note.reason} if note else None
    return {**facts, "login": login}


def _header_facts(delivery: Delivery, copy: Copy) -> dict[str, Any]:
    shown = {name.lower().replace("-", "_"): _field(copy, name) for name in _FIELDS}
    filters = {name: _field(copy, name) for name in _FILTERS}
    return {
        **shown,
        "filters": {name: value for name, value in filters.items() if value is not None},
        "dkim_signatures": [one.as_facts() for one in delivery.signatures],
    }


def _field(copy: Copy, name: str) -> str | None:
    return next((clean(text, 1000) for text in header_fields(copy.header, name, 1)), None)
