# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules that look at mailbox servers share of their options, as one checked value. Every mistake is found here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import DnsSettings, dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_targets import (
    ListedTargets,
    listed_targets,
    mail_services,
    mailbox_settings,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.probe_options import (
    check_files,
    details,
    probe_warnings,
    resumes,
    tls_parameters,
    turns,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_options import StreamOptions, progress_path, stream_options
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import Expectation, Vocabulary, parse_expectation
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters

WRITTEN = ("results_file", "progress_file", "keylog_file", "trace_file")


@dataclass(frozen=True)
class MailboxOptions:
    """What a task says that looks at mailbox servers."""

    stream: StreamOptions
    targets: ListedTargets
    settings: MailboxProbeSettings = MailboxProbeSettings()
    turns: ProberSettings = ProberSettings()
    tls: TlsParameters = TlsParameters()
    dns: DnsSettings = DnsSettings()
    results_file: str | None = None
    resume: bool = False
    detail: Detail = Detail()
    expect: Expectation | None = None
    keylog_file: str | None = None
    trace_file: str | None = None
    warnings: tuple[str, ...] = ()


def read_mailbox_options(params: Mapping[str, Any], words: Vocabulary, *, secret: bool = False) -> MailboxOptions:
    """Turn the parameters that these modules share into options.

    Args:
        params: the parameters.
        words: what can be expected.
        secret: whether servers are told something that only those must hear which the user has named.

    Raises:
        OptionError: for the first value that cannot be used.
    """
    check_files({**params, "progress_file": progress_path(params)}, WRITTEN)
    services = mail_services(params["services"])
    settings = mailbox_settings(params, services, all_ports=params["ports"] == "all")
    return MailboxOptions(
        stream=stream_options(params),
        targets=listed_targets(params, services, believed=secret),
        settings=settings,
        turns=turns(params),
        tls=tls_parameters(params),
        dns=dns_settings(params["nameservers"], params["trust_ad"]),
        results_file=params["results_file"],
        resume=resumes(params),
        detail=details(params),
        expect=parse_expectation(params["expect"], words) if params["expect"] is not None else None,
        keylog_file=params["keylog_file"],
        trace_file=params["trace_file"],
        warnings=probe_warnings(params),
    )
