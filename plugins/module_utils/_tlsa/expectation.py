# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`expect`: records that have to be on every server, or on none, for the task to succeed; nothing uncertain meets it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.wanted import parse_wanted

RESOLVER = "resolver"


@dataclass(frozen=True)
class Expectation:
    """What is expected: records by owner (lower case, no final dot). `resolver`: of the resolver too, `secure`: validated."""

    present: Mapping[str, tuple[TlsaRecord, ...]]
    absent: Mapping[str, tuple[TlsaRecord, ...]]
    resolver: bool = True
    secure: bool = False

    @property
    def owners(self) -> tuple[str, ...]:
        """The owners that something is expected of, each once."""
        return tuple(dict.fromkeys([*self.present, *self.absent]))


@dataclass(frozen=True)
class UnmetRecord:
    """One record (none when it is about all) that is not as expected at one place: a server, `resolver`, or empty for everywhere."""

    owner: str
    record: TlsaRecord | None
    expected: str
    place: str
    reason: str

    def __str__(self) -> str:
        what = "" if self.record is None else f" {self.record}"
        return f"{self.owner}{what} expected {self.expected}: {self.place + ' ' if self.place else ''}{self.reason}"

    def as_facts(self) -> dict[str, Any]:
        """Return it as an item of `unmet`."""
        return {
            "owner": self.owner + ".",
            "rdata": None if self.record is None else str(self.record),
            "expected": self.expected,
            "place": self.place or None,
            "reason": self.reason,
        }


def parse_expect(value: Mapping[str, Any]) -> Expectation:
    """Return what the option asks for.

    Raises:
        OptionError: when that is nothing, contradicts itself, or has a bad record.
    """
    present, absent = _by_owner(value, "present"), _by_owner(value, "absent")
    if not present and not absent:
        raise OptionError("expect", {}, "expects nothing: name records in present or absent")
    for owner in present:
        for record in set(present[owner]) & set(absent.get(owner, ())):
            raise OptionError("expect", f"{owner} {record}", "is in present and in absent")
    return Expectation(present, absent, value["resolver"], value["secure"])


def _by_owner(value: Mapping[str, Any], word: str) -> dict[str, tuple[TlsaRecord, ...]]:
    items = [{name: one for name, one in item.items() if name != "ttl"} for item in value.get(word) or ()]
    if not items:
        return {}
    try:
        return {one.owner: one.records for one in parse_wanted(items)}
    except OptionError as error:
        raise OptionError("expect." + word, error.value, error.reason) from error


def unmet_records(expectation: Expectation, views: Sequence[OwnerView]) -> list[UnmetRecord]:
    """Return all that is not as expected, empty when everything is."""
    return [one for view in views if view.owner in expectation.owners for one in _unmet_at(expectation, view)]


def _unmet_at(expectation: Expectation, view: OwnerView) -> Iterator[UnmetRecord]:
    present, absent = expectation.present.get(view.owner, ()), expectation.absent.get(view.owner, ())
    both = "present" if present else "absent"
    for text in [*view.errors, *view.alias_errors]:
        yield UnmetRecord(view.owner, None, both, "", text)
    if not view.servers and not view.errors:
        yield UnmetRecord(view.owner, None, both, "", "no server was asked")
    for server in view.servers:
        if not server.known:
            yield UnmetRecord(view.owner, None, both, server.name, server.error or "not known")
            continue
        yield from _compare(view.owner, present, absent, server.name, server.records)
    if not expectation.resolver:
        return
    if view.resolver.outcome is Outcome.ERROR:
        yield UnmetRecord(view.owner, None, both, RESOLVER, view.resolver.error or "not known")
        return
    yield from _compare(view.owner, present, absent, RESOLVER, view.resolver_records)
    if expectation.secure and not view.resolver.secure:
        yield UnmetRecord(view.owner, None, both, RESOLVER, "says it without DNSSEC, or is not believed (trust_ad)")


def _compare(
    owner: str, present: Sequence[TlsaRecord], absent: Sequence[TlsaRecord], place: str, records: Sequence[TlsaRecord]
) -> Iterator[UnmetRecord]:
    for record in present:
        if record not in records:
            yield UnmetRecord(owner, record, "present", place, "does not have it")
    for record in absent:
        if record in records:
            yield UnmetRecord(owner, record, "absent", place, "has it")
