# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `dane_rollover`: parameters in, one step done or told, facts out.

The state with what was observed is saved before anything is done. What is done can be interrupted anywhere, since the next run
derives all else from what it sees. A run holds, and says so, when another one is under way or the state cannot be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import rollover
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import TlsaOwner, owner_of_name
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.dane_rollover.options import rollover_options
from ansible_collections.mailops.tls.plugins.module_utils._module.rollover_scope import dns_order
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult, failing_with
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import PostfixMissing, Run
from ansible_collections.mailops.tls.plugins.module_utils._rollover import left_behind, report
from ansible_collections.mailops.tls.plugins.module_utils._rollover.edges import RolloverEdges, system_edges
from ansible_collections.mailops.tls.plugins.module_utils._rollover.gather import Material, evidence, material, moment_of
from ansible_collections.mailops.tls.plugins.module_utils._rollover.keyring import Keyring
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import EndpointSight
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.left_out import also_to_look_at
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import Action, ActionKind, Blocker, DatedFinding, Step
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Policy
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.state import State, StateUnreadable, as_dict, from_dict
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.step import step
from ansible_collections.mailops.tls.plugins.module_utils._rollover.order import RolloverOptions, chosen_algorithms
from ansible_collections.mailops.tls.plugins.module_utils._rollover.outside import endpoints_of, with_all_addresses
from ansible_collections.mailops.tls.plugins.module_utils._rollover.perform import NotDone, Performed, Replaced, Tools, perform, recover
from ansible_collections.mailops.tls.plugins.module_utils._rollover.serving import Servings, servings
from ansible_collections.mailops.tls.plugins.module_utils._rollover.store import Busy, StateUnusable, Store
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.facts import owner_facts

_OWN = frozenset(
    (ActionKind.STAGE, ActionKind.ISSUE, ActionKind.DEPLOY, ActionKind.ROLL_BACK, ActionKind.RENEW, ActionKind.DISCARD)
)


@failing_with(OSError, PostfixMissing)
def run_rollover(params: Mapping[str, Any], run: Run, *, check_mode: bool) -> TaskResult:
    """Take the next step, or with *check_mode* only say which; `run_rollover_at` with the edges of this machine."""
    return run_rollover_at(params, system_edges(dns_order(params), run), check_mode=check_mode)


def run_rollover_at(params: Mapping[str, Any], edges: RolloverEdges, *, check_mode: bool = False) -> TaskResult:
    """Take the next step, or with *check_mode* only say which. *params* are as the argument specification leaves them.

    What could not be done on this machine is the failure of the result.

    Raises:
        OptionError: for what cannot be used.
        OSError: when a file cannot be read or written.
        PostfixMissing: when there is no Postfix.
    """
    options = rollover_options(params)
    _check_verification(params, options, edges)
    store = Store(options.folder.state_directory, options.folder.name)
    if not check_mode:
        store.make()
    try:
        with store.locked():
            state, replaced, left = _restored(store)
            return _Rollover(options, edges, store, replaced, left, check_mode).run(state)
    except Busy as busy:
        return _held(options, store, Blocker(rollover.LOCKED, str(busy)))
    except (StateUnusable, StateUnreadable) as problem:
        text = f"{problem}; nothing is done until it is repaired or removed (all waits begin anew then)"
        return _held(options, store, Blocker(rollover.STATE_UNREADABLE, text))


def _check_verification(params: Mapping[str, Any], options: RolloverOptions, edges: RolloverEdges) -> None:
    """Find mistakes before anything is done. A look from the future would outlive deployments that come after it."""
    endpoints_of(options.verification or (), options.ours)
    now = edges.clock().wall
    if options.outside_at is not None and options.outside_at > now:
        text = f"is later than {report.utc(now)}, which the clock of this machine says; take the time from this machine, before the probe"
        raise OptionError("verified_at", params["verified_at"], text)


def _restored(store: Store) -> tuple[State | None, Replaced, left_behind.LeftBehind]:
    saved = store.load()
    if saved is None:
        return None, {}, {}
    try:
        replaced = {
            str(directory): {str(kind): str(path) for kind, path in chains.items()}
            for directory, chains in (saved.get("replaced") or {}).items()
        }
        left = {str(path): str(digest) for path, digest in (saved.get("left_behind") or {}).items()}
        return from_dict(saved.get("state")), replaced, left
    except (StateUnreadable, AttributeError) as problem:
        raise StateUnreadable(f"{store.path}: {problem}") from problem


@dataclass(frozen=True)
class _Seen:
    """What was found on this machine and what follows from it together with the rest."""

    serving: Servings
    found: Material
    policy: Policy
    step: Step


@dataclass(frozen=True)
class _Rollover:
    """One run with all it was given."""

    options: RolloverOptions
    edges: RolloverEdges
    store: Store
    replaced: Replaced
    left: left_behind.LeftBehind
    check_mode: bool

    def run(self, state: State | None) -> TaskResult:
        """Look, save, do, look again at what this machine has."""
        if not self.check_mode:
            self.store.sweep()
        tools = self._tools()
        failure, done, recovered = None, Performed(replaced={name: dict(chains) for name, chains in self.replaced.items()}), {}
        owners = self.options.scope.owners
        left_out = also_to_look_at(state, owners)
        serving = self._servings(left_out)
        try:
            recovered = recover(tools, serving.directories)
        except NotDone as problem:
            failure = str(problem)
        views = self.edges.look((*owners, *left_out))
        serving = self._servings(left_out) if recovered else serving
        before = self._see(state, views, serving, self._outside(views, serving))
        if not self.check_mode:
            self._save(before, self.replaced)
        taken = report.TakenStep(before.step.action, False)
        if failure is None and before.step.action.kind in _OWN:
            self.edges.deploy.observe("perform")
            try:
                tools = replace(tools, remember=lambda replaced: self._save(before, replaced))
                done = perform(tools, before.step.action, before.found, before.serving, self.replaced)
                # Whoever waits for a certificate has the request already: nothing was done, and nothing is to be done.
                nothing = Action(ActionKind.VERIFY) if before.step.look_wanted else Action()
                taken = replace(taken, done=not self.check_mode) if done.changed else report.TakenStep(nothing, False)
            except NotDone as problem:
                failure = str(problem)
        after = before
        if not self.check_mode and before.step.action.kind in _OWN:
            after = self._see(before.step.state, views, self._servings(left_out), None)
        return self._told(before, after, views, taken, done, recovered, failure)

    def _tools(self) -> Tools:
        return Tools(
            Keyring(self.store.keys),
            self.options,
            self.edges.deploy,
            now=lambda: self.edges.clock().wall,
            guard=self.edges.guard,
            check_mode=self.check_mode,
        )

    def _outside(self, views: Sequence[OwnerView], serving: Servings) -> tuple[EndpointSight, ...] | None:
        """What was seen from outside, judged by who has records; None when nobody looked."""
        published = [one.owner for one in views if any(server.records for server in one.servers)]
        results = self.options.verification
        kinds = report.asked_kinds([one.algorithm for one in serving.found])
        if results is None:
            return None
        ours = self.options.ours
        return with_all_addresses(endpoints_of(results, ours, published, kinds), ours, self.edges.addresses(ours.hosts))

    def _servings(self, left_out: Sequence[str]) -> Servings:
        """What the instances serve, by the names and at the ports that were taken out of the options too."""
        scope = self.options.scope
        # An old state may have a name that aliases led to, which is of no host and port.
        places = [one for one in map(owner_of_name, left_out) if isinstance(one, TlsaOwner)]
        hosts = dict.fromkeys([*scope.hosts, *(one.host for one in places)])
        ports = dict.fromkeys([*scope.ports, *(one.port for one in places)])
        return servings(self.edges.deploy.run, self.options.config_directories, tuple(hosts), tuple(ports))

    def _see(
        self,
        state: State | None,
        views: Sequence[OwnerView],
        serving: Servings,
        outside: tuple[EndpointSight, ...] | None,
    ) -> _Seen:
        reading = self.edges.clock()
        keyring = Keyring(self.store.keys)
        found = material(keyring, self.options, serving, moment_of(reading.wall))
        policy = replace(self.options.policy, algorithms=chosen_algorithms(self.options, [one.served_chain() for one in serving.found]))
        seen = evidence(views, found, serving, outside, reading, self.options)
        return _Seen(serving, found, policy, step(state, seen, reading.wall, policy))

    def _save(self, seen: _Seen, replaced: Replaced) -> None:
        self.edges.deploy.observe("save")
        action = seen.step.action
        kinds = {one.algorithm for one in action.keys} if action.kind is ActionKind.DEPLOY else ()
        left = left_behind.with_replaced(left_behind.still_there(self.left), seen.serving, kinds, self.store.keys)
        self.store.save({"state": as_dict(seen.step.state), "replaced": replaced, "left_behind": left})

    def _told(
        self,
        before: _Seen,
        after: _Seen,
        views: Sequence[OwnerView],
        taken: report.TakenStep,
        done: Performed,
        recovered: Mapping[str, str],
        failure: str | None,
    ) -> TaskResult:
        shown = after.step
        if failure is not None:
            shown = replace(shown, blockers=(Blocker(rollover.FAILED, failure), *shown.blockers))
        # What was done here may have mended what was wrong; nobody has looked from outside since.
        left = left_behind.findings(self.left, after.serving, after.step.keys)
        findings = [*_merged(before.step.findings, after.step.findings), *left]
        alarms = _merged(before.step.alarms, after.step.alarms)
        needed = before.step.look_wanted or after.step.look_wanted
        kinds = [one.algorithm for one in after.serving.found]
        now = self.edges.clock().wall
        facts = {
            "phase": shown.phase.value,
            "message": report.message(replace(shown, alarms=tuple(alarms)), taken, self.check_mode),
            "action": taken.as_dict(),
            "dns": report.dns_facts(taken.action, self.options.ttl),
            "verify": report.verify_facts(self.options.scope, kinds, needed),
            "earliest": report.utc(shown.earliest),
            "blockers": report.blocker_facts(shown.blockers),
            "findings": report.finding_facts(findings),
            "alarms": report.finding_facts(alarms),
            "dnssec": report.dnssec(views),
            "days_left": report.days_left(after.serving.found, now),
            "next_step": report.next_facts(shown, taken),
            "key_roles": report.key_facts(shown, after.found),
            "csrs": report.request_facts(shown, after.found),
            "deployed": report.deployed_facts(after.serving.found),
            "tlsa": [owner_facts(one, now) for one in views],
            "deployments": done.deployments,
            "recovered": dict(recovered),
            "clock": report.utc(now),
            "was_blocked": self.store.was_blocked,
        }
        diff = report.diff(before.step, shown, _published(views), done.made, done.removed)
        changed = done.changed or bool(recovered)
        return TaskResult(facts, changed, diff, (*done.warnings, *after.found.warnings), failure)


def _published(views: Sequence[OwnerView]) -> dict[str, list[str]]:
    """The records that any name server has, by owner."""
    return {one.owner: sorted({str(each) for server in one.servers for each in server.records}) for one in views}


def _merged(before: Sequence[DatedFinding], after: Sequence[DatedFinding]) -> list[DatedFinding]:
    """The findings of the second look at this machine, with what the look from outside and the clock said before."""
    kept = [one for one in before if one.from_outside or one.kind is rollover.CLOCK_CHANGED]
    return list(dict.fromkeys([*kept, *after]))


def _held(options: RolloverOptions, store: Store, blocker: Blocker) -> TaskResult:
    """Return what there is to say when nothing was looked at."""
    facts: dict[str, Any] = {
        "phase": None,
        "message": f"blocked by {blocker.text}",
        "action": report.TakenStep(Action(), False).as_dict(),
        "dns": report.dns_facts(Action(), options.ttl),
        "verify": report.verify_facts(options.scope, (), False),
        "earliest": None,
        "blockers": report.blocker_facts([blocker]),
        "findings": [],
        "alarms": [],
        "dnssec": None,
        "days_left": None,
        "next_step": report.next_facts(None, report.TakenStep(Action(), False)),
        "key_roles": {"current": [], "next": [], "previous": []},
        "csrs": [],
        "deployed": [],
        "tlsa": [],
        "deployments": [],
        "recovered": {},
        "clock": None,
        "was_blocked": store.was_blocked,
    }
    return TaskResult(facts, diff={})
