# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `tlsa_records` as one value. Pure: files, Postfix and live servers are looked at later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.parameters import TlsaParameters, parse_parameters
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.options import key_requests, port, seconds
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.owners import parse_host, parse_ttl
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.sources.given import KINDS, GivenSources
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.sources.live import OPTION, LiveServer


@dataclass(frozen=True)
class PostfixOptions:
    """A Postfix whose keys are a source: its configuration, `None` for the default, and the kinds of keys, `None` for all."""

    config_directory: str | None
    algorithms: tuple[str, ...] | None


@dataclass(frozen=True)
class RecordsOptions:
    """Which records are made, of what, and for whom. Without *hosts* or *ports* (`None`) they are those of the source."""

    parameters: tuple[TlsaParameters, ...]
    ttl: int | None
    given: tuple[GivenSources, ...]
    postfix: PostfixOptions | None
    live: LiveServer | None
    hosts: tuple[str, ...] | None
    ports: tuple[int, ...] | None
    protocol: str
    comments: bool
    allow_certificate_pinning: bool


def records_options(params: Mapping[str, Any]) -> RecordsOptions:
    """Return the checked options.

    Raises:
        OptionError: for what cannot be used.
    """
    return RecordsOptions(
        parameters=parse_parameters(params["parameters"]),
        ttl=parse_ttl(params["ttl"]),
        given=tuple(_given(kind, params) for kind in KINDS),
        postfix=None if params["postfix"] is None else _postfix(params["postfix"]),
        live=None if params["probe"] is None else _live(params["probe"]),
        hosts=None if params["hosts"] is None else tuple(params["hosts"]),
        ports=None if params["ports"] is None else tuple(params["ports"]),
        protocol=params["protocol"],
        comments=params["comments"],
        allow_certificate_pinning=params["allow_certificate_pinning"],
    )


def _given(kind: str, params: Mapping[str, Any]) -> GivenSources:
    return GivenSources(kind, tuple(params[kind + "_path"] or ()), tuple(params[kind + "_content"] or ()))


def _live(values: Mapping[str, Any]) -> LiveServer:
    """The server of the option `probe`."""
    host = parse_host(values["host"], OPTION)
    number = port(values["port"], OPTION)
    addresses: dict[str, None] = {}
    for text in values["addresses"] or ():
        address = normalized_address(text)
        if address is None:
            raise OptionError(OPTION, text, "is not an IP address")
        addresses[address] = None
    return LiveServer(
        host,
        number,
        tuple(addresses),
        TlsMode(values["tls_mode"]),
        key_requests(values["key_algorithms"]),
        seconds(values["deadline"], "deadline"),
    )


def _postfix(values: Mapping[str, Any]) -> PostfixOptions:
    algorithms = values["algorithms"]
    return PostfixOptions(values["config_directory"], None if algorithms is None else tuple(algorithms))
