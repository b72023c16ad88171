# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run over mailbox servers, whatever is done there: options in, the task's result out. The edge where the event loop lives.

A module says by a `MailboxDoor` what tells it from others, by a `Conductor` what it does with targets, and what facts it makes of that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Protocol

from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.conductor import MailboxRun
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import invalid_target_facts
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget
from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec
from ansible_collections.mailops.tls.plugins.module_utils._module.deciding_options import deciding_values
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_targets import NAMED_BY
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_options import MailboxOptions
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed import Streamed
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_run import Written, looked_after, streamed_run
from ansible_collections.mailops.tls.plugins.module_utils._module.suffix_list import provider_of
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._probe.crew import FleetProgress
from ansible_collections.mailops.tls.plugins.module_utils._probe.descriptors import reserve_descriptors
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import unmet_by
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import ResultKind
from ansible_collections.mailops.tls.plugins.module_utils._results.tally import Telling
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts
from ansible_collections.mailops.tls.plugins.module_utils._tls.session_files import SessionFiles
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace import OnTrace


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
    """What a conductor works with; *now* is the time of the run, aware."""

    run: MailboxRun
    prober: Prober
    now: datetime


class Conductor(Protocol):
    """Leads targets to what is done with them."""

    @property
    def progress(self) -> FleetProgress:
        """How many targets are looked at now, and how many wait for a turn."""

    async def run(self, targets: Iterable[MailTarget], finish: Callable[[Any], None]) -> None:
        """Take targets one by one as there is room, and hand each result to *finish* as soon as it is there."""


@dataclass(frozen=True)
class MailboxWork:
    """What is done: the conductor of a run, and the facts of each of its results, with the time of the run."""

    conductor: Callable[[MailboxTools], Conductor]
    facts: Callable[[Any, datetime], Mapping[str, Any]]


def run_mailboxes(
    params: Mapping[str, Any], options: MailboxOptions, door: MailboxDoor, work: MailboxWork, *, check_mode: bool
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
    written = _written(params, options, door, nameservers)
    session_files = SessionFiles(None, None) if check_mode else SessionFiles(options.keylog_file, options.trace_file)
    with session_files as files, options.targets.subjects() as subjects:
        if files.on_secret is not None:
            contexts.log_secrets(files.on_secret)
        with streamed_run(subjects, door.kind, _telling(options, door), options.stream, written, check_mode=check_mode) as run:
            asyncio.run(_probe(options, contexts, nameservers, run, work, files.on_trace))
        return run.result(resume=options.resume, warnings=options.warnings + contexts.warnings + files.warnings)


def _telling(options: MailboxOptions, door: MailboxDoor) -> Telling:
    return Telling(door.summarize, door.report, unmet_by(options.expect, datetime.now(timezone.utc)))


def _written(
    params: Mapping[str, Any], options: MailboxOptions, door: MailboxDoor, nameservers: Sequence[Nameserver]
) -> Written | None:
    if options.results_file is None:
        return None
    deciding = deciding_values(params, door.arguments(), NAMED_BY, ehlo_name=options.settings.ehlo_name, nameservers=nameservers)
    return Written(options.results_file, options.resume, {**deciding, "module": door.name})


async def _probe(
    options: MailboxOptions,
    contexts: TlsContexts,
    nameservers: Sequence[Nameserver],
    run: Streamed,
    work: MailboxWork,
    on_trace: OnTrace | None,
) -> None:
    """Probe what is not done yet."""
    now = datetime.now(timezone.utc)

    def left() -> Iterator[MailTarget]:
        for text in run.left():
            read = options.targets.read(text)
            if isinstance(read, MailTarget):
                yield read
            else:
                run.take(invalid_target_facts(read.text, by_srv=read.by_srv, failure=read.failure))

    resolver = Resolver(nameservers, options.dns.trust_ad)
    try:
        prober = Prober(contexts, options.turns, on_trace, provider_of(options.turns))
        mailboxes = MailboxRun(options.settings, resolver.ask, prober, now, resolver.validates)
        conductor = work.conductor(MailboxTools(mailboxes, prober, now))
        async with looked_after(run, lambda: conductor.progress):
            await conductor.run(left(), lambda result: run.take(work.facts(result, now)))
    finally:
        await resolver.close()
