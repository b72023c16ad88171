# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `dane_guard`: parameters in, the answer out. It keeps clocks of its own and only reads those of the rollover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._deploy.pair import key_type
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import FileState, read_file
from ansible_collections.mailops.tls.plugins.module_utils._module.dane_guard.options import GuardOptions, guard_options
from ansible_collections.mailops.tls.plugins.module_utils._module.rollover_scope import dns_order
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult, failing_with
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import PostfixMissing, Run
from ansible_collections.mailops.tls.plugins.module_utils._rollover import report
from ansible_collections.mailops.tls.plugins.module_utils._rollover.admission import Admission, Newcomer, admit
from ansible_collections.mailops.tls.plugins.module_utils._rollover.certificates import CertificateNeeds, chain_problem, served_chain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.edges import RolloverEdges, system_edges
from ansible_collections.mailops.tls.plugins.module_utils._rollover.gather import moment_of
from ansible_collections.mailops.tls.plugins.module_utils._rollover.keyring import chain_trouble, digest_of, public_of, read_chain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.clocks import observe
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import Evidence, HeldKey, Key, ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Policy
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rrsets import rrset_sights
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.state import (
    OwnerClock,
    State,
    StateUnreadable,
    as_dict,
    from_dict,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.order import Folder
from ansible_collections.mailops.tls.plugins.module_utils._rollover.serving import Servings, servings
from ansible_collections.mailops.tls.plugins.module_utils._rollover.store import StateUnusable, Store
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.facts import owner_facts
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import ReferenceKind, ReferenceName
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_part import same_public_key

GUARD_FILE = "guard.json"


@failing_with(OSError)
def run_guard(params: Mapping[str, Any], run: Run, *, check_mode: bool) -> TaskResult:
    """Answer whether what *params* name may go live now; `run_guard_at` with the edges of this machine."""
    return run_guard_at(params, system_edges(dns_order(params), run), check_mode=check_mode)


def run_guard_at(params: Mapping[str, Any], edges: RolloverEdges, *, check_mode: bool = False) -> TaskResult:
    """Answer whether what *params*, as the argument specification leaves them, name may go live now.

    With *check_mode* clocks are not written.

    Raises:
        OptionError: for what cannot be used.
        OSError: when a file cannot be read or written.
    """
    options = guard_options(params)
    scope = options.scope
    reading = edges.clock()
    newcomer = _newcomer(options, reading.wall)
    store = Store(options.folder.state_directory, options.folder.name, GUARD_FILE)
    own, others = _saved(store), _rollover_state(options.folder)
    policy = Policy(
        owners=scope.owners,
        algorithms=(),
        min_wait=scope.min_wait,
        wait_for_signature=scope.wait_for_signature,
        unknown_ttl=scope.unknown_ttl,
    )
    views = edges.look(scope.owners)
    held = () if newcomer.chain is None else (HeldKey(newcomer.chain.key, reading.wall),)
    # What is deployed is left out: it would end ages when it is what is wrong.
    evidence = Evidence(tuple(one.sight() for one in views), held, (), None, None, reading)
    state, _findings = observe(own, evidence, reading.wall, policy)
    clocks = [state.owners]
    if others is not None:
        known = observe(others, evidence, reading.wall, policy)[0].owners
        state = _without_guesses(state, own, known)
        clocks = [state.owners, known]
    if not check_mode:
        store.make()
        store.sweep()
        store.save({"state": as_dict(state)})
    served = tuple(one.served_chain() for one in _served(options, edges).found)
    answer = admit(newcomer, rrset_sights(evidence.owners), served, clocks, reading.wall, policy)
    facts = {
        "allowed": answer.allowed,
        "message": _message(answer),
        "earliest": report.utc(answer.earliest),
        "blockers": report.blocker_facts(answer.blockers),
        "notes": list(answer.notes),
        "public_key_sha256": newcomer.digest,
        "tlsa": [owner_facts(one, reading.wall) for one in views],
    }
    return TaskResult(facts, failure=_message(answer) if options.fail and not answer.allowed else None)


def _without_guesses(state: State, own: State | None, known: Mapping[str, OwnerClock]) -> State:
    """The guard's clocks: of a record that it did not know of, and the rollover did, it has only guesses, and takes that clock over."""
    owners = dict(state.owners)
    for owner, clock in state.owners.items():
        before = own.owners[owner].records if own is not None and owner in own.owners else {}
        theirs = known[owner].records if owner in known else {}
        records = {one: mine if one in before else theirs.get(one, mine) for one, mine in clock.records.items()}
        owners[owner] = replace(clock, records=records)
    return replace(state, owners=owners)


def _message(answer: Admission) -> str:
    if answer.allowed:
        return "; ".join(["it may go live", *answer.notes])
    when = "" if answer.earliest is None else f" before {report.utc(answer.earliest)}"
    return f"it must not go live{when}: {'; '.join(one.text for one in answer.blockers)}"


def _newcomer(options: GuardOptions, now: int) -> Newcomer:
    """What is to go live.

    Raises:
        OptionError: when files cannot be read or do not belong together.
    """
    key = None if options.privatekey_path is None else public_of(_read("privatekey_path", options.privatekey_path))
    if options.privatekey_path is not None and key is None:
        raise OptionError("privatekey_path", options.privatekey_path, "holds no private key that can be read")
    if options.certificate_path is None:
        return _of_key(options, key)
    certificate_file = _read("certificate_path", options.certificate_path)
    kept = read_chain(certificate_file)
    spki = b"" if kept is None else kept.chain[0].spki or b""
    kind = key_type(spki)
    if kept is None or kind is None:
        reason = chain_trouble(certificate_file) or "the key of its certificate cannot be read"
        raise OptionError("certificate_path", options.certificate_path, f"cannot go live: {reason}")
    if key is not None and not same_public_key(key, spki):
        raise OptionError("privatekey_path", options.privatekey_path, "is not the key of the certificate")
    _check_digest(options, spki)
    names = tuple(ReferenceName(ReferenceKind.DNS, one) for one in options.scope.hosts)
    problem = chain_problem(kept.chain, CertificateNeeds(names, True), moment_of(now))
    return Newcomer(digest_of(spki), served_chain(kind, kept.chain, "new"), problem)


def _of_key(options: GuardOptions, key: bytes | None) -> Newcomer:
    if key is None:
        return Newcomer(options.digest or "")
    kind = key_type(key)
    if kind is None:
        raise OptionError("privatekey_path", options.privatekey_path, "holds a key of an unknown kind")
    _check_digest(options, key)
    return Newcomer(digest_of(key), ServedChain(Key(kind, key), (), 0, "new"))


def _check_digest(options: GuardOptions, spki: bytes) -> None:
    if options.digest is not None and options.digest != digest_of(spki):
        raise OptionError("public_key_sha256", options.public_key, "is not that of the key in the files")


def _read(option: str, path: str) -> FileState:
    state = read_file(path)
    if state.error is not None:
        raise OptionError(option, state.path, f"cannot be read: {state.error}")
    return state


def _saved(store: Store) -> State | None:
    """The clocks of earlier runs.

    Raises:
        OptionError: when they cannot be read.
    """
    try:
        saved = store.load()
        return None if saved is None else from_dict(saved.get("state"))
    except (StateUnusable, StateUnreadable) as problem:
        raise OptionError("state_directory", store.path, f"cannot be used and has to be repaired or removed: {problem}") from problem


def _rollover_state(folder: Folder) -> State | None:
    """What the rollover of this name remembers; nothing when there is none, or none that can be read."""
    try:
        saved = Store(folder.state_directory, folder.name).load()
        return None if saved is None else from_dict(saved.get("state"))
    except (StateUnusable, StateUnreadable):
        return None


def _served(options: GuardOptions, edges: RolloverEdges) -> Servings:
    try:
        return servings(edges.deploy.run, options.config_directories, options.scope.hosts, options.scope.ports)
    except PostfixMissing:
        return Servings(())
