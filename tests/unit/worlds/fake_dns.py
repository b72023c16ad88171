# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dictionary that answers DNS questions as a resolver object would, for tests of what is built on `Ask`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome, RecordData


class FakeDns:
    """Answers from `answers`; whatever is not there is NXDOMAIN. `asked` is every (name, type, want DNSSEC) in order."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Answer] = {}
        self.asked: list[tuple[str, str, bool]] = []

    def found(
        self, name: str, rdtype: str, records: Sequence[RecordData], *, secure: bool = True, canonical_name: str = "",
        ad_untrusted: bool = False,
    ) -> FakeDns:  # fmt: skip
        """Add records."""
        self.answers[name.lower(), rdtype] = Answer(
            name, rdtype, Outcome.FOUND, tuple(records), canonical_name or name, secure, ad_untrusted
        )
        return self

    def nodata(self, name: str, rdtype: str) -> FakeDns:
        """Add an empty answer."""
        self.answers[name.lower(), rdtype] = Answer(name, rdtype, Outcome.NODATA, canonical_name=name)
        return self

    def error(self, name: str, rdtype: str, error: str = "SERVFAIL from 127.0.0.1") -> FakeDns:
        """Add a failure."""
        self.answers[name.lower(), rdtype] = Answer(name, rdtype, Outcome.ERROR, canonical_name=name, error=error)
        return self

    async def ask(self, name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
        """Answer one question; without *want_dnssec* nothing is secure."""
        self.asked.append((name, rdtype, want_dnssec))
        nothing = Answer(name, rdtype, Outcome.NXDOMAIN, canonical_name=name)
        answer = self.answers.get((name.lower(), rdtype), nothing)
        return answer if want_dnssec else replace(answer, secure=False)

    def names(self, rdtype: str) -> list[str]:
        """The names asked for *rdtype*, in order."""
        return [name for name, asked, _want_dnssec in self.asked if asked == rdtype]
