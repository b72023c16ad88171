# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deploying a pair into one instance: an order in, what was (or would be) done out. The edge to files, programs and listeners."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import TlsaOwner
from ansible_collections.mailops.tls.plugins.module_utils._deploy.journal import Journal, read_journal
from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import COMMANDS, AddressesOf, configured_listeners
from ansible_collections.mailops.tls.plugins.module_utils._deploy.loading import files_refusal, pair_refusal
from ansible_collections.mailops.tls.plugins.module_utils._deploy.lock import alone
from ansible_collections.mailops.tls.plugins.module_utils._deploy.order import DeployOrder, GuardOrder, WatchOrder
from ansible_collections.mailops.tls.plugins.module_utils._deploy.pair import Pair, check_pair, pair_lint, read_pair
from ansible_collections.mailops.tls.plugins.module_utils._deploy.plan import Plan, Sources, make_plan
from ansible_collections.mailops.tls.plugins.module_utils._deploy.served import Look, look_at, system_addresses
from ansible_collections.mailops.tls.plugins.module_utils._deploy.tlsa_guard import (
    GuardFinding,
    GuardHolds,
    Published,
    judge,
    published_records,
)
from ansible_collections.mailops.tls.plugins.module_utils._deploy.transaction import DeployFailed, Observe, Transaction, sweep_leftovers
from ansible_collections.mailops.tls.plugins.module_utils._deploy.watch import Watch
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import read_file
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed import Deployed, deployment
from ansible_collections.mailops.tls.plugins.module_utils._postfix.lint import reference_names
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Instance, Run, map_entries, read_instance
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import service_port
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.owners import parse_host


def _ignore(step: str) -> None:
    """Nobody watches the steps."""


@dataclass(frozen=True)
class Edges:
    """What a run touches beside files: programs, listeners and their names, and who watches the steps."""

    run: Run
    look: Look = look_at
    observe: Observe = _ignore
    addresses_of: AddressesOf = system_addresses


@dataclass(frozen=True)
class DeployOutcome:
    """What came out: whether something changed, facts to return, the two sides of a diff, and warnings."""

    changed: bool
    facts: Mapping[str, object]
    diff: Mapping[str, object]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Job:
    """An instance, what shall be deployed there, and how."""

    instance: Instance
    pair: Pair
    plan: Plan
    watch: Watch
    warnings: tuple[str, ...]
    lint: tuple[Finding, ...]


def deploy_pair(order: DeployOrder, edges: Edges, *, check_mode: bool = False) -> DeployOutcome:
    """Deploy a pair, or with *check_mode* only say what would be done.

    Raises:
        OptionError: before anything is changed.
        DeployFailed: when it had to be taken back.
        JournalUnreadable: when it cannot be believed.
        PostfixMissing: when there is no Postfix.
    """
    directory = read_instance(edges.run, order.config_directory).config_directory
    with nullcontext() if check_mode else alone(directory):
        recovery = _recover(order.watch, edges, directory, check_mode)
        if not check_mode:
            sweep_leftovers(directory, os.path.join(directory, order.directory or ""))
        job = _job(order, edges, directory)
        findings = _guard(order.guard, job)
        transaction = _transaction(edges, directory, job.watch)
        running = transaction.is_running()
        if running:
            _require_somebody_to_ask(job.watch)
        digest = job.pair.leaf.digest("sha256")
        current = not running or job.watch.all_serve(job.pair.algorithm, digest)
        changes = bool(job.plan.settings) or not current
        reloaded = False
        if changes and not check_mode:
            reloaded = transaction.deploy(job.plan.settings, job.plan.files, job.pair, runs=running)
    running = running or reloaded
    unseen = _unseen(job, running, pending=changes and check_mode)
    facts = {
        **_facts(job, findings),
        "recovery": recovery,
        "running": running,
        "reloaded": reloaded,
        "served": True if running and unseen is None and not (changes and check_mode) else None,
        "unseen": unseen,
    }
    warnings = (*job.warnings, *([] if unseen is None else [unseen]))
    if recovery == "abandoned":
        warnings += ("main.cf was changed after an interrupted deployment, which is therefore left as it is",)
    return DeployOutcome(changes or recovery is not None, facts, _diff(job), warnings)


def _require_somebody_to_ask(watch: Watch) -> None:
    """A deployment that nobody could see would have to be taken back, so it is not begun.

    Raises:
        DeployFailed: when it had to be taken back.
    """
    nobody = watch.nobody_to_ask()
    if nobody is not None:
        raise DeployFailed(f"nothing was deployed: {nobody}", rolled_back=True)


def _unseen(job: _Job, running: bool, *, pending: bool) -> str | None:
    """Why nobody has seen the certificate served; None when somebody has, or when there is a change to come first."""
    if not running:
        loaded = "OpenSSL loads the key with its chain, but Postfix does not run: nobody has seen the certificate served"
        return loaded
    reason = None if pending else job.watch.unseen()
    return None if reason is None else f"nobody has seen the certificate served everywhere: {reason}"


def recover_deployment(
    config_directory: str | None, watch: WatchOrder, edges: Edges, *, check_mode: bool = False
) -> str | None:
    """End what an interrupted run has left in an instance, without deploying anything.

    Returns `discarded`, `finished` or `abandoned`; `None` when there is nothing. Raises as `deploy_pair` does.
    """
    directory = read_instance(edges.run, config_directory).config_directory
    if read_journal(directory) is None:
        return None
    with nullcontext() if check_mode else alone(directory):
        return _recover(watch, edges, directory, check_mode)


def _transaction(edges: Edges, directory: str, watch: Watch) -> Transaction:
    return Transaction(edges.run, directory, watch.wait, edges.observe)


def _recover(watch: WatchOrder, edges: Edges, directory: str, check_mode: bool) -> str | None:
    """Finish or discard what an interrupted run has left; returns which, None when there was none."""
    journal = read_journal(directory)
    if journal is None:
        return None
    instance = read_instance(edges.run, directory, commands=COMMANDS)
    progress = journal.progress(instance.main.explicit)
    if not check_mode:
        _resolve(_transaction(edges, directory, _watch(watch, edges, instance)), journal, progress)
    return {"before": "discarded", "after": "finished"}.get(progress, "abandoned")


def _resolve(transaction: Transaction, journal: Journal, progress: str) -> None:
    if progress == "before":
        transaction.discard(journal)
    elif progress == "after":
        transaction.activate(journal)
    else:
        transaction.end()


def _watch(watch: WatchOrder, edges: Edges, instance: Instance) -> Watch:
    named = watch.listening
    listening = configured_listeners(instance, service_port, edges.addresses_of) if named is None else named
    return Watch(listening, watch.allow_unseen, watch.seconds, edges.look)


def _job(order: DeployOrder, edges: Edges, directory: str) -> _Job:
    instance = read_instance(edges.run, directory, commands=COMMANDS)
    certificate = os.path.join(directory, order.certificate_path)
    key = os.path.join(directory, order.privatekey_path or order.certificate_path)
    folder = os.path.join(directory, order.directory or "")
    if not os.path.isdir(folder):
        raise OptionError("directory", folder, "is not a directory")
    sources = Sources(certificate, key, folder.rstrip("/") or "/")
    pair = read_pair(read_file(certificate), read_file(key))
    names = reference_names(order.names, instance.main.value("myhostname"))
    now = datetime.now(timezone.utc)
    check_pair(pair, names, now, order.min_days_left)
    lint = pair_lint(pair, now)
    if order.strict and lint:
        raise OptionError("strict", True, f"refuses what verifying senders would refuse: {'; '.join(one.text for one in lint)}")
    found = deployment(instance, read_file, partial(map_entries, edges.run, directory))
    plan = make_plan(instance, found, pair, sources, order.parameters)
    _require_loadable(pair, plan, sources)
    return _Job(instance, pair, plan, _watch(order.watch, edges, instance), (*(one.text for one in lint), *plan.warnings), lint)


def _require_loadable(pair: Pair, plan: Plan, sources: Sources) -> None:
    """Ask the library that Postfix uses, which has the last word, before anything is touched.

    Raises:
        OptionError: when it refuses the pair.
    """
    refusal = pair_refusal(pair)
    if refusal is None and plan.parameters == "legacy":  # Postfix reads these files themselves
        refusal = files_refusal(sources.certificate, sources.key)
    if refusal is not None:
        raise OptionError("certificate_path", sources.certificate, f"cannot be deployed with {sources.key}: {refusal}")


def _guard(order: GuardOrder | None, job: _Job) -> tuple[GuardFinding, ...]:
    """Ask the guard.

    Raises:
        GuardHolds: when the pair would break DANE, or when that is not certain.
    """
    if order is None:
        return ()
    hosts = (parse_host(job.instance.main.value("myhostname"), "tlsa_hosts"),) if order.hosts is None else order.hosts
    owners = [TlsaOwner(host, port) for host in hosts for port in order.ports]
    now = datetime.now(timezone.utc)
    found = asyncio.run(_published(order.dns.resolver(), owners)) if owners else []
    findings = tuple(judge(one, job.pair.chain, now) for one in found)
    for finding in findings:
        if finding.blocked is not None:
            raise GuardHolds(finding.published, finding.blocked)
    return findings


async def _published(resolver: Resolver, owners: Sequence[TlsaOwner]) -> list[Published]:
    try:
        return [await published_records(resolver.ask, owner, resolver.validates) for owner in owners]
    finally:
        await resolver.close()


def _facts(job: _Job, findings: Sequence[GuardFinding]) -> dict[str, object]:
    return {
        "config_directory": job.instance.config_directory,
        "parameters": job.plan.parameters,
        "changed_parameters": [one.as_dict() for one in job.plan.settings],
        "files": [path for path, _pair in job.plan.files],
        "algorithm": job.pair.algorithm,
        "public_key_sha256": job.pair.public_key_sha256,
        "certificate": job.pair.leaf.as_facts(include_pem=False),
        "lint": [one.as_facts() for one in job.lint],
        "tlsa": [one.as_dict() for one in findings],
        "listeners": job.watch.facts(job.pair.leaf.digest("sha256")),
        "unasked": [{"service": one.service, "reason": one.reason} for one in job.watch.listening.unasked],
    }


def _diff(job: _Job) -> dict[str, object]:
    """Parameters, and what the certificates are; no key."""
    old, new = job.plan.replaced, job.pair
    leaf = old.material.chain[0] if old is not None and old.material.chain else None
    before = {"parameters": {one.name: one.before for one in job.plan.settings}, "certificate": None}
    if leaf is not None and old is not None:
        before["certificate"] = _shown(leaf.digest("sha256"), old)
    shown = {"sha256": new.leaf.digest("sha256"), "public_key_sha256": new.public_key_sha256, "algorithm": new.algorithm}
    return {"before": before, "after": {"parameters": {one.name: one.after for one in job.plan.settings}, "certificate": shown}}


def _shown(digest: str, item: Deployed) -> dict[str, str | None]:
    return {"sha256": digest, "public_key_sha256": item.public_key_sha256, "algorithm": item.algorithm}
