# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tlsa_publish beside a BIND that signs, and tlsa_info beside its secondary: what is published arrives, and where it has not is told."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.mailops.tls.tests.lab.rollover.network import Network, with_damaged_signature
from ansible_collections.mailops.tls.tests.lab.rollover.settings import DOMAIN, EXCHANGES, PRIMARY_ADDRESS, SECONDARY_ADDRESS
from ansible_collections.mailops.tls.tests.rollover import by_hand, drive

MX1, MX2 = EXCHANGES


def records(digest: str) -> list[dict[str, Any]]:
    """A record of mx1 as the modules take it."""
    return [{"owner": MX1.owner, "rdata": by_hand.record(digest), "ttl": 2}]


def publish(network: Network, digest: str, state: str = "present") -> dict[str, Any]:
    """Add or remove the record of a key."""
    key = {"key_file": str(network.layout.update_key), "server": PRIMARY_ADDRESS, "zone": DOMAIN}
    return drive.module(network, "tlsa_publish", {**key, "records": records(digest), "state": state})


def arrived(network: Network, digest: str) -> dict[str, Any]:
    """The view of all servers on it; raises `drive.ModuleFailed` when one of them has not got it."""
    expect = {"present": records(digest), "secure": True}
    (result,) = drive.module(network, "tlsa_info", {"expect": expect, "timeout": 8})["results"]
    found: dict[str, Any] = result
    return found


def misses(network: Network, digest: str) -> dict[str, Any]:
    """The view of all servers when one of them has not got it."""
    with pytest.raises(drive.ModuleFailed) as failed:
        arrived(network, digest)
    (result,) = failed.value.result["results"]
    found: dict[str, Any] = {each["address"]: each for each in result["servers"]}
    return {**found, "resolver": result["resolver"], "places": [each["place"] for each in failed.value.result["unmet"]]}


def test_what_is_published_arrives_and_what_is_late_is_named(network: Network) -> None:
    first, second = by_hand.served(network, MX1).values()
    assert publish(network, first)["changed"]
    network.wait_for_agreement()
    by_hand.wait_two_ttls(network)
    assert arrived(network, first)["agreed"]
    network.hold_secondary()
    assert publish(network, second)["changed"] and not publish(network, second)["changed"]
    seen = misses(network, second)
    assert seen[PRIMARY_ADDRESS]["lacks"] == [] and seen[SECONDARY_ADDRESS]["lacks"] == [by_hand.record(second)]
    assert f"ns2.example.org.test ({SECONDARY_ADDRESS})" in seen["places"]
    assert f"ns1.example.org.test ({PRIMARY_ADDRESS})" not in seen["places"]
    network.release_secondary()
    network.wait_for_agreement()
    by_hand.wait_two_ttls(network)
    assert {each["ttl"] for each in arrived(network, second)["servers"]} == {2}
    network.freeze_secondary()
    assert misses(network, second)[SECONDARY_ADDRESS]["status"] == "error"
    network.thaw_secondary()
    network.wait_for_agreement()
    bogus = with_damaged_signature(network.transferred())
    network.replace_primary(bogus)
    network.hold_secondary(bogus)
    time.sleep(network.settings.ttl + by_hand.MARGIN)
    assert misses(network, second)["resolver"]["status"] == "error"
    with pytest.raises(drive.ModuleFailed):
        publish(network, first, "absent")
    network.restore_primary()
    network.release_secondary()
    network.wait_for_agreement()
    assert publish(network, first, "absent")["removed"][0]["rdata"] == by_hand.record(first)
    network.wait_for_agreement()
    by_hand.wait_two_ttls(network)
    assert arrived(network, second)["records"][0]["data"] == second
