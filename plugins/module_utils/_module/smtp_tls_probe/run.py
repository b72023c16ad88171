# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `smtp_tls_probe`: parameters in, the task's result out. The edge where the event loop lives."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.deciding_options import deciding_options
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.destinations import destination_key
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.options import ProbeOptions, smtp_options
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.probing import Probing
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed import Streamed
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_changes import ChangesSince
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_run import Written, looked_after, streamed_run
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_subjects import subjects_of
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_worker import WorkerLink
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_workers import Workers, process_count
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._probe.descriptors import reserve_descriptors
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import unmet_by
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import DESTINATIONS
from ansible_collections.mailops.tls.plugins.module_utils._results.lines import report_lines
from ansible_collections.mailops.tls.plugins.module_utils._results.tally import Telling
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import summarize
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
    deciding: Mapping[str, Any] = {}
    if options.results_file is not None or options.stream.previous_file is not None:
        deciding = deciding_options(params, ehlo_name=options.settings.dialogue.ehlo_name, nameservers=nameservers)
    key_of = destination_key(options.protocol, options.settings.lookup)
    listed = subjects_of(options.texts, options.destinations_file, "destinations", key_of)
    with _session_files(options, check_mode) as files, listed as subjects, _compared(options) as compared:
        if files.on_secret is not None:
            contexts.log_secrets(files.on_secret)
        written = None if options.results_file is None else Written(options.results_file, options.resume, deciding)
        streamed = streamed_run(
            subjects, DESTINATIONS, _telling(options), options.stream, written, check_mode=check_mode, compared=compared
        )
        with streamed as run:
            warnings = _run(options, contexts, nameservers, run, files.on_trace)
        warnings = options.warnings + contexts.warnings + warnings + files.warnings
        if compared is not None:
            warnings += compared.warnings(deciding)
        return run.result(resume=options.resume, warnings=warnings)


def _run(
    options: ProbeOptions, contexts: TlsContexts, nameservers: Sequence[Nameserver], run: Streamed, on_trace: OnTrace | None
) -> tuple[str, ...]:
    count = _process_count(options, run.unfinished)
    if count > 1:
        return _probe_in_processes(options, contexts, nameservers, run, count)
    return asyncio.run(_probe(options, contexts, nameservers, run, on_trace))


@contextmanager
def _compared(options: ProbeOptions) -> Iterator[ChangesSince | None]:
    if options.stream.previous_file is None:
        yield None
        return
    since = ChangesSince(options.stream.previous_file)
    try:
        yield since
    finally:
        since.close()


def _process_count(options: ProbeOptions, left: int) -> int:
    turns = options.turns
    if options.keylog_file is not None or options.trace_file is not None or turns.scan is not None:
        return 1  # to one address there is one scan at a time
    limits = (turns.concurrency, turns.per_address_limit, turns.per_network_limit, turns.per_provider_limit)
    return process_count(options.stream.workers, left, *limits)


def _telling(options: ProbeOptions) -> Telling:
    unmet = unmet_by(options.expect, datetime.now(timezone.utc))
    return Telling(summarize, lambda results: report_lines(results, options.report), unmet)


def _session_files(options: ProbeOptions, check_mode: bool) -> SessionFiles:
    return SessionFiles(None, None) if check_mode else SessionFiles(options.keylog_file, options.trace_file)


async def _probe(
    options: ProbeOptions, contexts: TlsContexts, nameservers: Sequence[Nameserver], run: Streamed, on_trace: OnTrace | None
) -> tuple[str, ...]:
    """Probe what is not done yet in this process; return warnings."""
    probing = Probing(options, contexts, nameservers, run.take, on_trace)
    try:
        async with looked_after(run, probing.look):
            await probing.probe(run.left())
    finally:
        warnings = await probing.close()
    return warnings


def _probe_in_processes(
    options: ProbeOptions, contexts: TlsContexts, nameservers: Sequence[Nameserver], run: Streamed, count: int
) -> tuple[str, ...]:
    """Probe what is not done yet in several processes; return warnings."""

    async def work(link: WorkerLink) -> tuple[str, ...]:
        probing = Probing(options, contexts, nameservers, lambda one: link.keep(str(one["destination"]), one), link=link)
        try:
            await link.work(probing.probe, probing.look, probing.go_on)
        finally:
            warnings = await probing.close()
        return warnings

    return Workers(run, count, work).run()
