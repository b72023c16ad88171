# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Views of owner names for tests, as the observer makes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_reply import Signature, Soa
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView, ServerView

OWNER = "_25._tcp.mx.example.org"
ONE, TWO = (TlsaRecord(3, 1, 1, bytes([number]) * 32) for number in (1, 2))
NOW = 1_800_000_000
DAY = 86400


def signature(expiration: int = NOW + 14 * DAY) -> Signature:
    """A signature over TLSA records."""
    return Signature(52, 13, 4711, "example.org", NOW - DAY, expiration, 300)


def server(number: int, *records: TlsaRecord, serial: int | None = 7, **changes: Any) -> ServerView:
    """Server `nsN.example.org` at `192.0.2.N` with these records, or with their absence."""
    soa = None if serial is None else Soa("example.org", serial, 900, 120)
    outcome = Outcome.FOUND if records else Outcome.NODATA
    view = ServerView(f"ns{number}.example.org", f"192.0.2.{number}", outcome, True, tuple(records), 300 if records else None, soa)
    return replace(view, **{"signatures": (signature(),) if records else (), **changes})


def dead(number: int) -> ServerView:
    """A server that does not answer."""
    return ServerView(f"ns{number}.example.org", f"192.0.2.{number}", Outcome.ERROR, error="no reply")


def resolved(*records: TlsaRecord, secure: bool = True, owner: str = OWNER, **changes: Any) -> Answer:
    """The resolver's answer."""
    outcome = Outcome.FOUND if records else Outcome.NODATA
    return replace(Answer(owner, "TLSA", outcome, tuple(records), owner, secure=secure, ttl=60), **changes)


def view(*servers: ServerView, resolver: Answer | None = None, owner: str = OWNER, **changes: Any) -> OwnerView:
    """What all of them say; the resolver by default what the first server has."""
    answer = resolver or resolved(*(servers[0].records if servers else ()), owner=owner)
    return replace(OwnerView(owner, owner, answer, answer, zone="example.org", servers=servers), **changes)
