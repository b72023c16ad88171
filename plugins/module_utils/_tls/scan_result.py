# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scan found, as values: each item was observed, or not tested with the reason why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

Value = TypeVar("Value")


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


@dataclass(frozen=True)
class Prime:
    """A Diffie-Hellman prime of a server, its bits and itself in hexadecimal."""

    bits: int
    value: str


@dataclass(frozen=True)
class GroupSeen:
    """A group that a server chose, and in which protocol versions."""

    name: str
    versions: tuple[str, ...]


@dataclass(frozen=True)
class ScanResult:
    """Everything. Versions are in Postfix's spelling, suites in OpenSSL's.

    `stopped` says why the scan ended early. `versions` holds a bool for each version. `levels` is empty in a full scan.
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

    @property
    def groups_complete(self) -> bool:
        """True when no group can be missing."""
        return self.groups.state is ItemState.OBSERVED and self.groups.complete


def observed(value: Value, incomplete: str | None = None) -> Item[Value]:
    """Return an item that was seen, with the reason why it may not be complete."""
    return Item(ItemState.OBSERVED, value, incomplete is None, incomplete)


def not_tested(why: str) -> Item[Value]:
    """Return an item that was not."""
    return Item(ItemState.NOT_TESTED, None, False, why)
