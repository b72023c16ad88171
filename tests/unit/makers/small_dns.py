# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DNS of a few answers for tests of the checks of a domain: what is not in it does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, Outcome, RecordData, TxtRecord


def found(name: str, rdtype: str, *records: RecordData, canonical_name: str | None = None, secure: bool = True) -> Answer:
    """Return an answer with records; of type TXT a text stands for a record of one string."""
    data = (TxtRecord((one.encode("utf-8", "replace"),)) if rdtype == "TXT" and isinstance(one, str) else one for one in records)
    return Answer(name, rdtype, Outcome.FOUND, tuple(data), canonical_name or name, secure=secure, ttl=300)


def absent(name: str, rdtype: str, outcome: Outcome = Outcome.NXDOMAIN) -> Answer:
    """Return an answer that says that there is none."""
    return Answer(name, rdtype, outcome, canonical_name=name, secure=True)


def failed(name: str, rdtype: str, error: str = "SERVFAIL from 192.0.2.53") -> Answer:
    """Return an answer that says nothing."""
    return Answer(name, rdtype, Outcome.ERROR, error=error)


class SmallDns:
    """Answers by name and type; everything that was asked is in `asked`, in order."""

    def __init__(self, answers: Iterable[Answer] = (), records: Mapping[tuple[str, str], Iterable[RecordData]] | None = None) -> None:
        self.answers = {(one.name, one.rdtype): one for one in answers}
        self.answers.update({key: found(*key, *data) for key, data in (records or {}).items()})
        self.asked: list[tuple[str, str]] = []

    @property
    def ask(self) -> Ask:
        """What asks it."""
        return self._ask

    async def _ask(self, name: str, rdtype: str, want_dnssec: bool) -> Answer:
        self.asked.append((name, rdtype))
        return self.answers.get((name, rdtype)) or absent(name, rdtype)
