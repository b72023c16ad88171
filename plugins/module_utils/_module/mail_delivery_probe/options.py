# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's options as one checked value. Every mistake is found here, before anything is sent, and no secret is in its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._delivery.message import Letter, check_address, check_headers, new_token
from ansible_collections.mailops.tls.plugins.module_utils._delivery.settings import DeliverySettings, Party
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import DnsSettings, dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._login.terms import COMMANDS, LoginTerms
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol, MailService
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget, parse_host
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_delivery_probe.arguments import OVERRIDES
from ansible_collections.mailops.tls.plugins.module_utils._module.options import seconds
from ansible_collections.mailops.tls.plugins.module_utils._module.probe_options import (
    check_files,
    details,
    probe_settings,
    probe_warnings,
    time_limits,
    tls_parameters,
)
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials
from ansible_collections.mailops.tls.plugins.module_utils._sasl.mechanisms import USABLE
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters

WRITTEN = ("keylog_file", "trace_file")
LARGEST = 1_000_000_000
MOST_RECIPIENTS = 100
_OPPORTUNISTIC = (MailService.SMTP, MailService.LMTP)


@dataclass(frozen=True)
class DeliveryOptions:
    """Everything a task says; the TLS of each server is its own."""

    delivery: DeliverySettings
    submit_tls: TlsParameters
    retrieve_tls: TlsParameters
    limits: TimeLimits = TimeLimits()
    dns: DnsSettings = DnsSettings()
    detail: Detail = Detail()
    keylog_file: str | None = None
    trace_file: str | None = None
    warnings: tuple[str, ...] = ()


def delivery_options(params: Mapping[str, Any]) -> DeliveryOptions:
    """Turn the parameters of `mail_delivery_probe` into options.

    Raises:
        OptionError: for the first value that cannot be used.
    """
    check_files(params, WRITTEN)
    submit, submit_tls, warnings = _server(params, "submit")
    retrieve, retrieve_tls, more = _server(params, "retrieve") if params["retrieve"] else (None, submit_tls, ())
    limits = time_limits(params)
    delivery = DeliverySettings(
        submit=submit,
        letter=_letter(params),
        retrieve=retrieve,
        folders=_folders(params, retrieve),
        timeout=seconds(params["timeout"], "timeout"),
        poll_interval=seconds(params["poll_interval"], "poll_interval"),
        stale_after=_age(params["stale_after"]),
    )
    return DeliveryOptions(
        delivery,
        submit_tls,
        retrieve_tls,
        # A connection to the mailbox lasts as long as the message may take, and may then still read and remove it.
        limits=replace(limits, deadline=limits.deadline + delivery.timeout),
        dns=dns_settings(params["nameservers"], params["trust_ad"]),
        detail=details(params),
        keylog_file=params["keylog_file"],
        trace_file=params["trace_file"],
        warnings=tuple(dict.fromkeys(warnings + more)),
    )


def _server(params: Mapping[str, Any], name: str) -> tuple[Party, TlsParameters, tuple[str, ...]]:
    """Read the options of one server; what they do not say is as the task says for both."""
    given = params[name]
    service = MailService(given["service"])
    own = {**params, **{option: given[option] for option in OVERRIDES if given[option] is not None}}
    if given["client_certificate"] is not None and given["client_key"] is None:
        own["client_key"] = None
    own["security_level"] = given["security_level"] or ("may" if service in _OPPORTUNISTIC else "verify")
    with _within(name, (*OVERRIDES, "security_level")):
        level = SecurityLevel(own["security_level"])
        party = Party(
            service,
            _host(name, given),
            _settings(own, service),
            _terms(name, given, own),
            _mechanism(name, given["mechanism"], service),
            opportunistic=level is SecurityLevel.MAY,
        )
        return party, tls_parameters(own), probe_warnings(own) + _warnings(name, given)


@contextmanager
def _within(name: str, options: tuple[str, ...]) -> Iterator[None]:
    """Name the suboption in errors about options that servers have for themselves."""
    try:
        yield
    except OptionError as error:
        if error.option not in options:
            raise
        raise OptionError(f"{name}.{error.option}", error.value, error.reason) from error


def _settings(own: Mapping[str, Any], service: MailService) -> MailboxProbeSettings:
    common = probe_settings(own)
    return MailboxProbeSettings(
        security_level=common.security_level,
        services=(service,),
        transcript=own["transcript"],
        ehlo_name=common.dialogue.ehlo_name,
        host_lookup=common.host_lookup,
        address_family=common.address_family,
        sni=common.sni,
        match=common.match,
        fingerprints=common.fingerprints,
        fingerprint_digest=common.fingerprint_digest,
        trust_anchors=common.trust_anchors,
        dane_digests=common.dane_digests,
        force_tlsa=common.force_tlsa,
    )


def _host(name: str, given: Mapping[str, Any]) -> MailTarget:
    port: int | None = given["port"]
    if port is not None and not 1 <= port <= 65535:
        raise OptionError(f"{name}.port", port, "is not a port from 1 to 65535")
    try:
        target = parse_host(given["host"])
    except OptionError as error:
        raise OptionError(f"{name}.host", error.value, error.reason) from error
    if port is not None and target.port not in (None, port):
        raise OptionError(f"{name}.port", port, "is another port than the one in host")
    return replace(target, port=port or target.port)


def _logs_in(given: Mapping[str, Any]) -> bool:
    return any(given[option] for option in ("username", "password", "oauth_token", "mechanism"))


def _terms(name: str, given: Mapping[str, Any], own: Mapping[str, Any]) -> LoginTerms | None:
    """Return who logs in; None where nobody does. A mailbox is never open to nobody."""
    if not _logs_in(given) and name == "submit":
        return None
    external = (given["mechanism"] or "").strip().upper() == "EXTERNAL"
    if not given["username"] and not external:
        raise OptionError(f"{name}.username", None, "is needed to log in")
    if not (given["password"] or given["oauth_token"] or external):
        raise OptionError(f"{name}.password", None, "is needed to log in, or oauth_token")
    return LoginTerms(
        Credentials(given["username"] or "", given["password"], given["oauth_token"]),
        without_tls=given["insecure_expose_password_without_tls"],
        unverified=given["insecure_expose_password_to_unverified_server"],
        seconds=own["command_timeout"],
    )


def _mechanism(name: str, text: str | None, service: MailService) -> str | None:
    if text is None:
        return None
    found = text.strip().upper()
    protocol = service.terms.protocol
    commands = [one for one, of in COMMANDS.items() if of is protocol]
    if found not in USABLE and found not in commands:
        known = ", ".join((*USABLE, *commands))
        raise OptionError(f"{name}.mechanism", text, f"cannot be used here; these can be: {known}")
    return found


def _letter(params: Mapping[str, Any]) -> Letter:
    recipients = tuple(dict.fromkeys(check_address("recipient", one) for one in params["recipient"]))
    if not 1 <= len(recipients) <= MOST_RECIPIENTS:
        raise OptionError("recipient", list(recipients), f"does not name 1 to {MOST_RECIPIENTS} recipients")
    if not 0 <= params["size"] <= LARGEST:
        raise OptionError("size", params["size"], f"is not a number of bytes from 0 to {LARGEST}")
    headers = check_headers("headers", params["headers"] or {})
    return Letter(_sender(params, recipients), recipients, new_token(), headers, params["size"])


def _sender(params: Mapping[str, Any], recipients: tuple[str, ...]) -> str:
    """The sender that is named, also the null one; else the one who logs in, if that is an address; else the recipient."""
    given: str | None = params["sender"]
    if given is not None:
        return check_address("sender", given) if given not in ("", "<>") else ""
    user = params["submit"]["username"] or ""
    try:
        return check_address("sender", user)
    except OptionError:
        return recipients[0]


def _folders(params: Mapping[str, Any], retrieve: Party | None) -> tuple[str, ...]:
    if retrieve is None:
        return ()
    folders = tuple(dict.fromkeys(params["retrieve"]["folders"]))
    for folder in folders:
        if not folder or any(char in "\r\n\0" for char in folder):
            raise OptionError("retrieve.folders", folder, "is no name of a folder")
    if not folders:
        raise OptionError("retrieve.folders", list(folders), "names no folder")
    if retrieve.service.terms.protocol is MailProtocol.POP3 and folders != ("INBOX",):
        raise OptionError("retrieve.folders", list(folders), "cannot be used with POP3, which has INBOX only")
    return folders


def _age(number: float) -> float:
    if not 0 <= number <= 10 * 365 * 86400:
        raise OptionError("stale_after", number, "is not a number of seconds from 0 to ten years")
    return number


def _warnings(name: str, given: Mapping[str, Any]) -> tuple[str, ...]:
    found = []
    if name == "submit" and given["service"] in ("submission", "submissions") and not _logs_in(given):
        found.append("submit.username is empty: nobody logs in, and a submission server takes mail of those who did")
    if given["insecure_expose_password_to_unverified_server"]:
        found.append(f"{name}.insecure_expose_password_to_unverified_server: the password goes to whoever answers")
    if given["insecure_expose_password_without_tls"]:
        found.append(f"{name}.insecure_expose_password_without_tls: the password can be read on the way")
    return tuple(found)
