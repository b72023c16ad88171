# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Autodiscover with plain old XML, as Outlook asks for it (MS-OXDSCLI sections 2.2.3 and 2.2.4).

    Autodiscover / Response / Account / Protocol
      Type          IMAP POP3 SMTP; others are Exchange's own
      Server Port LoginName AuthRequired
      SSL           on or off; on where it is missing
      Encryption    SSL, TLS, None, Auto: it overrides SSL. TLS is what others call STARTTLS

A client posts the address of a mailbox. Many servers answer a GET, or a post without a login, by an error of their own: a response with the
error 600 or status 401 says that the service is there, and nothing about its settings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import setup
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname, normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._domain.announced import AnnouncedServer, AnnouncedTls
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import Document, DocumentRequest, DocumentState, Fetch
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import Noticed
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus, unreadable
from ansible_collections.mailops.tls.plugins.module_utils._domain.xml_document import XmlElement, XmlRefused, read_xml
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import service_at
from ansible_collections.mailops.tls.plugins.module_utils._port import is_port

REQUEST_SCHEMA = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
RESPONSE_SCHEMA = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
MOST_PROTOCOLS = 50
_DIRECTIONS = {"imap": "incoming", "pop3": "incoming", "smtp": "outgoing"}
_ENCRYPTIONS = {"ssl": AnnouncedTls.IMPLICIT, "tls": AnnouncedTls.STARTTLS, "none": AnnouncedTls.PLAIN, "auto": AnnouncedTls.AUTO}
_SWITCHES = {"on": AnnouncedTls.IMPLICIT, "off": AnnouncedTls.PLAIN}


def request_body(mailbox: str) -> bytes:
    """Return what a client posts for a mailbox."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<Autodiscover xmlns="{REQUEST_SCHEMA}"><Request>'
        f"<EMailAddress>{_escaped(mailbox)}</EMailAddress>"
        f"<AcceptableResponseSchema>{RESPONSE_SCHEMA}</AcceptableResponseSchema></Request></Autodiscover>\n"
    ).encode("utf-8", "replace")


def _escaped(text: str) -> str:
    """Text for XML. The library's function comes with its HTTP client, which costs more than all that is done here."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@dataclass(frozen=True)
class AutodiscoverAnswer:
    """What an answer says.

    Attributes:
        servers: the mail servers that it names.
        problem: why Outlook can do nothing with it; None for one that can be used.
        error_code: of an answer that is an error of autodiscover.
        conflicts: ports that do not go with their kind of TLS, for people.
        empty_switches: elements SSL that are neither on nor off, for people.
    """

    servers: tuple[AnnouncedServer, ...] = ()
    problem: str | None = None
    error_code: str | None = None
    conflicts: tuple[str, ...] = ()
    empty_switches: tuple[str, ...] = ()


def read_autodiscover(data: bytes, mailbox: str) -> AutodiscoverAnswer:
    """Read the answer to a post for a mailbox."""
    try:
        root = read_xml(data)
    except XmlRefused as refused:
        return AutodiscoverAnswer(problem=str(refused))
    response = root.find("Response")
    if root.name != "Autodiscover" or response is None:
        return AutodiscoverAnswer(problem=f"the root is {root.name}, and there is no Response in it")
    error = response.find("Error")
    if error is not None:
        code, message = error.text_of("ErrorCode") or "", error.text_of("Message") or ""
        return AutodiscoverAnswer(problem=f"an error of autodiscover: {code} {message}".rstrip()[:300], error_code=code)
    found = [one for account in response.all("Account") for one in account.all("Protocol")][:MOST_PROTOCOLS]
    elements = [one for one in found if _type(one) in _DIRECTIONS]
    servers = tuple(_server(one, mailbox) for one in elements)
    usable = tuple(one for one in servers if one.host and one.port)
    return AutodiscoverAnswer(
        usable,
        None if usable else "no Protocol of IMAP, POP3 or SMTP with Server and Port",
        conflicts=tuple(text for text in (_conflict(one) for one in usable) if text is not None),
        empty_switches=tuple(_switches(elements, servers)),
    )


def _type(element: XmlElement) -> str:
    return (element.text_of("Type") or "").lower()


def _server(element: XmlElement, mailbox: str) -> AnnouncedServer:
    host = (element.text_of("Server") or "").lower().rstrip(".")
    port = element.text_of("Port") or ""
    number = int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else 0
    encryption, switch = element.text_of("Encryption"), element.text_of("SSL")
    if encryption:
        mode, word = _ENCRYPTIONS.get(encryption.lower()), encryption
    else:
        mode, word = _SWITCHES.get((switch if switch is not None else "on").lower()), switch or "on"
    login = element.text_of("LoginName")
    ways = ["SPA"] if (element.text_of("SPA") or "on").lower() == "on" else []
    return AnnouncedServer(
        _DIRECTIONS[_type(element)],
        _type(element),
        host if is_hostname(host) or normalized_address(host) else None,
        number if is_port(number) else None,
        mode,
        word,
        tuple(ways),
        login or mailbox,
        login,
    )


def _conflict(server: AnnouncedServer) -> str | None:
    """Whether the port is one of the other way to begin TLS."""
    at = service_at(server.port or 0)
    modes = {TlsMode.IMPLICIT: AnnouncedTls.IMPLICIT, TlsMode.STARTTLS: AnnouncedTls.STARTTLS}
    usual = modes.get(at.terms.tls_mode) if at is not None else None
    if usual is None or server.tls_mode not in modes.values() or server.tls_mode is usual:
        return None
    return f"{server.name} with {server.socket_type}, which means {server.tls_mode.value if server.tls_mode else ''}"


def _switches(elements: Sequence[XmlElement], servers: Sequence[AnnouncedServer]) -> list[str]:
    found = []
    for element, server in zip(elements, servers):
        switch = element.text_of("SSL")
        if switch is not None and switch.lower() not in _SWITCHES:
            found.append(f"{server.name} has the SSL {switch!r}")
    return found


@dataclass(frozen=True)
class AutodiscoverSource:
    """One place, what was fetched there, and what the answer says; None where there is none."""

    fetched: Document
    answer: AutodiscoverAnswer | None = None

    @property
    def status(self) -> RecordStatus:
        """How the place stands. Who wants a login first, or answers by an error of autodiscover, has not told us."""
        if self.answer is not None:
            if self.answer.error_code is not None:
                return RecordStatus.ERROR
            return RecordStatus.VALID if self.answer.problem is None else RecordStatus.INVALID
        if self.fetched.http_status in (401, 403):
            return RecordStatus.ERROR
        states = {DocumentState.ABSENT: RecordStatus.NONE, DocumentState.ERROR: RecordStatus.ERROR}
        return states.get(self.fetched.state, RecordStatus.INVALID)

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `sources`."""
        fetched = self.fetched
        failure: Failure | None = fetched.failure
        if self.answer is not None and self.answer.problem is not None:
            failure = unreadable(self.answer.problem)
        return {
            "url": fetched.url,
            "https": fetched.url.startswith("https:"),
            "http_status": fetched.http_status,
            "media_type": fetched.media_type,
            "size": fetched.size,
            "redirects": list(fetched.redirects),
            "certificate_valid": fetched.verified,
            "status": self.status.value,
            "error": failure.as_dict() if failure else None,
        }


@dataclass(frozen=True)
class Autodiscover:
    """All places of a domain in their order, and the one that Outlook takes."""

    domain: str
    sources: tuple[AutodiscoverSource, ...] = ()

    @property
    def source(self) -> AutodiscoverSource | None:
        """The first place with an answer that can be used; Outlook takes none without a valid certificate."""
        usable = [one for one in self.sources if one.status is RecordStatus.VALID]
        return next((one for one in usable if one.fetched.verified), usable[0] if usable else None)

    @property
    def status(self) -> RecordStatus:
        """How autodiscover stands: invalid only where an answer is, not where a web server has a page of its own for everything."""
        if self.source is not None:
            return RecordStatus.VALID
        states = [one.status for one in self.sources]
        if any(one.answer is not None and one.status is RecordStatus.INVALID for one in self.sources):
            return RecordStatus.INVALID
        return RecordStatus.ERROR if any(one is not RecordStatus.NONE for one in states) else RecordStatus.NONE

    @property
    def servers(self) -> tuple[AnnouncedServer, ...]:
        """The servers of the answer that Outlook takes."""
        source = self.source
        return source.answer.servers if source is not None and source.answer is not None else ()

    def as_facts(self, probes: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
        """Return `autodiscover` of a domain; *probes* by the name of a server."""
        source = self.source
        return {
            "status": self.status.value,
            "sources": [one.as_facts() for one in self.sources],
            "source": source.fetched.url if source is not None else None,
            "servers": [one.as_facts((probes or {}).get(one.name)) for one in self.servers],
        }


async def look_up_autodiscover(domain: str, mailbox: str, requests: Sequence[DocumentRequest], fetch: Fetch) -> Autodiscover:
    """Post to all places, side by side, and read the answers; their order is that of the requests."""
    fetched = await asyncio.gather(*(fetch(request) for request in requests))
    sources = [AutodiscoverSource(one, read_autodiscover(one.body, mailbox) if one.found else None) for one in fetched]
    return Autodiscover(domain, tuple(sources))


def judge_autodiscover(found: Autodiscover) -> tuple[Finding, ...]:
    """Return what is wrong with the answers. A page of HTML at one place is nothing where another place has an answer."""
    noticed = Noticed()
    for one in found.sources:
        if one.answer is None:
            continue
        url = one.fetched.url
        if one.status is RecordStatus.INVALID and found.source is None:
            noticed.add(setup.AUTODISCOVER_INVALID, url, one.answer.problem or "")
        for text in one.answer.conflicts:
            noticed.add(setup.AUTODISCOVER_ENCRYPTION_CONFLICT, url, text)
        for text in one.answer.empty_switches:
            noticed.add(setup.AUTODISCOVER_SSL_EMPTY, url, text)
    return noticed.findings()
