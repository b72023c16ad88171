# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's options as one checked value. Every mistake is found here, before anything is probed or looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import DnsSettings, dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure, OptionError
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
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import service_port
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import Expectation, parse_expectation
from ansible_collections.mailops.tls.plugins.module_utils._results.lines import DEFAULT_DETAIL, ReportDetail
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import (
    OPTION,
    Destination,
    InvalidDestination,
    Protocol,
    parse_destination,
)
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination_advice import SHOWN, advice
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import Lookup
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import Exchanges, ProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters

WRITTEN = ("results_file", "keylog_file", "trace_file")


@dataclass(frozen=True)
class ProbeOptions:
    """Everything a task says.

    `destinations` are those that can be probed, `invalid` those of a list that cannot, and `order` the texts of all as given.
    """

    destinations: tuple[Destination, ...]
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
    invalid: tuple[InvalidDestination, ...] = ()
    order: tuple[str, ...] = ()


def smtp_options(params: Mapping[str, Any]) -> ProbeOptions:
    """Turn the parameters of `smtp_tls_probe` into options.

    Raises:
        OptionError: for the first value that cannot be used.
    """
    check_files(params, WRITTEN)
    protocol = Protocol(params["protocol"])
    settings = probe_settings(params)
    destinations, invalid = read_destinations(params["destinations"], protocol)
    return ProbeOptions(
        destinations=destinations,
        invalid=invalid,
        order=tuple(params["destinations"]),
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


def read_destinations(texts: Sequence[str], protocol: Protocol) -> tuple[tuple[Destination, ...], tuple[InvalidDestination, ...]]:
    """Read the destinations. One of several that is none becomes a result, so that it cannot keep thousands from being probed."""
    if not texts:
        raise OptionError(OPTION, texts, "names nothing to probe")
    found: list[Destination] = []
    invalid: list[InvalidDestination] = []
    for text in texts:
        try:
            found.append(_destination(text, protocol))
        except OptionError as error:
            if len(texts) == 1:
                raise
            invalid.append(InvalidDestination(text, invalid_destination(error)))
    return tuple(found), tuple(invalid)


def _destination(text: str, protocol: Protocol) -> Destination:
    """Read one destination; what is none is told with what to write in place of it."""
    try:
        found = parse_destination(text, protocol=protocol, service_port=service_port)
    except OptionError as error:
        shown = text if len(text) <= SHOWN else text[:SHOWN] + "..."
        raise OptionError(OPTION, shown, advice(text) or error.reason) from error
    if text.lower() == "mailto:":  # Postfix would take it for a host of this name
        raise OptionError(OPTION, text, advice(text) or "")
    return found


def invalid_destination(error: OptionError) -> Failure:
    """Return the failure of a destination that could not be read."""
    text = f"{clean(str(error.value), SHOWN + 3)!r} {error.reason}"
    return Failure(ErrorKind.INVALID_DESTINATION, CommonPhase.DESTINATION, text)


def _tls_mode(mode: str, level: SecurityLevel) -> TlsMode:
    if mode == TlsMode.IMPLICIT.value and level is SecurityLevel.NONE:
        raise OptionError("tls_mode", mode, "needs TLS, which security_level none forbids")
    return TlsMode(mode)


def _reconnect_delay(delay: float | None) -> float | None:
    return None if delay is None else seconds(delay, "reconnect_delay")
