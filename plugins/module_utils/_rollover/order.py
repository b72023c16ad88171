# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rollover and its guard were asked for: the orders that their engines take. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._deploy.order import WatchOrder
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import DnsSettings
from ansible_collections.mailops.tls.plugins.module_utils._postfix.key_pair import KeyOrder
from ansible_collections.mailops.tls.plugins.module_utils._rollover.certificates import CertificateNeeds
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Policy
from ansible_collections.mailops.tls.plugins.module_utils._rollover.outside import OurEndpoints

_DEFAULT_ALGORITHM = "rsa"


@dataclass(frozen=True)
class RecordScope:
    """Whose records they are, and the clocks' rules."""

    hosts: tuple[str, ...]
    ports: tuple[int, ...]
    owners: tuple[str, ...]
    min_wait: int
    wait_for_signature: bool
    unknown_ttl: int


@dataclass(frozen=True)
class DnsOrder:
    """Who is asked: a resolver, and all name servers of a zone with `more_servers` beside them.

    `families` are those of the name servers' addresses, and with `routed_only` those that this machine has a route to.
    """

    settings: DnsSettings
    more_servers: tuple[Nameserver, ...]
    families: tuple[str, ...]
    routed_only: bool


@dataclass(frozen=True)
class Folder:
    """Where a rollover keeps what it knows: `state_directory/name`."""

    state_directory: str
    name: str


@dataclass(frozen=True)
class RolloverOptions:
    """What `dane_rollover` was asked for.

    Attributes:
        config_directories: the instances; `None` for the one of the machine.
        policy: still without its algorithms, which may be those that are deployed.
        certificate_files: where certificates may be handed in; files that are not there (yet) are none.
        parameters: which parameters of Postfix are set, `auto`, `chain_files` or `legacy`.
        verification: results of `smtp_tls_probe` as they came; `None` when nobody looked.
    """

    folder: Folder
    scope: RecordScope
    dns: DnsOrder
    ours: OurEndpoints
    config_directories: tuple[str, ...] | None
    policy: Policy
    algorithms: tuple[str, ...] | None
    names: tuple[str, ...]
    needs: CertificateNeeds
    orders: Mapping[str, KeyOrder]
    certificate_files: tuple[str, ...]
    parameters: str
    watch: WatchOrder
    ttl: int
    verification: Sequence[Any] | None
    outside_at: int | None
    neighbours: tuple[ServedChain, ...]


def chosen_algorithms(options: RolloverOptions, deployed: Sequence[ServedChain]) -> tuple[str, ...]:
    """Return the kinds of keys to roll: those asked for, else those deployed that can be rolled, else RSA."""
    if options.algorithms is not None:
        return options.algorithms
    found = [one for one in options.orders if any(chain.replaceable and chain.key.algorithm == one for chain in deployed)]
    return tuple(found) or (_DEFAULT_ALGORITHM,)
