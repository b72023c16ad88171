# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `smtp_tls_probe`: parameters in, the task's result out. The edge where the event loop lives."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
from ansible_collections.mailops.tls.plugins.module_utils._module.kept_results import KeptResults, run_result
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.deciding_options import deciding_options
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.options import ProbeOptions, smtp_options
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._probe.collector import seldom_collecting
from ansible_collections.mailops.tls.plugins.module_utils._probe.descriptors import reserve_descriptors
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import unmet_expectations
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import DESTINATIONS
from ansible_collections.mailops.tls.plugins.module_utils._results.json_lines import ResultsFile, new_identity
from ansible_collections.mailops.tls.plugins.module_utils._results.lines import report_lines
from ansible_collections.mailops.tls.plugins.module_utils._smtp.fleet import Fleet
from ansible_collections.mailops.tls.plugins.module_utils._smtp.lint import lint
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult, invalid_destination_facts, summarize
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts
from ansible_collections.mailops.tls.plugins.module_utils._tls.session_files import SessionFiles
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace import OnTrace


def run_smtp_probe(params: Mapping[str, Any], *, check_mode: bool = False) -> TaskResult:
    """Probe the destinations in *params*.

    Args:
        params: the parameters of `smtp_tls_probe`, as its argument specification leaves them.
        check_mode: probe, but write no file.

    Raises:
        OptionError: an option cannot be used; nothing was probed.
    """
    options = smtp_options(params)
    level = options.settings.security_level
    contexts = TlsContexts(options.tls)
    contexts.check(must_match=level.must_match, need_not_match=level.need_not_match)
    reserve_descriptors(options.turns.concurrency)
    nameservers = options.dns.asked()
    with _session_files(options, check_mode) as files:
        if files.on_secret is not None:
            contexts.log_secrets(files.on_secret)
        writer = None if check_mode else _results_file(params, options, nameservers)
        try:
            with seldom_collecting():
                results, warnings = asyncio.run(_probe(options, contexts, nameservers, writer, files.on_trace))
        finally:
            if writer is not None:
                writer.close()
    facts: dict[str, Any] = {"results": results, "summary": summarize(results), "report": report_lines(results, options.report)}
    unmet = unmet_expectations(options.expect, results, datetime.now(timezone.utc)) if options.expect else []
    warnings = options.warnings + contexts.warnings + warnings + files.warnings
    return run_result(facts, writer, options.resume, unmet, warnings)


def _results_file(params: Mapping[str, Any], options: ProbeOptions, nameservers: Sequence[Nameserver]) -> ResultsFile | None:
    if options.results_file is None:
        return None
    ehlo_name = options.settings.dialogue.ehlo_name
    return ResultsFile(
        options.results_file,
        resume=options.resume,
        options=deciding_options(params, ehlo_name=ehlo_name, nameservers=nameservers),
        identity=new_identity(),
        wanted=frozenset(options.order),
    )


def _session_files(options: ProbeOptions, check_mode: bool) -> SessionFiles:
    return SessionFiles(None, None) if check_mode else SessionFiles(options.keylog_file, options.trace_file)


async def _probe(
    options: ProbeOptions,
    contexts: TlsContexts,
    nameservers: Sequence[Nameserver],
    writer: ResultsFile | None,
    on_trace: OnTrace | None,
) -> tuple[list[Mapping[str, Any]], tuple[str, ...]]:
    """Probe what is not done yet; the results of all destinations in the order given, and the fleet's warnings."""
    kept = KeptResults(writer, DESTINATIONS)

    def finish(result: DestinationResult) -> None:
        kept.keep({**result.as_facts(options.detail), "lint": [finding.as_facts() for finding in lint(result)]})

    for invalid in options.invalid:
        if invalid.text not in kept:
            kept.keep(invalid_destination_facts(invalid, options.settings.lookup.value))
    resolver = Resolver(nameservers, options.dns.trust_ad)
    wanted = {one.text: one for one in options.destinations}
    try:
        fleet = Fleet(options.settings, resolver.ask, Prober(contexts, options.turns, on_trace), validates=resolver.validates)
        await fleet.run([one for text, one in wanted.items() if text not in kept], finish)
    finally:
        await resolver.close()
    return kept.in_order(options.order), fleet.warnings
