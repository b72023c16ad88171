# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `tlsa_publish`: parameters in, facts and a diff out."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import TlsaOwner, owner_of_name
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.record_forms import rdata_facts
from ansible_collections.mailops.tls.plugins.module_utils._dns.domain_name import canonical_name
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._dns.tsig_key import TsigKey, key_of_file, tsig_key
from ansible_collections.mailops.tls.plugins.module_utils._dns.update import PrimaryServer
from ansible_collections.mailops.tls.plugins.module_utils._dns.update_failure import UpdateFailed, UpdateFailureKind
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import read_file
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.at_server import ZoneChange, by_zone, publish_at_server
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.plan import Change, Order
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.zone_file import publish_to_file
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.zone_lines import rrset_lines
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.wanted import Wanted, parse_ttl, parse_wanted, require_publishable

_READABLE_BY_OTHERS = 0o004


@dataclass(frozen=True)
class PublishRun:
    """What a run gives back."""

    changed: bool
    facts: dict[str, Any]
    diff: dict[str, str]
    warnings: tuple[str, ...] = ()


def run_publish(params: Mapping[str, Any], *, check_mode: bool = False) -> PublishRun:
    """Do what *params* ask for.

    Args:
        params: the parameters of `tlsa_publish`, as its argument specification leaves them.
            Raises `OptionError` with nothing changed, `UpdateFailed` when the server cannot be asked, `PublishFailed` when it fails later.
            """
    present = params["state"] == "present"
    if params["exclusive"] and not present:
        raise OptionError("exclusive", True, "is for state=present only")
    order = Order(present, params["exclusive"], params["allow_empty"])
    wanted = parse_wanted(params["records"], parse_ttl(params["ttl"]))
    warnings: tuple[str, ...] = ()
    if present:
        warnings = require_publishable(wanted, allow_certificate_pinning=params["allow_certificate_pinning"])
    if params["zone_file"] is not None:
        changes = publish_to_file(params["zone_file"], order, wanted, check_mode=check_mode)
        return result_of((ZoneChange("", changes),), warnings)
    key, said = _key(params)
    return result_of(_at_server(params, key, order, wanted, check_mode), warnings + said)


def result_of(zones: Sequence[ZoneChange], warnings: Sequence[str] = ()) -> PublishRun:
    """Return facts and diff of what was done to zones; a zone file is a zone without name."""
    changes = [(one.zone, change) for one in zones for change in one.changes]
    texts = [
        "".join(rrset_lines(change.owner, getattr(change, when)) for _zone, change in changes) for when in ("before", "after")
    ]
    facts: dict[str, Any] = {
        "rrsets": [_rrset_facts(zone, change) for zone, change in changes],
        "added": [
            record_facts(change.owner, change.after.ttl, record) for _zone, change in changes for record in change.added
        ],
        "removed": [
            record_facts(change.owner, change.before.ttl, record) for _zone, change in changes for record in change.removed
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
    return PublishRun(changed, facts, {"before": texts[0], "after": texts[1]}, (*warnings, *exchanged))


def record_facts(owner: str, ttl: int | None, record: TlsaRecord) -> dict[str, Any]:
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


def _at_server(
    params: Mapping[str, Any], key: TsigKey | None, order: Order, wanted: Sequence[Wanted], check_mode: bool
) -> tuple[ZoneChange, ...]:
    """Publish at the first address of the server that can be connected to."""
    if not 0 < params["port"] < 65536:
        raise OptionError("port", params["port"], "is not a port")
    if not 0 < params["timeout"] < 1e6:
        raise OptionError("timeout", params["timeout"], "is not a reasonable number of seconds")
    zone = None if params["zone"] is None else _zone(params["zone"])
    addresses = _addresses(params["server"])
    if key is None and not all(one == "::1" or one.startswith("127.") for one in addresses):
        raise OptionError("key_name", None, "is needed: only a server on this machine may be asked without a key")
    for address in addresses:
        server = PrimaryServer(
            address, params["port"], key=key, use_tcp=params["protocol"] == "tcp", timeout=params["timeout"]
        )
        try:
            zones = by_zone(server, wanted, zone)
            break
        except UpdateFailed as error:
            if error.kind not in (UpdateFailureKind.UNREACHABLE, UpdateFailureKind.TIMEOUT) or address == addresses[-1]:
                raise
    return publish_at_server(server, order, zones, check_mode=check_mode)


def _zone(text: str) -> str:
    try:
        return canonical_name(text)
    except ValueError as error:
        raise OptionError("zone", text, f"is not the name of a zone: it {error}") from error


def _addresses(text: str) -> list[str]:
    address = normalized_address(text)
    if address is not None:
        return [address]
    try:
        found = socket.getaddrinfo(text.rstrip("."), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OptionError("server", text, f"has no address: {error}") from error
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def _key(params: Mapping[str, Any]) -> tuple[TsigKey | None, tuple[str, ...]]:
    """Return the key of the options, and warnings about its file."""
    name, secret, path = params["key_name"], params["key_secret"], params["key_file"]
    if path is not None:
        state = read_file(path)
        if state.error is not None:
            raise OptionError("key_file", path, f"cannot be read: {state.error}")
        key = key_of_file(state.data.decode("utf-8", "replace"), path, name, params["key_algorithm"])
        if (state.mode or 0) & _READABLE_BY_OTHERS:
            return key, (f"{path}: everybody on the machine can read this key",)
        return key, ()
    if name is None and secret is None:
        return None, ()
    if name is None or secret is None:
        raise OptionError("key_name", name, "and key_secret are needed together, or key_file")
    return tsig_key(name, secret, params["key_algorithm"]), ()
