# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook mailops.tls.rollover over two mail servers: from no DANE to new keys, run after run, and not one probe fails."""

from __future__ import annotations

import time
from typing import Any

from ansible_collections.mailops.tls.tests.lab.rollover.network import Network
from ansible_collections.mailops.tls.tests.lab.rollover.probe_log import OPPORTUNISTIC, Window
from ansible_collections.mailops.tls.tests.lab.rollover.settings import ALGORITHMS, EXCHANGES, PRIMARY_ADDRESS, SECONDARY_ADDRESS
from ansible_collections.mailops.tls.tests.rollover import by_hand
from ansible_collections.mailops.tls.tests.rollover.play import Controller

MX1, MX2 = EXCHANGES
PATIENCE = 7200.0


def records(network: Network) -> dict[str, set[str]]:
    """The TLSA records of each exchange, which both servers have to agree on."""
    found = {}
    for exchange in EXCHANGES:
        primary, secondary = (network.records(server, exchange.owner) for server in (PRIMARY_ADDRESS, SECONDARY_ADDRESS))
        assert primary == secondary
        found[exchange.label] = {text.split()[-1] for text in primary}
    return found


def served(network: Network) -> dict[str, set[str]]:
    """The keys that the sender sees from now on, by exchange; every address has to have the same."""
    found: dict[str, set[str]] = {}
    start = network.wait_for_probes()
    for exchange in EXCHANGES:
        seen = [probe for probe in network.probes() if probe.began >= start and probe.host == exchange.host]
        found[exchange.label] = {probe.detail.split()[-1].lower() for probe in seen if probe.verdict == "verified"}
    return found


def run_until_steady(controller: Controller, **variables: Any) -> list[list[str]]:
    """Run the playbook until it has nothing left to do but to wait for the next roll; the reports of all runs."""
    reports: list[list[str]] = []
    end = time.monotonic() + PATIENCE
    while not reports or not all(": steady: nothing to do; DNSSEC yes; certificate " in line for line in reports[-1]):
        reports.append(controller.run(**variables))
        assert reports[-1], "the role reported nothing"
        assert time.monotonic() < end, "\n".join(line for report in reports for line in report)
    return reports


def test_from_no_dane_to_new_keys_on_both_servers(network: Network) -> None:
    network.start_sender()
    first = {exchange.label: set(by_hand.served(network, exchange).values()) for exchange in EXCHANGES}
    controller = Controller(network)
    run_until_steady(controller)
    enabled = time.time()
    published = records(network)
    assert served(network) == first
    for label, keys in first.items():
        assert keys < published[label] and len(published[label]) == 2 * len(ALGORITHMS)
    reports = run_until_steady(controller, roll=True)
    now = served(network)
    for label, keys in published.items():
        assert now[label] == keys - first[label]
        assert now[label] < records(network)[label]
        assert not first[label] & records(network)[label]
    network.stop_sender()
    assert network.complaints([Window(0, enabled, (OPPORTUNISTIC,))]) == []
    assert network.complaints(since=enabled) == []
    deployed = [[": " in line and "deploy" in line.partition("done: ")[2] for line in report] for report in reports]
    assert not any(all(each) for each in deployed), f"both servers had new keys in one run: {reports}"


def test_a_controller_that_is_killed_between_tasks_goes_on(network: Network) -> None:
    """One run after the other ends before a task, each time two tasks later, from the first that may change anything to the last."""
    by_hand.publish_all(network)
    network.start_sender()
    first = set(by_hand.served(network, MX1).values())
    controller = Controller(network, [MX1])
    controller.run()
    names = controller.tasks_begun()
    start = next(number for number, name in enumerate(names, 1) if "Find out where to look" in name)
    for number in range(start + 1, len(names) + 8, 2):
        controller.run(end_before=number, roll=True)
    run_until_steady(controller, roll=True)
    found = records(network)[MX1.label]
    assert served(network)[MX1.label] < found
    assert len(found) == 2 * len(ALGORITHMS) and not first & found
    network.stop_sender()
    assert network.complaints() == []
