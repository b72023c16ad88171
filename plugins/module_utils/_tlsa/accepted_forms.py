# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records that a controller has taken from a mail server, in all forms that modules take, made anew from their values."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import owner_of_name
from ansible_collections.mailops.tls.plugins.module_utils._dane.publish import Association
from ansible_collections.mailops.tls.plugins.module_utils._dane.rrset import TlsaRRset
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.acceptance import AcceptedRecord


def accepted_rrsets(records: Iterable[AcceptedRecord]) -> tuple[TlsaRRset, ...]:
    """Return the records by their names, in the order of the first of each."""
    groups: dict[str, list[AcceptedRecord]] = {}
    for one in records:
        groups.setdefault(one.owner, []).append(one)
    return tuple(TlsaRRset(owner_of_name(name), _ttl(group), _associations(group)) for name, group in groups.items())


def _associations(records: Iterable[AcceptedRecord]) -> tuple[Association, ...]:
    return tuple(Association(one.record, one.labels) for one in records)


def _ttl(records: Iterable[AcceptedRecord]) -> int | None:
    return min((one.ttl for one in records if one.ttl is not None), default=None)
