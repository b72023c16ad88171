# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents fetched over the connection of all probes, so that chain, verdict, resolver, time limits and choice of address are results too.

Each place is resolved by the resolver of the run, and the connection goes to an address that was checked: public, unless the user
allows others. Which of its addresses answers does not matter; the next is tried where connecting fails. Redirects follow the rules of
`fetching.py`, each to an address that is checked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.http import DOCUMENT_LIMIT, HttpLog, HttpPhase, HttpRequest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.http_response import HttpResponse
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_address
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import (
    Document,
    DocumentRequest,
    DocumentState,
    RefusedPlace,
    WebPlace,
    redirected,
    web_place,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.public_address import is_public
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, ProbePlan
from ansible_collections.mailops.tls.plugins.module_utils._probe.host_addresses import HostLookup, host_addresses
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Criteria
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import native_addresses
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail, chain_facts, tls_facts, verification_facts
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import fixed_policy
from ansible_collections.mailops.tls.plugins.module_utils._probe.verdict import judge
from ansible_collections.mailops.tls.plugins.module_utils._text import inert
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import reference_name

MOST_ADDRESSES = 4
"""Most addresses of one host that are tried."""
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_GONE = frozenset((404, 410))
_NOT_CONNECTED = frozenset((ErrorKind.CONNECT_REFUSED, ErrorKind.CONNECT_TIMEOUT, ErrorKind.CONNECT_FAILED))
_STATES = {
    ErrorKind.DNS_NOT_FOUND: DocumentState.ABSENT,
    ErrorKind.DNS_ERROR: DocumentState.ERROR,
    ErrorKind.CONNECT_REFUSED: DocumentState.ERROR,
    ErrorKind.CONNECT_TIMEOUT: DocumentState.ERROR,
    ErrorKind.CONNECT_FAILED: DocumentState.ERROR,
    ErrorKind.TIMEOUT: DocumentState.ERROR,
}
"""What a failure says of the document; all others came from something that answered, so it is broken."""
_POLICY = fixed_policy(SecurityLevel.VERIFY)


@dataclass(frozen=True)
class WebSettings:
    """How documents are fetched.

    Attributes:
        timeout: seconds for a document, redirects included; a connection that has begun may use the limits of its prober.
        document_limit: most octets, after unpacking.
        allow_private_addresses: whether hosts may be where only this network sees them.
        host_lookup: how addresses are found.
        detail: what results tell of certificates.
    """

    timeout: float = 10.0
    document_limit: int = DOCUMENT_LIMIT
    allow_private_addresses: bool = False
    host_lookup: tuple[HostLookup, ...] = (HostLookup.DNS,)
    detail: Detail = Detail()


@dataclass(frozen=True)
class _Visit:
    """What one place gave: a response, or why there is none."""

    place: WebPlace
    response: HttpResponse | None = None
    failure: Failure | None = None
    state: DocumentState | None = None
    verified: bool | None = None
    https: dict[str, Any] | None = None


class WebFetcher:
    """Fetches documents; its method `fetch` is a `Fetch`. Make and use it inside a running event loop."""

    def __init__(self, settings: WebSettings, ask: Ask, prober: Prober, now: datetime) -> None:
        """Take what a run needs; *prober* has limits for documents, *now* is the time for certificates, aware."""
        self._settings, self._ask, self._prober, self._now = settings, ask, prober, now
        self._loop = asyncio.get_running_loop()

    async def fetch(self, request: DocumentRequest) -> Document:
        """Fetch one document. Nothing is raised for what servers and DNS do."""
        until = self._loop.time() + self._settings.timeout
        try:
            visited = [web_place(request.url)]
        except RefusedPlace as refused:
            return _ended(request, (), Failure(ErrorKind.HTTP_ERROR, HttpPhase.HTTP, str(refused)), DocumentState.ERROR)
        seen: list[_Visit] = []
        while True:
            if seen and self._loop.time() >= until:
                text = f"no document within {self._settings.timeout:g} seconds"
                return _ended(request, seen, Failure(ErrorKind.TIMEOUT, HttpPhase.HTTP, text), DocumentState.ERROR, visited)
            first = len(visited) == 1
            body = None if first and request.posted_when_redirected else request.body
            visit = await self._visit(visited[-1], body, request.media_type)
            seen.append(visit)
            location = visit.response.fields.get("location") if visit.response and visit.response.status in _REDIRECTS else None
            if location is None:
                break
            try:
                visited.append(redirected(request, visited, location))
            except RefusedPlace as refused:
                failure = Failure(ErrorKind.HTTP_ERROR, HttpPhase.HTTP, inert(str(refused), 500))
                return _ended(request, seen, failure, DocumentState.BROKEN, visited, location)
        if request.posted_when_redirected and len(visited) == 1 and visit.response is not None:
            failure = Failure(ErrorKind.HTTP_ERROR, HttpPhase.HTTP, f"status {visit.response.status}, where a redirect was wanted")
            return _ended(request, seen, failure, DocumentState.ABSENT, visited)
        return _arrived(request, seen, visited)

    async def _visit(self, place: WebPlace, body: bytes | None, media_type: str | None) -> _Visit:
        """Ask one place, at the first of its addresses that can be connected to."""
        found = await host_addresses(place.host, self._ask, self._settings.host_lookup, native_addresses, False)
        if found.failure is not None:
            return _Visit(place, failure=found.failure)
        addresses = tuple(dict.fromkeys(one.address for one in found.addresses))
        usable = [one for one in addresses if self._settings.allow_private_addresses or is_public(one)]
        if not usable:
            text = f"{place.host} has no public address, and others are not asked: {', '.join(addresses[:MOST_ADDRESSES])}"
            return _Visit(place, failure=Failure(ErrorKind.HTTP_ERROR, CommonPhase.CONNECT, text), state=DocumentState.ERROR)
        request = HttpRequest(place.authority, place.target, body, media_type, self._settings.document_limit)
        for address in _spread(usable):
            plan = ProbePlan(
                target=Target(address, place.port),
                dialogue=request,
                sni=None if is_address(place.host) else place.host,
                tls_mode=TlsMode.IMPLICIT if place.https else TlsMode.NONE,
            )
            evidence = (await self._prober.probe(plan)).evidence
            if evidence.failure is None or evidence.failure.kind not in _NOT_CONNECTED:
                break
        return self._seen(place, evidence)

    def _seen(self, place: WebPlace, evidence: ProbeEvidence) -> _Visit:
        """Judge a connection by the code that judges those of mail servers."""
        response = evidence.log.response if isinstance(evidence.log, HttpLog) else None
        verified, https = None, None
        if place.https and evidence.tls is not None:
            chain = self._prober.chain(evidence)
            verification = judge(_POLICY, Criteria((reference_name(place.host),)), evidence, chain, self._now)
            # The common name, which counts for Postfix, counts for nobody who fetches a policy (RFC 8461 section 3.3).
            named = bool(chain) and bool(chain[0].dns_names or chain[0].ip_addresses)
            verified = verification.matched and named if evidence.tls.established else None
            https = {
                "tls": tls_facts(evidence),
                "chain": chain_facts(chain, self._settings.detail),
                "verification": verification_facts(_POLICY, verification),
            }
        return _Visit(place, response, evidence.failure, None, verified, https)


def _spread(addresses: Sequence[str]) -> list[str]:
    """Return the first addresses, of both families where there are both: where one has no route the other may."""
    families = [[one for one in addresses if (":" in one) is six] for six in (False, True)]
    turns = [family[at] for at in range(MOST_ADDRESSES) for family in families if at < len(family)]
    return turns[:MOST_ADDRESSES]


def _arrived(request: DocumentRequest, seen: Sequence[_Visit], visited: Sequence[WebPlace]) -> Document:
    """Return what the last place gave."""
    response, failure = seen[-1].response, seen[-1].failure
    if response is None:
        failure = failure or Failure(ErrorKind.HTTP_ERROR, HttpPhase.HTTP, "no response")
        return _ended(request, seen, failure, seen[-1].state or _STATES.get(failure.kind, DocumentState.BROKEN), visited)
    if response.status == 200:
        return _document(request, seen, DocumentState.FOUND, visited, None, body=response.body)
    text = f"status {response.status} {response.reason}".rstrip()
    state = DocumentState.ABSENT if response.status in _GONE else DocumentState.BROKEN
    return _ended(request, seen, Failure(ErrorKind.HTTP_ERROR, HttpPhase.HTTP, inert(text, 300)), state, visited)


def _ended(
    request: DocumentRequest,
    seen: Sequence[_Visit],
    failure: Failure,
    state: DocumentState,
    visited: Sequence[WebPlace] = (),
    refused: str | None = None,
) -> Document:
    return _document(request, seen, state, visited, failure, refused=refused)


def _document(
    request: DocumentRequest,
    seen: Sequence[_Visit],
    state: DocumentState,
    visited: Sequence[WebPlace],
    failure: Failure | None,
    *,
    body: bytes = b"",
    refused: str | None = None,
) -> Document:
    """Put together what came of a fetch; a redirect that was not followed is the last of its redirects."""
    last = seen[-1].response if seen else None
    verdicts = [one.verified for one in seen if one.verified is not None]
    redirects = [str(one) for one in visited[1:]] + ([inert(refused, 300)] if refused is not None else [])
    return Document(
        url=request.url,
        state=state,
        redirects=tuple(redirects),
        http_status=last.status if last is not None else None,
        media_type=last.media_type if last is not None else None,
        body=body,
        size=len(body) if state is DocumentState.FOUND else None,
        verified=all(verdicts) if verdicts else None,
        https=seen[-1].https if seen else None,
        failure=failure,
    )
