# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of an owner name, in the shape of `results` of `tlsa_info`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.record_forms import rdata_facts
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_reply import Signature
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView, ServerView
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.differences import (
    all_records,
    behind,
    differences,
    lacking,
)
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.lint import lint


def owner_facts(view: OwnerView, now: int) -> dict[str, Any]:
    """Return an item of `results`; *now* is the time in seconds since 1970, for lint. Names of owners end with a dot."""
    return {
        "owner": view.owner + ".",
        "canonical_owner": view.canonical_owner + ".",
        "zone": None if view.zone is None else view.zone + ".",
        "agreed": view.agreed,
        "servers_agree": view.servers_agree,
        "records": _records(view),
        "aliases": [{"owner": hop.owner + ".", "target": hop.target + ".", "secure": hop.secure} for hop in view.hops],
        "servers": [_server_facts(one, view.servers) for one in view.servers],
        "not_tried": [{"server": one.server, "address": one.address} for one in view.not_tried],
        "resolver": {
            "status": view.resolver.outcome.value,
            "records": [str(record) for record in view.resolver_records],
            "secure": view.resolver.secure,
            "ad_untrusted": view.resolver.ad_untrusted,
            "ttl": view.resolver.ttl,
            "error": view.resolver.error,
        },
        "differences": differences(view),
        "lint": [finding.as_facts() for finding in lint(view, now)],
        "error": "; ".join([*view.errors, *view.alias_errors]) or None,
    }


def _records(view: OwnerView) -> list[dict[str, Any]]:
    """Every record that a server has, as modules that publish take them."""
    return [
        {
            "owner": view.canonical_owner + ".",
            "ttl": max(one.ttl or 0 for one in view.servers if record in one.records),
            **rdata_facts(record),
        }
        for record in all_records(view.servers)
    ]


def _server_facts(server: ServerView, servers: Sequence[ServerView]) -> dict[str, Any]:
    absent = server.known and not server.records
    return {
        "server": server.server,
        "address": server.address or None,
        "status": server.outcome.value,
        "authoritative": server.authoritative,
        "records": [str(record) for record in sorted(server.records)],
        "lacks": [str(record) for record in lacking(server, servers)],
        "ttl": server.ttl,
        "negative_ttl": server.soa.negative_ttl if absent and server.soa is not None else None,
        "serial": None if server.soa is None else server.soa.serial,
        "serial_behind": behind(server, servers),
        "signatures": [_signature_facts(one) for one in server.signatures],
        "error": server.error,
    }


def _signature_facts(signature: Signature) -> dict[str, Any]:
    return {
        "algorithm": signature.algorithm,
        "key_tag": signature.key_tag,
        "signer": signature.signer + ".",
        "inception": _time(signature.inception),
        "expiration": _time(signature.expiration),
        "original_ttl": signature.original_ttl,
    }


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
