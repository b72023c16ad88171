# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""dane_guard beside real name servers and a real Postfix: no, not yet, yes; and as the one command of an ACME client's hook."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.mailops.tls.tests.lab.rollover.network import Network
from ansible_collections.mailops.tls.tests.lab.rollover.settings import EXCHANGES
from ansible_collections.mailops.tls.tests.rollover import by_hand, drive

MX1, _MX2 = EXCHANGES


def options(network: Network, path: Path, **given: Any) -> dict[str, Any]:
    """The options for a pair that is to be deployed at mx1."""
    return {
        "certificate_path": str(path),
        "exchanges": [MX1.host],
        "config_directories": [str(network.layout.exchange(MX1.label))],
        "state_directory": str(network.layout.state / "guard"),
        "unknown_ttl": network.settings.ttl,
        "fail": False,
        **given,
    }


def ask(network: Network, path: Path, **given: Any) -> dict[str, Any]:
    """Ask the guard."""
    return drive.module(network, "dane_guard", options(network, path, **given))


def identifiers(found: dict[str, Any]) -> set[str]:
    """What is in the way."""
    return {one["id"] for one in found["blockers"]}


def test_a_key_may_go_live_when_its_record_has_aged_everywhere(network: Network) -> None:
    pair = by_hand.new_pair(network, MX1, "rsa")
    digest = by_hand.public_key_sha256(pair)
    unpublished = ask(network, pair)
    assert unpublished["allowed"] and "no DANE" in unpublished["message"]
    by_hand.publish_all(network)
    assert ask(network, network.layout.exchange(MX1.label) / "rsa.pem")["allowed"]
    assert identifiers(ask(network, pair)) == {"no_match"}
    network.hold_secondary()
    network.update(f"add {MX1.owner} {network.settings.ttl} TLSA {by_hand.record(digest)}")
    late = ask(network, pair)
    assert "secondary_lag" in identifiers(late) and "ns2" in late["message"] and late["earliest"] is None
    network.release_secondary()
    network.wait_for_agreement()
    end = time.monotonic() + 3600
    seen = set()
    while not ask(network, pair)["allowed"]:
        found = ask(network, pair)
        seen |= identifiers(found)
        assert time.monotonic() < end
        if found["earliest"]:
            moment = datetime.fromisoformat(found["earliest"].replace("Z", "+00:00")).timestamp()
            time.sleep(max(0.1, moment - time.time()))
    assert "aging" in seen and seen <= {"aging", "resolver_cache"}
    network.freeze_secondary()
    assert "server_failure_on_some_ns" in identifiers(ask(network, pair))
    network.thaw_secondary()
    network.wait_for_agreement()


def test_the_command_of_a_hook(network: Network) -> None:
    by_hand.publish_all(network)
    pair = by_hand.new_pair(network, MX1, "ecdsa")
    served = network.layout.exchange(MX1.label) / "ecdsa.pem"
    assert hook(network, served).returncode == 0
    refused = hook(network, pair)
    assert refused.returncode != 0 and "it must not go live" in refused.stdout and "no record 3 1 1 matches it" in refused.stdout


def hook(network: Network, path: Path) -> subprocess.CompletedProcess[str]:
    """Run what the examples of the documentation have for hooks."""
    words = [f"certificate_path={path}", f"exchange={MX1.host}"]
    words += [f"config_directory={network.layout.exchange(MX1.label)}", f"state_directory={network.layout.state / 'hook'}"]
    program = Path(sys.executable).with_name("ansible")
    kept = {name: value for name, value in network.layout.environment().items() if not name.startswith("ANSIBLE_")}
    environment = {**kept, "ANSIBLE_COLLECTIONS_PATH": str(drive.ROOT), "ANSIBLE_PYTHON_INTERPRETER": sys.executable}
    command = [str(program), "localhost", "-m", "mailops.tls.dane_guard", "-a", " ".join(words)]
    return network.run(command, check=False, env=environment, cwd="/")
