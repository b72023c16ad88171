# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What shall be deployed, where, and who has to see it: the order that the engine takes. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import Listening
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import DnsSettings


@dataclass(frozen=True)
class WatchOrder:
    """Who has to see a certificate served.

    Attributes:
        listening: where to look; `None` for all that the instance itself names.
        allow_unseen: whether a listener that cannot be asked holds nothing up.
        seconds: how long the listeners have to change over.
    """

    listening: Listening | None
    allow_unseen: bool
    seconds: float


@dataclass(frozen=True)
class GuardOrder:
    """Whose TLSA records have to match what is deployed, `hosts` being `None` for `myhostname`; and who is asked for them."""

    hosts: tuple[str, ...] | None
    ports: tuple[int, ...]
    dns: DnsSettings


@dataclass(frozen=True)
class DeployOrder:
    """A pair for one instance. Paths that are not absolute are below its configuration directory.

    Attributes:
        config_directory: `None` for Postfix's own.
        certificate_path: the file with the certificate and its issuers.
        privatekey_path: the file with the key; `None` when it is in `certificate_path`.
        watch: who has to see it served.
        guard: `None` when no TLSA records are asked for.
        parameters: `auto`, `chain_files` or `legacy`.
        directory: the folder for files that are made; `None` for the configuration directory.
        names: what the certificate has to be for; `None` for `myhostname`, empty for nothing.
        min_days_left: how long it has to be valid.
        strict: whether it is refused when verifying senders would refuse it.
    """

    config_directory: str | None
    certificate_path: str
    privatekey_path: str | None
    watch: WatchOrder
    guard: GuardOrder | None
    parameters: str = "auto"
    directory: str | None = None
    names: tuple[str, ...] | None = None
    min_days_left: int = 0
    strict: bool = False
