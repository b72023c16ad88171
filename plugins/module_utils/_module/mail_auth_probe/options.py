# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's options as one checked value. Every mistake is found here, before anything is probed, and no secret is in its text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_login import COMMAND as IMAP_LOGIN
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_login import APOP, USER_PASS, check_commands
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import DnsSettings, dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._login.settings import LoginSettings
from ansible_collections.mailops.tls.plugins.module_utils._login.terms import COMMANDS, BindingUse, LoginTerms
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_targets import (
    InvalidTarget,
    mail_services,
    mail_targets,
    mailbox_settings,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.options import seconds
from ansible_collections.mailops.tls.plugins.module_utils._module.probe_options import (
    check_files,
    details,
    probe_warnings,
    require_count,
    resumes,
    tls_parameters,
    turns,
)
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import LOGINS, Expectation, parse_expectation
from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import ChannelBinding
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials, UnusableCredential
from ansible_collections.mailops.tls.plugins.module_utils._sasl.mechanisms import KINDS, PLUS, USABLE, LoginContext, make
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters

WRITTEN = ("results_file", "keylog_file", "trace_file")
_NAME = re.compile(r"[A-Z0-9_-]{1,20}")
"""`sasl-mech` of RFC 4422 section 3.1."""
_ANY_BINDING = (ChannelBinding("tls-exporter", b""),)


@dataclass(frozen=True)
class AuthOptions:
    """Everything a task says; `targets` and `invalid` ones are in the order given, hosts first."""

    targets: tuple[MailTarget | InvalidTarget, ...]
    mailboxes: MailboxProbeSettings = MailboxProbeSettings()
    logins: LoginSettings = LoginSettings()
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


def auth_options(params: Mapping[str, Any]) -> AuthOptions:
    """Turn the parameters of `mail_auth_probe` into options.

    Raises:
        OptionError: for the first value that cannot be used.
    """
    check_files(params, WRITTEN)
    services = mail_services(params["services"])
    logins = _logins(params)
    return AuthOptions(
        targets=mail_targets(params, services),
        mailboxes=mailbox_settings(params, services, all_ports=params["ports"] == "all"),
        logins=logins,
        turns=turns(params),
        tls=tls_parameters(params),
        dns=dns_settings(params["nameservers"], params["trust_ad"]),
        results_file=params["results_file"],
        resume=resumes(params),
        detail=details(params),
        expect=parse_expectation(params["expect"], LOGINS) if params["expect"] is not None else None,
        keylog_file=params["keylog_file"],
        trace_file=params["trace_file"],
        warnings=probe_warnings(params) + _warnings(params, logins),
    )


def _logins(params: Mapping[str, Any]) -> LoginSettings:
    seconds(params["auth_timeout"], "auth_timeout")
    credentials = Credentials(
        params["username"] or "", params["password"], params["oauth_token"], params["authorization_identity"] or ""
    )
    terms = LoginTerms(
        credentials,
        BindingUse(params["channel_binding"]),
        params["only_offered"],
        params["insecure_expose_password_without_tls"],
        params["insecure_expose_password_to_unverified_server"],
        params["auth_timeout"],
    )
    mechanisms = tuple(dict.fromkeys(_mechanism(name) for name in params["mechanisms"]))
    for name in mechanisms:
        _check(name, credentials)
    if terms.channel_binding is BindingUse.REQUIRE and mechanisms and not any(name.endswith(PLUS) for name in mechanisms):
        raise OptionError("channel_binding", "require", "needs a mechanism that can bind, such as SCRAM-SHA-256-PLUS, in mechanisms")
    return LoginSettings(mechanisms, terms, require_count(params, "attempts_limit"), params["relay_test"])


def _mechanism(name: str) -> str:
    found = name.strip().upper()
    if not _NAME.fullmatch(found):
        raise OptionError("mechanisms", name, "is not the name of a mechanism, such as PLAIN or SCRAM-SHA-256")
    if found not in USABLE and found not in COMMANDS and found not in KINDS:
        known = ", ".join((*USABLE, *COMMANDS))
        raise OptionError("mechanisms", name, f"is not a known mechanism; these can be used: {known}")
    return found


def _check(name: str, credentials: Credentials) -> None:
    """Find out what is missing, or cannot be sent, before anything is: the text names the option, never its value."""
    try:
        if name == IMAP_LOGIN:
            credentials.needed_username(), credentials.needed_password()
        elif name in (USER_PASS, APOP):
            check_commands(name, credentials)
        else:
            make(name, credentials, LoginContext(bindings=_ANY_BINDING))
    except UnusableCredential as problem:
        raise OptionError(problem.credential, None, f"{problem.reason} (in mechanisms: {name})") from None


def _warnings(params: Mapping[str, Any], logins: LoginSettings) -> tuple[str, ...]:
    found = []
    if not logins.mechanisms and (params["password"] or params["oauth_token"]):
        found.append("mechanisms is empty: nobody logs in, and only what is offered is told")
    if "EXTERNAL" in logins.mechanisms and not (params["client_certificate"] or params["client_chain_files"]):
        found.append("EXTERNAL without client_certificate: there is nothing that could tell the server who logs in")
    if params["insecure_expose_password_to_unverified_server"]:
        found.append("insecure_expose_password_to_unverified_server: the password goes to whoever answers")
    if params["insecure_expose_password_without_tls"]:
        found.append("insecure_expose_password_without_tls: the password can be read on the way")
    return tuple(found)
