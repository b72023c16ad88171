# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door of `postfix_tls_deploy`: its parameters as an order, and what a failure tells. Deployments are in `_deploy/`."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._deploy.deployment import Edges
from ansible_collections.mailops.tls.plugins.module_utils._deploy.order import GuardOrder, WatchOrder
from ansible_collections.mailops.tls.plugins.module_utils._deploy.transaction import DeployFailed
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_deploy import run as door
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_deploy.arguments import deploy_arguments, needed_libraries
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_deploy.options import deploy_order
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskFailed
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import CommandResult


def params(**given: Any) -> dict[str, Any]:
    """Return the parameters of the module."""
    return {**{name: spec.get("default") for name, spec in deploy_arguments().items()}, "certificate_path": "/new.pem", **given}


def test_the_guard_has_the_names_that_are_given_or_asks_postfix() -> None:
    dns = dns_settings(["192.0.2.53"], "never")
    given = params(tlsa_hosts=["mx.example.org"], tlsa_ports=[25, 465], nameservers=["192.0.2.53"], trust_ad="never")
    assert deploy_order(given).guard == GuardOrder(("mx.example.org",), (25, 465), dns)
    assert deploy_order(params()).guard == GuardOrder(None, (25,), dns_settings(None, "auto"))
    assert deploy_order(params(tlsa_guard=False, nameservers=["no server"])).guard is None


def test_without_the_guard_dns_is_not_needed() -> None:
    assert "dnspython" in needed_libraries(params()) and "dnspython" not in needed_libraries(params(tlsa_guard=False))


def test_without_listeners_those_of_the_instance_are_watched() -> None:
    order = deploy_order(params(timeout=3.0, allow_unseen=True))
    assert order.watch == WatchOrder(None, True, 3.0) and order.names is None and order.privatekey_path is None


@pytest.mark.parametrize("rolled_back", [True, False])
def test_a_deployment_that_failed_says_whether_it_was_taken_back(monkeypatch: pytest.MonkeyPatch, rolled_back: bool) -> None:
    def fail(*_order: object, check_mode: bool) -> None:
        raise DeployFailed("the listener shows another certificate", rolled_back=rolled_back)

    monkeypatch.setattr(door, "deploy_pair", fail)
    with pytest.raises(TaskFailed, match="another certificate") as caught:
        door.run_deploy(params(), Edges(lambda command: CommandResult(0, "", "")), check_mode=False)
    assert caught.value.facts == {"rolled_back": rolled_back}
