# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which documents of a domain are asked for, in which order, and where a web server may send us to.

    MTA-STS        one place, and no redirect at all (RFC 8461 section 3.3)
    autoconfig     the places of draft-ietf-mailmaint-autoconfig in their order, and two older ones; five redirects
    autodiscover   the places of MS-OXDSCLI section 3.1.5 in their order; five redirects

A redirect never leads from HTTPS to HTTP, to another scheme, to the port of another service, to a place where we were, or with a
password. Whoever fetches (`Fetch`) says in a `Document` how that ended. The four states are its `DocumentState`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Callable
from urllib.parse import quote, urljoin, urlsplit

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname, normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

MOST_REDIRECTS = 5
LONGEST_URL = 2000
_PORTS = {"http": 80, "https": 443}
_CONFIG = "/mail/config-v1.1.xml"
_WELL_KNOWN_CONFIG = "/.well-known/autoconfig/mail/config-v1.1.xml"
_AUTODISCOVER = "/autodiscover/autodiscover.xml"


class DocumentState(str, Enum):
    """How fetching ended.

    FOUND: it is there. ABSENT: DNS has no such host, or the web server says that there is no such document. BROKEN: something answered, and
    what it gave is not to be had as a document. ERROR: nobody answered, or nobody was asked.
    """

    FOUND = "found"
    ABSENT = "absent"
    BROKEN = "broken"
    ERROR = "error"


@dataclass(frozen=True)
class DocumentRequest:
    """One document to fetch.

    Attributes:
        url: where it is, a URL of http or https.
        body: what is posted; None to get.
        media_type: of what is posted.
        most_redirects: how many redirects may be followed.
        posted_when_redirected: the first place is only asked where to post to (autodiscover's last resort).
    """

    url: str
    body: bytes | None = None
    media_type: str | None = None
    most_redirects: int = 0
    posted_when_redirected: bool = False


@dataclass(frozen=True)
class Document:
    """What a fetch ended with.

    Attributes:
        url: where it was asked for first.
        state: how it ended.
        redirects: the places that web servers sent us to, followed or not.
        http_status: the code of the last response; None without one.
        media_type: of the last response, in lower case and without parameters.
        body: the document, when it was found.
        size: its octets, after decompression.
        verified: whether each certificate on the way is one that a client accepts; None where there was none, as with http.
        https: `tls`, `chain` and `verification` of the last connection in the shape of results; None without TLS.
        failure: why it is not FOUND.
    """

    url: str
    state: DocumentState
    redirects: tuple[str, ...] = ()
    http_status: int | None = None
    media_type: str | None = None
    body: bytes = b""
    size: int | None = None
    verified: bool | None = None
    https: Mapping[str, Any] | None = field(default=None, compare=False)
    failure: Failure | None = None

    @property
    def found(self) -> bool:
        """Whether the document is there, whatever its certificate and its text are worth."""
        return self.state is DocumentState.FOUND

    @property
    def redirected(self) -> bool:
        """Whether a web server sent us to another place."""
        return bool(self.redirects)


Fetch = Callable[[DocumentRequest], Awaitable[Document]]
"""Fetches one document. Never raises for what servers and DNS do; that is a Document too."""


@dataclass(frozen=True)
class WebPlace:
    """A place of the web: the parts of a URL that a connection needs. `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def https(self) -> bool:
        """Whether TLS comes first there."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """Host, and the port where it is not the usual one, as in a URL and the Host field."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


class RefusedPlace(Exception):
    """A URL leads to where nothing is fetched; the text says why, for people."""


def web_place(url: str) -> WebPlace:
    """Read a URL.

    Raises:
        RefusedPlace: it is none of http or https, or names a user, or no host.
    """
    shown = clean(url, 200)
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise RefusedPlace(f"{shown} is no URL")
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").rstrip(".")
    except ValueError:
        raise RefusedPlace(f"{shown} is no URL") from None
    if parts.scheme not in _PORTS:
        raise RefusedPlace(f"{shown} is not of http or https")
    if "@" in parts.netloc:
        raise RefusedPlace(f"{shown} names a user")
    host = normalized_address(host) or host
    if not (is_hostname(host) or normalized_address(host)) or port == 0:
        raise RefusedPlace(f"{shown} names no host")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return WebPlace(parts.scheme, host, port or _PORTS[parts.scheme], target)


def redirected(request: DocumentRequest, visited: Sequence[WebPlace], location: str) -> WebPlace:
    """Return where a redirect leads.

    Args:
        request: what is being fetched.
        visited: the places asked so far, the one that redirects last.
        location: what its field Location has.

    Raises:
        RefusedPlace: the redirect is not followed.
    """
    here = visited[-1]
    if not request.most_redirects:
        raise RefusedPlace(f"a redirect to {clean(location, 200)}, and none is allowed here")
    if len(visited) > request.most_redirects:
        raise RefusedPlace(f"more than {request.most_redirects} redirects")
    try:
        joined = urljoin(str(here), location)
    except ValueError:
        raise RefusedPlace(f"{clean(location, 200)} is no URL") from None
    place = web_place(joined)
    if here.https and not place.https:
        raise RefusedPlace(f"a redirect from HTTPS to {place} without TLS")
    if place.port < 1024 and place.port not in _PORTS.values():
        raise RefusedPlace(f"a redirect to {place}, whose port is that of another service")
    if place in visited:
        raise RefusedPlace(f"a redirect back to {place}")
    return place


def mta_sts_request(domain: str) -> DocumentRequest:
    """Return where the MTA-STS policy of a domain is (RFC 8461 section 3.2)."""
    return DocumentRequest(f"https://mta-sts.{domain}/.well-known/mta-sts.txt")


def autoconfig_requests(
    domain: str, mailbox: str, exchange: str | None = None, base_domain: str | None = None
) -> tuple[DocumentRequest, ...]:
    """Return where a client looks for the autoconfig document of a domain, first place first.

    The domain's own places come in the order of the draft, then two that older clients and hosters use. Behind them come those of the host
    that takes the mail, by HTTPS only: somebody else's HTTP would be anybody's.

    Args:
        domain: the domain of the mailbox.
        mailbox: an address for the document to be made for.
        exchange: the best exchange of the domain.
        base_domain: the registered domain of that exchange, where it is known.
    """
    query = "?emailaddress=" + quote(mailbox, safe="@")
    urls = [
        f"https://autoconfig.{domain}{_CONFIG}{query}",
        f"https://{domain}{_WELL_KNOWN_CONFIG}",
        f"http://autoconfig.{domain}{_CONFIG}",
        f"http://{domain}{_WELL_KNOWN_CONFIG}",
        f"http://autoconfig.{domain}{_WELL_KNOWN_CONFIG}",
    ]
    for parent in _domains_of(exchange, base_domain):
        if parent != domain:
            urls += [f"https://autoconfig.{parent}{_CONFIG}{query}", f"https://{parent}{_WELL_KNOWN_CONFIG}"]
    return tuple(DocumentRequest(url, most_redirects=MOST_REDIRECTS) for url in dict.fromkeys(urls))


def _domains_of(exchange: str | None, base_domain: str | None) -> tuple[str, ...]:
    """The exchange without its first label, and its registered domain. A top-level domain is nobody's host."""
    parent = exchange.partition(".")[2].lower() if exchange else ""
    if base_domain and len(parent) < len(base_domain):
        parent = ""
    return tuple(dict.fromkeys(one for one in (parent, (base_domain or "").lower()) if "." in one))


def autodiscover_requests(domain: str, body: bytes, hosts: Sequence[str] = ()) -> tuple[DocumentRequest, ...]:
    """Return where Outlook asks for the settings of a domain, first place first; *hosts* are those of its SRV records."""
    places = [f"https://{domain}", f"https://autodiscover.{domain}"]
    posts = [DocumentRequest(place + _AUTODISCOVER, body, "text/xml", MOST_REDIRECTS) for place in places]
    last = DocumentRequest(f"http://autodiscover.{domain}{_AUTODISCOVER}", body, "text/xml", MOST_REDIRECTS, posted_when_redirected=True)
    named = [DocumentRequest(f"https://{host}{_AUTODISCOVER}", body, "text/xml", MOST_REDIRECTS) for host in dict.fromkeys(hosts)]
    return (*posts, last, *(one for one in named if one not in posts))
