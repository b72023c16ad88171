# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network itself: the sender sees a careful rollover as one long success, and a careless one not."""

from __future__ import annotations

import time

import pytest
from ansible_collections.mailops.tls.tests.lab.rollover.network import Network, with_damaged_signature
from ansible_collections.mailops.tls.tests.lab.rollover.settings import (
    ALGORITHMS,
    EXCHANGES,
    PRIMARY_ADDRESS,
    RESOLVER_ADDRESS,
    SECONDARY_ADDRESS,
)
from ansible_collections.mailops.tls.tests.rollover import by_hand, drive

MX1, MX2 = EXCHANGES


def test_a_rollover_by_hand_fails_not_one_probe(network: Network) -> None:
    by_hand.publish_all(network)
    network.start_sender()
    for exchange in EXCHANGES:
        old = by_hand.served(network, exchange)
        pairs = [by_hand.new_pair(network, exchange, algorithm) for algorithm in ALGORITHMS]
        by_hand.publish(network, exchange, *map(by_hand.public_key_sha256, pairs))
        by_hand.wait_two_ttls(network)
        for pair in pairs:
            by_hand.deploy(network, exchange, pair)
        by_hand.wait_two_ttls(network)
        by_hand.withdraw(network, exchange, *old.values())
        by_hand.wait_two_ttls(network)
        wanted = sorted(map(by_hand.record, map(by_hand.public_key_sha256, pairs)))
        assert network.records(RESOLVER_ADDRESS, exchange.owner) == wanted
    network.stop_sender()
    assert network.complaints() == []
    by_which = {(probe.target, probe.detail) for probe in network.probes() if probe.algorithm != "any"}
    assert len(by_which) == 2 * 6  # each address and algorithm with its old and its new key


def test_the_sender_notices_a_key_that_is_deployed_too_early(network: Network) -> None:
    by_hand.publish_all(network)
    network.start_sender()
    pair = by_hand.new_pair(network, MX1, "ecdsa")
    with pytest.raises(drive.ModuleFailed, match="TLSA"):
        by_hand.deploy(network, MX1, pair)
    network.wait_for_probes()
    assert network.complaints() == []
    by_hand.deploy(network, MX1, pair, guard=False)
    network.wait_for_probes()
    network.stop_sender()
    failed = {(probe.host, probe.algorithm) for probe in network.probes() if probe.verdict == "failed"}
    assert (MX1.host, "ecdsa") in failed
    assert not failed & {(MX1.host, "rsa"), (MX2.host, "rsa"), (MX2.host, "ecdsa")}
    assert len(network.complaints()) == len([probe for probe in network.probes() if probe.verdict == "failed"])


def test_the_sender_notices_a_record_that_is_removed_too_early(network: Network) -> None:
    by_hand.publish_all(network)
    network.start_sender()
    by_hand.withdraw(network, MX2, by_hand.served(network, MX2)["rsa"])
    by_hand.wait_two_ttls(network)
    network.stop_sender()
    failed = {(probe.host, probe.address, probe.algorithm) for probe in network.probes() if probe.verdict == "failed"}
    assert failed - {("example.org.test", "-", "any")} == {(MX2.host, "127.0.0.22", "rsa")}


def test_faults_of_name_servers_are_what_they_are_called(network: Network) -> None:
    before = network.transferred()
    digest = by_hand.served(network, MX1)["rsa"]
    wanted = [by_hand.record(digest)]
    add = f"add {MX1.owner} {network.settings.ttl} TLSA {wanted[0]}"
    network.hold_secondary()
    network.update(add)
    assert (network.records(PRIMARY_ADDRESS, MX1.owner), network.records(SECONDARY_ADDRESS, MX1.owner)) == (wanted, [])
    network.release_secondary()
    network.wait_for_agreement()
    assert network.records(SECONDARY_ADDRESS, MX1.owner) == wanted
    network.freeze_secondary()
    assert network.serials()[SECONDARY_ADDRESS] is None
    network.thaw_secondary()
    network.wait_for_agreement()
    network.hold_secondary(before)
    assert network.records(SECONDARY_ADDRESS, MX1.owner) == []
    network.release_secondary()
    network.stop_primary()
    assert network.serials()[PRIMARY_ADDRESS] is None
    network.start_primary()
    network.wait_for_agreement()
    bogus = with_damaged_signature(network.transferred())
    network.replace_primary(bogus)
    network.hold_secondary(bogus)
    time.sleep(network.settings.ttl + by_hand.MARGIN)
    assert network.records(PRIMARY_ADDRESS, MX1.owner) == network.records(SECONDARY_ADDRESS, MX1.owner) == wanted
    assert "SERVFAIL" in network.run(["/usr/bin/dig", "TLSA", MX1.owner], check=False).stdout
    network.restore_primary()
    network.release_secondary()
    network.wait_for_agreement()
    time.sleep(network.settings.ttl + by_hand.MARGIN)
    assert network.records(RESOLVER_ADDRESS, MX1.owner) == wanted
