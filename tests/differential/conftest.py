# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions that all tests here share: each situation once through posttls-finger, and once through our engine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.tests.differential import engine_side, mailbox_world, postfix_side
from ansible_collections.mailops.tls.tests.differential.situations import Situation, situations
from ansible_collections.mailops.tls.tests.lab import summary


@cache
def running_lab() -> Mapping[str, Any]:
    """The summary of the network we are in."""
    state = os.environ.get("LAB_STATE")
    if not state:
        raise pytest.UsageError("run inside the test network: tests/lab/lab.py run -- python -m pytest tests/differential")
    return summary.load(Path(state))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each situation that posttls-finger can run too, or of each that a case tells the outcome of."""
    if "situation" in metafunc.fixturenames:
        chosen = [one for one in situations(running_lab()) if one.comparable]
    elif "expected_situation" in metafunc.fixturenames:
        chosen = [one for one in situations(running_lab()) if one.expected is not None]
    else:
        return
    name = "situation" if "situation" in metafunc.fixturenames else "expected_situation"
    metafunc.parametrize(name, chosen, ids=[one.name for one in chosen])


@pytest.fixture(scope="session")
def lab() -> Mapping[str, Any]:
    """The summary of the network."""
    return running_lab()


@pytest.fixture(scope="session")
def all_situations(lab: Mapping[str, Any]) -> list[Situation]:
    """Everything that is compared in a complete run."""
    return list(situations(lab))


@pytest.fixture(scope="session")
def wanted(request: pytest.FixtureRequest) -> Sequence[Situation]:
    """The situations of the tests that were selected."""
    parameters = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    chosen = [one for found in parameters for one in found.values() if isinstance(one, Situation)]
    return list({one.name: one for one in chosen}.values())


@pytest.fixture(scope="session")
def said(lab: Mapping[str, Any], wanted: Sequence[Situation]) -> dict[str, postfix_side.Said]:
    """What posttls-finger says, by the situation's name."""
    return postfix_side.run_all(lab, [one for one in wanted if one.comparable])


@pytest.fixture(scope="session")
def found(lab: Mapping[str, Any], wanted: Sequence[Situation]) -> dict[str, dict[str, Any]]:
    """What our engine says, by the situation's name."""
    return engine_side.run_all(lab, wanted)


@pytest.fixture(scope="session")
def mailboxes() -> Iterator[Mapping[str, str]]:
    """Real mail services run meanwhile: the files of their certification authorities by name."""
    with mailbox_world.running() as authorities:
        yield authorities
