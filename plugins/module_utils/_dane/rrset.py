# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLSA RRsets as values: whose they are and what is in them (RFC 6698 section 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dane.publish import Association
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord


@dataclass(frozen=True)
class TlsaOwner:
    """Where a server listens: `host` without trailing dot, `port`, and `protocol` `tcp`, `udp` or `sctp`."""

    host: str
    port: int
    protocol: str = "tcp"

    @property
    def name(self) -> str:
        """The absolute name of the RRset, with its trailing dot."""
        return f"_{self.port}._{self.protocol}.{self.host}."


@dataclass(frozen=True)
class AliasTarget:
    """A name that says no port: aliases of an owner lead to it. `host` is all of the name, without trailing dot."""

    host: str

    @property
    def port(self) -> None:
        """There is none in the name."""
        return

    @property
    def protocol(self) -> None:
        """There is none in the name."""
        return

    @property
    def name(self) -> str:
        """The absolute name of the RRset, with its trailing dot."""
        return self.host + "."


_OWNER = re.compile(r"_(0|[1-9][0-9]{0,4})\._([a-z0-9-]+)\.(.+)", re.DOTALL)


def owner_of_name(name: str) -> TlsaOwner | AliasTarget:
    """Return whose records are at a name without trailing dot, in lower case: what `name` of the result gives back, but for the dot."""
    match = _OWNER.fullmatch(name)
    if match is None or int(match[1]) > 65535:
        return AliasTarget(name)
    return TlsaOwner(match[3], int(match[1]), match[2])


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
