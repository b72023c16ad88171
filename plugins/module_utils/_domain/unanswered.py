# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which questions about a domain the resolver did not answer: a domain of which something is not known is never one without mistakes.

Every part of a look would have to say so by itself, and what forgot it would be silent. So the questions themselves are watched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import dns_failure

MOST_KEPT = 100
"""Most questions of one domain that are kept: its owner chooses how many names it leads to."""
_NOBODY_NEEDS = frozenset(("SPF",))
"""Types that receivers do not ask for, so that nothing follows from a failure; some servers know no such type (RFC 7208 section 3.1)."""
_kept: ContextVar[dict[str, None] | None] = ContextVar("mailops_tls_unanswered", default=None)


@contextmanager
def noting_unanswered() -> Iterator[dict[str, None]]:
    """Give the texts of failures that an `Ask` of `watched` meets in this block and in the tasks that begin in it, in order."""
    kept: dict[str, None] = {}
    token = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(token)


def watched(ask: Ask) -> Ask:
    """Return the same, whose failures are noted."""

    async def asked(name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
        answer = await ask(name, rdtype, want_dnssec)
        if answer.outcome is Outcome.ERROR and rdtype not in _NOBODY_NEEDS:
            kept = _kept.get()
            if kept is not None and len(kept) < MOST_KEPT:
                kept[dns_failure(answer).text] = None
        return answer

    return asked
