# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that `dane_rollover` and `dane_guard` share (fragment `rollover`), and what they mean as values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._dns.zone_servers import FAMILIES
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec, dns_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.options import authoritative_servers, port
from ansible_collections.mailops.tls.plugins.module_utils._rollover.order import DnsOrder, Folder, RecordScope
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.owners import parse_host, parse_owners

STATE_DIRECTORY = "/var/lib/mailops-tls"
LONGEST_WAIT = 2**31 - 1
"""Seconds."""


def scope_arguments() -> ArgumentSpec:
    """Options shared by the rollover and its guard: whose records, and where the clocks are kept (fragment `rollover`)."""
    return {
        "name": {"type": "str", "default": "default"},
        "exchanges": {"type": "list", "elements": "str", "required": True, "aliases": ["exchange"]},
        "ports": {"type": "list", "elements": "int", "default": [25], "aliases": ["port"]},
        "min_wait": {"type": "int", "default": 0},
        "wait_for": {"type": "str", "choices": ["ttl", "signature"], "default": "ttl"},
        "unknown_ttl": {"type": "int", "default": 86400},
        "state_directory": {"type": "path", "default": STATE_DIRECTORY},
        "authoritative_servers": {"type": "list", "elements": "str"},
        "address_family": {"type": "str", "default": "any", "choices": ["any", "ipv4", "ipv6", "routed"]},
        **dns_arguments(),
    }


def scope_of(params: Mapping[str, Any]) -> RecordScope:
    """Return the options that rollover and guard share.

    Raises:
        OptionError: for what cannot be used.
    """
    if not params["exchanges"]:
        raise OptionError("exchanges", [], "names no host")
    hosts = tuple(dict.fromkeys(parse_host(one, "exchanges").lower() for one in params["exchanges"]))
    ports = tuple(dict.fromkeys(port(one, "ports") for one in params["ports"]))
    owners = parse_owners(hosts, params["ports"])
    for option in ("min_wait", "unknown_ttl"):
        if not 0 <= params[option] <= LONGEST_WAIT:
            raise OptionError(option, params[option], f"is not a number of seconds from 0 to {LONGEST_WAIT}")
    return RecordScope(
        hosts,
        ports,
        tuple(one.name.rstrip(".").lower() for one in owners),
        params["min_wait"],
        params["wait_for"] == "signature",
        params["unknown_ttl"],
    )


def dns_order(params: Mapping[str, Any]) -> DnsOrder:
    """Return who is asked.

    Raises:
        OptionError: for what cannot be used.
    """
    family = params["address_family"]
    return DnsOrder(
        settings=dns_settings(params["nameservers"], params["trust_ad"]),
        more_servers=authoritative_servers(params["authoritative_servers"]),
        families=(family,) if family in FAMILIES else FAMILIES,
        routed_only=family == "routed",
    )


def folder_of(params: Mapping[str, Any]) -> Folder:
    """Return where the clocks are kept."""
    return Folder(params["state_directory"], params["name"])
