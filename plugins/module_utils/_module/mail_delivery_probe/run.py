# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `mail_delivery_probe`: parameters in, the task's result out. The edge where the event loop lives."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._delivery.conductor import Delivery, DeliveryRun
from ansible_collections.mailops.tls.plugins.module_utils._delivery.lint import lint, worst
from ansible_collections.mailops.tls.plugins.module_utils._delivery.result import delivery_facts
from ansible_collections.mailops.tls.plugins.module_utils._delivery.settings import Party
from ansible_collections.mailops.tls.plugins.module_utils._delivery.side import Side
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
from ansible_collections.mailops.tls.plugins.module_utils._login.concealed import Concealment
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_delivery_probe.options import (
    DeliveryOptions,
    delivery_options,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._results.diagnosis import diagnosis
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.session_files import SessionFiles
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace import OnTrace


def run_delivery_probe(params: Mapping[str, Any], *, check_mode: bool = False) -> TaskResult:
    """Deliver the message that *params* say.

    Args:
        params: the parameters of `mail_delivery_probe`, as its argument specification leaves them.
        check_mode: look at both servers, log in nowhere, send nothing, remove nothing, and write no file.

    Raises:
        OptionError: an option cannot be used; nothing was sent.
    """
    options = delivery_options(params)
    submit, retrieve = options.delivery.submit, options.delivery.retrieve
    submit_contexts = _contexts(options.submit_tls, submit)
    retrieve_contexts = _contexts(options.retrieve_tls, retrieve) if retrieve else submit_contexts
    nameservers = options.dns.asked()
    with SessionFiles(None, None) if check_mode else SessionFiles(options.keylog_file, options.trace_file) as files:
        if files.on_secret is not None:
            for contexts in (submit_contexts, retrieve_contexts):
                contexts.log_secrets(files.on_secret)
        run = _run(options, (submit_contexts, retrieve_contexts), nameservers, files.on_trace, check_mode=check_mode)
        delivery = asyncio.run(run)
    found = lint(delivery)
    facts = {**delivery_facts(delivery, options.detail), "worst": worst(found), "lint": [one.as_facts() for one in found]}
    facts["report"] = diagnosis((), (), facts)["lines"]
    warnings = dict.fromkeys((*options.warnings, *submit_contexts.warnings, *retrieve_contexts.warnings, *files.warnings))
    # Much of it is what servers have said, to whom passwords were sent.
    terms = [party.terms for party in (submit, retrieve) if party is not None and party.terms is not None]
    shown: dict[str, Any] = Concealment.of(*(one.credentials for one in terms)).hide_in(facts)
    return TaskResult(shown, warnings=tuple(warnings))


def _contexts(parameters: TlsParameters, party: Party) -> TlsContexts:
    contexts = TlsContexts(parameters)
    level = party.settings.security_level
    contexts.check(must_match=level.must_match, need_not_match=level.need_not_match)
    return contexts


async def _run(
    options: DeliveryOptions,
    contexts: tuple[TlsContexts, TlsContexts],
    nameservers: Sequence[Nameserver],
    on_trace: OnTrace | None,
    *,
    check_mode: bool,
) -> Delivery:
    now = datetime.now(timezone.utc)
    resolver = Resolver(nameservers, options.dns.trust_ad)

    def side(party: Party, its_contexts: TlsContexts) -> Side:
        prober = Prober(its_contexts, ProberSettings(options.limits), on_trace)
        return Side(party, resolver.ask, prober, now, resolver.validates)

    try:
        submit = side(options.delivery.submit, contexts[0])
        retrieve = side(options.delivery.retrieve, contexts[1]) if options.delivery.retrieve else None
        run = DeliveryRun(options.delivery, submit, retrieve, resolver.ask, _clock)
        return await (run.look() if check_mode else run.run())
    finally:
        await resolver.close()


def _clock() -> datetime:
    return datetime.now(timezone.utc)
