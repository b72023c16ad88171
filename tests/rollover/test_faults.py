# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever goes wrong while a key is rolled: it holds and says why, goes on when it is over, and not one probe fails."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.mailops.tls.tests.lab.rollover.network import Network, with_damaged_signature
from ansible_collections.mailops.tls.tests.lab.rollover.probe_log import Window
from ansible_collections.mailops.tls.tests.lab.rollover.settings import EXCHANGES, PRIMARY_ADDRESS, SECONDARY_ADDRESS
from ansible_collections.mailops.tls.tests.rollover import by_hand, drive
from ansible_collections.mailops.tls.tests.rollover.postmaster import Postmaster
from ansible_collections.mailops.tls.tests.rollover.small_ca import SmallCa
from ansible_collections.mailops.tls.tests.rollover.texts import blockers, findings

MX1, MX2 = EXCHANGES
UNDEPLOYED = ("steady", "staged", "published", "aging", "ready", "issued")
"""The phases in which the old keys are still what is served."""


@pytest.fixture
def postmaster(network: Network) -> Iterator[Postmaster]:
    """The postmaster of mx1, whose served keys are published, as are those of mx2; the sender looks on from here to the end."""
    by_hand.publish_all(network)
    network.start_sender()
    found = Postmaster(network, MX1)
    yield found
    print("\n".join(found.rounds))


def has_deployed(found: dict[str, Any]) -> bool:
    """Waited for: the next keys are deployed."""
    return "deploy" in found["taken"]


def ends_well(postmaster: Postmaster, *excused: Window) -> None:
    """The rollover gets to its end from here, what is served is published and nothing else, and no probe failed but those excused."""
    network = postmaster.network
    old = set(by_hand.served(network, MX1).values())
    found = postmaster.until(postmaster.has_rolled(old), roll=True)
    postmaster.assert_published_exactly(postmaster.digests(found, "current") | postmaster.digests(found, "next"))
    network.stop_sender()
    assert network.complaints(excused) == []
    seen = {(probe.algorithm, probe.detail.split()[-1].lower()) for probe in network.probes()[-40:] if probe.host == MX1.host}
    assert {digest for algorithm, digest in seen} == postmaster.digests(found, "current")


def test_nothing_goes_wrong(postmaster: Postmaster) -> None:
    found = postmaster.enable()
    first = postmaster.digests(found, "current") | postmaster.digests(found, "next")
    postmaster.assert_published_exactly(first)
    ends_well(postmaster)


def test_a_secondary_that_lags_is_waited_for(postmaster: Postmaster) -> None:
    network = postmaster.network
    network.hold_secondary()
    found = postmaster.until(lambda found: found["phase"] == "published" and "secondary_lag" in blockers(found), roll=True)
    assert f"ns2.example.org.test ({SECONDARY_ADDRESS})" in blockers(found)["secondary_lag"]
    assert PRIMARY_ADDRESS not in blockers(found)["secondary_lag"]
    assert found["earliest"] is None
    postmaster.stays(lambda found: found["phase"] == "published", 3 * network.settings.ttl, roll=True)
    network.release_secondary()
    ends_well(postmaster)


def test_a_secondary_that_does_not_answer_holds_everything(postmaster: Postmaster) -> None:
    network = postmaster.network
    postmaster.enable()
    network.freeze_secondary()
    found = postmaster.stays(lambda found: found["phase"] in UNDEPLOYED and bool(found["blockers"]), 1, roll=True)
    assert f"ns2.example.org.test ({SECONDARY_ADDRESS})" in " ".join(blockers(found).values())
    assert postmaster.digests(found, "current") == set(by_hand.served(network, MX1).values())
    network.thaw_secondary()
    network.wait_for_agreement()
    ends_well(postmaster)


def test_a_secondary_that_comes_back_with_an_old_zone_starts_the_clock_anew(postmaster: Postmaster) -> None:
    network = postmaster.network
    before = network.transferred()
    found = postmaster.enable()
    network.hold_secondary(before)
    found = postmaster.stays(lambda found: found["phase"] in UNDEPLOYED and bool(found["blockers"]), 3, roll=True)
    assert f"ns2.example.org.test ({SECONDARY_ADDRESS})" in blockers(found)["secondary_lag"]
    network.release_secondary()
    network.wait_for_agreement()
    back = time.time()
    postmaster.until(has_deployed, roll=True)
    postmaster.assert_two_ttls_since(back)
    ends_well(postmaster)


def test_a_primary_that_is_down_holds_everything(postmaster: Postmaster) -> None:
    network = postmaster.network
    postmaster.until(lambda found: "stage" in found["taken"])
    network.stop_primary()
    found = postmaster.stays(lambda found: found["phase"] in UNDEPLOYED and bool(found["blockers"]), 1, roll=True)
    assert f"ns1.example.org.test ({PRIMARY_ADDRESS})" in " ".join(blockers(found).values())
    network.start_primary()
    ends_well(postmaster)


def test_a_primary_that_goes_down_before_it_is_updated_is_tried_again(postmaster: Postmaster) -> None:
    network = postmaster.network
    while True:
        found = postmaster.step()
        if found["action"]["kind"] == "publish":
            break
    network.stop_primary()
    with pytest.raises(drive.ModuleFailed, match=r"127\.0\.0\.11"):
        postmaster.publish(found)
    network.start_primary()
    ends_well(postmaster)


def test_bogus_signatures_hold_everything(postmaster: Postmaster) -> None:
    network = postmaster.network
    postmaster.enable()
    bogus = with_damaged_signature(network.transferred())
    start = time.time()
    network.replace_primary(bogus)
    network.hold_secondary(bogus)
    time.sleep(network.settings.ttl + by_hand.MARGIN)
    found = postmaster.stays(lambda found: found["phase"] in UNDEPLOYED and bool(found["blockers"]), 3, roll=True)
    assert "resolver" in " ".join(blockers(found).values())
    network.restore_primary()
    network.release_secondary()
    network.wait_for_agreement()
    ends_well(postmaster, Window(start, time.time() + network.settings.ttl + 1))


def lose_state(postmaster: Postmaster) -> None:
    """Remove the state file."""
    postmaster.state_file.unlink()
    postmaster.note("lost the state file")


def test_a_lost_state_file_delays_and_never_skips(postmaster: Postmaster) -> None:
    postmaster.enable()
    postmaster.until(lambda found: found["phase"] == "issued", roll=True)
    lost = time.time()
    lose_state(postmaster)
    postmaster.until(has_deployed, roll=True)
    postmaster.assert_two_ttls_since(lost)
    lose_state(postmaster)
    postmaster.until(lambda found: found["phase"] == "retiring", roll=True)
    lose_state(postmaster)
    ends_well(postmaster)


def test_a_clock_that_is_set_back_or_forward_starts_all_clocks_anew(postmaster: Postmaster) -> None:
    postmaster.until(lambda found: found["phase"] == "aging", roll=True)
    for offset in ("-1h", "+30d"):
        postmaster.words_before = ["env", "DONT_FAKE_MONOTONIC=1", "faketime", "-m", "-f", offset]
        found = postmaster.look(roll=True)
        assert "clock_changed" in findings(found)
        assert found["phase"] == "aging"
    postmaster.words_before = []
    right = time.time()
    postmaster.until(has_deployed, roll=True)
    postmaster.assert_two_ttls_since(right)
    ends_well(postmaster)


def test_a_wrong_certificate_that_is_handed_in_is_refused(postmaster: Postmaster) -> None:
    network = postmaster.network
    postmaster.options["certificate"] = "csr"
    postmaster.enable()
    found = postmaster.until(lambda found: len(found["csrs"]) == 2, roll=True)
    folder = network.layout.state / "certificates"
    folder.mkdir()
    requests = {each["algorithm"]: each["csr"] for each in found["csrs"]}
    authority = SmallCa("Small CA")
    files = {algorithm: folder / (algorithm + ".pem") for algorithm in requests}
    postmaster.options["certificate_files"] = [str(path) for path in files.values()]
    authority.sign(requests["rsa"], files["rsa"], names=["www.example.org.test"])
    found = postmaster.stays(lambda found: found["phase"] in UNDEPLOYED and bool(found["blockers"]), 2, roll=True)
    assert MX1.host in blockers(found)["certificate_mismatch"]
    authority.sign(requests["rsa"], files["rsa"], days=-0.5)
    found = postmaster.stays(lambda found: found["phase"] in UNDEPLOYED and bool(found["blockers"]), 2, roll=True)
    assert "not valid" in blockers(found)["certificate_mismatch"]
    by_hand.new_pair(network, MX1, "rsa", "stranger").rename(files["rsa"])
    found = postmaster.stays(lambda found: found["phase"] in UNDEPLOYED and bool(found["blockers"]), 2, roll=True)
    assert "rsa.pem" in blockers(found)["certificate_mismatch"]
    assert set(by_hand.served(network, MX1).values()) == postmaster.digests(found, "current")
    for algorithm, request in requests.items():
        authority.sign(request, files[algorithm])
    ends_well(postmaster)


def test_a_module_that_is_killed_at_any_time_goes_on(postmaster: Postmaster) -> None:
    """Every run is killed, a little later each time, until one gets to its end before that."""
    network = postmaster.network
    old = set(by_hand.served(network, MX1).values())
    found = postmaster.enable()
    kills = 0
    while not postmaster.has_rolled(old)(found):
        options = {**postmaster.options, "roll": True}
        if found["verify"]["needed"]:
            options.update(postmaster.outside(found))
        delay = 0.05
        while drive.killed(network, "dane_rollover", options, delay):
            kills += 1
            delay *= 1.3
        postmaster.note(f"killed in each part of the next step, at last after {delay / 1.3:.2f} s")
        found = postmaster.round(roll=True)
    assert kills > 30
    ends_well(postmaster)


def test_an_address_that_still_serves_the_old_key_keeps_the_old_records(postmaster: Postmaster) -> None:
    """One of its addresses leads to another machine, which has a copy of the key."""
    network = postmaster.network
    old = set(by_hand.served(network, MX1).values())
    start = time.time()
    network.move_service(MX1, MX1.addresses[1], MX2)
    moved = Window(start, time.time() + 1)
    postmaster.enable()
    found = postmaster.until(lambda found: "old_key_served" in blockers(found), roll=True)
    assert MX1.addresses[1] in blockers(found)["old_key_served"]
    found = postmaster.stays(lambda found: "old_key_served" in blockers(found), 3 * network.settings.ttl, roll=True)
    assert old < {text.split()[-1] for text in postmaster.records()["ns1"]}
    start = time.time()
    network.move_service(MX1, MX1.addresses[1], MX1)
    ends_well(postmaster, moved, Window(start, time.time() + 1))


def test_a_new_key_that_does_not_work_from_outside_is_taken_back(postmaster: Postmaster) -> None:
    """Whoever looks from outside has a resolver that keeps the old RRset for an hour, against its TTL."""
    network = postmaster.network
    with network.stubborn_resolver() as address:
        assert len(network.records(address, MX1.owner)) == 2
        postmaster.vantage = {"nameservers": [address]}
        old = postmaster.digests(postmaster.enable(), "current")
        found = postmaster.until(lambda found: "roll_back" in found["taken"], roll=True)
        assert postmaster.digests(found, "current") == old
        found = postmaster.stays(lambda found: "rolled_back" in blockers(found) and "deploy" not in found["taken"], 5, roll=True)
        assert "roll=true" in blockers(found)["rolled_back"]
    postmaster.vantage = {}
    postmaster.round(roll=False)
    ends_well(postmaster)
