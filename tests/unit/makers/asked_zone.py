# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS for tests of a domain's records: a zone as a dictionary, asked as a resolver is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, TypeVar, Union

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, MxRecord, Outcome, RecordData, TxtRecord

FAILS = "!"
"""Stands for the records of a type that cannot be learnt."""
Entry = Union[str, bytes, Sequence[Union[str, bytes]], MxRecord]
T = TypeVar("T")


def strings(*parts: str | bytes) -> TxtRecord:
    """A TXT record of these strings."""
    return TxtRecord(tuple(part.encode("utf-8") if isinstance(part, str) else part for part in parts))


class Zone:
    """Names with their records by type. A list is one of records; TXT records are texts, or tuples of strings; FAILS is a failure.

    CNAME is followed. `*.name` stands for all names below. A name that is missing does not exist, unless another one is below it.
    """

    def __init__(self, names: Mapping[str, Mapping[str, Any]]) -> None:
        self.names = {name.lower(): dict(types) for name, types in names.items()}
        self.questions: list[tuple[str, str]] = []

    async def ask(self, name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
        self.questions.append((name, rdtype))
        owner, seen = name.rstrip(".").lower(), set[str]()
        while True:
            types = self._types(owner)
            if types is None:
                return Answer(name, rdtype, self._outcome(owner), canonical_name=owner)
            if rdtype != "CNAME" and "CNAME" in types and owner not in seen:
                seen.add(owner)
                owner = types["CNAME"].rstrip(".").lower()
                continue
            return self._found(name, rdtype, owner, types)

    def _found(self, name: str, rdtype: str, owner: str, types: Mapping[str, Any]) -> Answer:
        given = types.get(rdtype, types.get("ANY", ()))
        if given == FAILS:
            return Answer(name, rdtype, Outcome.ERROR, canonical_name=owner, error="SERVFAIL")
        records = tuple(self._record(rdtype, one) for one in ([given] if isinstance(given, str) else given))
        return Answer(name, rdtype, Outcome.FOUND if records else Outcome.NODATA, records, owner, secure=True, ttl=300)

    @staticmethod
    def _record(rdtype: str, given: Any) -> RecordData:
        if rdtype in ("TXT", "SPF") and not isinstance(given, TxtRecord):
            return strings(given) if isinstance(given, (str, bytes)) else strings(*given)
        if rdtype == "MX" and not isinstance(given, MxRecord):
            return MxRecord(given[0], given[1])
        record: RecordData = given
        return record

    def _types(self, owner: str) -> Mapping[str, Any] | None:
        if owner in self.names:
            return self.names[owner]
        parent = owner
        while "." in parent:
            parent = parent.partition(".")[2]
            if "*." + parent in self.names:
                return self.names["*." + parent]
        return None

    def _outcome(self, owner: str) -> Outcome:
        return Outcome.NODATA if any(name.endswith("." + owner) for name in self.names) else Outcome.NXDOMAIN


def run(work: Awaitable[T]) -> T:
    """Return what a coroutine returns."""

    async def wait() -> T:
        return await work

    return asyncio.run(wait())
