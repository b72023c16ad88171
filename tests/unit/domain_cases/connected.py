# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of each finding that a connection shows a case that has it and a near one that has not: scripted servers on loopback addresses."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dane, dns, mail_dns, mta_sts, setup, smtp
from ansible_collections.mailops.tls.plugins.module_utils._domain.sender_views import MOST_ADDRESSES
from ansible_collections.mailops.tls.plugins.module_utils._domain.settings import Check
from ansible_collections.mailops.tls.tests.unit.domain_cases.setup import CONFIG, PLACE
from ansible_collections.mailops.tls.tests.unit.domain_cases.world import FindingCase, Situation
from ansible_collections.mailops.tls.tests.unit.makers.certificates import DAY, NOW, Hierarchy, Issued, hierarchy, issue
from ansible_collections.mailops.tls.tests.unit.makers.certificates import name as distinguished_name
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import mail_server

HERE, THERE = "127.0.0.1", "127.0.0.2"
CHECKS = frozenset((Check.MX, Check.DANE, Check.MTA_STS, Check.CAA, Check.SENDERS))
_TWO = ("@ MX 10 mx.example.com", "@ MX 20 mx2.example.com", f"mx A {HERE}", f"mx2 A {THERE}")


_OURS, _OTHER_NAME, _MAIL = (hierarchy([f"{name}.example.com"]) for name in ("mx", "other", "mail"))


def _server(of: Hierarchy | None = None, leaf: Issued | None = None, name: str = "mx.example.com") -> Script:
    found = of or _OURS
    shown = leaf or found.leaf
    return mail_server(MemoryServer(shown.pem + found.intermediate.pem, shown.key.pem), name)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _key_record(host: str = "mx", of: Issued | None = None) -> str:
    return f"_{{port}}._tcp.{host} TLSA 3 1 1 {_digest((of or _OURS.leaf).key.spki)}"


def _anchor_record(of: Issued) -> str:
    return f"_{{port}}._tcp.mx TLSA 2 0 1 {_digest(of.der)}"


def _at(script: Script, *lines: str, second: Script | None = None, **settings: Any) -> Situation:
    """Return a domain with an exchange that does this, at HERE; *second* is another at THERE."""
    servers: Mapping[str, Script] = {HERE: script} if second is None else {HERE: script, THERE: second}
    zone = (f"mx A {HERE}",) if second is None else ()
    return Situation((*zone, *lines), settings={"checks": CHECKS, **settings}, servers=servers, trusted=_OURS.root.pem)


async def _plain(peer: Peer) -> None:
    await peer.offer_tls(b"250-mx.example.com\r\n250 SIZE 1000\r\n")
    await peer.hear()


async def _hangs_up(peer: Peer) -> None:
    peer.reset()


async def _before_rfc_5746(peer: Peer) -> None:
    """TLS 1.2 without any extension, which every OpenSSL since 3.0 refuses."""
    await peer.offer_tls()
    await peer.send(b"220 go\r\n")
    await peer.hear()
    hello = b"\x03\x03" + b"\x11" * 32 + b"\x00" + b"\x00\x9c" + b"\x00"
    handshake = b"\x02" + len(hello).to_bytes(3, "big") + hello
    await peer.send(b"\x16\x03\x03" + len(handshake).to_bytes(2, "big") + handshake)
    await peer.hear()


def _of_organization(organization: str) -> Hierarchy:
    """Certificates of an authority of this organization, below the root that is trusted."""
    root = _OURS.root
    subject = distinguished_name("Inter", ("2.5.4.10", organization))
    middle = issue("Inter", issuer=root, ca=True, subject=subject, not_after=NOW + 1825 * DAY)
    return Hierarchy(root, middle, issue("leaf", issuer=middle, dns_names=["mx.example.com"]))


def _below_anchor(**changes: Any) -> Issued:
    return issue("leaf", issuer=_OURS.intermediate, **{"dns_names": ["mx.example.com"], **changes})


def _addresses(number: int) -> tuple[str, ...]:
    """Lines of an exchange that has so many addresses besides HERE."""
    return tuple(f"mx A 127.0.1.{one}" for one in range(1, number + 1))


_GOOD = _server()
_CAA = '@ CAA 0 issue "letsencrypt.org"'
_REVERSE = "1.0.0.127.in-addr.arpa. PTR "
_TWO_WITH_RECORDS = (*_TWO, _key_record(), _key_record("mx2"))
EXCHANGE_CASES = (
    FindingCase(mail_dns.SENDERS_DELAYED, _at(_plain, _key_record()), _at(_GOOD, _key_record())),
    FindingCase(mail_dns.ADDRESSES_LEFT_OUT, _at(_GOOD, *_addresses(MOST_ADDRESSES)), _at(_GOOD, *_addresses(MOST_ADDRESSES - 1))),
    FindingCase(mail_dns.MX_EXCHANGE_DOWN, _at(_GOOD, "@ MX 10 mx3.example.com", "mx3 A 127.0.0.3"), _at(_hangs_up)),
    FindingCase(
        mail_dns.PTR_HELO_MISMATCH,
        _at(_server(name="host.example.net"), f"{_REVERSE}mx.example.com"),
        _at(_GOOD, f"{_REVERSE}mx.example.com"),
    ),
    FindingCase(
        mail_dns.CAA_FORBIDS_SERVED_ISSUER,
        _at(_server(_of_organization("DigiCert Inc")), _CAA),
        _at(_server(_of_organization("Let's Encrypt")), _CAA),
    ),
    FindingCase(mta_sts.MTA_STS_EXCHANGE_CERTIFICATE_INVALID, _at(_server(_OTHER_NAME)), _at(_GOOD)),
    FindingCase(smtp.STARTTLS_NOT_OFFERED, _at(_plain), _at(_GOOD)),
    FindingCase(smtp.LOCAL_LIMIT, _at(_before_rfc_5746), _at(_hangs_up)),
)
DANE_CASES = (
    FindingCase(dns.MX_ZONE_INSECURE, _at(_GOOD, "@ MX~ 10 mx.example.com", _key_record()), _at(_GOOD, "@ MX~ 10 mx.example.com")),
    FindingCase(dns.TLSA_ZONE_INSECURE, _at(_GOOD, _key_record().replace("TLSA", "TLSA~")), _at(_GOOD, _key_record())),
    FindingCase(dane.STALE_RECORD, _at(_GOOD, _key_record(of=_OTHER_NAME.leaf)), _at(_GOOD, _key_record())),
    FindingCase(
        dane.TA_NOT_IN_CHAIN,
        _at(_GOOD, _anchor_record(_OTHER_NAME.intermediate)),
        _at(_GOOD, _anchor_record(_OURS.intermediate)),
    ),
    FindingCase(
        dane.EXCHANGE_WITHOUT_TLSA,
        _at(_GOOD, *_TWO, _key_record(), second=_GOOD),
        _at(_GOOD, *_TWO_WITH_RECORDS, second=_GOOD),
    ),
    FindingCase(
        dane.TA_NAME_MISMATCH,
        _at(_server(leaf=_below_anchor(dns_names=["host.example.net"])), _anchor_record(_OURS.intermediate)),
        _at(_server(leaf=_below_anchor()), _anchor_record(_OURS.intermediate)),
    ),
    FindingCase(
        dane.EXPIRED_LEAF_UNDER_TA,
        _at(_server(leaf=_below_anchor(not_before=NOW - 9 * DAY, not_after=NOW - DAY)), _anchor_record(_OURS.intermediate)),
        _at(_server(leaf=_below_anchor()), _anchor_record(_OURS.intermediate)),
    ),
    FindingCase(
        dane.SAME_KEY_ON_ALL_EXCHANGES,
        _at(_GOOD, *_TWO_WITH_RECORDS, second=_GOOD),
        _at(_GOOD, *_TWO, _key_record(), _key_record("mx2", _OTHER_NAME.leaf), second=_server(_OTHER_NAME)),
    ),
    FindingCase(
        dane.ADDRESS_MISMATCH,
        _at(_GOOD, f"mx A {HERE}", f"mx A {THERE}", _key_record(), second=_server(_OTHER_NAME)),
        _at(_GOOD, f"mx A {HERE}", f"mx A {THERE}", _key_record(), second=_GOOD),
    ),
)


def _announced(script: Script, *lines: str, config: str | None = None) -> Situation:
    """Return a domain that announces an IMAP server of this behaviour."""
    pages = {PLACE: config.encode()} if config is not None else {}
    settings = {"checks": frozenset((Check.SRV, Check.AUTOCONFIG)), "probe_announced": True}
    return Situation((f"mail A {HERE}", *lines), pages=pages, settings=settings, servers={HERE: script}, trusted=_MAIL.root.pem)


def _imap_server(of: Hierarchy) -> Script:
    tls = MemoryServer(of.served_pem, of.leaf.key.pem)

    async def script(peer: Peer) -> None:
        await peer.shake_hands(tls.another())
        await peer.send(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        while line := await peer.hear():
            tag, _space, command = line.partition(b" ")
            said = b"* CAPABILITY IMAP4rev1\r\n" if command.upper().startswith(b"CAPABILITY") else b""
            await peer.send(said + tag + b" OK done\r\n")

    return script


_IMAP = _imap_server(_MAIL)
_CONFIG = CONFIG.replace("993", "{port}")
_IMAPS = "_imaps._tcp SRV 0 1 {port} mail.example.com"
ANNOUNCED_CASES = (
    FindingCase(setup.SRV_SERVER_FAILS, _announced(_hangs_up, _IMAPS), _announced(_IMAP, _IMAPS)),
    FindingCase(
        setup.AUTOCONFIG_SERVER_FAILS, _announced(_hangs_up, config=_CONFIG), _announced(_IMAP, config=_CONFIG)
    ),
)
CONNECTED_CASES = (*EXCHANGE_CASES, *DANE_CASES, *ANNOUNCED_CASES)
