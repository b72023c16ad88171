# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who of several probers probes what: rendezvous hashing (Thaler and Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", 1998).

Each prober gets a number for each key, and the greatest number wins. So nobody has to keep a table: the same key goes to the same
prober in every run, and a prober more or less moves only its own part of the keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from enum import Enum


class ShardBy(str, Enum):
    """What keeps destinations together: their exchanges, nothing but their name, or all of them at every prober."""

    EXCHANGE = "exchange"
    DOMAIN = "domain"
    VANTAGE = "vantage"


def prober_of(key: Collection[str], probers: Sequence[str], seed: str) -> str:
    """Return the prober for what has a *key*, such as the names of exchanges; the order of both is of no matter.

    Args:
        key: the names that stand for a destination.
        probers: the names of all probers, at least one.
        seed: another one is another distribution.
    """
    names = "\0".join(sorted(key))
    return max(probers, key=lambda prober: (_number(seed, prober, names), prober))


def probers_of(key: Collection[str], probers: Sequence[str], shard_by: ShardBy, seed: str) -> Iterable[str]:
    """Return everybody who is to probe what has a *key*."""
    return probers if shard_by is ShardBy.VANTAGE else (prober_of(key, probers, seed),)


def _number(seed: str, prober: str, names: str) -> bytes:
    parts = (seed, prober, names)
    # The length of each part stands before it, so that no two triples are one text.
    return hashlib.sha256(b"".join(b"%d:" % len(part) + part for part in (one.encode() for one in parts))).digest()
