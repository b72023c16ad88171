# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLSA RRsets as values: whose they are and what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import AliasTarget, TlsaOwner
from ansible_collections.mailops.tls.plugins.module_utils._dane.publish import Association
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord


@dataclass(frozen=True)
class TlsaRRset:
    """All TLSA records of one owner; `ttl` in seconds, None for the zone's default."""

    owner: TlsaOwner | AliasTarget
    ttl: int | None
    associations: tuple[Association, ...]

    @property
    def records(self) -> tuple[TlsaRecord, ...]:
        """The records, in the order of their sources."""
        return tuple(one.record for one in self.associations)


def rrsets(
    owners: Iterable[TlsaOwner], associations: Sequence[Association], ttl: int | None = None
) -> tuple[TlsaRRset, ...]:
    """Return one RRset with all the records for each owner, each owner once."""
    return tuple(TlsaRRset(owner, ttl, tuple(associations)) for owner in dict.fromkeys(owners))
