# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs of the module against servers in memory: the result as documented, and check mode."""

from __future__ import annotations

import ast
import asyncio
import base64
import functools
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_delivery_probe.run import run_delivery_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.tests.unit.servers.mail_world import MailWorld

MODULE = Path(__file__).parents[6] / "plugins/modules/mail_delivery_probe.py"


def run(world: MailWorld, *, check_mode: bool = False, **given: Any) -> TaskResult:
    async def inside() -> TaskResult:
        async with world:
            work = functools.partial(run_delivery_probe, world.parameters(**given), check_mode=check_mode)
            return await asyncio.get_running_loop().run_in_executor(None, work)

    return asyncio.run(inside())


def documented() -> dict[str, Any]:
    """Return RETURN of the module."""
    yaml = pytest.importorskip("yaml")  # comes with ansible-core, which the oldest libraries are tested without
    tree = ast.parse(MODULE.read_text(encoding="utf-8"))
    assigned = [node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "RETURN"]
    found: dict[str, Any] = yaml.safe_load(ast.literal_eval(assigned[0].value))
    return found


def test_the_result_is_as_documented() -> None:
    result = run(MailWorld())
    told = documented()
    assert set(result.facts) == set(told) and not result.changed and result.failure is None
    for name, one in told.items():
        sample, value = one.get("sample"), result.facts[name]
        if isinstance(sample, list) and sample and isinstance(sample[0], dict) and value:
            assert set(sample[0]) <= set(value[0]), name
        if isinstance(sample, dict) and value:
            assert set(sample) <= set(value), name
    assert set(told["steps"]["contains"]) == set(result.facts["steps"][0])


def test_every_key_is_there_when_nothing_could_be_done() -> None:
    result = run(MailWorld(replies={"LOGIN": "NO [AUTHENTICATIONFAILED] wrong"}))
    assert set(result.facts) == set(documented()) and result.facts["submit"] is None and result.facts["headers"] is None
    assert any("bad_credentials" in line for line in result.facts["report"])


def test_what_a_server_says_back_is_not_told() -> None:
    coded = base64.b64encode(b"\0probe\0secret").decode()
    result = run(MailWorld(replies={"RCPT": f"550 5.7.1 secret, {coded}"}), transcript=True)
    assert result.facts["error"]["text"].partition("5.7.1 ")[2].startswith("(a secret, not shown), ") and coded not in str(result.facts)


def test_check_mode_sends_nothing_and_logs_in_nowhere() -> None:
    world = MailWorld()
    result = run(world, check_mode=True)
    assert result.facts["delivered"] is None
    assert not [line for line in world.said if any(word in line for word in ("MAIL", "LOGIN", "SELECT"))]
    assert result.facts["error"] is None and result.facts["submit"]["port_state"] == "open" == result.facts["retrieve"]["port_state"]
