# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Postfix instances serve to those who deliver mail: every key with its chain, and the pairs themselves for a roll back.

Of the chains by server name (SNI) those count that a client would get which looks for one of the exchanges. Services on the ports
465 and 587 with chains of their own count only when records of these ports are asked for. All others count, since nobody knows
from here which port of the outside leads to them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._deploy.pair import Pair, deployed_pair
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import read_file
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed import Deployed, deployment, is_for, is_of_main, smtpd_services
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Instance, Run, map_entries, read_instance
from ansible_collections.mailops.tls.plugins.module_utils._postfix.tls_settings import server_level
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import service_port
from ansible_collections.mailops.tls.plugins.module_utils._rollover.certificates import served_chain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_SUBMISSION = (465, 587)


@dataclass(frozen=True)
class Serving:
    """One key with its chain in one instance; `replaceable` when the parameters of main.cf have it, and not a service or SNI."""

    directory: str
    item: Deployed
    replaceable: bool

    @property
    def place(self) -> str:
        """Where it is, for people."""
        services = "" if self.replaceable else " (%s)" % (self.item.server_name or ", ".join(self.item.services))
        return f"{self.directory}{services}"

    @property
    def spki(self) -> bytes:
        """The public key that clients are shown."""
        return self.item.material.spki or b""

    @property
    def algorithm(self) -> str:
        """The kind of key."""
        return self.item.algorithm or ""

    def served_chain(self) -> ServedChain:
        """Return it as the rollover counts it."""
        return replace(served_chain(self.algorithm, self.item.material.chain, self.place), replaceable=self.replaceable)

    def pair(self) -> Pair:
        """Return the pair with its private key, read from its file.

        Raises:
            OptionError: for what cannot be used.
        """
        return deployed_pair(self.item.material, self.item.files)


@dataclass(frozen=True)
class Servings:
    """All that is deployed in the `directories` of the instances; `error` says what cannot be told.

    `everything` has also what no client of the exchanges can get to see. `without_tls`: services that are asked for and offer no TLS.
    """

    directories: tuple[str, ...]
    found: tuple[Serving, ...] = ()
    error: str | None = None
    everything: tuple[Deployed, ...] = ()
    without_tls: tuple[str, ...] = ()

    @property
    def files(self) -> frozenset[str]:
        """The files that the instances name, without symbolic links."""
        return frozenset(os.path.realpath(file.path) for item in self.everything for file in item.files)


def servings(
    run: Run,
    directories: Sequence[str] | None,
    hosts: Sequence[str],
    ports: Sequence[int],
    port_of: Callable[[str], int | None] = service_port,
) -> Servings:
    """Ask all instances.

    Raises:
        OptionError: for a directory that is none.
        PostfixMissing: when there is no Postfix.
    """
    found: list[Serving] = []
    errors: list[str] = []
    names: list[str] = []
    everything: list[Deployed] = []
    plain: list[str] = []
    wanted: Sequence[str | None] = directories or (None,)
    for one in wanted:
        instance = read_instance(run, one, option="config_directories")
        if any(os.path.realpath(instance.config_directory) == os.path.realpath(name) for name in names):
            raise OptionError("config_directories", one, "names an instance twice")
        names.append(instance.config_directory)
        whole = deployment(instance, read_file, partial(map_entries, run, instance.config_directory))
        everything += whole.items
        plain += _without_tls(instance, ports, port_of)
        errors += [clean(problem.text) for problem in whole.problems]
        for item in whole.items:
            if not _counts(instance, item, hosts, ports, port_of):
                continue
            if item.problems or item.material.spki is None or not item.material.chain:
                reason = "; ".join(problem.text for problem in item.problems) or "there is no key"
                errors.append(clean(f"{instance.config_directory}: {item.source}: {reason}"))
                continue
            found.append(Serving(instance.config_directory, item, item.server_name is None and is_of_main(instance, item)))
    return Servings(tuple(names), tuple(found), "; ".join(dict.fromkeys(errors)) or None, tuple(everything), tuple(plain))


def _without_tls(instance: Instance, ports: Sequence[int], port_of: Callable[[str], int | None]) -> list[str]:
    """The services that listen on one of the ports, or get connections from postscreen, and are configured to offer no TLS."""
    found = []
    for service in smtpd_services(instance):
        place, _slash, kind = service.name.rpartition("/")
        host, _colon, name = place.rpartition(":")
        port = int(name) if name.isdecimal() else port_of(name)
        asked = kind == "pass" or (kind == "inet" and port in ports and not _is_loopback(host.strip("[]")))
        if asked and server_level(instance.scope(service)).level in (None, "none"):
            found.append(f"{instance.config_directory}: {service.name}")
    return found


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _counts(
    instance: Instance, item: Deployed, hosts: Sequence[str], ports: Sequence[int], port_of: Callable[[str], int | None]
) -> bool:
    if item.server_name is not None and not any(is_for(item.server_name, host) for host in hosts):
        return False
    if is_of_main(instance, item) and item.server_name is None:
        return True
    return not item.services or any(_may_be_asked(name, ports, port_of) for name in item.services)


def _may_be_asked(service: str, ports: Sequence[int], port_of: Callable[[str], int | None]) -> bool:
    place, _slash, kind = service.rpartition("/")
    if kind != "inet":
        return True
    name = place.rpartition(":")[2]
    port = int(name) if name.isdecimal() else port_of(name)
    return port not in _SUBMISSION or port in ports
