# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `tlsa_info` as one value. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import names_a_service
from ansible_collections.mailops.tls.plugins.module_utils._dns.domain_name import canonical_name
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import DnsSettings, dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._dns.zone_servers import FAMILIES
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.options import authoritative_servers
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.expectation import Expectation, parse_expect
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.owners import parse_owners


@dataclass(frozen=True)
class InfoOptions:
    """The checked options; times in seconds. `owners` in lower case without final dot, each once."""

    owners: tuple[str, ...]
    expect: Expectation | None
    servers: tuple[Nameserver, ...]
    more_servers: tuple[Nameserver, ...]
    families: tuple[str, ...]
    routed_only: bool
    timeout: float
    deadline: float
    concurrency: int
    dns: DnsSettings


def info_options(params: Mapping[str, Any]) -> InfoOptions:
    """Return the checked options.

    Raises:
        OptionError: for what cannot be used.
    """
    expect = None if params["expect"] is None else parse_expect(params["expect"])
    for name in ("timeout", "deadline", "concurrency"):
        if params[name] <= 0:
            raise OptionError(name, params[name], "is not above 0")
    given = authoritative_servers(params["authoritative_servers"])
    only = params["authoritative_servers_only"]
    if only and not given:
        raise OptionError("authoritative_servers_only", True, "needs authoritative_servers")
    family = params["address_family"]
    return InfoOptions(
        owners=_owners(params, expect),
        expect=expect,
        servers=given if only else (),
        more_servers=() if only else given,
        families=(family,) if family in FAMILIES else FAMILIES,
        routed_only=family == "routed",
        timeout=params["timeout"],
        deadline=params["deadline"],
        concurrency=params["concurrency"],
        dns=dns_settings(params["nameservers"], params["trust_ad"], params["timeout"]),
    )


def _owners(params: Mapping[str, Any], expect: Expectation | None) -> tuple[str, ...]:
    owners = [_owner(text) for text in params["owners"] or ()]
    if params["hosts"] is not None:
        owners += [one.name[:-1].lower() for one in parse_owners(params["hosts"], params["ports"], params["protocol"])]
    if expect is not None:
        owners += expect.owners
    if not owners:
        raise OptionError("owners", [], "names no owner")
    return tuple(dict.fromkeys(owners))


def _owner(text: str) -> str:
    try:
        name = canonical_name(text)
    except ValueError as error:
        raise OptionError("owners", text, f"is not an owner of TLSA records: it {error}") from error
    if not names_a_service(name):
        raise OptionError("owners", text, "is not an owner of TLSA records, as in _25._tcp.mx.example.org")
    return name
