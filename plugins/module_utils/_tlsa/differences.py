# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has what: records that some servers have and others lack, and whose copy of the zone is older (RFC 1982 serial numbers)."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView, ServerView

_HALF = 2**31


def all_records(servers: Sequence[ServerView]) -> tuple[TlsaRecord, ...]:
    """Return every record that any of the servers has, each once, sorted."""
    return tuple(sorted({record for server in servers for record in server.records}))


def lacking(server: ServerView, servers: Sequence[ServerView]) -> tuple[TlsaRecord, ...]:
    """Return the records of others that *server* certainly does not have."""
    return tuple(one for one in all_records(servers) if one not in server.records) if server.known else ()


def behind(server: ServerView, servers: Sequence[ServerView]) -> int | None:
    """Return by how much the serial of *server* is lower than the highest one; None when it has not told any."""
    if server.soa is None:
        return None
    serials = [other.soa.serial for other in servers if other.soa is not None]
    return max((ahead for ahead in ((one - server.soa.serial) % 2**32 for one in serials) if ahead < _HALF), default=0)


def differences(view: OwnerView) -> list[str]:
    """Return in words why not everybody agrees, empty when they do."""
    texts = [*view.errors, *view.alias_errors]
    for server in view.servers:
        if not server.known:
            texts.append(f"{server.name}: {server.error}")
        texts += [f"{server.name} lacks {record}" for record in lacking(server, view.servers)]
    return texts + _resolver_differences(view)


def _resolver_differences(view: OwnerView) -> list[str]:
    if view.resolver.error is not None:
        return [f"the resolver: {view.resolver.error}"]
    here, there = set(view.resolver_records), set(all_records(view.servers))
    texts = [f"the resolver lacks {record}" for record in sorted(there - here)]
    if view.servers:
        texts += [f"the resolver has {record}, which no server has" for record in sorted(here - there)]
    return texts
