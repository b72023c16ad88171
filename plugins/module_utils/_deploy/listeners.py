# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an instance listens, from master.cf (master(5)) and inet_interfaces. Pure.

Names become addresses as in Postfix (inet_addr_host): all that the system has for them, of the families in inet_protocols.
A service that cannot be asked is told with the reason, so that nobody takes silence for success.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Callable, Optional

from ansible_collections.mailops.tls.plugins.module_utils._deploy.plan import DEFAULTS
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Instance, MasterService, Scope
from ansible_collections.mailops.tls.plugins.module_utils._postfix.tls_settings import server_level

AddressesOf = Callable[[str], Sequence[str]]
"""The addresses that the system has for a host name; none when it has none."""
PortOf = Callable[[str], Optional[int]]
"""The port of a service's name, None when there is none."""

COMMANDS = ("smtpd", "postscreen", "tlsproxy")
"""Programs of master.cf whose own -o options decide about listeners."""
_WORDS = re.compile(r"[\s,]+")
_ANY_OF_THIS_MACHINE = ("all", "loopback-only")
_TIME = re.compile(r"\s*(\d{1,6})\s*([smhdw]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST_WAIT = 60.0
_NO_TLS = "TLS is off there"
_OWN_KEYS = "it has keys of its own"
_PROXY = "it expects the PROXY protocol"


@dataclass(frozen=True)
class Listener:
    """An address and port of this machine; implicit when TLS begins at once.

    Attributes:
        greeting_wait: How many seconds the server may let clients wait before its greeting (postscreen).
    """

    address: str
    port: int
    implicit: bool
    greeting_wait: float = 0.0

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}"


@dataclass(frozen=True)
class Unasked:
    """A service of master.cf that cannot be asked for a certificate, and why."""

    service: str
    reason: str

    def __str__(self) -> str:
        return f"{self.service}: {self.reason}"


class _CannotBeAsked(Exception):
    """A service is no listener; the text says why."""


@dataclass(frozen=True)
class Listening:
    """Where to ask, and which services cannot be asked. Waived: the user has said that nobody has to be asked."""

    listeners: tuple[Listener, ...] = ()
    unasked: tuple[Unasked, ...] = ()
    waived: bool = False


def configured_listeners(instance: Instance, port_of: PortOf, addresses_of: AddressesOf) -> Listening:
    """Return where smtpd(8) and postscreen(8) can be asked for the keys of main.cf, for an instance read with COMMANDS."""
    found: dict[Listener, None] = {}
    unasked = []
    for service in instance.services:
        place, _slash, kind = service.name.rpartition("/")
        if kind != "inet" or service.command not in ("smtpd", "postscreen"):
            continue
        try:
            _check(instance, service)
            port, addresses = _port(place, port_of), _addresses(place, instance.main, addresses_of)
        except _CannotBeAsked as problem:
            unasked.append(Unasked(service.name, str(problem)))
            continue
        scope = instance.scope(service)
        screened = service.command == "postscreen"
        implicit = not screened and scope.is_yes("smtpd_tls_wrappermode")
        wait = _seconds(scope.value("postscreen_greet_wait")) if screened else 0.0
        found.update(dict.fromkeys(Listener(address, port, implicit, wait) for address in addresses))
    return Listening(tuple(found), tuple(unasked))


def _check(instance: Instance, service: MasterService) -> None:
    """Raise when a service does not show the keys of main.cf to whoever connects."""
    scope = instance.scope(service)
    screened = service.command == "postscreen"
    if scope.value(f"{service.command}_upstream_proxy_protocol"):
        raise _CannotBeAsked(_PROXY)
    behind = _behind_postscreen(instance, scope) if screened else (service,)
    if any(name in one.overrides for one in behind for name in DEFAULTS) or (screened and _own_keys_of_tlsproxy(instance)):
        raise _CannotBeAsked(_OWN_KEYS)
    levels = [server_level(instance.scope(one)).level for one in behind]
    if screened:
        levels.append(scope.value("postscreen_tls_security_level").lower())
    if all(level in (None, "", "none") for level in levels):
        raise _CannotBeAsked(_NO_TLS)


def _behind_postscreen(instance: Instance, scope: Scope) -> tuple[MasterService, ...]:
    """The smtpd(8) that postscreen(8) hands clients to; those of its access list at once."""
    names = [f"{scope.value('smtpd_service_name') or 'smtpd'}/{kind}" for kind in ("pass", "unix")]
    return tuple(one for one in instance.services if one.command == "smtpd" and one.name in names)


def _own_keys_of_tlsproxy(instance: Instance) -> bool:
    """Whether TLS with postscreen(8) itself, which tlsproxy(8) does, has other keys than those of smtpd(8)."""
    proxies = {name: "tlsproxy_" + name[len("smtpd_") :] for name in DEFAULTS}
    scopes = [instance.scope(one) for one in instance.services if one.command == "tlsproxy"] or [instance.main]
    return any(scope.values.get(proxy, scope.value(name)) != scope.value(name) for scope in scopes for name, proxy in proxies.items())


def _port(place: str, port_of: PortOf) -> int:
    name = place.rpartition(":")[2]
    port = int(name) if name.isdecimal() else port_of(name)
    if port is None:
        raise _CannotBeAsked(f"the system knows no port of the name {name}")
    return port


def _addresses(place: str, main: Scope, addresses_of: AddressesOf) -> list[str]:
    """All addresses of a service. Of wildcards loopback is enough: whatever comes to them has the same service."""
    host = place.rpartition(":")[0]
    families = _families(main)
    words = [host] if host else [one for one in _WORDS.split(main.value("inet_interfaces")) if one]
    found: dict[str, None] = {}
    for word in words:
        if word.lower() in _ANY_OF_THIS_MACHINE:
            found["127.0.0.1" if 4 in families else "::1"] = None
            continue
        addresses = [one for one in _of_word(word, addresses_of) if ipaddress.ip_address(one).version in families]
        if not addresses:
            raise _CannotBeAsked(f"this machine finds no address of {word}")
        found.update(dict.fromkeys(addresses))
    if not found:
        raise _CannotBeAsked("inet_interfaces is empty")
    return list(found)


def _of_word(word: str, addresses_of: AddressesOf) -> Sequence[str]:
    try:
        address = ipaddress.ip_address(word.strip("[]"))
    except ValueError:
        return addresses_of(word)
    if address.is_unspecified:
        return ["127.0.0.1" if address.version == 4 else "::1"]
    return [str(address)]


def _families(main: Scope) -> frozenset[int]:
    words = {one for one in _WORDS.split(main.value("inet_protocols").lower()) if one}
    known = {"ipv4": {4}, "ipv6": {6}, "all": {4, 6}}
    chosen = [known[one] for one in words if one in known]
    return frozenset().union(*chosen) if chosen else frozenset({4, 6})


def _seconds(value: str) -> float:
    found = _TIME.match(value)
    return 6.0 if found is None else min(float(int(found[1]) * _SECONDS[found[2]]), _LONGEST_WAIT)
