# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures that end soon: whoever replays an old RRset can do so until then, and that can be waited for."""

from __future__ import annotations

import re
import time
from datetime import datetime, timezone

import pytest
from ansible_collections.mailops.tls.tests.lab.rollover.network import Network
from ansible_collections.mailops.tls.tests.lab.rollover.settings import EXCHANGES, PRIMARY_ADDRESS, Settings, at_pace
from ansible_collections.mailops.tls.tests.rollover import by_hand
from ansible_collections.mailops.tls.tests.rollover.postmaster import Postmaster

MX1, MX2 = EXCHANGES
LIFETIME = 40


@pytest.fixture
def settings() -> Settings:
    """Signatures are good for less than a minute."""
    return at_pace(signature_lifetime=LIFETIME)


def signature_end(network: Network) -> float:
    """When the signature over the TLSA records of mx1 ends that the primary has now."""
    command = ["/usr/bin/dig", "+dnssec", "+noall", "+answer", "@" + PRIMARY_ADDRESS, "TLSA", MX1.owner]
    (text,) = re.findall(r"RRSIG\s+TLSA \d+ \d+ \d+ (\d{14})", network.run(command).stdout)
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc).timestamp()


def test_the_signatures_over_the_old_rrset_are_waited_for(network: Network) -> None:
    by_hand.publish_all(network)
    network.start_sender()
    postmaster = Postmaster(network, MX1, wait_for="signature")
    while True:
        found = postmaster.step(roll=True)
        if "publish" in found["taken"]:
            break
    end = signature_end(network)
    assert end > time.time() + 3 * network.settings.ttl
    postmaster.publish(found)
    found = postmaster.until(lambda found: found["phase"] == "aging", roll=True)
    assert time.time() + postmaster.seconds_to(found) >= end - 1
    postmaster.until(lambda found: "deploy" in found["taken"], roll=True)
    assert time.time() >= end
    network.stop_sender()
    assert network.complaints() == []
