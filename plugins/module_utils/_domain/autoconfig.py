# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Autoconfig of a domain: all its places, the document that a client takes, and what is wrong (draft-ietf-mailmaint-autoconfig).

    valid     some place has a document that a client can use
    invalid   there are documents, and none can be used
    none      every place says that there is none
    error     no document was had, and of a place at least it is not known whether it has one

A client takes the first usable document in the order of the places. What is wrong with one behind it is told as well: another client comes
that way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import setup
from ansible_collections.mailops.tls.plugins.module_utils._domain.announced import AnnouncedServer, AnnouncedTls, ProbedServer
from ansible_collections.mailops.tls.plugins.module_utils._domain.autoconfig_document import AutoconfigDocument, read_autoconfig
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import Document, DocumentRequest, DocumentState, Fetch
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import Noticed
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus, unreadable
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding


@dataclass(frozen=True)
class AutoconfigSource:
    """One place, what was fetched there, and what the document says; None where there is none."""

    fetched: Document
    document: AutoconfigDocument | None = None

    @property
    def https(self) -> bool:
        """Whether the place is one of HTTPS."""
        return self.fetched.url.startswith("https:")

    @property
    def status(self) -> RecordStatus:
        """How the place stands."""
        if self.document is not None:
            return RecordStatus.VALID if self.document.problem is None else RecordStatus.INVALID
        states = {DocumentState.ABSENT: RecordStatus.NONE, DocumentState.ERROR: RecordStatus.ERROR}
        return states.get(self.fetched.state, RecordStatus.INVALID)

    @property
    def failure(self) -> Failure | None:
        """Why it has no document that a client can use."""
        if self.document is not None and self.document.problem is not None:
            return unreadable(self.document.problem)
        return self.fetched.failure

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `sources`."""
        fetched, failure = self.fetched, self.failure
        return {
            "url": fetched.url,
            "https": self.https,
            "http_status": fetched.http_status,
            "media_type": fetched.media_type,
            "size": fetched.size,
            "redirects": list(fetched.redirects),
            "certificate_valid": fetched.verified,
            "version": self.document.version if self.document else None,
            "applies": self.document.applies if self.document else None,
            "status": self.status.value,
            "error": failure.as_dict() if failure else None,
        }


@dataclass(frozen=True)
class Autoconfig:
    """All places of a domain in their order, and the one that a client takes."""

    domain: str
    sources: tuple[AutoconfigSource, ...] = ()

    @property
    def source(self) -> AutoconfigSource | None:
        """The first place whose document a client can use; those over HTTPS with a valid certificate before all others."""
        usable = [one for one in self.sources if one.status is RecordStatus.VALID]
        return next((one for one in usable if one.fetched.verified), usable[0] if usable else None)

    def owns(self, source: AutoconfigSource) -> bool:
        """Whether a place is below the domain, and not one of whoever takes its mail."""
        host = urlsplit(source.fetched.url).hostname or ""
        return host == self.domain or host.endswith(f".{self.domain}")

    @property
    def status(self) -> RecordStatus:
        """How autoconfig stands."""
        states = [one.status for one in self.sources]
        if RecordStatus.VALID in states:
            return RecordStatus.VALID
        if any(one.document is not None for one in self.sources):
            return RecordStatus.INVALID
        return RecordStatus.ERROR if any(one is not RecordStatus.NONE for one in states) else RecordStatus.NONE

    @property
    def servers(self) -> tuple[AnnouncedServer, ...]:
        """The servers of the document that a client takes."""
        source = self.source
        return source.document.servers if source is not None and source.document is not None else ()

    def as_facts(self, probes: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
        """Return `autoconfig` of a domain; *probes* by the name of a server."""
        source = self.source
        return {
            "status": self.status.value,
            "sources": [one.as_facts() for one in self.sources],
            "source": source.fetched.url if source is not None else None,
            "servers": [one.as_facts((probes or {}).get(one.name)) for one in self.servers],
        }


async def look_up_autoconfig(domain: str, mailbox: str, requests: Sequence[DocumentRequest], fetch: Fetch) -> Autoconfig:
    """Fetch and read the documents of all places, side by side; their order is that of the requests."""
    fetched = await asyncio.gather(*(fetch(request) for request in requests))
    sources = [AutoconfigSource(one, read_autoconfig(one.body, domain, mailbox) if one.found else None) for one in fetched]
    return Autoconfig(domain, tuple(sources))


def judge_autoconfig(
    found: Autoconfig, probed: Mapping[str, ProbedServer] | None = None, *, receives: bool = True
) -> tuple[Finding, ...]:
    """Return what is wrong.

    Args:
        found: what the places have.
        probed: by the name of a server what came of probing it; what is missing was not probed.
        receives: whether the domain takes mail. One that does not needs no document.
    """
    noticed = Noticed()
    if found.status is RecordStatus.NONE and receives:
        noticed.add(setup.AUTOCONFIG_MISSING, found.domain, f"{len(found.sources)} places have no document")
    if found.status is RecordStatus.ERROR and receives:
        for one in found.sources:
            failure = one.failure
            if one.status is not RecordStatus.NONE and failure is not None and failure.kind is not ErrorKind.DNS_ERROR:
                noticed.add(setup.AUTOCONFIG_UNREACHABLE, found.domain, f"{one.fetched.url}: {failure.text}")
    for one in found.sources:
        # A page that a web server has for everything says nothing where another place has the document, nor does a hoster's.
        judged = found.source is None or one is found.source or (one.document is not None and one.document.meant and found.owns(one))
        if one.document is not None and judged:
            _judge_document(one.fetched.url, one.document, found.domain, noticed)
    source = found.source
    if source is not None and not source.fetched.verified:
        text = "its certificate is not valid" if source.https else "no place over HTTPS has one that can be used"
        noticed.add(setup.AUTOCONFIG_HTTP_ONLY, found.domain, f"the document is at {source.fetched.url}: {text}")
    for server in found.servers:
        probe = (probed or {}).get(server.name)
        if probe is not None and probe.satisfied is False:
            noticed.add(setup.AUTOCONFIG_SERVER_FAILS, server.name, f"{server.socket_type}: {probe.text}")
    return noticed.findings()


def _judge_document(url: str, document: AutoconfigDocument, domain: str, noticed: Noticed) -> None:
    if document.has_entities:
        noticed.add(setup.AUTOCONFIG_ENTITY, url, document.problem or "")
    elif document.problem is not None:
        noticed.add(setup.AUTOCONFIG_DOCUMENT_INVALID, url, document.problem)
    if document.applies is False:
        listed = ", ".join(document.domains) or "none"
        noticed.add(setup.AUTOCONFIG_DOMAIN_NOT_LISTED, url, f"{domain} is not among its domains: {listed}")
    for text in document.unknown_sockets:
        noticed.add(setup.AUTOCONFIG_SOCKET_TYPE_UNKNOWN, url, text)
    for text in document.unknown_placeholders:
        noticed.add(setup.AUTOCONFIG_PLACEHOLDER_UNKNOWN, url, text)
    for server in document.servers:
        if server.tls_mode is AnnouncedTls.PLAIN:
            noticed.add(setup.AUTOCONFIG_CLEARTEXT_SERVER, url, f"{server.name} has the socketType {server.socket_type}")
