# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `postfix_tls_deploy`: parameters in, what was (or would be) done out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import TlsaOwner
from ansible_collections.mailops.tls.plugins.module_utils._deploy.journal import Journal, read_journal
from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import (
    COMMANDS,
    AddressesOf,
    Listening,
    configured_listeners,
    given_listeners,
)
from ansible_collections.mailops.tls.plugins.module_utils._deploy.loading import files_refusal, pair_refusal
from ansible_collections.mailops.tls.plugins.module_utils._deploy.lock import alone
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
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import dns_settings
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
class DeployRun:
    """What came out: whether something changed, facts to return, the two sides of a diff, and warnings."""

    changed: bool
    facts: Mapping[str, object]
    diff: Mapping[str, object]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Order:
    """An instance, what shall be deployed there, and how."""

    instance: Instance
    pair: Pair
    plan: Plan
    watch: Watch
    warnings: tuple[str, ...]
    lint: tuple[Finding, ...]


def run_deploy(params: Mapping[str, Any], edges: Edges, *, check_mode: bool = False) -> DeployRun:
    """Deploy the pair that *params*, as the argument specification leaves them, name.

    Raises `OptionError` before anything is changed, `DeployFailed` when it had to be taken back, `JournalUnreadable`, `PostfixMissing`.
    """
    directory = read_instance(edges.run, params["config_directory"]).config_directory
    with nullcontext() if check_mode else alone(directory):
        recovery = _recover(params, edges, directory, check_mode)
        if not check_mode:
            sweep_leftovers(directory, os.path.join(directory, params["directory"] or ""))
        order = _order(params, edges, directory)
        findings = _guard(params, order)
        transaction = _transaction(edges, directory, order.watch)
        running = transaction.is_running()
        if running:
            _require_somebody_to_ask(order.watch)
        digest = order.pair.leaf.digest("sha256")
        current = not running or order.watch.all_serve(order.pair.algorithm, digest)
        changes = bool(order.plan.settings) or not current
        reloaded = False
        if changes and not check_mode:
            reloaded = transaction.deploy(order.plan.settings, order.plan.files, order.pair, runs=running)
    running = running or reloaded
    unseen = _unseen(order, running, pending=changes and check_mode)
    facts = {
        **_facts(order, findings),
        "recovery": recovery,
        "running": running,
        "reloaded": reloaded,
        "served": True if running and unseen is None and not (changes and check_mode) else None,
        "unseen": unseen,
    }
    warnings = (*order.warnings, *([] if unseen is None else [unseen]))
    if recovery == "abandoned":
        warnings += ("main.cf was changed after an interrupted deployment, which is therefore left as it is",)
    return DeployRun(changes or recovery is not None, facts, _diff(order), warnings)


def _require_somebody_to_ask(watch: Watch) -> None:
    """A deployment that nobody could see would have to be taken back, so it is not begun. Raises DeployFailed."""
    nobody = watch.nobody_to_ask()
    if nobody is not None:
        raise DeployFailed(f"nothing was deployed: {nobody}", rolled_back=True)


def _unseen(order: _Order, running: bool, *, pending: bool) -> str | None:
    """Why nobody has seen the certificate served; None when somebody has, or when there is a change to come first."""
    if not running:
        loaded = "OpenSSL loads the key with its chain, but Postfix does not run: nobody has seen the certificate served"
        return loaded
    reason = None if pending else order.watch.unseen()
    return None if reason is None else f"nobody has seen the certificate served everywhere: {reason}"


def recover_deploy(params: Mapping[str, Any], edges: Edges, *, check_mode: bool = False) -> str | None:
    """End what an interrupted run has left in the instance of `config_directory`, without deploying anything.

    Of the parameters also listeners, timeout and allow_unseen count. Returns discarded, finished or abandoned; None when there is
    nothing. Raises as run_deploy does.
    """
    directory = read_instance(edges.run, params["config_directory"]).config_directory
    if read_journal(directory) is None:
        return None
    with nullcontext() if check_mode else alone(directory):
        return _recover(params, edges, directory, check_mode)


def _transaction(edges: Edges, directory: str, watch: Watch) -> Transaction:
    return Transaction(edges.run, directory, watch.wait, edges.observe)


def _recover(params: Mapping[str, Any], edges: Edges, directory: str, check_mode: bool) -> str | None:
    """Finish or discard what an interrupted run has left; returns which, None when there was none."""
    journal = read_journal(directory)
    if journal is None:
        return None
    instance = read_instance(edges.run, directory, commands=COMMANDS)
    progress = journal.progress(instance.main.explicit)
    if not check_mode:
        _resolve(_transaction(edges, directory, _watch(params, edges, instance)), journal, progress)
    return {"before": "discarded", "after": "finished"}.get(progress, "abandoned")


def _resolve(transaction: Transaction, journal: Journal, progress: str) -> None:
    if progress == "before":
        transaction.discard(journal)
    elif progress == "after":
        transaction.activate(journal)
    else:
        transaction.end()


def _watch(params: Mapping[str, Any], edges: Edges, instance: Instance) -> Watch:
    listening = _listening(params, edges, instance)
    return Watch(listening, params["allow_unseen"], params["timeout"], edges.look)


def _listening(params: Mapping[str, Any], edges: Edges, instance: Instance) -> Listening:
    if params["listeners"] is not None:
        return given_listeners(params["listeners"])
    return configured_listeners(instance, service_port, edges.addresses_of)


def _order(params: Mapping[str, Any], edges: Edges, directory: str) -> _Order:
    if params["min_days_left"] < 0:
        raise OptionError("min_days_left", params["min_days_left"], "must not be negative")
    if params["timeout"] <= 0:
        raise OptionError("timeout", params["timeout"], "is not a number of seconds above 0")
    instance = read_instance(edges.run, directory, commands=COMMANDS)
    certificate = os.path.join(directory, params["certificate_path"])
    key = os.path.join(directory, params["privatekey_path"] or params["certificate_path"])
    folder = os.path.join(directory, params["directory"] or "")
    if not os.path.isdir(folder):
        raise OptionError("directory", folder, "is no directory")
    sources = Sources(certificate, key, folder.rstrip("/") or "/")
    pair = read_pair(read_file(certificate), read_file(key))
    names = reference_names(params["names"], instance.main.value("myhostname"))
    now = datetime.now(timezone.utc)
    check_pair(pair, names, now, params["min_days_left"])
    lint = pair_lint(pair, now)
    if params["strict"] and lint:
        raise OptionError("strict", True, f"refuses what verifying senders would refuse: {'; '.join(one.text for one in lint)}")
    found = deployment(instance, read_file, partial(map_entries, edges.run, directory))
    plan = make_plan(instance, found, pair, sources, params["parameters"])
    _require_loadable(pair, plan, sources)
    return _Order(instance, pair, plan, _watch(params, edges, instance), (*(one.text for one in lint), *plan.warnings), lint)


def _require_loadable(pair: Pair, plan: Plan, sources: Sources) -> None:
    """The library that Postfix uses has the last word, and it is asked before anything is touched. Raises OptionError."""
    refusal = pair_refusal(pair)
    if refusal is None and plan.parameters == "legacy":  # Postfix reads these files themselves
        refusal = files_refusal(sources.certificate, sources.key)
    if refusal is not None:
        raise OptionError("certificate_path", sources.certificate, f"cannot be deployed with {sources.key}: {refusal}")


def _guard(params: Mapping[str, Any], order: _Order) -> tuple[GuardFinding, ...]:
    """Raises `GuardHolds` when the pair would break DANE, or when that is not certain."""
    if not params["tlsa_guard"]:
        return ()
    hosts = params["tlsa_hosts"] if params["tlsa_hosts"] is not None else [order.instance.main.value("myhostname")]
    for port in params["tlsa_ports"]:
        if not 0 < port < 65536:
            raise OptionError("tlsa_ports", port, "is not a port")
    owners = [TlsaOwner(parse_host(host, "tlsa_hosts"), port) for host in hosts for port in params["tlsa_ports"]]
    settings = dns_settings(params["nameservers"], params["trust_ad"])
    now = datetime.now(timezone.utc)
    found = asyncio.run(_published(settings.resolver(), owners)) if owners else []
    findings = tuple(judge(one, order.pair.chain, now) for one in found)
    for finding in findings:
        if finding.blocked is not None:
            raise GuardHolds(finding.published, finding.blocked)
    return findings


async def _published(resolver: Resolver, owners: Sequence[TlsaOwner]) -> list[Published]:
    try:
        return [await published_records(resolver.ask, owner, resolver.validates) for owner in owners]
    finally:
        await resolver.close()


def _facts(order: _Order, findings: Sequence[GuardFinding]) -> dict[str, object]:
    return {
        "config_directory": order.instance.config_directory,
        "parameters": order.plan.parameters,
        "changed_parameters": [one.as_dict() for one in order.plan.settings],
        "files": [path for path, _pair in order.plan.files],
        "algorithm": order.pair.algorithm,
        "public_key_sha256": order.pair.public_key_sha256,
        "certificate": order.pair.leaf.as_facts(include_pem=False),
        "lint": [one.as_facts() for one in order.lint],
        "tlsa": [one.as_dict() for one in findings],
        "listeners": order.watch.facts(order.pair.leaf.digest("sha256")),
        "unasked": [{"service": one.service, "reason": one.reason} for one in order.watch.listening.unasked],
    }


def _diff(order: _Order) -> dict[str, object]:
    """Parameters, and what the certificates are; no key."""
    old, new = order.plan.replaced, order.pair
    leaf = old.material.chain[0] if old is not None and old.material.chain else None
    before = {"parameters": {one.name: one.before for one in order.plan.settings}, "certificate": None}
    if leaf is not None and old is not None:
        before["certificate"] = _shown(leaf.digest("sha256"), old)
    shown = {"sha256": new.leaf.digest("sha256"), "public_key_sha256": new.public_key_sha256, "algorithm": new.algorithm}
    return {"before": before, "after": {"parameters": {one.name: one.after for one in order.plan.settings}, "certificate": shown}}


def _shown(digest: str, item: Deployed) -> dict[str, str | None]:
    return {"sha256": digest, "public_key_sha256": item.public_key_sha256, "algorithm": item.algorithm}
