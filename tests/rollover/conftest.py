# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fresh network for every test, so that a fault in one is nobody else's; where a test failed, what the servers logged is shown."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.tests.lab.machinery import lifecycle, packages
from ansible_collections.mailops.tls.tests.lab.rollover import network as networks
from ansible_collections.mailops.tls.tests.lab.rollover.commands import PACKAGES
from ansible_collections.mailops.tls.tests.lab.rollover.layout import RolloverLayout
from ansible_collections.mailops.tls.tests.lab.rollover.network import Network
from ansible_collections.mailops.tls.tests.lab.rollover.settings import Settings, at_pace
from ansible_collections.mailops.tls.tests.rollover import drive

STATE = "/run/mailops-roll-%d"
SHOWN_LINES = 30


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse to begin where the tests cannot run; install what is missing, once."""
    if os.geteuid() != 0:
        raise pytest.UsageError("root is needed for network namespaces and port 25")
    lacking = packages.missing(PACKAGES)
    if lacking and "PYTEST_XDIST_WORKER" not in os.environ:
        packages.install(lacking)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the ends of the logs to the report of a test that failed, before its network is taken down."""
    report = yield
    network = getattr(item, "funcargs", {}).get("network")
    if isinstance(network, Network) and report.when == "call" and report.failed:
        for name in ("sender/failures", "ns1/log", "ns2/log", "unbound/log", "mx1/log", "mx2/log"):
            path = network.layout.state / name
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
            kept = [line for line in lines if "postfix-script" not in line]
            report.sections.append((name, "\n".join(kept[-SHOWN_LINES:])))
    return report


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """A state directory that no other test process on this machine has, whoever started it."""
    for number in range(100):
        path = Path(STATE % number)
        with path.with_suffix(".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            # What a run that was killed has left: nobody else has the lock.
            lifecycle.down(RolloverLayout(path))
            shutil.rmtree(path, ignore_errors=True)
            yield path
            return
    raise RuntimeError(f"a hundred of {STATE} are taken")


@pytest.fixture
def settings() -> Settings:
    """How long records live; a test that needs another network has a fixture of this name."""
    return at_pace()


@pytest.fixture
def network(place: Path, settings: Settings) -> Iterator[Network]:
    """A network that has just come up."""
    layout = RolloverLayout(place)
    found = networks.up(layout, settings)
    yield found
    drive.close(found)
    lifecycle.down(layout)
