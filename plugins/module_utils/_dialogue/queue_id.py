# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Under which name a server has queued a message, out of its reply to the data. No standard says how; each program has its words."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LONGEST = 128
_FORMS = (
    # Postfix, Halon, Haraka and others: "Ok: queued as 4T1abc2def", "Message Queued (6F0E...)", "queued with id 1a2b".
    re.compile(r"\bqueued (?:as|with id|\() ?([A-Za-z0-9][A-Za-z0-9._-]*)", re.IGNORECASE),
    # Exim: "OK id=1rABCD-0001Ab-2C", and longer since 4.97.
    re.compile(r"\bOK id=([A-Za-z0-9]{6}-[A-Za-z0-9]{6,11}-[A-Za-z0-9]{2,4})(?=\s|\Z)", re.IGNORECASE),
    # Sendmail and OpenSMTPD: "3AT01abc012345 Message accepted for delivery".
    re.compile(r"(?:\A|\s)([A-Za-z0-9]{8,32}) Message accepted for delivery", re.IGNORECASE),
    # Dovecot's LMTP, which has it in its Received field too: "<user@example.org> oJT8N+xNDGtcLwAAg+zDdQ Saved".
    re.compile(r"<[^<>]*> ([A-Za-z0-9+/=]{16,64}) Saved"),
    # Exchange: "<...> [InternalId=123, Hostname=...] Queued mail for delivery".
    re.compile(r"\[InternalId=([0-9]+)", re.IGNORECASE),
    # Gmail: "OK  1700000000 a1-20020a17.2 - gsmtp".
    re.compile(r"\bOK +[0-9]{9,} +(\S+) - gsmtp", re.IGNORECASE),
    # qmail: "ok 1700000000 qp 12345".
    re.compile(r"\bok +[0-9]{9,} +qp +([0-9]+)", re.IGNORECASE),
)


def queue_id(lines: Sequence[str]) -> str | None:
    """Return the identifier that a positive reply names, None where none is recognised."""
    text = " ".join(lines)
    for form in _FORMS:
        found = form.search(text)
        if found and len(found[1]) <= _LONGEST:
            return found[1]
    return None
