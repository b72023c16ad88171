# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scan found, as values: each item was observed, or not tested with the reason why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Callable, Generic, TypeVar

from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure

Value = TypeVar("Value")
MOST_BITS = 16384
"""Bits of a prime that is kept as it is; OpenSSL takes none of more than 10000."""


class ScanMode(Enum):
    """How much is asked: enough for a grade, or everything."""

    GRADE = "grade"
    FULL = "full"


class ItemState(Enum):
    """Whether something was seen. What was not tested is neither good nor bad."""

    OBSERVED = "observed"
    NOT_TESTED = "not_tested"


@dataclass(frozen=True)
class Item(Generic[Value]):
    """One thing that a scan asks about.

    `why` says why it was not tested, or why it is not `complete`: a list then may lack some, but has none too many.
    """

    state: ItemState
    value: Value | None = None
    complete: bool = True
    why: str | None = None

    def as_facts(self, show: Callable[[Value], Any] | None = None) -> dict[str, Any]:
        """Return it as it stands in results, its value as *show* has it."""
        value = self.value if show is None or self.value is None else show(self.value)
        shown = list(value) if isinstance(value, tuple) else value
        return {"state": self.state.value, "value": shown, "complete": self.complete, "why": self.why}


@dataclass(frozen=True)
class Prime:
    """A Diffie-Hellman prime of a server, its bits, itself in hexadecimal up to `MOST_BITS`, and its name if it is a well-known one."""

    bits: int
    value: str | None
    name: str | None = None


@dataclass(frozen=True)
class GroupSeen:
    """A group that a server chose, and in which protocol versions."""

    name: str
    versions: tuple[str, ...]


@dataclass(frozen=True)
class ScanResult:
    """Everything. Versions are in Postfix's spelling, suites in OpenSSL's.

    `stopped` says why the scan ended early, and `error` is what the server did then, if it did something. `versions` holds
    a bool for each version. `levels` is empty in a full scan.
    `closed` counts the refusals by a closed connection, without an alert that would name the reason.
    """

    mode: ScanMode
    connections: int
    stopped: str | None
    closed: int
    versions: dict[str, Item[bool]]
    suites: dict[str, Item[tuple[str, ...]]]
    levels: dict[str, Item[tuple[str, ...]]]
    preference: Item[str]
    groups: Item[tuple[GroupSeen, ...]]
    signature_schemes: Item[tuple[str, ...]]
    weak_signature: Item[str | None]
    extended_master_secret: Item[bool]
    secure_renegotiation: Item[bool]
    tickets: Item[bool]
    compression: Item[bool]
    stapled_ocsp: Item[bool]
    timestamps: Item[bool]
    primes: Item[tuple[Prime, ...]]
    error: Failure | None = None

    @property
    def groups_complete(self) -> bool:
        """True when no group can be missing."""
        return self.groups.state is ItemState.OBSERVED and self.groups.complete

    def as_facts(self) -> dict[str, Any]:
        """Return the item `scan` of an endpoint."""
        return {
            "mode": self.mode.value,
            "connections": self.connections,
            "closed": self.closed,
            "stopped": self.stopped,
            "error": self.error.as_dict() if self.error is not None else None,
            "versions": {name: item.as_facts() for name, item in self.versions.items()},
            "suites": {name: item.as_facts() for name, item in self.suites.items()},
            "levels": {name: item.as_facts() for name, item in self.levels.items()},
            "preference": self.preference.as_facts(),
            "groups": self.groups.as_facts(lambda seen: [{"name": one.name, "versions": list(one.versions)} for one in seen]),
            "signature_schemes": self.signature_schemes.as_facts(),
            "weak_signature": self.weak_signature.as_facts(),
            "extended_master_secret": self.extended_master_secret.as_facts(),
            "secure_renegotiation": self.secure_renegotiation.as_facts(),
            "tickets": self.tickets.as_facts(),
            "compression": self.compression.as_facts(),
            "stapled_ocsp": self.stapled_ocsp.as_facts(),
            "timestamps": self.timestamps.as_facts(),
            "primes": self.primes.as_facts(lambda seen: [{"bits": one.bits, "name": one.name, "value": one.value} for one in seen]),
        }


def observed(value: Value, incomplete: str | None = None) -> Item[Value]:
    """Return an item that was seen, with the reason why it may not be complete."""
    return Item(ItemState.OBSERVED, value, incomplete is None, incomplete)


def not_tested(why: str) -> Item[Value]:
    """Return an item that was not."""
    return Item(ItemState.NOT_TESTED, None, False, why)
