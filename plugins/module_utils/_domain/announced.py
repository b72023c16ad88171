# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that a domain announces to mail clients, whatever announces them: SRV records, autoconfig, autodiscover.

What is announced here is a claim. Whether it is true is found out by probing (`ProbedServer`), and whether the sources agree by comparing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import setup
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import Noticed
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol, MailService


class AnnouncedTls(str, Enum):
    """How TLS begins at an announced server; AUTO: the client has to try."""

    IMPLICIT = "implicit"
    STARTTLS = "starttls"
    PLAIN = "plain"
    AUTO = "auto"


@dataclass(frozen=True)
class AnnouncedServer:
    """One server of a document.

    Attributes:
        direction: incoming or outgoing.
        type: imap, pop3, smtp, or what else the document says, in lower case.
        host, port: where it is; None where the document does not say.
        tls_mode: how TLS begins; None where the document says nothing that can be understood.
        socket_type: the same in the document's own word.
        authentication: the document's words for how to log in, best first.
        username, username_template: the name to log in with, for the mailbox asked for, and as written.
    """

    direction: str
    type: str
    host: str | None = None
    port: int | None = None
    tls_mode: AnnouncedTls | None = None
    socket_type: str | None = None
    authentication: tuple[str, ...] = ()
    username: str | None = None
    username_template: str | None = None

    @property
    def service(self) -> MailService | None:
        """What has to be probed at its port; None where there is no such service, or no TLS."""
        protocol = {"imap": MailProtocol.IMAP, "pop3": MailProtocol.POP3, "smtp": MailProtocol.SMTP}.get(self.type)
        mode = {AnnouncedTls.IMPLICIT: TlsMode.IMPLICIT, AnnouncedTls.STARTTLS: TlsMode.STARTTLS}.get(self.tls_mode or AnnouncedTls.PLAIN)
        wanted = [one for one in MailService if one.terms.announced and (one.terms.protocol, one.terms.tls_mode) == (protocol, mode)]
        return wanted[0] if wanted else None

    @property
    def name(self) -> str:
        """Type, host and port, for people."""
        return f"{self.type} {self.host or '(no host)'}:{self.port if self.port is not None else '(no port)'}"

    def as_facts(self, probe: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the item of `servers`, with what a probe of it found."""
        return {
            "direction": self.direction,
            "type": self.type,
            "host": self.host,
            "port": self.port,
            "tls_mode": self.tls_mode.value if self.tls_mode else None,
            "socket_type": self.socket_type,
            "authentication": list(self.authentication),
            "username": self.username,
            "username_template": self.username_template,
            "probe": dict(probe) if probe is not None else None,
        }


@dataclass(frozen=True)
class ProbedServer:
    """What came of probing an announced server: whether it is as announced, None where that is not known, and why not.

    `left_out` counts addresses of its host that were not connected to.
    """

    satisfied: bool | None
    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    left_out: int = 0


@dataclass(frozen=True)
class ServerKey:
    """What is probed once, whatever announces it."""

    service: MailService
    host: str
    port: int


def server_key(server: AnnouncedServer) -> ServerKey | None:
    """Return what has to be probed of an announced server; None where there is no TLS to look at, or no place."""
    service = server.service
    if service is None or not server.host or server.port is None:
        return None
    return ServerKey(service, server.host.lower().rstrip("."), server.port)


ProbeAnnounced = Callable[[Iterable[AnnouncedServer]], Awaitable[Mapping[ServerKey, ProbedServer]]]
"""Probes servers, each once; those that are not probed are missing."""


def left_out(probes: Mapping[ServerKey, ProbedServer]) -> dict[str, str]:
    """Return which hosts have more addresses than were connected to, with how many."""
    return {key.host: f"{probe.left_out} addresses of {key.host} were not connected to" for key, probe in probes.items() if probe.left_out}


def differing_sources(domain: str, sources: Mapping[str, Sequence[AnnouncedServer]]) -> tuple[Finding, ...]:
    """Return whether sources of settings name different hosts for the same kind of server.

    Args:
        domain: the domain.
        sources: by a name for people, the servers of each source that was found. One that does not have a kind says nothing about it.
    """
    noticed = Noticed()
    for kind in ("imap", "pop3", "smtp"):
        hosts: dict[frozenset[str], list[str]] = {}
        for source, servers in sources.items():
            named = frozenset(one.host.lower().rstrip(".") for one in servers if one.type == kind and one.host)
            if named:
                hosts.setdefault(named, []).append(source)
        if len(hosts) > 1:
            texts = [f"{', '.join(sorted(named)[:5])} ({', '.join(told)})" for named, told in hosts.items()]
            noticed.add(setup.AUTOCONFIG_SOURCES_DIFFER, domain, f"{kind}: {' and '.join(texts)}")
    return noticed.findings()
