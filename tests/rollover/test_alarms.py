# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What turns mail away, done to a real Postfix by hand: each run that sees it says so, and goes on with what it can do."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailops.tls.tests.lab.rollover.network import Network
from ansible_collections.mailops.tls.tests.lab.rollover.settings import EXCHANGES
from ansible_collections.mailops.tls.tests.rollover import by_hand
from ansible_collections.mailops.tls.tests.rollover.postmaster import Postmaster

MX1, _MX2 = EXCHANGES


def alarms(found: dict[str, Any]) -> list[str]:
    """The identifiers of the alarms."""
    return [one["id"] for one in found["alarms"]]


def errors(found: dict[str, Any]) -> set[str]:
    """The identifiers of what is wrong now, alarm or not."""
    return {one["id"] for one in found["findings"] if one["severity"] == "error"}


def looked(postmaster: Postmaster, **options: Any) -> dict[str, Any]:
    """A run with a look from outside, whether it is waited for or not."""
    return postmaster.look(**postmaster.outside(postmaster.look(check_mode=True)), **options)


def test_what_turns_mail_away_is_told_in_the_run_that_sees_it(network: Network) -> None:
    folder = network.layout.exchange(MX1.label)
    by_hand.publish_all(network)
    postmaster = Postmaster(network, MX1)
    found = looked(postmaster)
    assert (alarms(found), errors(found), found["dnssec"]) == ([], set(), True) and found["days_left"] > 0

    network.run(["postfix", "-c", str(folder), "stop"])
    found = looked(postmaster)
    assert (alarms(found), errors(found)) == ([], {"not_reached"}), found["findings"]
    found = looked(postmaster, outside_grace=0)
    assert alarms(found) and set(alarms(found)) == {"not_reached"} and "refused" in found["message"]
    network.start_exchange(MX1)

    before = (folder / "main.cf").read_text(encoding="utf-8")
    network.run(["postconf", "-c", str(folder), "-e", "smtpd_tls_security_level = none"])
    network.run(["postfix", "-c", str(folder), "reload"])
    found = looked(postmaster)
    assert set(alarms(found)) == {"starttls_not_offered"} and errors(found) == {"starttls_not_offered"}
    (folder / "main.cf").write_text(before, encoding="utf-8")
    network.run(["postfix", "-c", str(folder), "reload"])

    pair = by_hand.new_pair(network, MX1, "rsa", "by-hand")
    digest = by_hand.public_key_sha256(pair)
    by_hand.deploy(network, MX1, pair, guard=False)
    found = looked(postmaster)
    assert alarms(found) == ["no_record_matches"] and digest[:16] in found["alarms"][0]["text"]
    assert found["action"]["kind"] == "publish" and digest in {one["data"] for one in found["dns"]["add"]}
    postmaster.publish(found)
    network.wait_for_agreement()
    by_hand.wait_two_ttls(network)
    postmaster.look()
    by_hand.wait_two_ttls(network)
    found = looked(postmaster)
    assert (alarms(found), errors(found)) == ([], set())

    used = network.run(["postconf", "-c", str(folder), "-h", "smtpd_tls_chain_files"]).stdout.replace(",", " ").split()
    with_key = folder / used[0]
    with_key.rename(with_key.with_suffix(".away"))
    assert alarms(postmaster.look()) == ["postfix_uncertain"]
    with_key.with_suffix(".away").rename(with_key)
    assert alarms(postmaster.look()) == []
