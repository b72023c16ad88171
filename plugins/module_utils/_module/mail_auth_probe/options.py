# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's options as one checked value. Every mistake is found here, before anything is probed, and no secret is in its text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_login import COMMAND as IMAP_LOGIN
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_login import APOP, USER_PASS, check_commands
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._login.settings import LoginSettings
from ansible_collections.mailops.tls.plugins.module_utils._login.terms import COMMANDS, BindingUse, LoginTerms
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_options import MailboxOptions, read_mailbox_options
from ansible_collections.mailops.tls.plugins.module_utils._module.options import seconds
from ansible_collections.mailops.tls.plugins.module_utils._module.probe_options import require_count
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import LOGINS
from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import ChannelBinding
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials, UnusableCredential
from ansible_collections.mailops.tls.plugins.module_utils._sasl.mechanisms import KINDS, PLUS, USABLE, LoginContext, make

_NAME = re.compile(r"[A-Z0-9_-]{1,20}")
"""`sasl-mech` of RFC 4422 section 3.1."""
_ANY_BINDING = (ChannelBinding("tls-exporter", b""),)


@dataclass(frozen=True)
class AuthOptions:
    """Everything a task says: which servers are looked at, and how somebody logs in there."""

    mailboxes: MailboxOptions
    logins: LoginSettings = LoginSettings()


def auth_options(params: Mapping[str, Any]) -> AuthOptions:
    """Turn the parameters of `mail_auth_probe` into options.

    Raises:
        OptionError: for the first value that cannot be used.
    """
    logins = _logins(params)
    mailboxes = read_mailbox_options(params, LOGINS, secret=bool(logins.mechanisms and (params["password"] or params["oauth_token"])))
    return AuthOptions(replace(mailboxes, warnings=mailboxes.warnings + _warnings(params, logins)), logins)


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
