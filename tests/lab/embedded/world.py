# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenarios turned into something to serve: certificates, TLS contexts and zones (pure but for fresh keys)."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from . import certificates
from .certificates import Authority, Identity
from .mailbox import Mailbox
from .nameserver import Zone, Zones
from .scenarios import USER, Exchange, MailboxScenario, Pin, Scenario, Served

TTL_SECONDS = 300
APEX = """\
@ {ttl} IN SOA ns.example. hostmaster.example. 1 3600 600 86400 60
@ {ttl} IN NS ns.example.
"""
ROOT = Zone.parse("", APEX.format(ttl=TTL_SECONDS) + "ns.example. 300 IN A 127.0.0.1\n", signed=True)


@dataclass(frozen=True)
class MailHost:
    """One mail server, ready to be served; `context` is `None` where STARTTLS is not offered."""

    host: str
    address: str
    context: ssl.SSLContext | None


@dataclass(frozen=True)
class MailboxHost:
    """One server with a mailbox for one user; `submitted` is where sent mail goes, None where it is lost."""

    host: str
    address: str
    context: ssl.SSLContext | None
    user: str
    recipient: str
    password: str
    mailbox: Mailbox
    submitted: Mailbox | None


@dataclass(frozen=True)
class World:
    """Everything that is served: the resolver's zones, the mail servers and the trust anchor in PEM."""

    zones: Zones
    hosts: tuple[MailHost, ...]
    mailboxes: tuple[MailboxHost, ...]
    root_pem: str


def build(scenarios: tuple[Scenario, ...], mailboxes: tuple[MailboxScenario, ...], port: int) -> World:
    """Return the world of all scenarios; the exchanges all listen on `port`."""
    authority = Authority()
    zones = [ROOT]
    hosts = []
    for scenario in scenarios:
        lines = []
        for exchange in scenario.exchanges:
            host = f"{exchange.label}.{scenario.domain}"
            identity = _identity(authority, host, exchange.served)
            lines += _records(exchange, identity, authority, port)
            if exchange.served is not Served.NOT_LISTENING:
                offers_tls = exchange.served is not Served.NO_STARTTLS
                hosts.append(MailHost(host, exchange.address, identity.server_context() if offers_tls else None))
        text = APEX.format(ttl=TTL_SECONDS) + "\n".join(lines or [f"@ {TTL_SECONDS} IN MX 0 ."]) + "\n"
        broken = ("TLSA",) if scenario.tlsa_broken else ()
        zones.append(Zone.parse(scenario.domain, text, scenario.signed, broken))
    for mailbox in mailboxes:
        text = APEX.format(ttl=TTL_SECONDS) + f"mail {TTL_SECONDS} IN A {mailbox.address}\n"
        zones.append(Zone.parse(mailbox.domain, text, signed=True))
    return World(Zones(zones), tuple(hosts), tuple(_mailbox_host(authority, one) for one in mailboxes), authority.root_pem())


def _mailbox_host(authority: Authority, scenario: MailboxScenario) -> MailboxHost:
    """Return the server of a mailbox scenario, with an empty mailbox."""
    mailbox = Mailbox()
    return MailboxHost(
        host=scenario.host,
        address=scenario.address,
        context=authority.issue(scenario.host).server_context() if scenario.offers_tls else None,
        user=USER,
        recipient=f"{USER}@{scenario.domain}",
        password=scenario.password,
        mailbox=mailbox,
        submitted=mailbox if scenario.keeps else None,
    )


def _identity(authority: Authority, host: str, served: Served) -> Identity:
    """Return a new identity of the kind that the server shows."""
    if served is Served.SELF_SIGNED:
        return certificates.self_signed(host)
    return authority.issue(host, expired=served is Served.EXPIRED)


def _records(exchange: Exchange, identity: Identity, authority: Authority, port: int) -> list[str]:
    """Return the exchange's MX, A and TLSA records as master-file lines relative to the domain (RFC 6698 section 3)."""
    start = f"{TTL_SECONDS} IN"
    lines = [
        f"@ {start} MX {exchange.preference} {exchange.label}",
        f"{exchange.label} {start} A {exchange.address}",
    ]
    for pin in exchange.pins:
        owner = f"_{port}._tcp.{exchange.label}"
        lines.append(f"{owner} {start} TLSA {_pinned(pin, identity, authority)}")
    return lines


def _pinned(pin: Pin, identity: Identity, authority: Authority) -> str:
    """Return the RDATA that names what `pin` says."""
    if pin is Pin.AUTHORITY_KEY:
        return "2 1 1 " + certificates.key_digest(authority.intermediate.key.public_key())
    key = identity.key if pin is Pin.SERVED_KEY else certificates.new_key()
    return "3 1 1 " + certificates.key_digest(key.public_key())
