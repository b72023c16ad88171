# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done to the TLSA RRset of an owner: what there is and what is wanted in, a change out. Pure.

Single records come and go, the others stay. An RRset has one TTL (RFC 2181 section 5.2): the one it has, unless another is wanted,
for which all of its records are written anew. The last record goes only when that is said: it turns DANE off, and whoever relied on
it takes any certificate from then on.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.update import PublishedRRset, RRsetUpdate
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.wanted import Wanted

DEFAULT_TTL = 3600
"""Of a new RRset at a server, when nobody says another; a zone file has a default of its own."""


@dataclass(frozen=True)
class Order:
    """What a task asks for: records `present` or absent, `exclusive`: no others beside them, `allow_empty`: the last may go."""

    present: bool = True
    exclusive: bool = False
    allow_empty: bool = False


@dataclass(frozen=True)
class Change:
    """The RRset of an owner before and after; both the same when there is nothing to do. No records: no RRset."""

    owner: str
    before: PublishedRRset
    after: PublishedRRset

    @property
    def is_change(self) -> bool:
        """Whether there is something to do."""
        return self.before != self.after

    @property
    def added(self) -> tuple[TlsaRecord, ...]:
        """The records that are new."""
        return tuple(one for one in self.after.records if one not in self.before.records)

    @property
    def removed(self) -> tuple[TlsaRecord, ...]:
        """The records that go."""
        return tuple(one for one in self.before.records if one not in self.after.records)

    @property
    def exchanged(self) -> bool:
        """Whether nothing stays of what was published, though something is published still."""
        return bool(self.before.records and self.after.records) and not set(self.before.records) & set(self.after.records)

    def as_update(self) -> RRsetUpdate:
        """Return the update that makes the change at a server."""
        ttl = self.after.ttl or 0
        if self.before.records and self.after.records and self.before.ttl != self.after.ttl:
            return RRsetUpdate(self.owner, self.before, self.after.records, (), ttl, whole=True)
        return RRsetUpdate(self.owner, self.before, self.added, self.removed, ttl)


def plan(order: Order, wanted: Wanted, before: PublishedRRset, default_ttl: int | None = DEFAULT_TTL) -> Change:
    """Return the change that makes *wanted* true.

    Args:
        default_ttl: of a new RRset without TTL; `None` to leave it to the zone file.

    Raises:
        OptionError: for `allow_empty` when the last record would go.
    """
    if order.present:
        kept = () if order.exclusive else before.records
        records = set(kept) | set(wanted.records)
        ttl = wanted.ttl if wanted.ttl is not None else before.ttl if before.records else default_ttl
    else:
        records = set(before.records) - set(wanted.records)
        ttl = before.ttl if records else None
        if before.records and not records and not order.allow_empty:
            raise OptionError("allow_empty", False, _LAST % wanted.owner)
    return Change(wanted.owner, before, PublishedRRset(tuple(sorted(records)), ttl))


_LAST = (
    "does not allow to remove all TLSA records of %s: senders would no longer verify the server there. "
    "Publish the next record first, or set allow_empty to turn DANE off"
)
