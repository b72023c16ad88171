# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `tlsa_publish` as one value. A file that holds the key of updates is read here; nothing is asked of a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dns.domain_name import canonical_name
from ansible_collections.mailops.tls.plugins.module_utils._dns.tsig_key import TsigKey, key_of_file, tsig_key
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import read_file
from ansible_collections.mailops.tls.plugins.module_utils._module.options import port
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.owners import parse_ttl
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.plan import Order
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.wanted import Wanted, parse_wanted, require_publishable

_READABLE_BY_OTHERS = 0o004


@dataclass(frozen=True)
class ServerOptions:
    """The server that takes updates: an address or a name, and how it is asked. Without *zone* it is asked for the zones as well."""

    server: str
    port: int
    use_tcp: bool
    timeout: float
    zone: str | None
    key: TsigKey | None


@dataclass(frozen=True)
class PublishOptions:
    """What is to be done with which records, and where: at a server, or in the zone file at a path."""

    order: Order
    wanted: tuple[Wanted, ...]
    place: ServerOptions | str
    warnings: tuple[str, ...]


def publish_options(params: Mapping[str, Any]) -> PublishOptions:
    """Return the checked options.

    Raises:
        OptionError: for what cannot be used.
    """
    present = params["state"] == "present"
    if params["exclusive"] and not present:
        raise OptionError("exclusive", True, "is for state=present only")
    wanted = parse_wanted(params["records"], parse_ttl(params["ttl"]))
    warnings: tuple[str, ...] = ()
    if present:
        warnings = require_publishable(wanted, allow_certificate_pinning=params["allow_certificate_pinning"])
    place: ServerOptions | str = params["zone_file"]
    if params["zone_file"] is None:
        place, said = _server(params)
        warnings += said
    return PublishOptions(Order(present, params["exclusive"], params["allow_empty"]), wanted, place, warnings)


def _server(params: Mapping[str, Any]) -> tuple[ServerOptions, tuple[str, ...]]:
    """Return the server, and warnings about the file of its key."""
    key, warnings = _key(params)
    number = port(params["port"], "port")
    if not 0 < params["timeout"] < 1e6:
        raise OptionError("timeout", params["timeout"], "is not a reasonable number of seconds")
    zone = None if params["zone"] is None else _zone(params["zone"])
    use_tcp = params["protocol"] == "tcp"
    return ServerOptions(params["server"], number, use_tcp, params["timeout"], zone, key), warnings


def _zone(text: str) -> str:
    try:
        return canonical_name(text)
    except ValueError as error:
        raise OptionError("zone", text, f"is not the name of a zone: it {error}") from error


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
