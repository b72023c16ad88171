# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `mailbox_tls_probe`: parameters in, the task's result out. The edge where the event loop lives."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.conductor import MailboxRun
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.lint import lint, worst
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import MailboxResult, invalid_target_facts, summarize
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget
from ansible_collections.mailops.tls.plugins.module_utils._module.deciding_options import deciding_values
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_targets import InvalidTarget
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.arguments import mailbox_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.options import MailboxOptions, mailbox_options
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._probe.collector import seldom_collecting
from ansible_collections.mailops.tls.plugins.module_utils._probe.descriptors import reserve_descriptors
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import not_met, unmet_expectations
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import MAILBOXES, mailbox_key
from ansible_collections.mailops.tls.plugins.module_utils._results.json_lines import ResultsFile, new_identity
from ansible_collections.mailops.tls.plugins.module_utils._results.mailbox_report import mailbox_report
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts
from ansible_collections.mailops.tls.plugins.module_utils._tls.session_files import SessionFiles
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace import OnTrace

TARGETS = ("hosts", "domains")
"""The options that name what is probed: a result is of one."""


def run_mailbox_probe(params: Mapping[str, Any], *, check_mode: bool = False) -> TaskResult:
    """Probe the hosts and domains in *params*.

    Args:
        params: the parameters of `mailbox_tls_probe`, as its argument specification leaves them.
        check_mode: probe, but write no file.

    Raises:
        OptionError: an option cannot be used; nothing was probed.
    """
    options = mailbox_options(params)
    level = options.settings.security_level
    contexts = TlsContexts(options.tls)
    contexts.check(must_match=level.must_match, need_not_match=level.need_not_match)
    reserve_descriptors(options.turns.concurrency)
    nameservers = options.dns.asked()
    with SessionFiles(None, None) if check_mode else SessionFiles(options.keylog_file, options.trace_file) as files:
        if files.on_secret is not None:
            contexts.log_secrets(files.on_secret)
        writer = None if check_mode else _results_file(params, options, nameservers)
        try:
            with seldom_collecting():
                results = asyncio.run(_probe(options, contexts, nameservers, writer, files.on_trace))
        finally:
            if writer is not None:
                writer.close()
    facts: dict[str, Any] = {"results": results, "summary": summarize(results), "report": mailbox_report(results)}
    if writer is not None and options.resume:
        facts["resumed"] = {"results": len(writer.done), "oldest": writer.oldest}
    unmet = unmet_expectations(options.expect, results, datetime.now(timezone.utc)) if options.expect else []
    if unmet:
        facts["unmet"] = [one.as_dict() for one in unmet]
    return TaskResult(facts, warnings=options.warnings + contexts.warnings + files.warnings, failure=not_met(unmet))


def _key(target: MailTarget | InvalidTarget) -> str:
    return mailbox_key({"lookup": "srv" if target.by_srv else "host", "target": target.text})


def _results_file(params: Mapping[str, Any], options: MailboxOptions, nameservers: Sequence[Nameserver]) -> ResultsFile | None:
    if options.results_file is None:
        return None
    deciding = deciding_values(
        params, mailbox_arguments(), TARGETS, ehlo_name=options.settings.ehlo_name, nameservers=nameservers
    )
    return ResultsFile(
        options.results_file,
        resume=options.resume,
        options={**deciding, "module": "mailbox_tls_probe"},
        identity=new_identity(),
        wanted=frozenset(_key(target) for target in options.targets),
        kind=MAILBOXES,
    )


async def _probe(
    options: MailboxOptions,
    contexts: TlsContexts,
    nameservers: Sequence[Nameserver],
    writer: ResultsFile | None,
    on_trace: OnTrace | None,
) -> list[dict[str, Any]]:
    """Probe what is not done yet; the results of all targets in the order given."""
    facts: dict[str, dict[str, Any]] = dict(writer.done) if writer is not None else {}
    now = datetime.now(timezone.utc)

    def keep(item: dict[str, Any]) -> None:
        facts[mailbox_key(item)] = item
        if writer is not None:
            writer.write(item)

    def finish(result: MailboxResult) -> None:
        found = lint(result, now)
        keep({**result.as_facts(options.detail), "worst": worst(found), "lint": [one.as_facts() for one in found]})

    wanted = {_key(target): target for target in options.targets if _key(target) not in facts}
    for target in wanted.values():
        if isinstance(target, InvalidTarget):
            keep(invalid_target_facts(target.text, by_srv=target.by_srv, failure=target.failure))
    resolver = Resolver(nameservers, options.dns.trust_ad)
    try:
        run = MailboxRun(options.settings, resolver.ask, Prober(contexts, options.turns, on_trace), now, resolver.validates)
        await run.run([target for target in wanted.values() if isinstance(target, MailTarget)], finish)
    finally:
        await resolver.close()
    return [facts[_key(target)] for target in options.targets]
