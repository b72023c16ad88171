# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `tlsa_publish`: parameters in, facts and a diff out."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import TlsaOwner, owner_of_name
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.record_forms import rdata_facts
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._dns.update import PrimaryServer
from ansible_collections.mailops.tls.plugins.module_utils._dns.update_failure import UpdateFailed, UpdateFailureKind
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskFailed, TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_publish.options import PublishOptions, ServerOptions, publish_options
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.at_server import (
    PublishFailed,
    ZoneChange,
    by_zone,
    publish_at_server,
)
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.plan import Change
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.zone_file import publish_to_file
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.zone_lines import rrset_lines


def run_publish(params: Mapping[str, Any], *, check_mode: bool = False) -> TaskResult:
    """Do what *params* ask for, the parameters of `tlsa_publish` as its argument specification leaves them.

    Raises:
        OptionError: with nothing changed.
        TaskFailed: when the server cannot be asked, or fails later. What was done before is among the facts.
    """
    options = publish_options(params)
    try:
        zones = _publish(options, check_mode)
    except UpdateFailed as error:
        raise TaskFailed(str(error), {"error": error.as_dict()}) from error
    except PublishFailed as error:
        done = _result(error.done)
        facts = {"error": error.error.as_dict(), "changed": done.changed, "diff": done.diff, **done.facts}
        raise TaskFailed(str(error), facts) from error
    return _result(zones, options.warnings)


def _publish(options: PublishOptions, check_mode: bool) -> tuple[ZoneChange, ...]:
    if isinstance(options.place, ServerOptions):
        return _at_server(options, options.place, check_mode)
    return (ZoneChange("", publish_to_file(options.place, options.order, options.wanted, check_mode=check_mode)),)


def _result(zones: Sequence[ZoneChange], warnings: Sequence[str] = ()) -> TaskResult:
    """Return facts and diff of what was done to zones; a zone file is a zone without name."""
    changes = [(one.zone, change) for one in zones for change in one.changes]
    texts = [
        "".join(rrset_lines(change.owner, getattr(change, when)) for _zone, change in changes) for when in ("before", "after")
    ]
    facts: dict[str, Any] = {
        "rrsets": [_rrset_facts(zone, change) for zone, change in changes],
        "added": [
            _record_facts(change.owner, change.after.ttl, record) for _zone, change in changes for record in change.added
        ],
        "removed": [
            _record_facts(change.owner, change.before.ttl, record) for _zone, change in changes for record in change.removed
        ],
        "zones": [{"zone": one.zone, "serial": one.serial} for one in zones if one.zone],
        "zone_text": texts[1],
    }
    exchanged = tuple(
        f"{change.owner}: no record that was published stays; "
        f"servers and senders may know the old ones for another {change.before.ttl} seconds"
        for _zone, change in changes
        if change.exchanged
    )
    changed = any(change.is_change for _zone, change in changes)
    return TaskResult(facts, changed, {"before": texts[0], "after": texts[1]}, (*warnings, *exchanged))


def _record_facts(owner: str, ttl: int | None, record: TlsaRecord) -> dict[str, Any]:
    """Return a record in the fields of `records` of `tlsa_records`, so that it can be given to the module again."""
    whose = owner_of_name(owner)
    place: dict[str, Any] = {"alias_target": True}
    if isinstance(whose, TlsaOwner):
        place = {"host": whose.host, "port": whose.port, "protocol": whose.protocol}
    return {"owner": owner + ".", **place, "ttl": ttl, **rdata_facts(record)}


def _rrset_facts(zone: str, change: Change) -> dict[str, Any]:
    return {
        "owner": change.owner + ".",
        "zone": zone or None,
        "changed": change.is_change,
        "before": {"ttl": change.before.ttl, "rdata": [str(one) for one in change.before.records]},
        "after": {"ttl": change.after.ttl, "rdata": [str(one) for one in change.after.records]},
    }


def _at_server(options: PublishOptions, at: ServerOptions, check_mode: bool) -> tuple[ZoneChange, ...]:
    """Publish at the first address of the server that can be connected to."""
    addresses = _addresses(at.server)
    if at.key is None and not all(one == "::1" or one.startswith("127.") for one in addresses):
        raise OptionError("key_name", None, "is needed: only a server on this machine may be asked without a key")
    for address in addresses:
        server = PrimaryServer(address, at.port, key=at.key, use_tcp=at.use_tcp, timeout=at.timeout)
        try:
            zones = by_zone(server, options.wanted, at.zone)
            break
        except UpdateFailed as error:
            if error.kind not in (UpdateFailureKind.UNREACHABLE, UpdateFailureKind.TIMEOUT) or address == addresses[-1]:
                raise
    return publish_at_server(server, options.order, zones, check_mode=check_mode)


def _addresses(text: str) -> list[str]:
    address = normalized_address(text)
    if address is not None:
        return [address]
    try:
        found = socket.getaddrinfo(text.rstrip("."), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OptionError("server", text, f"has no address: {error}") from error
    return list(dict.fromkeys(str(one[4][0]) for one in found))
