# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `postfix_tls_deploy` as one value. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._deploy.order import DeployOrder, GuardOrder, WatchOrder
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.listeners import listening
from ansible_collections.mailops.tls.plugins.module_utils._module.options import port
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.owners import parse_host


def deploy_order(params: Mapping[str, Any]) -> DeployOrder:
    """Return what is asked for.

    Raises:
        OptionError: for what cannot be used.
    """
    if params["min_days_left"] < 0:
        raise OptionError("min_days_left", params["min_days_left"], "must not be negative")
    if params["timeout"] <= 0:
        raise OptionError("timeout", params["timeout"], "is not a number of seconds above 0")
    return DeployOrder(
        config_directory=params["config_directory"],
        certificate_path=params["certificate_path"],
        privatekey_path=params["privatekey_path"],
        watch=WatchOrder(listening(params["listeners"]), params["allow_unseen"], params["timeout"]),
        guard=_guard(params) if params["tlsa_guard"] else None,
        parameters=params["parameters"],
        directory=params["directory"],
        names=None if params["names"] is None else tuple(params["names"]),
        min_days_left=params["min_days_left"],
        strict=params["strict"],
    )


def _guard(params: Mapping[str, Any]) -> GuardOrder:
    hosts = params["tlsa_hosts"]
    return GuardOrder(
        None if hosts is None else tuple(parse_host(one, "tlsa_hosts") for one in hosts),
        tuple(port(one, "tlsa_ports") for one in params["tlsa_ports"]),
        dns_settings(params["nameservers"], params["trust_ad"]),
    )
