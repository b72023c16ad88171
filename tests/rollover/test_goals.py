# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways that are not a plain rollover: the first records, the last, a stolen key, another scheme, giving up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.tests.lab.rollover.network import Network
from ansible_collections.mailops.tls.tests.lab.rollover.probe_log import OPPORTUNISTIC, Window
from ansible_collections.mailops.tls.tests.lab.rollover.settings import ALGORITHMS, EXCHANGES
from ansible_collections.mailops.tls.tests.rollover import by_hand
from ansible_collections.mailops.tls.tests.rollover.postmaster import Postmaster, Result
from ansible_collections.mailops.tls.tests.rollover.small_ca import SmallCa
from ansible_collections.mailops.tls.tests.rollover.texts import blockers

MX1, MX2 = EXCHANGES


@pytest.fixture
def postmaster(network: Network) -> Iterator[Postmaster]:
    """The postmaster of mx1, without any record; the sender looks on from here to the end."""
    by_hand.publish(network, MX2, *by_hand.served(network, MX2).values())
    network.start_sender()
    found = Postmaster(network, MX1)
    yield found
    print("\n".join(found.rounds))


def test_the_first_records_are_those_of_the_keys_that_are_served(postmaster: Postmaster) -> None:
    network = postmaster.network
    served = set(by_hand.served(network, MX1).values())
    first = postmaster.until(lambda found: "publish" in found["taken"])
    assert {record["data"] for record in first["dns"]["add"]} == served
    found = postmaster.enable()
    assert postmaster.digests(found, "current") == served
    postmaster.assert_published_exactly(served | postmaster.digests(found, "next"))
    network.stop_sender()
    assert network.complaints([Window(0, time.time(), (OPPORTUNISTIC,))]) == []
    assert {probe.verdict for probe in network.probes()[-7:]} == {"verified"}


def test_a_stolen_key_is_replaced_at_once_when_the_next_one_is_known(postmaster: Postmaster) -> None:
    network = postmaster.network
    old = postmaster.digests(postmaster.enable(), "current")
    enabled = time.time()
    found = postmaster.until(lambda found: "deploy" in found["taken"], emergency=True, min_wait=3600)
    assert not old & postmaster.digests(found, "current")
    found = postmaster.until(lambda found: not found["key_roles"]["previous"], emergency=True, min_wait=3600)
    postmaster.assert_published_exactly(postmaster.digests(found, "current") | postmaster.digests(found, "next"))
    network.stop_sender()
    assert network.complaints([Window(0, enabled, (OPPORTUNISTIC,))]) == []


def test_a_stolen_key_without_a_known_next_one_asks_what_to_do(postmaster: Postmaster) -> None:
    network = postmaster.network
    found = postmaster.until(lambda found: "stage" in found["taken"])
    # The sender's resolver may still have in its cache that there is nothing.
    enabled = time.time() + network.settings.negative_ttl + 1
    old = postmaster.digests(found, "current")
    found = postmaster.stays(lambda found: "exposure" in blockers(found), 1, emergency=True)
    assert "accept_exposure" in blockers(found)["exposure"]
    found = postmaster.until(lambda found: "deploy" in found["taken"], emergency=True, accept_exposure=True)
    found = postmaster.until(lambda found: not found["key_roles"]["previous"], emergency=True, accept_exposure=True)
    assert not old & (postmaster.digests(found, "current") | postmaster.digests(found, "next"))
    network.stop_sender()
    assert network.complaints([Window(0, enabled, (OPPORTUNISTIC,))]) == []


def test_the_end_of_dane_is_waited_for(postmaster: Postmaster) -> None:
    network = postmaster.network
    postmaster.enable()
    found = postmaster.until(lambda found: bool(found["dns"]["remove"]), state="absent")
    removed = time.time()
    assert len(found["dns"]["remove"]) == 4
    found = postmaster.until(lambda found: found["phase"] == "disabled", state="absent")
    postmaster.assert_two_ttls_since(removed)
    by_hand.deploy(network, MX1, by_hand.new_pair(network, MX1, "rsa"))
    network.wait_for_probes()
    network.stop_sender()
    assert network.complaints([Window(0, time.time(), (OPPORTUNISTIC,))]) == []
    assert postmaster.records() == {"ns1": [], "ns2": [], "resolver": []}


def test_next_keys_that_are_given_up_go_with_their_records(postmaster: Postmaster) -> None:
    network = postmaster.network
    found = postmaster.enable()
    served, given_up = postmaster.digests(found, "current"), postmaster.digests(found, "next")
    found = postmaster.until(lambda found: not found["key_roles"]["next"] and not found["key_roles"]["previous"], abort=True)
    postmaster.assert_published_exactly(served)
    found = postmaster.enable()
    assert postmaster.digests(found, "current") == served
    assert not postmaster.digests(found, "next") & given_up
    network.stop_sender()
    assert network.complaints([Window(0, time.time(), (OPPORTUNISTIC,))]) == []


def test_another_digest_is_published_for_all_keys_at_once(postmaster: Postmaster) -> None:
    network = postmaster.network
    found = postmaster.enable()
    enabled = time.time()
    keys = postmaster.digests(found, "current") | postmaster.digests(found, "next")
    postmaster.options["matching_types"] = [1, 2]
    found = postmaster.until(lambda found: "publish" in found["taken"])
    assert sorted(record["matching_type"] for record in found["dns"]["add"]) == [2] * 4
    postmaster.enable()
    postmaster.options["matching_types"] = [2]
    found = postmaster.until(lambda found: bool(found["dns"]["remove"]))
    assert {record["data"] for record in found["dns"]["remove"]} == keys
    postmaster.enable()
    assert [text[:6] for text in postmaster.records()["ns1"]] == ["3 1 2 "] * 4
    network.stop_sender()
    assert network.complaints([Window(0, enabled, (OPPORTUNISTIC,))]) == []


def certify(authority: SmallCa, postmaster: Postmaster, folder: Path) -> Callable[[Result], bool]:
    """Waited for: requests for both kinds of keys, for which certificates are there from then on."""

    def asked(found: Result) -> bool:
        if len(found["csrs"]) < len(ALGORITHMS):
            return False
        paths = [folder / (each["public_key_sha256"] + ".pem") for each in found["csrs"]]
        for each, path in zip(found["csrs"], paths):
            authority.sign(each["csr"], path)
        postmaster.options["certificate_files"] = [*postmaster.options["certificate_files"], *map(str, paths)]
        return True

    return asked


def replaced(postmaster: Postmaster, old: set[str]) -> Callable[[Result], bool]:
    """Waited for: nothing is to be done, and there are current keys only, none of these."""

    def settled(found: Result) -> bool:
        quiet = found["phase"] == "steady" and found["action"]["kind"] == "none" and not found["blockers"]
        only_current = not found["key_roles"]["next"] and not found["key_roles"]["previous"]
        return quiet and only_current and not old & postmaster.digests(found, "current")

    return settled


def test_from_keys_to_an_issuer_to_another_issuer_and_back(postmaster: Postmaster, tmp_path: Path) -> None:
    network = postmaster.network
    postmaster.options.update(certificate="csr", certificate_files=[])
    found = postmaster.enable()
    enabled = time.time()
    postmaster.options.update(scheme="issuer")
    authorities = [SmallCa("First"), SmallCa("Second")]
    for authority in authorities:
        old = postmaster.digests(found, "current")
        postmaster.round(roll=False)
        postmaster.until(certify(authority, postmaster, tmp_path), roll=True)
        found = postmaster.until(replaced(postmaster, old), roll=True)
        issuer = {"2 1 1 " + authority.public_key_sha256}
        keys = {by_hand.record(digest) for digest in postmaster.digests(found, "current")}
        time.sleep(network.settings.ttl + by_hand.MARGIN)
        assert all(set(records) == keys | issuer for records in postmaster.records().values())
    postmaster.options.update(scheme="next")
    current = postmaster.digests(found, "current")
    found = postmaster.enable()
    assert postmaster.digests(found, "current") == current
    postmaster.assert_published_exactly(current | postmaster.digests(found, "next"))
    network.stop_sender()
    assert network.complaints([Window(0, enabled, (OPPORTUNISTIC,))]) == []
