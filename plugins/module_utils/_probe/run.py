# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of C(smtp_tls_probe): parameters in, the task's result out. The edge where the event loop lives."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Optional

from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import system_nameservers
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
from ansible_collections.mailops.tls.plugins.module_utils._probe.descriptors import reserve_descriptors
from ansible_collections.mailops.tls.plugins.module_utils._probe.expect import Unmet, unmet_expectations
from ansible_collections.mailops.tls.plugins.module_utils._probe.fleet import Fleet
from ansible_collections.mailops.tls.plugins.module_utils._probe.lint import lint
from ansible_collections.mailops.tls.plugins.module_utils._probe.options import ProbeOptions, smtp_options
from ansible_collections.mailops.tls.plugins.module_utils._probe.report import report_lines
from ansible_collections.mailops.tls.plugins.module_utils._probe.result import DestinationResult, summarize
from ansible_collections.mailops.tls.plugins.module_utils._probe.results_file import ResultsFile
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_files import SessionFiles
from ansible_collections.mailops.tls.plugins.module_utils._probe.tls_context import TlsContexts
from ansible_collections.mailops.tls.plugins.module_utils._probe.trace import OnTrace

_SHOWN_UNMET = 10


@dataclass(frozen=True)
class RunResult:
    """What a run gives back: the task's facts, warnings for the user, and what does not meet C(expect)."""

    facts: dict[str, Any]
    warnings: tuple[str, ...]
    unmet: tuple[Unmet, ...]

    @property
    def message(self) -> Optional[str]:
        """One line that names every difference (the first few of many); None when all is as expected."""
        if not self.unmet:
            return None
        shown = "; ".join(str(one) for one in self.unmet[:_SHOWN_UNMET])
        more = len(self.unmet) - _SHOWN_UNMET
        return "expect is not met: %s%s" % (shown, "; and %d more" % more if more > 0 else "")


def run_smtp_probe(params: Mapping[str, Any], *, check_mode: bool = False) -> RunResult:
    """Probe the destinations in O(params).

    :param params: the parameters of C(smtp_tls_probe), as its argument specification leaves them.
    :param check_mode: probe, but write no file.
    Raises L(OptionError) for an option that cannot be used, before anything is probed.
    """
    options = smtp_options(params)
    contexts = TlsContexts(options.tls)
    contexts.check(options.security_level)
    reserve_descriptors(options.concurrency)
    nameservers = options.nameservers or system_nameservers()
    detail = Detail(options.include_pem, options.transcript, options.fingerprint_digest)
    with _session_files(options, check_mode) as files:
        if files.on_secret is not None:
            contexts.log_secrets(files.on_secret)
        writer = None
        if options.results_file is not None and not check_mode:
            writer = ResultsFile(options.results_file, resume=options.resume)
        try:
            results, warnings = asyncio.run(_probe(options, contexts, nameservers, detail, writer, files.on_trace))
        finally:
            if writer is not None:
                writer.close()
    facts = {"results": results, "summary": summarize(results), "report": report_lines(results, options.report)}
    unmet = unmet_expectations(options.expect, results, datetime.now(timezone.utc)) if options.expect else []
    return RunResult(facts, options.warnings + contexts.warnings + warnings, tuple(unmet))


def _session_files(options: ProbeOptions, check_mode: bool) -> SessionFiles:
    return SessionFiles(None, None) if check_mode else SessionFiles(options.keylog_file, options.trace_file)


async def _probe(
    options: ProbeOptions,
    contexts: TlsContexts,
    nameservers: Any,
    detail: Detail,
    writer: Optional[ResultsFile],
    on_trace: Optional[OnTrace],
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Probe what is not done yet; the results of all destinations in the order given, and the fleet's warnings."""
    facts: dict[str, dict[str, Any]] = dict(writer.done) if writer is not None else {}

    def finish(result: DestinationResult) -> None:
        item = result.as_facts(detail)
        item["lint"] = [finding.as_facts() for finding in lint(result)]
        facts[result.destination.text] = item
        if writer is not None:
            writer.write(item)

    resolver = Resolver(nameservers, options.trust_ad)
    wanted = {one.text: one for one in options.destinations}
    try:
        fleet = Fleet(options, resolver.ask, contexts, on_trace=on_trace, validates=resolver.validates)
        await fleet.run([one for text, one in wanted.items() if text not in facts], finish)
    finally:
        await resolver.close()
    return [facts[one.text] for one in options.destinations], fleet.warnings
