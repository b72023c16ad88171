# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Situations of a mail domain, written as lines of a zone, documents and servers, and what a look at the domain makes of them.

A line is owner, type and data. `@` is example.com, other owners are below it unless they end in a dot. The lines of a situation
replace those of GOOD with the same owner and type. Data `-` is no such record, `!` a failure. In TXT records `|` ends a string. A type
ending in `~` is not validated, and one as in `A>host.example.net` was found there by an alias.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Union

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import MxRecord, RecordData, SrvRecord, TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_exchange import AuthoritativeExchange
from ansible_collections.mailops.tls.plugins.module_utils._domain.announced_probe import AnnouncedProbe
from ansible_collections.mailops.tls.plugins.module_utils._domain.domain_result import JudgedDomain
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import Document, DocumentRequest, DocumentState, Fetch
from ansible_collections.mailops.tls.plugins.module_utils._domain.look import DomainLook, LookTools
from ansible_collections.mailops.tls.plugins.module_utils._domain.public_suffix import read_suffixes
from ansible_collections.mailops.tls.plugins.module_utils._domain.sender_views import SenderViews
from ansible_collections.mailops.tls.plugins.module_utils._domain.settings import DEFAULT_CHECKS, Check, DomainSettings, MailDomain
from ansible_collections.mailops.tls.plugins.module_utils._domain.zone_look import ZoneLook
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.tests.unit.servers.dns_authority import Authorities, Authority
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Script, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import SETTINGS, TURNS

NOW = datetime(2026, 11, 29, tzinfo=timezone.utc)
DOMAIN = MailDomain("example.com", "example.com")
PUBLIC = "192.0.0.9"
"""An address that counts as global and that nobody has (RFC 7723)."""
POLICY_URL = "https://mta-sts.example.com/.well-known/mta-sts.txt"
POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmax_age: 604800\r\n"
ED25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
"""The key of RFC 8463 appendix A."""
GOOD = (
    "@ MX 10 mx.example.com",
    f"mx A {PUBLIC}",
    "9.0.0.192.in-addr.arpa. PTR mx.example.com",
    "@ SOA ns1.example.com. hostmaster.example.com. 7 3600 900 604800 300",
    "@ TXT v=spf1 mx -all",
    "_dmarc TXT v=DMARC1; p=reject; rua=mailto:r@example.com",
    "_mta-sts TXT v=STSv1; id=1",
    "_smtp._tls TXT v=TLSRPTv1; rua=mailto:r@example.com",
    f"key._domainkey TXT v=DKIM1; k=ed25519; p={ED25519}",
)
"""A domain with which nothing is wrong but what documents for mail clients would tell."""
QUIET = frozenset(DEFAULT_CHECKS) - {Check.SENDERS, Check.NS}
"""The checks for which nobody is connected to."""
_LINE = re.compile(r"(\S+) ([A-Z0-9]+)(~?)(?:>(\S+))? (.*)", re.DOTALL)

Page = Union[bytes, Document]


@dataclass(frozen=True)
class Situation:
    """What there is of a domain, and how it is looked at.

    Attributes:
        lines: of its zone and others; see the file's docstring.
        pages: documents by URL, in place of a good policy for MTA-STS.
        settings: of the look.
        servers: scripts of mail servers by their address, all at one port. {port} in a line or page stands for it.
        name_servers: of the zone, by address.
        suffixes: a public suffix list.
        trusted: certificates of the authorities that connections trust, PEM.
    """

    lines: tuple[str, ...] = ()
    pages: Mapping[str, Page] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    servers: Mapping[str, Script] = field(default_factory=dict)
    name_servers: Mapping[str, Authority] = field(default_factory=dict)
    suffixes: str | None = None
    trusted: bytes = b""


@dataclass(frozen=True)
class FindingCase:
    """A finding, a situation in which it has to be told, and one in which it must not."""

    kind: FindingKind
    wrong: Situation
    right: Situation


def lines(*texts: str, **settings: Any) -> Situation:
    """Return a situation of these lines."""
    return Situation(texts, settings=settings)


class _Views(SenderViews):
    """Exchanges at another port."""

    at = 25

    async def look(self, domain: str, port: int = 25) -> Any:
        return await super().look(domain, self.at)


def _data(rdtype: str, text: str) -> RecordData:
    words = text.split(" ")
    if rdtype == "MX":
        return MxRecord(int(words[0]), words[1] if words[1] != "." else "")
    if rdtype == "SRV":
        return SrvRecord(int(words[0]), int(words[1]), int(words[2]), words[3] if words[3] != "." else "")
    if rdtype == "TLSA":
        return TlsaRecord(int(words[0]), int(words[1]), int(words[2]), bytes.fromhex(words[3]))
    return TxtRecord(tuple(part.encode() for part in text.split("|"))) if rdtype in ("TXT", "SPF") else text


def dns_of(texts: Sequence[str], port: int = 25) -> FakeDns:
    """Return DNS with GOOD as far as these lines do not replace it."""
    dns, own, zone = FakeDns(), _read(texts, port), _read(GOOD, port)
    for (owner, rdtype), found in {**zone, **own}.items():
        texts_there = [text for text, unused, _canonical in found]
        if texts_there == ["!"]:
            dns.error(owner, rdtype)
        elif texts_there == ["-"]:
            dns.nodata(owner, rdtype)
        else:
            (_text, insecure, canonical) = found[0]
            records = [_data(rdtype, text) for text in texts_there]
            dns.found(owner, rdtype, records, secure=not insecure, canonical_name=canonical)
    return dns


def _read(texts: Sequence[str], port: int) -> dict[tuple[str, str], list[tuple[str, bool, str]]]:
    zone: dict[tuple[str, str], list[tuple[str, bool, str]]] = {}
    for line in texts:
        found = _LINE.fullmatch(line.replace("{port}", str(port)))
        assert found is not None, line
        owner = "example.com" if found[1] == "@" else found[1][:-1] if found[1].endswith(".") else f"{found[1]}.example.com"
        zone.setdefault((owner, found[2]), []).append((found[5], bool(found[3]), found[4] or ""))
    return zone


def page(url: str, body: bytes = b"", **changes: Any) -> Document:
    """Return a document that was fetched over verified HTTPS, or what is said of it."""
    usual = {"http_status": 200, "media_type": "text/plain", "verified": True, "size": len(body)}
    return Document(**{"url": url, "state": DocumentState.FOUND, "body": body, **usual, **changes})


def _fetch_from(pages: Mapping[str, Page], port: int) -> Fetch:
    async def fetch(request: DocumentRequest) -> Document:
        found = pages.get(request.url)
        if isinstance(found, bytes):
            return page(request.url, found.replace(b"{port}", b"%d" % port))
        failure = Failure(ErrorKind.DNS_NOT_FOUND, CommonPhase.DNS, "no such host")
        return found or Document(request.url, DocumentState.ABSENT, failure=failure)

    return fetch


def look_at(situation: Situation) -> dict[str, Any]:
    """Return the result of the domain in a situation."""
    return asyncio.run(_look(situation))


async def _look(situation: Situation) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        port = 25
        for number, (address, script) in enumerate(situation.servers.items()):
            server = ScriptedServer(script, address=address, port=port if number else 0)
            port = (await stack.enter_async_context(server)).port
        authorities = await stack.enter_async_context(Authorities(situation.name_servers)) if situation.name_servers else None
        usual = {"checks": QUIET, "probe_announced": False, "selectors": (("key", None),), "private_allowed": True}
        settings = DomainSettings(**{**usual, **situation.settings})
        dns = dns_of(situation.lines, port)
        authority = Path(stack.enter_context(TemporaryDirectory())) / "authority.pem"
        authority.write_bytes(situation.trusted)
        trusts = TlsParameters(ca_file=str(authority), system_ca=False) if situation.trusted else TlsParameters()
        prober = Prober(TlsContexts(trusts), TURNS)
        views = _Views(SETTINGS, dns.ask, prober, private_allowed=settings.private_allowed)
        views.at = port
        exchange = AuthoritativeExchange(2, 10, lambda address: ":" not in address)
        announced = AnnouncedProbe(MailboxProbeSettings(), dns.ask, prober, NOW, Detail(), private_allowed=settings.private_allowed)
        tools = LookTools(
            ask=dns.ask,
            fetch=_fetch_from({POLICY_URL: POLICY, **situation.pages}, port),
            views=views,
            zones=ZoneLook(dns.ask, exchange, authorities.port if authorities is not None else 53),
            announced=announced.probe if settings.probes_announced else None,
            suffixes=read_suffixes(situation.suffixes) if situation.suffixes is not None else None,
        )
        view = await DomainLook(settings, tools).look(DOMAIN)
        return JudgedDomain(view, settings, Detail(), NOW).as_facts()


def told(situation: Situation) -> set[str]:
    """Return the ids of the findings in a situation."""
    return {one["id"] for one in look_at(situation)["lint"]}
