# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One autoconfig document as values (draft-ietf-mailmaint-autoconfig, formats 1.1 and 1.2).

    clientConfig version=
      emailProvider id=
        domain                       %EMAILDOMAIN%, or one of the provider's domains
        incomingServer type=         imap pop3, and since 1.2 others
          hostname port socketType username authentication
        outgoingServer type="smtp"   the same

Unknown elements, types and versions are no mistakes: the format grows. A server that a client cannot use, for want of a host, a port or a
socketType that it knows, is passed over, as clients do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname, normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._domain.announced import AnnouncedServer, AnnouncedTls
from ansible_collections.mailops.tls.plugins.module_utils._domain.xml_document import XmlElement, XmlHasEntities, XmlRefused, read_xml
from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii
from ansible_collections.mailops.tls.plugins.module_utils._port import is_port

MAIL_TYPES = ("imap", "pop3", "smtp")
MOST_SERVERS = 50
"""Servers of one document that are kept; who writes more is not heard out."""
MOST_DOMAINS = 1000
SOCKET_TYPES = {"ssl": AnnouncedTls.IMPLICIT, "tls": AnnouncedTls.IMPLICIT, "starttls": AnnouncedTls.STARTTLS, "plain": AnnouncedTls.PLAIN}
"""How a socketType is read, without regard to its case; TLS is an old word for SSL."""
_PLACEHOLDER = re.compile(r"%([A-Za-z][A-Za-z0-9_]{0,39})%")
_OLD_PLACEHOLDERS = frozenset(("REALNAME",))


@dataclass(frozen=True)
class Mailbox:
    """The mailbox that a document is asked for."""

    address: str

    @property
    def values(self) -> dict[str, str]:
        """What the placeholders stand for."""
        local, has_domain, domain = self.address.rpartition("@")
        if not has_domain:
            local, domain = domain, ""
        return {"EMAILADDRESS": self.address, "EMAILLOCALPART": local, "EMAILDOMAIN": domain}

    def fill(self, text: str) -> str:
        """Put values in the place of placeholders; those that are unknown stay as they are."""
        values = self.values
        return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


@dataclass(frozen=True)
class AutoconfigDocument:
    """What a document says.

    Attributes:
        version: of the format, as written.
        applies: whether it names the domain asked for.
        domains: the domains that it names, with placeholders filled in, at most ten of them for people.
        servers: those of mail, best first, that a client can use.
        problem: why clients ignore the document; None for one that can be used.
        has_entities: whether the problem is a DTD.
        meant: whether this was written to be such a document; a web server's page for everything is not.
        unknown_sockets: servers whose socketType nobody knows, for people.
        unknown_placeholders: placeholders that stay as they are, with the server they are of.
    """

    version: str | None = None
    applies: bool | None = None
    domains: tuple[str, ...] = ()
    servers: tuple[AnnouncedServer, ...] = ()
    problem: str | None = None
    has_entities: bool = False
    meant: bool = True
    unknown_sockets: tuple[str, ...] = ()
    unknown_placeholders: tuple[str, ...] = ()


def read_autoconfig(data: bytes, domain: str, mailbox: str) -> AutoconfigDocument:
    """Read a document for a domain and a mailbox in it."""
    try:
        root = read_xml(data)
    except XmlHasEntities as refused:
        return AutoconfigDocument(problem=str(refused), has_entities=True)
    except XmlRefused as refused:
        return AutoconfigDocument(problem=str(refused), meant=b"<clientConfig" in data)
    if root.name != "clientConfig":
        return AutoconfigDocument(problem=f"the root is {root.name} and not clientConfig", meant=False)
    version = root.attributes.get("version")
    provider = root.find("emailProvider")
    if provider is None:
        return AutoconfigDocument(version, problem="there is no emailProvider")
    box = Mailbox(mailbox)
    named = [box.fill(one.text).lower().rstrip(".") for one in provider.all("domain")][:MOST_DOMAINS]
    servers = tuple(_server(one, direction, box) for one, direction in _elements(provider))
    usable = tuple(one for one in servers if one.host and one.port and one.tls_mode and one.type in MAIL_TYPES)
    sockets = tuple(f"{one.name}: {one.socket_type or 'none'}" for one in servers if one.tls_mode is None and one.type in MAIL_TYPES)
    return AutoconfigDocument(
        version,
        domain.lower().rstrip(".") in named,
        tuple(named[:10]),
        usable,
        None if usable else "no server of IMAP, POP3 or SMTP that a client can use",
        unknown_sockets=sockets,
        unknown_placeholders=tuple(_unknown(servers)),
    )


def _elements(provider: XmlElement) -> Iterator[tuple[XmlElement, str]]:
    """Yield the servers, incoming ones first, each kind in the order of the document."""
    kept = 0
    for name, direction in (("incomingServer", "incoming"), ("outgoingServer", "outgoing")):
        for element in provider.all(name):
            if kept < MOST_SERVERS:
                kept += 1
                yield element, direction


def _server(element: XmlElement, direction: str, box: Mailbox) -> AnnouncedServer:
    host = _host(box.fill(element.text_of("hostname") or ""))
    port = element.text_of("port") or ""
    number = int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else 0
    socket_type = element.text_of("socketType")
    template = element.text_of("username")
    ways = [one.text for one in element.all("authentication") if one.text and one.attributes.get("system") in (None, "", "sasl")]
    return AnnouncedServer(
        direction,
        element.attributes.get("type", "").lower(),
        host if is_hostname(host) or normalized_address(host) else None,
        number if is_port(number) else None,
        SOCKET_TYPES.get((socket_type or "").lower()),
        socket_type,
        tuple(dict.fromkeys(ways))[:10],
        box.fill(template) if template else None,
        template,
    )


def _host(text: str) -> str:
    """Return a host in ASCII, in lower case and without a dot at the end; clients take international names too."""
    try:
        return to_ascii(text.lower().rstrip("."))
    except ValueError:
        return text


def _unknown(servers: tuple[AnnouncedServer, ...]) -> Iterator[str]:
    known = {*Mailbox("").values, *_OLD_PLACEHOLDERS}
    for one in servers:
        for found in _PLACEHOLDER.finditer(one.username_template or ""):
            if found[1] not in known:
                yield f"{found[0]} in the user name of {one.name}"
