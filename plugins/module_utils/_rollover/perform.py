# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rollover does on this machine: makes keys, certificates and requests, deploys pairs, removes keys. The edge to the disk.

Everything can be interrupted anywhere and done again: files have names of their own and are written whole; a deployment is a
transaction with a record (`_deploy`). A key that takes the place of another is deployed only after a copy of the other has been kept,
so that there is a way back even when its own file is gone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._deploy.deployment import Edges, deploy_pair, recover_deployment
from ansible_collections.mailops.tls.plugins.module_utils._deploy.journal import JournalUnreadable, read_journal
from ansible_collections.mailops.tls.plugins.module_utils._deploy.order import DeployOrder, GuardOrder
from ansible_collections.mailops.tls.plugins.module_utils._deploy.tlsa_guard import GuardHolds
from ansible_collections.mailops.tls.plugins.module_utils._deploy.transaction import DeployFailed
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import read_file
from ansible_collections.mailops.tls.plugins.module_utils._rollover.certificates import ends_at
from ansible_collections.mailops.tls.plugins.module_utils._rollover.gather import Material
from ansible_collections.mailops.tls.plugins.module_utils._rollover.keyring import KeptKey, Keyring, copies_of, digest_of
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import Key
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import Action, ActionKind
from ansible_collections.mailops.tls.plugins.module_utils._rollover.order import RolloverOptions
from ansible_collections.mailops.tls.plugins.module_utils._rollover.serving import Servings, servings
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificates import random_serial, self_signed
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import UnusableKey
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_part import same_public_key
from ansible_collections.mailops.tls.plugins.module_utils._x509.requests import UnreadableRequest, asks_the_same, request

Replaced = Mapping[str, Mapping[str, str]]
"""Configuration directory -> kind of key -> the file of the chain that was deployed there before. Has every directory ever deployed to."""


def _forget(replaced: Replaced) -> None:
    """Nothing is saved."""


class NotDone(Exception):
    """Something on this machine could not be done; the text says what. What was begun is left so that it can be done again."""


@dataclass(frozen=True)
class Tools:
    """All that is needed to do things. What `edges` observes the steps by may end the process at any of them.

    `remember` saves what is about to be replaced.
    """

    keyring: Keyring
    options: RolloverOptions
    edges: Edges
    now: Callable[[], int]
    guard: bool
    remember: Callable[[Replaced], None] = _forget
    check_mode: bool = False

    def deploy_order(self, directory: str, key_path: str, chain_path: str) -> DeployOrder:
        """Return the order of a deployment into one instance."""
        scope, dns = self.options.scope, self.options.dns
        return DeployOrder(
            config_directory=directory,
            certificate_path=chain_path,
            privatekey_path=key_path,
            watch=self.options.watch,
            guard=GuardOrder(scope.hosts, scope.ports, dns.settings) if self.guard else None,
            parameters=self.options.parameters,
            names=(),  # looked at already, with those that matter
            strict=False,  # told as warnings; who serves nothing better is not helped by a refusal
        )


@dataclass
class Performed:
    """What was (or would be) done: files made and removed, deployments as facts, and what was deployed before."""

    changed: bool = False
    made: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    deployments: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    replaced: dict[str, dict[str, str]] = field(default_factory=dict)


def recover(tools: Tools, directories: Sequence[str | None]) -> dict[str, str]:
    """End deployments that were interrupted; returns what became of them by configuration directory.

    Raises:
        NotDone: when it could not be done; the text says why.
    """
    found = {}
    for directory in directories:
        try:
            if directory is not None and read_journal(directory) is None:
                continue  # Postfix has been asked where it is already
            ended = recover_deployment(directory or "", tools.options.watch, tools.edges, check_mode=tools.check_mode)
        except (OptionError, DeployFailed, JournalUnreadable, OSError) as problem:
            raise NotDone(f"{directory}: a deployment that was interrupted: {clean(str(problem))}") from problem
        if ended is not None:
            found[directory or ""] = ended
    return found


def perform(tools: Tools, action: Action, found: Material, serving: Servings, replaced: Replaced) -> Performed:
    """Do an action that is the module's own; those of the caller are not done.

    Raises:
        NotDone: when it could not be done; the text says why.
    """
    performed = Performed(replaced={directory: dict(chains) for directory, chains in replaced.items()})
    try:
        if action.kind is ActionKind.STAGE:
            _stage(tools, action.algorithms, performed)
        elif action.kind is ActionKind.ISSUE:
            for key in action.keys:
                _issue(tools, _kept(found, key), performed)
        elif action.kind in (ActionKind.DEPLOY, ActionKind.RENEW):
            _deploy(tools, action, found, serving, performed)
        elif action.kind is ActionKind.ROLL_BACK:
            _roll_back(tools, action, found, serving, performed)
        elif action.kind is ActionKind.DISCARD:
            _discard(tools, [key for key in action.keys if found.key(key) is not None], found, serving, performed)
    except (OSError, UnusableKey) as problem:
        raise NotDone(clean(str(problem))) from problem
    return performed


def _kept(found: Material, key: Key) -> KeptKey:
    kept = found.key(key)
    if kept is None:
        raise NotDone(f"the {key.algorithm} key {key.digest} is not in the folder of keys")
    return kept


def _stage(tools: Tools, algorithms: Sequence[str], performed: Performed) -> None:
    """Make the next keys. They are younger than all that there is, even after the clock was set back."""
    kept, _problems = tools.keyring.keys()
    created = max([tools.now(), *(one.created + 1 for one in kept)])
    for algorithm in algorithms:
        performed.changed = True
        if tools.check_mode:
            continue
        tools.edges.observe("key")
        performed.made.append(tools.keyring.make(tools.options.orders[algorithm].kind, created).path)


def _issue(tools: Tools, key: KeptKey, performed: Performed) -> None:
    """Make the certificate, or the request unless there is one that asks for the same."""
    private = tools.keyring.load(key)
    if tools.options.policy.self_signed:
        performed.changed = True
        if not tools.check_mode:
            tools.edges.observe("certificate")
            performed.made.append(_self_signed(tools, key))
        return
    pem = request(private, tools.options.names)
    there = read_file(key.request_path)
    try:
        if there.error is None and asks_the_same(there.data, pem):
            return
    except UnreadableRequest:
        pass
    performed.changed = True
    if not tools.check_mode:
        tools.edges.observe("request")
        tools.keyring.keep_request(key, pem)
        performed.made.append(key.request_path)


def _self_signed(tools: Tools, key: KeptKey) -> str:
    moment = datetime.fromtimestamp(tools.now(), timezone.utc)
    made = self_signed(tools.keyring.load(key), tools.options.names, not_before=moment, serial=random_serial())
    return tools.keyring.keep_chain(key, [made])


def _deploy(tools: Tools, action: Action, found: Material, serving: Servings, performed: Performed) -> None:
    """Each key into each instance; what it replaces is kept first."""
    for key in action.keys:
        kept = _kept(found, key)
        chain_path = _chain_path(tools, action.kind, kept, found, serving)
        for directory in serving.directories:
            performed.replaced.setdefault(directory, {})  # that it was deployed to is remembered in any case
            if action.kind is ActionKind.DEPLOY:
                _keep_replaced(tools, directory, kept, serving, performed)
        if not tools.check_mode:
            tools.remember(performed.replaced)
        for directory in serving.directories:
            _deploy_pair(tools, directory, kept.path, chain_path, performed)


def _chain_path(tools: Tools, kind: ActionKind, key: KeptKey, found: Material, serving: Servings) -> str | None:
    """The file with the chain to deploy, in the folder of keys; in check mode where it is now, None when it is not made yet.

    A certificate is made only where a self-signed one is deployed: the machine has judged by the same rule.
    """
    candidate = found.chain(key)
    if kind is ActionKind.RENEW and tools.options.policy.self_signed:
        issued = any(one.served_chain().issuers for one in serving.found if one.spki == key.spki)
        soon = tools.now() + tools.options.policy.renew_before
        if not issued and (candidate is None or candidate.problem is not None or ends_at(candidate.leaf) <= soon):
            return None if tools.check_mode else _self_signed(tools, key)
    if candidate is None or candidate.problem is not None:
        raise NotDone(f"there is no certificate for the {key.algorithm} key {digest_of(key.spki)}")
    return candidate.kept.path if tools.check_mode else tools.keyring.keep_chain(key, candidate.kept.chain)


def _keep_replaced(tools: Tools, directory: str, new: KeptKey, serving: Servings, performed: Performed) -> None:
    """Keep a copy of the pair that a key takes the place of. It counts as older than the key, whatever its own age."""
    for one in serving.found:
        if one.directory != directory or not one.replaceable or one.algorithm != new.algorithm or same_public_key(one.spki, new.spki):
            continue
        if tools.check_mode:
            return
        tools.edges.observe("keep")
        try:
            pair = one.pair()
        except OptionError as problem:
            raise NotDone(f"what is deployed cannot be kept for a way back: {clean(str(problem))}") from problem
        modified = [file.path for file in one.item.files if file.path == one.item.material.key_name]
        age = int(os.stat(modified[0]).st_mtime) if modified else 0
        chain = tools.keyring.adopt(pair, max(0, min(age, new.created - 1)))
        performed.replaced.setdefault(directory, {})[new.algorithm] = chain


def _roll_back(tools: Tools, action: Action, found: Material, serving: Servings, performed: Performed) -> None:
    """Each instance gets back the chain that it had, else the best one of the key."""
    for key in action.keys:
        kept = _kept(found, key)
        candidate = found.chain(kept)
        for directory in serving.directories:
            before = performed.replaced.get(directory, {}).get(key.algorithm)
            path = before if before is not None and os.path.dirname(before) == tools.keyring.directory else None
            owner = next((one for one in found.keys if path is not None and path.startswith(one.stem + ".")), kept)
            if path is None or not os.path.exists(path):
                path, owner = (None if candidate is None else candidate.kept.path), kept
            if path is None:
                raise NotDone(f"there is no certificate for the {key.algorithm} key {key.digest}")
            _deploy_pair(tools, directory, owner.path, path, performed)


def _deploy_pair(tools: Tools, directory: str, key_path: str, chain_path: str | None, performed: Performed) -> None:
    if chain_path is None:  # in check mode, of a certificate that is not made yet
        performed.changed = True
        return
    try:
        outcome = deploy_pair(tools.deploy_order(directory, key_path, chain_path), tools.edges, check_mode=tools.check_mode)
    except GuardHolds as held:
        raise NotDone(f"{directory}: {held.value}: {clean(held.blocked)}") from held
    except (OptionError, DeployFailed, JournalUnreadable) as problem:
        raise NotDone(f"{directory}: {clean(str(problem))}") from problem
    performed.changed = performed.changed or outcome.changed
    performed.deployments.append(dict(outcome.facts))
    performed.warnings += [one for one in outcome.warnings if one not in performed.warnings]


def _discard(tools: Tools, keys: Sequence[Key], found: Material, serving: Servings, performed: Performed) -> None:
    """Remove the files of keys and the copies that deployments made of them, but nothing that an instance names or named."""
    deployed = [one.material.spki for one in serving.everything if one.material.spki is not None]
    former = _former(tools, serving, performed.replaced) if keys else {}
    for key in keys:
        kept = _kept(found, key)
        named = os.path.realpath(kept.path) in serving.files
        if serving.error is not None or named or any(same_public_key(one, key.spki) for one in deployed):
            raise NotDone(f"the {key.algorithm} key {key.digest} may be deployed and is not removed")
        copies = [path for directory in serving.directories for path in copies_of(key.spki, directory)]
        for directory, files in former.items():
            if any(os.path.realpath(path) in files for path in (*copies, *tools.keyring.files(kept))):
                text = "%s still names files of the %s key %s, which are not removed: give it in config_directories, or have it use another"
                raise NotDone(text % (directory, key.algorithm, key.digest))
        performed.changed = True
        performed.removed += [*copies, kept.path]
        if tools.check_mode:
            continue
        for path in copies:
            if os.path.realpath(path) not in serving.files:
                tools.edges.observe("remove")
                os.unlink(path)
        tools.edges.observe("discard")
        tools.keyring.discard(kept)


def _former(tools: Tools, serving: Servings, replaced: Replaced) -> dict[str, frozenset[str]]:
    """What the instances name that were deployed to once and are not given any more; nothing where the directory is gone."""
    scope = tools.options.scope
    given = {os.path.realpath(one) for one in serving.directories}
    found = {}
    for directory in replaced:
        if os.path.realpath(directory) in given or not os.path.isdir(directory):
            continue
        try:
            left = servings(tools.edges.run, [directory], scope.hosts, scope.ports)
        except OptionError as problem:
            raise NotDone(f"{directory}: it was deployed to once, and cannot be asked: {clean(str(problem))}") from problem
        if left.error is not None:
            raise NotDone(f"{directory}: it was deployed to once, and cannot be understood: {left.error}")
        found[directory] = left.files
    return found
