# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the mail services of this machine, where looking from inside tells as much as from outside, or more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import mailbox
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.lint import (
    PLAIN_PASSWORDS,
    WITHOUT_TLS,
    implicit_missing,
    lint,
    worst_first,
)
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.own_listeners import OwnListener
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import MailboxEndpoint, MailboxResult


def own_lint(result: MailboxResult, listeners: Sequence[OwnListener], now: datetime) -> list[Finding]:
    """Return the findings, the worst first.

    Args:
        result: what the probes found, an endpoint for each of *listeners* that has a service.
        listeners: where this machine listens.
        now: the time for the end of certificates, aware.
    """
    asked = [listener for listener in listeners if listener.service is not None]
    inside = {endpoint.name for listener, endpoint in zip(asked, result.endpoints) if listener.socket.is_local}
    # Dovecot takes passwords in clear text from its own machine, where nobody can listen on the way: that tells nothing of others.
    found = [one for one in lint(result, now) if one.kind not in PLAIN_PASSWORDS and not _without_need(one, inside)]
    return worst_first([*found, *_sisters(result.target.name, listeners), *_older(result.endpoints)])


def _without_need(finding: Finding, inside: set[str]) -> bool:
    """Whether it is about TLS of a socket that only this machine can connect to, as behind a filter or a proxy."""
    return finding.kind is WITHOUT_TLS and finding.subject in inside


def _sisters(host: str, listeners: Sequence[OwnListener]) -> Iterator[Finding]:
    """Services with STARTTLS for others, without any socket for the same with implicit TLS."""
    services = {listener.service for listener in listeners}
    for service in dict.fromkeys(listener.service for listener in listeners if not listener.socket.is_local):
        sister = service.terms.sister if service is not None else None
        if service is not None and sister is not None and sister not in services:
            yield implicit_missing(host, service, sister)


def _older(endpoints: Sequence[MailboxEndpoint]) -> Iterator[Finding]:
    """Certificates for the same names with keys of the same kind, of which another service has a newer one."""
    newest: dict[object, datetime] = {}
    for endpoint in endpoints:
        same, began = _what_for(endpoint)
        if began is not None:
            newest[same] = max(began, newest.get(same, began))
    for endpoint in endpoints:
        same, began = _what_for(endpoint)
        if began is not None and began < newest[same]:
            text = f"the certificate is of {began:%Y-%m-%d}, another service has one of {newest[same]:%Y-%m-%d} for the same names"
            yield Finding(mailbox.CERTIFICATE_OLDER, endpoint.name, text)


def _what_for(endpoint: MailboxEndpoint) -> tuple[object, datetime | None]:
    leaf = endpoint.chain[0] if endpoint.chain else None
    if leaf is None or not leaf.dns_names or leaf.public_key is None:
        return None, None
    return (frozenset(leaf.dns_names), leaf.public_key.type), leaf.not_before
