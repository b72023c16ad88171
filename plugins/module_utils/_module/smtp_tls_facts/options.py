# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `smtp_tls_facts` as one checked value, before anything is probed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import DnsSettings, dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._module.probe_options import (
    check_files,
    details,
    judging_settings,
    probe_warnings,
    time_limits,
    tls_parameters,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.services import (
    LOOPBACK,
    Service,
    parse_addresses,
    parse_host,
    parse_services,
)
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import own_name
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import ProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest

_HOST_WORDS = ("hostname", "nexthop")
"""Words of *sni* that stand for the host."""


class FindListeners(str, Enum):
    """What to do about the mail services that listen."""

    PROBE = "probe"
    LIST = "list"
    NONE = "none"


@dataclass(frozen=True)
class FactsOptions:
    """Everything a task says; `all_addresses` when the user has named them, so that those where nothing listens are told as well.

    `settings` are those of `services`, `mailboxes` the same for whatever else listens.
    """

    host: str
    addresses: tuple[str, ...]
    all_addresses: bool
    services: tuple[Service, ...]
    find_listeners: FindListeners
    settings: ProbeSettings
    mailboxes: MailboxProbeSettings
    turns: ProberSettings
    tls: TlsParameters
    dns: DnsSettings
    detail: Detail
    keylog_file: str | None
    trace_file: str | None
    warnings: tuple[str, ...]


def facts_options(params: Mapping[str, Any]) -> FactsOptions:
    """Turn the parameters of `smtp_tls_facts` into options.

    Raises:
        OptionError: a value cannot be used.
    """
    named = parse_addresses(params["addresses"])
    services = parse_services(params["services"])
    host = parse_host(params["host"]) if params["host"] is not None else own_name()
    check_files(params, ("keylog_file", "trace_file"))
    settings = judging_settings(params)
    return FactsOptions(
        host=host,
        addresses=named or LOOPBACK,
        all_addresses=named is not None,
        services=services,
        find_listeners=FindListeners(params["find_listeners"]),
        settings=settings,
        mailboxes=_mailboxes(settings),
        turns=ProberSettings(_limits(params)),
        tls=tls_parameters(params),
        dns=dns_settings(params["nameservers"], params["trust_ad"]),
        detail=details(params),
        keylog_file=params["keylog_file"],
        trace_file=params["trace_file"],
        warnings=probe_warnings(params),
    )


def _mailboxes(settings: ProbeSettings) -> MailboxProbeSettings:
    """The same settings for protocols of all kinds. Of several kinds of keys the first is asked for there."""
    keys = settings.key_algorithms
    return MailboxProbeSettings(
        security_level=settings.security_level,
        transcript=settings.dialogue.transcript,
        ehlo_name=settings.dialogue.ehlo_name,
        key_algorithm=KeyRequest.ANY if KeyRequest.ANY in keys else keys[0],
        sni=None if settings.sni in _HOST_WORDS else settings.sni,
        match=settings.match,
        fingerprints=settings.fingerprints,
        fingerprint_digest=settings.fingerprint_digest,
        trust_anchors=settings.trust_anchors,
        dane_digests=settings.dane_digests,
        force_tlsa=settings.force_tlsa,
    )


def _limits(params: Mapping[str, Any]) -> TimeLimits:
    """The time limits of probes; that of whoever gathers facts counts too."""
    timeout = params["gather_timeout"]
    if timeout is not None and timeout <= 0:
        raise OptionError("gather_timeout", timeout, "is not a number of seconds above 0")
    return time_limits(params if timeout is None else {**params, "deadline": min(params["deadline"], timeout)})
