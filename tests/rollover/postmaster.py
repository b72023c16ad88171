# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who runs the modules on one mail server, round after round: what the role does, in a fraction of its time.

A round: `dane_rollover`; when it wants to be looked at from outside, `smtp_tls_probe` and once more; then `tlsa_publish` with what it
wants to be published. What went on is kept, to be shown when a test fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible_collections.mailops.tls.tests.lab.rollover.network import Network
from ansible_collections.mailops.tls.tests.lab.rollover.settings import (
    ALGORITHMS,
    DOMAIN,
    PRIMARY_ADDRESS,
    RESOLVER_ADDRESS,
    SECONDARY_ADDRESS,
    Exchange,
)
from ansible_collections.mailops.tls.tests.rollover import by_hand, drive

Result = dict[str, Any]
PATIENCE = 3600.0
"""Seconds in which everything that can go on has to have gone on, on a busy machine."""

OWN_ACTIONS = ("stage", "issue", "deploy", "roll_back", "renew", "discard")
"""What the module does itself; whatever it returned after such a step, the next one can be taken at once."""


class TooLate(AssertionError):
    """Something was waited for in vain; the text has all rounds."""


class Postmaster:
    """One exchange, its options, and the rounds so far."""

    def __init__(self, network: Network, exchange: Exchange, **options: Any) -> None:
        """`options` are those of dane_rollover on top of what all tests have."""
        self.network = network
        self.exchange = exchange
        self.options: dict[str, Any] = {
            "exchanges": [exchange.host],
            "config_directories": [str(network.layout.exchange(exchange.label))],
            "algorithms": list(ALGORITHMS),
            "ttl": network.settings.ttl,
            "unknown_ttl": network.settings.ttl,
            "state_directory": str(network.layout.state / ("state-" + exchange.label)),
            "key_max_age": 0,
            **options,
        }
        self.rounds: list[str] = []
        self.words_before: Sequence[str] = ()
        self.vantage: dict[str, Any] = {}
        self._began = time.monotonic()

    @property
    def state_file(self) -> Path:
        """Where the rollover keeps its state."""
        return Path(str(self.options["state_directory"])) / "default/state.json"

    def note(self, text: str) -> None:
        """Write down what happened, with the time since the beginning; what happens again and again, the first and the last time."""
        if len(self.rounds) > 1 and all(each.partition(" s  ")[2] == text for each in self.rounds[-2:]):
            self.rounds.pop()
        self.rounds.append(f"{time.monotonic() - self._began:6.1f} s  {text}")

    def look(self, check_mode: bool = False, **options: Any) -> Result:
        """Run dane_rollover once, without anything around it."""
        merged = {**self.options, **options}
        found = drive.module(self.network, "dane_rollover", merged, check_mode=check_mode, before=self.words_before)
        self.note(f"{found['action']['kind']} {found['message']}{' (check mode)' if check_mode else ''}")
        return found

    def outside(self, found: Result) -> Result:
        """Probe what it wants to be probed; the options of dane_rollover that say what was seen and when."""
        options = {
            "destinations": found["verify"]["destinations"],
            "key_algorithms": found["verify"]["key_algorithms"],
            "security_level": "dane",
            "include_pem": True,
            **self.vantage,
        }
        moment = datetime.now(timezone.utc).isoformat()
        return {"verification": drive.module(self.network, "smtp_tls_probe", options)["results"], "verified_at": moment}

    def step(self, **options: Any) -> Result:
        """One step, looked at from outside when that is wanted; nothing is published. `taken` are the kinds of what was done."""
        found = self.look(**options)
        taken = [found["action"]["kind"]]
        if found["verify"]["needed"]:
            found = self.look(**self.outside(found), **options)
            taken.append(found["action"]["kind"])
        return {**found, "taken": taken}

    def publish(self, found: Result) -> None:
        """Publish what a step wants; raises `drive.ModuleFailed`."""
        for records, state in ((found["dns"]["add"], "present"), (found["dns"]["remove"], "absent")):
            if records:
                update = {"records": records, "state": state, "server": PRIMARY_ADDRESS, "zone": DOMAIN, "allow_empty": True}
                drive.module(self.network, "tlsa_publish", {**update, "key_file": str(self.network.layout.update_key)})
                self.note(f"published: {state} {len(records)} records")

    def round(self, **options: Any) -> Result:
        """A step, and what it wants to be published."""
        found = self.step(**options)
        self.publish(found)
        return found

    def until(self, reached: Callable[[Result], bool], patience: float = PATIENCE, **options: Any) -> Result:
        """Go round until a result is what is waited for; raises `TooLate`."""
        end = time.monotonic() + patience
        while True:
            found = self.round(**options)
            if reached(found):
                return found
            if time.monotonic() > end:
                raise TooLate("\n".join([f"{self.exchange.host} is not where it should be:", *self.rounds]))
            if not found["action"]["done"]:
                time.sleep(min(max(self.seconds_to(found) or 0.0, 0.3), 3.0))

    def stays(self, holds: Callable[[Result], bool], seconds: float, **options: Any) -> Result:
        """Go round for some time, in which every result has to be like this; raises `TooLate` when one is not."""
        end = time.monotonic() + seconds
        while True:
            found = self.round(**options)
            if not holds(found):
                raise TooLate("\n".join([f"{self.exchange.host} did not hold:", *self.rounds]))
            if time.monotonic() > end:
                return found
            time.sleep(0.7)

    @staticmethod
    def seconds_to(found: Result) -> float:
        """How long it is until the time that a result gives for the next step; nothing when it gives none."""
        if not found["earliest"]:
            return 0.0
        return datetime.fromisoformat(found["earliest"].replace("Z", "+00:00")).timestamp() - time.time()

    def assert_two_ttls_since(self, moment: float) -> None:
        """Two TTLs are over, as the rollover counts them, which is in whole seconds."""
        assert time.time() - moment > 2 * self.network.settings.ttl - 1

    # Where a rollover comes to rest.

    def enable(self, **options: Any) -> Result:
        """From whatever is published to current and next key, published and aged."""
        return self.until(self.is_at_rest, **options)

    def is_at_rest(self, found: Result) -> bool:
        """True when the current and the next keys are published and aged, and nothing else is to be done."""
        kinds = sorted(ALGORITHMS)
        keys = {role: sorted(key["algorithm"] for key in found["key_roles"][role]) for role in ("current", "next", "previous")}
        quiet = found["phase"] == "steady" and found["action"]["kind"] == "none" and not found["blockers"]
        return quiet and keys == {"current": kinds, "next": kinds, "previous": []}

    def digests(self, found: Result, role: str) -> set[str]:
        """The keys of a role."""
        return {key["public_key_sha256"] for key in found["key_roles"][role]}

    def has_rolled(self, old: set[str]) -> Callable[[Result], bool]:
        """Waited for: at rest, and none of these keys is left."""
        return lambda found: self.is_at_rest(found) and not old & self.digests(found, "current")

    def records(self) -> dict[str, list[str]]:
        """The TLSA records at ns1, ns2 and the resolver."""
        servers = {"ns1": PRIMARY_ADDRESS, "ns2": SECONDARY_ADDRESS, "resolver": RESOLVER_ADDRESS}
        return {name: self.network.records(server, self.exchange.owner) for name, server in servers.items()}

    def assert_published_exactly(self, digests: set[str]) -> None:
        """Every server has `3 1 1` of these keys, and nothing else."""
        time.sleep(self.network.settings.ttl + by_hand.MARGIN)
        wanted = sorted(map(by_hand.record, digests))
        assert self.records() == {"ns1": wanted, "ns2": wanted, "resolver": wanted}
