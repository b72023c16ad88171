# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A world for tests of the rollover: Postfix instances of dictionaries, a zone on two name servers with a resolver, senders, and a clock.

Senders are what counts: at every moment they may have any RRset that was to be had within its TTL, and each of its combinations has to
match every chain that is served. `World.check` says so after every change.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._deploy.deployment import Edges
from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import Listener
from ansible_collections.mailops.tls.plugins.module_utils._deploy.served import Sight
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_reply import Signature, Soa
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView, ServerView
from ansible_collections.mailops.tls.plugins.module_utils._module.dane_guard.arguments import guard_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.dane_guard.run import run_guard_at
from ansible_collections.mailops.tls.plugins.module_utils._module.dane_rollover.arguments import rollover_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.dane_rollover.run import run_rollover_at
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import CommandResult
from ansible_collections.mailops.tls.plugins.module_utils._rollover.edges import RolloverEdges
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import ClockReading, ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.records import uncovered
from ansible_collections.mailops.tls.plugins.module_utils._rollover.outside import AddressesFound
from ansible_collections.mailops.tls.plugins.module_utils._rollover.serving import servings
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Issued, Key, issue
from ansible_collections.mailops.tls.tests.unit.worlds.deploying import EditablePostfix, combined

HOST = "mx.example.com"
OWNER = "_25._tcp." + HOST
ADDRESS = "192.0.2.25"
TTL, NEGATIVE_TTL = 3600, 600
HOUR = 3600
START = 1_700_000_000
"""In the past, so that certificates made in tests are valid by the real clock too."""
CHAINS = "smtpd_tls_chain_files"
FIRST = ["publish", "stage", "publish", "none", "none", "none"]
ROLL = ["issue", "deploy", "none", "none", "retire", "discard", "stage", "publish", "none", "none", "none"]
"""The actions of rounds up to the first steady phase, and of a roll after it."""


class Killed(BaseException):
    """The process ends here."""


class Instance(EditablePostfix):
    """A Postfix that serves what main.cf said when it was last reloaded."""

    def __init__(self, folder: Path, chain: bytes | None) -> None:
        folder.mkdir()
        self.directory = str(folder)
        main = {"smtpd_tls_security_level": "may", "myhostname": HOST}
        if chain is not None:
            (folder / "first.pem").write_bytes(chain)
            main[CHAINS] = str(folder / "first.pem")
        super().__init__(main)
        self.served: tuple[ServedChain, ...] = ()
        self.reload()

    def __call__(self, command: Sequence[str]) -> CommandResult:
        result = super().__call__(command)
        if command[0] == "postfix" and command[3] == "reload" and result.status == 0:
            self.reload()
        return result

    def use_legacy(self) -> None:
        """Have the first pair configured by the older parameters."""
        path = self.main.pop(CHAINS)
        self.main.update(smtpd_tls_cert_file=path, smtpd_tls_key_file=path)
        self.reload()

    def replace(self, *pairs: Issued) -> None:
        """Have other pairs deployed from the beginning."""
        Path(self.directory, "first.pem").write_bytes(combined(*pairs))
        self.reload()

    def reload(self) -> None:
        """Take what the parameters name now."""
        self.served = tuple(one.served_chain() for one in servings(super().__call__, [self.directory], [HOST], [25]).found)


class World:
    """One mail server with its zone; runs of the module in it. `skew`: how wrong the clock of the mail server is, in seconds.

    `target`: where the owner's alias leads, when it is one.
    """

    def __init__(self, folder: Path, *kinds: str, instances: int = 1) -> None:
        self.folder, self.now, self.uptime = folder, START, 1000
        self.skew = 0
        self.zone: dict[str, dict[TlsaRecord, int]] = {name: {} for name in ("ns1", "ns2")}
        self.serials = {"ns1": 1, "ns2": 1}
        self.lagging: set[str] = set()
        self.dead: set[str] = set()
        self.secure = True
        self.target: str | None = None
        self.addresses = {HOST: AddressesFound((ADDRESS,))}
        self.cache: tuple[int, frozenset[TlsaRecord]] = (0, frozenset())
        self.history: list[tuple[int, frozenset[TlsaRecord]]] = []
        first = [issue(HOST, key=Key.generate(kind), dns_names=(HOST,), **long_ago()) for kind in kinds]
        self.instances = [
            Instance(folder / (f"postfix{number}"), combined(*first) if first else None) for number in range(instances)
        ]
        self.actions: list[str] = []
        self.steps: list[str] = []
        self.runs: list[TaskResult] = []

    # --- the mail server ---

    @property
    def served(self) -> set[ServedChain]:
        """All chains that are served."""
        return {chain for instance in self.instances for chain in instance.served}

    def digests(self, kind: str | None = None) -> set[str]:
        """Return the digests of the served keys."""
        return {one.key.digest for one in self.served if kind in (None, one.key.algorithm)}

    def command(self, command: Sequence[str]) -> CommandResult:
        """Run a program in the instance it names."""
        directory = command[2] if len(command) > 2 and command[1] == "-c" else self.instances[0].directory
        instance = next(one for one in self.instances if one.directory == directory)
        return instance(command if command[1] == "-c" else [command[0], "-c", directory, *command[1:]])

    def look_at(self, listener: Listener, algorithm: str) -> Sight:
        """Ask the first instance."""
        found = [one for one in self.instances[0].served if one.key.algorithm == algorithm]
        return Sight(Certificate(found[0].certificate).digest("sha256")) if found else Sight(reason="no key", broken=True)

    # --- DNS ---

    @property
    def records(self) -> frozenset[TlsaRecord]:
        """What the primary has."""
        return frozenset(self.zone["ns1"])

    def publish(self, add: Sequence[TlsaRecord] = (), remove: Sequence[TlsaRecord] = ()) -> None:
        """Change the RRset, and transfer it to the secondary unless that lags."""
        zone = self.zone["ns1"]
        zone.update(dict.fromkeys(add, TTL))
        for one in remove:
            zone.pop(one, None)
        self.serials["ns1"] += 1
        self.transfer()

    def transfer(self) -> None:
        """Let the secondary follow."""
        if "ns2" not in self.lagging:
            self.zone["ns2"], self.serials["ns2"] = dict(self.zone["ns1"]), self.serials["ns1"]
        self.remember()

    def remember(self) -> None:
        """Note what is to be had."""
        self.history += [(self.now, frozenset(zone)) for zone in self.zone.values()]

    def look_up(self, owners: Sequence[str]) -> list[OwnerView]:
        """Answer as the observer does."""
        self.remember()
        until, records = self.cache
        if self.now >= until:
            records = frozenset(self.zone["ns1"])
            self.cache = (self.now + (TTL if records else NEGATIVE_TTL), records)
        servers = tuple(self._server(name) for name in self.zone)
        return [
            replace(_view(one), canonical_owner=self.target or one, resolver=self._resolver(one, records), servers=servers)
            for one in owners
        ]

    def _resolver(self, owner: str, records: frozenset[TlsaRecord]) -> Answer:
        outcome = Outcome.FOUND if records else Outcome.NODATA
        return Answer(owner, "TLSA", outcome, tuple(sorted(records)), owner, self.secure, ttl=max(0, self.cache[0] - self.now))

    def _server(self, name: str) -> ServerView:
        address = f"192.0.2.{name[-1]}"
        if name in self.dead:
            return ServerView(name + ".example.com", address, Outcome.ERROR, error="no reply")
        records = tuple(sorted(self.zone[name]))
        soa = Soa("example.com", self.serials[name], 900, NEGATIVE_TTL)
        signatures = (Signature(52, 13, 1, "example.com", self.now - HOUR, self.now + 14 * 24 * HOUR, TTL),) if records else ()
        outcome = Outcome.FOUND if records else Outcome.NODATA
        return ServerView(name + ".example.com", address, outcome, True, records, TTL if records else None, soa, signatures)

    # --- senders ---

    def check(self) -> None:
        """No sender, whatever is in its cache, fails on anything that is served."""
        for since, records in self._in_caches():
            for chain in self.served:
                assert not uncovered(records, chain), (since, [str(one) for one in records], chain.place, chain.key.digest)

    def _in_caches(self) -> list[tuple[int, frozenset[TlsaRecord]]]:
        return [(seen, records) for seen, records in self.history if seen + (TTL if records else NEGATIVE_TTL) > self.now]

    def probe(self, *kinds: str) -> list[dict[str, Any]]:
        """Return results of `smtp_tls_probe` from outside."""
        sessions = []
        for kind in ("any", *(kinds or ("rsa", "ecdsa"))):
            chains = sorted((one for one in self.served if kind in ("any", one.key.algorithm)), key=lambda one: one.place)
            sessions.append(self._session(kind, chains[0] if chains else None))
        counting = [one for one in sessions if one["offered"]] or sessions
        worst = next((one for one in counting if one["status"] != "verified"), counting[0])
        endpoint = {
            "host": HOST, "address": ADDRESS, "port": 25, "status": worst["status"], "error": worst["error"],
            "chain": sessions[0]["chain"], "verification": worst["verification"], "key_algorithms": sessions,
            "satisfied": worst["status"] == "verified" or (not self.records and worst["error"] is None),
            "tlsa": {"lookup": "found" if self.records else "none", "secure": bool(self.records), "error": None, "records": []},
        }  # fmt: skip
        return [{"destination": f"[{HOST}]:25", "error": None, "endpoints": [endpoint]}]

    def _session(self, kind: str, chain: ServedChain | None) -> dict[str, Any]:
        if chain is None:
            error = {"kind": "handshake_failed", "phase": "handshake", "text": "no such key"}
            return {"algorithm": kind, "offered": False, "status": "failed", "error": error, "chain": [], "verification": None}
        good = bool(self.records) and not uncovered(self.records, chain)
        finding = None if good else {"code": 65, "depth": 0, "text": "no matching DANE TLSA records"}
        pems = [Certificate(one).pem for one in (chain.certificate, *chain.issuer_certificates)]
        return {
            "algorithm": kind, "offered": True, "status": "verified" if good else "untrusted", "error": None,
            "chain": [{"pem": one} for one in pems], "verification": {"error": finding},
        }  # fmt: skip

    # --- runs ---

    def edges(self, stop: int | None = None) -> RolloverEdges:
        """Return the edges; the process ends at the step of the number *stop*."""
        count = itertools.count()

        def observe(step: str) -> None:
            self.steps.append(step)
            self.check()
            if next(count) == stop:
                raise Killed(step)

        deploy = Edges(self.command, self.look_at, observe)
        reading = ClockReading(self.now + self.skew, "boot", self.uptime)
        return RolloverEdges(deploy, self.look_up, lambda hosts: self.addresses, lambda: reading, guard=False)

    def params(self, **given: Any) -> dict[str, Any]:
        """Return the parameters of the module."""
        found = {name: spec.get("default") for name, spec in rollover_arguments().items()}
        several = len(self.instances) > 1
        found.update(exchanges=[HOST], state_directory=str(self.folder / "state"), timeout=0.1, listeners=[] if several else None)
        found["config_directories"] = [one.directory for one in self.instances]
        return {**found, **given}

    def run(self, *, look: bool = True, check_mode: bool = False, stop: int | None = None, **given: Any) -> TaskResult:
        """Run the module once and do nothing of what it asks for."""
        self.steps = []
        if look:
            given.setdefault("verification", self.probe())
        if given.get("verification") is not None:
            given.setdefault("verified_at", datetime.fromtimestamp(self.now + self.skew, timezone.utc).isoformat())
        run = run_rollover_at(self.params(**given), self.edges(stop), check_mode=check_mode)
        self.check()
        self.runs.append(run)
        return run

    def guard(self, *, check_mode: bool = False, **given: Any) -> TaskResult:
        """Run the guard once."""
        params = {name: spec.get("default") for name, spec in guard_arguments().items()}
        params.update(exchanges=[HOST], state_directory=str(self.folder / "state"))
        params["config_directories"] = [one.directory for one in self.instances]
        return run_guard_at({**params, **given}, self.edges(), check_mode=check_mode)

    def obey(self, run: TaskResult) -> None:
        """Publish and remove what a run asks for."""
        wanted = run.facts["dns"]
        if wanted["add"] or wanted["remove"]:
            self.publish([_record(one) for one in wanted["add"]], [_record(one) for one in wanted["remove"]])
        self.check()

    def round(self, seconds: int = HOUR, **given: Any) -> TaskResult:
        """Run the module, do what it asks for, and let some time go by."""
        run = self.run(**given)
        self.actions.append(run.facts["action"]["kind"])
        self.obey(run)
        self.wait(seconds)
        return run

    def wait(self, seconds: int) -> None:
        """Let time go by."""
        self.now += seconds
        self.uptime += seconds
        self.check()

    def until(self, phase: str, limit: int = 40, **given: Any) -> TaskResult:
        """Run every hour until a phase comes."""
        for _number in range(limit):
            run = self.round(**given)
            if run.facts["phase"] == phase:
                return run
        raise AssertionError("\n".join(one.facts["message"] for one in self.runs[-5:]))

    @property
    def keys(self) -> list[str]:
        """The files in the folder of keys."""
        folder = self.folder / "state" / "default" / "keys"
        return sorted(os.listdir(folder)) if folder.exists() else []


def _view(owner: str) -> OwnerView:
    nothing = Answer(owner, "TLSA", Outcome.ERROR)
    return OwnerView(owner, owner, nothing, nothing, zone="example.com")


def _record(facts: dict[str, Any]) -> TlsaRecord:
    return TlsaRecord(facts["usage"], facts["selector"], facts["matching_type"], bytes.fromhex(facts["data"]))


def long_ago() -> dict[str, Any]:
    """Dates that fit the time of the tests and the real one."""
    begin = datetime.fromtimestamp(START, timezone.utc) - timedelta(days=1)
    return {"not_before": begin, "not_after": begin + timedelta(days=9000)}


def rolled(world: World, **given: Any) -> None:
    """From no DANE to the second key."""
    before = world.digests()
    world.until("steady", **given)
    world.until("verified", roll=True, **given)
    world.until("steady", **given)
    assert not before & world.digests()


def files(world: World) -> dict[str, bytes]:
    """Return all files of a world by their paths."""
    return {str(path): path.read_bytes() for path in world.folder.rglob("*") if path.is_file()}
