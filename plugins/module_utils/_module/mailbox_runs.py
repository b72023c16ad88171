# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run over mailbox servers, whatever is done there: options in, the task's result out. The edge where the event loop lives.

A module says by a `MailboxDoor` what tells it from others, and by a `Conduct` what it does with each target.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.conductor import MailboxRun
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import invalid_target_facts
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget
from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec
from ansible_collections.mailops.tls.plugins.module_utils._module.deciding_options import deciding_values
from ansible_collections.mailops.tls.plugins.module_utils._module.kept_results import KeptResults, run_result
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_targets import InvalidTarget
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_options import MailboxOptions
from ansible_collections.mailops.tls.plugins.module_utils._module.suffix_list import provider_of
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._probe.collector import seldom_collecting
from ansible_collections.mailops.tls.plugins.module_utils._probe.descriptors import reserve_descriptors
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import unmet_expectations
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import ResultKind, mailbox_key
from ansible_collections.mailops.tls.plugins.module_utils._results.json_lines import ResultsFile, new_identity
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts
from ansible_collections.mailops.tls.plugins.module_utils._tls.session_files import SessionFiles
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace import OnTrace

TARGETS = ("hosts", "domains")
"""The options that name what is probed: a result is of one."""


@dataclass(frozen=True)
class MailboxDoor:
    """What tells one of these modules from another: its name, arguments and kind of results, and what is made of those."""

    name: str
    arguments: Callable[[], ArgumentSpec]
    kind: ResultKind
    summarize: Callable[[Sequence[Mapping[str, Any]]], Mapping[str, Any]]
    report: Callable[[Sequence[Mapping[str, Any]]], list[str]]


@dataclass(frozen=True)
class MailboxTools:
    """What a conduct works with; *now* is the time of the run, aware, and *keep* takes each result."""

    run: MailboxRun
    prober: Prober
    now: datetime
    keep: Callable[[Mapping[str, Any]], None]


Conduct = Callable[[Sequence[MailTarget], MailboxTools], Awaitable[object]]
"""Looks at targets, and keeps a result for each."""


def run_mailboxes(
    params: Mapping[str, Any], options: MailboxOptions, door: MailboxDoor, conduct: Conduct, *, check_mode: bool
) -> TaskResult:
    """Probe the hosts and domains of *options*; in check mode no file is written.

    Raises:
        OptionError: an option cannot be used; nothing was probed.
    """
    level = options.settings.security_level
    contexts = TlsContexts(options.tls)
    contexts.check(must_match=level.must_match, need_not_match=level.need_not_match)
    reserve_descriptors(options.turns.concurrency)
    nameservers = options.dns.asked()
    with SessionFiles(None, None) if check_mode else SessionFiles(options.keylog_file, options.trace_file) as files:
        if files.on_secret is not None:
            contexts.log_secrets(files.on_secret)
        writer = None if check_mode else _results_file(params, options, door, nameservers)
        kept = KeptResults(writer, door.kind)
        try:
            with seldom_collecting():
                asyncio.run(_probe(options, contexts, nameservers, kept, conduct, files.on_trace))
        finally:
            if writer is not None:
                writer.close()
    results = kept.in_order(_key(target) for target in options.targets)
    facts = {"results": results, "summary": door.summarize(results), "report": door.report(results)}
    unmet = unmet_expectations(options.expect, results, datetime.now(timezone.utc)) if options.expect else []
    return run_result(facts, writer, options.resume, unmet, options.warnings + contexts.warnings + files.warnings)


def _key(target: MailTarget | InvalidTarget) -> str:
    return mailbox_key({"lookup": "srv" if target.by_srv else "host", "target": target.text})


def _results_file(
    params: Mapping[str, Any], options: MailboxOptions, door: MailboxDoor, nameservers: Sequence[Nameserver]
) -> ResultsFile | None:
    if options.results_file is None:
        return None
    deciding = deciding_values(params, door.arguments(), TARGETS, ehlo_name=options.settings.ehlo_name, nameservers=nameservers)
    return ResultsFile(
        options.results_file,
        resume=options.resume,
        options={**deciding, "module": door.name},
        identity=new_identity(),
        wanted=frozenset(_key(target) for target in options.targets),
        kind=door.kind,
    )


async def _probe(
    options: MailboxOptions,
    contexts: TlsContexts,
    nameservers: Sequence[Nameserver],
    kept: KeptResults,
    conduct: Conduct,
    on_trace: OnTrace | None,
) -> None:
    """Probe what is not done yet."""
    now = datetime.now(timezone.utc)
    wanted = {_key(target): target for target in options.targets if _key(target) not in kept}
    for target in wanted.values():
        if isinstance(target, InvalidTarget):
            kept.keep(invalid_target_facts(target.text, by_srv=target.by_srv, failure=target.failure))
    resolver = Resolver(nameservers, options.dns.trust_ad)
    try:
        prober = Prober(contexts, options.turns, on_trace, provider_of(options.turns))
        run = MailboxRun(options.settings, resolver.ask, prober, now, resolver.validates)
        targets = [target for target in wanted.values() if isinstance(target, MailTarget)]
        await conduct(targets, MailboxTools(run, prober, now, kept.keep))
    finally:
        await resolver.close()
