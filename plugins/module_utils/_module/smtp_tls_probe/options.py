# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's options as one checked value. Every mistake is found here, before anything is probed or looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import DnsSettings, dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.list_file import ListFile
from ansible_collections.mailops.tls.plugins.module_utils._module.options import seconds
from ansible_collections.mailops.tls.plugins.module_utils._module.probe_options import (
    check_files,
    details,
    probe_settings,
    probe_warnings,
    require_count,
    resumes,
    tls_parameters,
    turns,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.destinations import check_destinations
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_options import StreamOptions, progress_path, stream_options
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_subjects import given_texts
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import Expectation, parse_expectation
from ansible_collections.mailops.tls.plugins.module_utils._results.lines import DEFAULT_DETAIL, ReportDetail
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Protocol
from ansible_collections.mailops.tls.plugins.module_utils._smtp.opt_out import OPTION, OptOut
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import Lookup
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import Exchanges, ProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters

WRITTEN = ("results_file", "progress_file", "keylog_file", "trace_file")


@dataclass(frozen=True)
class ProbeOptions:
    """Everything a task says.

    `texts` are the destinations as given in a list; else they are in `destinations_file`.
    """

    stream: StreamOptions
    texts: tuple[str, ...] = ()
    destinations_file: str | None = None
    protocol: Protocol = Protocol.SMTP
    opt_out: OptOut | None = None
    settings: ProbeSettings = ProbeSettings()
    turns: ProberSettings = ProberSettings()
    tls: TlsParameters = TlsParameters()
    dns: DnsSettings = DnsSettings()
    results_file: str | None = None
    resume: bool = False
    detail: Detail = Detail()
    expect: Expectation | None = None
    keylog_file: str | None = None
    trace_file: str | None = None
    report: tuple[ReportDetail, ...] = DEFAULT_DETAIL
    warnings: tuple[str, ...] = ()


def smtp_options(params: Mapping[str, Any]) -> ProbeOptions:
    """Turn the parameters of `smtp_tls_probe` into options.

    Raises:
        OptionError: for the first value that cannot be used.
    """
    check_files({**params, "progress_file": progress_path(params)}, WRITTEN)
    protocol = Protocol(params["protocol"])
    settings = probe_settings(params)
    texts = given_texts(params, "destinations", lambda listed: check_destinations(listed, protocol))
    return ProbeOptions(
        stream=stream_options(params),
        texts=texts,
        destinations_file=params["destinations_file"],
        protocol=protocol,
        opt_out=_opt_out(params["opt_out_file"]),
        settings=replace(
            settings,
            exchanges=Exchanges(params["exchanges"]),
            lookup=Lookup(params["lookup"]),
            dialogue=replace(settings.dialogue, lmtp=protocol is Protocol.LMTP),
            tls_mode=_tls_mode(params["tls_mode"], settings.security_level),
        ),
        turns=replace(
            turns(params),
            reconnect_delay=_reconnect_delay(params["reconnect_delay"]),
            reconnect_max=require_count(params, "reconnect_max"),
        ),
        tls=tls_parameters(params),
        dns=dns_settings(params["nameservers"], params["trust_ad"]),
        results_file=params["results_file"],
        resume=resumes(params),
        detail=details(params),
        expect=parse_expectation(params["expect"]) if params["expect"] is not None else None,
        keylog_file=params["keylog_file"],
        trace_file=params["trace_file"],
        report=tuple(ReportDetail(one) for one in params["report_detail"]),
        warnings=probe_warnings(params),
    )


def _opt_out(path: str | None) -> OptOut | None:
    if path is None:
        return None
    listed = ListFile(OPTION, path)
    try:
        return OptOut.read(listed)
    finally:
        listed.close()


def _tls_mode(mode: str, level: SecurityLevel) -> TlsMode:
    if mode == TlsMode.IMPLICIT.value and level is SecurityLevel.NONE:
        raise OptionError("tls_mode", mode, "needs TLS, which security_level none forbids")
    return TlsMode(mode)


def _reconnect_delay(delay: float | None) -> float | None:
    return None if delay is None else seconds(delay, "reconnect_delay")
