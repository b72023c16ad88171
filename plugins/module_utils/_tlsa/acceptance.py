# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which TLSA records a controller takes from a mail server to publish or to remove them. Pure.

What a server says is data: it may have been taken over. So a record counts only when it is at a name that the controller itself knows
to be the server's, and is one that a mail server can have. An owner of which one record is refused gets none: half of
what belongs together may keep mail away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import owner_name
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_address, is_hostname
from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii
from ansible_collections.mailops.tls.plugins.module_utils._port import is_port
from ansible_collections.mailops.tls.plugins.module_utils._text import clean, inert

MAX_RECORDS = 512
"""Most records of one list; more are refused all together."""
MAX_RECORDS_OF_OWNER = 32
"""Most records of one name: a few keys, each with some kinds of records."""
MAX_TTL = 604800
"""Longest TTL in seconds, a week: what is published by mistake lasts as long."""
MAX_FULL_DATA = 8192
"""Most octets of a record with a whole certificate or key (matching type 0)."""
_DIGESTS = {1: 32, 2: 64}
_MAX_SHOWN = 120
_MAX_LABELS = 8
_RDATA = re.compile(r"([0-9]{1,3}) +([0-9]{1,3}) +([0-9]{1,3}) +([0-9A-Fa-f]+)\Z")

Parameters = tuple[int, int, int]
"""Certificate usage, selector, matching type."""


@dataclass(frozen=True)
class Terms:
    """What is accepted from one server.

    Args:
        owners: the names, in lower case without dot at the end.
        parameters: the kinds of records that may be added anywhere.
        published: more kinds, by owner: those that are there already, which every key needs a record of.
        kept: records that are not this server's to remove.
            """

    owners: frozenset[str]
    parameters: frozenset[Parameters]
    published: Mapping[str, frozenset[Parameters]] = field(default_factory=dict)
    kept: frozenset[TlsaRecord] = frozenset()
    max_ttl: int = MAX_TTL


@dataclass(frozen=True)
class AcceptedRecord:
    """A record, its owner in lower case without dot at the end, its TTL, None for the zone's default, and what it comes of in words."""

    owner: str
    ttl: int | None
    record: TlsaRecord
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Acceptance:
    """What is taken, in the order it came, and a line for people about each thing that was refused.

    Args:
        unknown: whether a name or kind of record was refused that a look at DNS may explain (an alias, records from elsewhere).
            """

    records: tuple[AcceptedRecord, ...] = ()
    refused: tuple[str, ...] = ()
    unknown: bool = False


class _Refused(Exception):
    """Why a record is not taken."""

    def __init__(self, text: str, *, unknown: bool = False) -> None:
        super().__init__(text)
        self.unknown = unknown


def owner_names(hosts: Sequence[str], ports: Sequence[int]) -> frozenset[str]:
    """Return the names of the TLSA records of these hosts. What is not a host name or port has none."""
    found = set()
    for text in hosts:
        bare = str(text).rstrip(".")
        try:
            name = to_ascii(bare).lower()
        except ValueError:
            continue
        if is_hostname(name) and not is_address(name):
            found |= {owner_name(name, int(port)) for port in ports if is_port(int(port))}
    return frozenset(found)


def parameters_of(usages: Sequence[int], matching_types: Sequence[int]) -> frozenset[Parameters]:
    """Return the kinds of records about public keys, with these usages and matching types."""
    return frozenset((usage, 1, one) for usage in usages for one in matching_types)


def acceptance(items: object, terms: Terms, *, removal: bool = False) -> Acceptance:
    """Return which of the records that a server has asked for are taken.

    Args:
        items: a list of mappings with ``owner``, ``rdata`` and ``ttl``, as it came.
        removal: they are to be removed, not to be added.
            """
    verb = "remove" if removal else "add"
    if not isinstance(items, Sequence) or isinstance(items, (str, bytes)):
        return Acceptance(refused=(f"{verb} is not a list of records",))
    if len(items) > MAX_RECORDS:
        return Acceptance(refused=(f"{verb}: {len(items)} records are more than {MAX_RECORDS}",))
    taken: dict[str, dict[AcceptedRecord, None]] = {}
    refused: dict[str, None] = {}
    spoilt: set[str] = set()
    unknown = False
    for item in items:
        try:
            one = _record(item, terms, removal)
        except _Refused as reason:
            refused[f"{verb} {_shown(item)}: {reason}"] = None
            unknown = unknown or reason.unknown
            spoilt.add(_owner(item))
        else:
            taken.setdefault(one.owner, {})[one] = None
    for owner, records in taken.items():
        if len(records) > MAX_RECORDS_OF_OWNER:
            refused[f"{verb} {owner}.: {len(records)} records are more than {MAX_RECORDS_OF_OWNER} for one name"] = None
            spoilt.add(owner)
        elif owner in spoilt:
            refused[f"{verb} {owner}.: the other {len(records)} of its records, with the one that was refused"] = None
    kept = tuple(one for owner, records in taken.items() if owner not in spoilt for one in records)
    return Acceptance(kept, tuple(refused), unknown)


def _record(item: object, terms: Terms, removal: bool) -> AcceptedRecord:
    if not isinstance(item, Mapping):
        raise _Refused("is not a record")
    owner = _owner(item)
    if owner not in terms.owners:
        raise _Refused("is not a name of this server", unknown=True)
    record = _rdata(item.get("rdata"))
    if removal:
        if record in terms.kept:
            raise _Refused("is of a key that another server serves")
        return AcceptedRecord(owner, None, record)
    parameters = (record.usage, record.selector, record.matching_type)
    if parameters not in terms.parameters and parameters not in terms.published.get(owner, ()):
        raise _Refused(f"records {record.parameters} are not asked for here", unknown=True)
    return AcceptedRecord(owner, _ttl(item.get("ttl"), terms), record, _labels(item.get("sources")))


def _owner(item: object) -> str:
    """The name as it is compared; empty for what has none."""
    text = item.get("owner") if isinstance(item, Mapping) else None
    return text[:-1].lower() if isinstance(text, str) and text.endswith(".") else text.lower() if isinstance(text, str) else ""


def _rdata(text: object) -> TlsaRecord:
    found = _RDATA.match(text) if isinstance(text, str) and len(text) <= 2 * MAX_FULL_DATA + 16 else None
    if found is None or len(found[4]) % 2:
        raise _Refused("is no TLSA record, or too long")
    usage, selector, matching_type = (int(found[number]) for number in (1, 2, 3))
    data = bytes.fromhex(found[4])
    if max(usage, selector, matching_type) > 255:
        raise _Refused("is no TLSA record")
    if len(data) != _DIGESTS.get(matching_type, len(data)):
        raise _Refused(f"its digest has {len(data)} octets in place of {_DIGESTS[matching_type]}")
    return TlsaRecord(usage, selector, matching_type, data)


def _ttl(value: object, terms: Terms) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= terms.max_ttl:
        raise _Refused(f"its TTL is not from 1 to {terms.max_ttl} seconds")
    return value


def _labels(sources: object) -> tuple[str, ...]:
    if not isinstance(sources, Sequence) or isinstance(sources, (str, bytes)):
        return ()
    return tuple(inert(str(one)[:_MAX_SHOWN], _MAX_SHOWN) for one in sources[:_MAX_LABELS])


def _shown(item: object) -> str:
    if not isinstance(item, Mapping):
        return clean(str(type(item).__name__), _MAX_SHOWN)
    owner, rdata = (clean(str(item.get(name, ""))[:_MAX_SHOWN], _MAX_SHOWN) for name in ("owner", "rdata"))
    return f"{owner or '(no name)'} {rdata[:22]}{'...' if len(rdata) > 22 else ''}".rstrip()


def seen_aliases(results: object, owners: frozenset[str]) -> dict[str, str]:
    """Return where own names lead by what the controller itself has seen: items of the results of ``tlsa_info``."""
    found = {}
    for item in _results(results):
        owner, target = _name(item.get("owner")), _name(item.get("canonical_owner"))
        if owner in owners and target and item.get("error") is None and item.get("aliases"):
            found[owner] = target
    return found


def seen_parameters(results: object) -> dict[str, frozenset[Parameters]]:
    """Return the kinds of records that are published, by the name they are at, by results of ``tlsa_info``."""
    found: dict[str, frozenset[Parameters]] = {}
    for item in _results(results):
        kinds = frozenset(
            (int(one["usage"]), int(one["selector"]), int(one["matching_type"])) for one in item.get("records") or [] if "usage" in one
        )
        for name in (_name(item.get("owner")), _name(item.get("canonical_owner"))):
            found[name] = found.get(name, frozenset()) | kinds
    return found


def _results(results: object) -> list[Mapping[str, Any]]:
    return [one for one in results if isinstance(one, Mapping)] if isinstance(results, Sequence) else []


def _name(text: object) -> str:
    return text.rstrip(".").lower() if isinstance(text, str) else ""
