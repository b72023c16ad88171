# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the first inputs of every harness: what real servers, certificates, resolvers and people say.

Run as a module it adds them to `corpus`; keys and randoms are new each time, so the files that are there already are kept.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from typing import Any

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import RunIdentity, header_line, result_line
from ansible_collections.mailops.tls.plugins.module_utils._tls.client_hello import TLS_1_0, TLS_1_2, TLS_1_3, Offer, client_hello
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import Handshake
from ansible_collections.mailops.tls.plugins.module_utils._tls.reader import SERVER_SECRET
from ansible_collections.mailops.tls.plugins.module_utils._tls.record_opener import record_opener
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import RecordStream
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_offers import (
    GROUPS_1_3,
    OLDER_GROUPS,
    OLDER_SUITES,
    SCHEMES,
    SUITES_1_3,
)
from ansible_collections.mailops.tls.tests.fuzz.dns_targets import DIRECT, QUESTIONS
from ansible_collections.mailops.tls.tests.fuzz.harnesses import CORPUS
from ansible_collections.mailops.tls.tests.fuzz.listener_seeds import listener_seeds
from ansible_collections.mailops.tls.tests.fuzz.mail_seeds import mail_seeds
from ansible_collections.mailops.tls.tests.fuzz.sender_record_targets import sender_record_seeds
from ansible_collections.mailops.tls.tests.unit.makers import certificates
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Issued, Key
from ansible_collections.mailops.tls.tests.unit.servers.scanned import EVERYTHING, RANDOMS, openssl
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, shake_hands

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
Seeds = Iterator[tuple[str, bytes]]


def piece(number: int, payload: bytes) -> bytes:
    """Return one piece as `tls_targets.pieces_of` reads it."""
    return bytes([number]) + len(payload).to_bytes(2, "big") + payload


def said_by_servers() -> Seeds:
    """Yield what mail servers say in plaintext, up to and behind STARTTLS."""
    postfix = b"220 mx.example.com ESMTP Postfix\r\n"
    offers = b"250-mx.example.com\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-STARTTLS\r\n250-AUTH PLAIN=LOGIN\r\n250 SMTPUTF8\r\n"
    inside = b"250-mx.example.com\r\n250 SIZE=1\r\n"
    yield "postfix", postfix + offers + b"220 2.0.0 Ready to start TLS\r\n" + inside + b"221 bye\r\n"
    yield "bare-lf", b"220-one\n220-two\n220 three\n250 x STARTTLS\n220\n250\n"
    yield "busy", b"421 4.7.0 Too many connections, try again later\r\n"
    yield "no-tls", postfix + b"250 mx.example.com\r\n221 bye\r\n"
    yield "helo", postfix + b"502 command not implemented\r\n250 mx.example.com\r\n"
    yield "refused", postfix + offers + b"454 TLS not available due to local problem\r\n"
    yield "odd", b"\r\n220\r\n2\r\n2200 x\r\n-\r\n220 \xe2\x80\xae\x1b[2J\xff\t\0\r\r\n"
    yield "long", b"220-" + b"x" * 2100 + b"\r\n220 \r\n"
    yield "many", b"250-x\r\n" * 130


def converse(server: MemoryServer) -> Handshake:
    """Shake hands with a server, speak and part."""
    client = Handshake(TlsContexts(TlsParameters()), must_match=False, sni="mx.example.com", keep_flights=True)
    if shake_hands(client, server) is None:
        server.hear(client.encrypt(b"EHLO x\r\n", SmtpPhase.EHLO_TLS))
        client.receive(server.say(b"250 x\r\n"), SmtpPhase.EHLO_TLS)
        client.decrypt(SmtpPhase.EHLO_TLS)
        client.close()
    return client


def sessions() -> Iterator[tuple[str, Handshake]]:
    """Yield TLS sessions of several kinds."""
    leaf = certificates.issue("leaf", dns_names=["mx.example.com"])
    inter = certificates.hierarchy()

    def server(version: ssl.TLSVersion, **more: Any) -> MemoryServer:
        return MemoryServer(leaf.pem, leaf.key.pem, version=version, **more)

    yield "tls12", converse(server(V12))
    yield "tls13", converse(server(V13, tickets=1))
    yield "tls12-chain", converse(MemoryServer(inter.served_pem, inter.leaf.key.pem, version=V12, ask_certificate=True))
    yield "tls13-retry", converse(server(V13, groups="secp521r1", ask_certificate=True, tickets=0))
    yield "tls12-anonymous", converse(MemoryServer(None, version=V12, ciphers="AECDH-AES128-SHA:@SECLEVEL=0"))


def tls_bytes() -> Iterator[tuple[str, str, bytes]]:
    """Yield harness, name and bytes of everything about TLS."""
    for name, client in sessions():
        received = b"".join(flight.data for flight in client.flights if not flight.sent)
        yield "handshake", name, received
        yield "records", name, b"\x06" + received
        yield "trace", name, b"".join(piece(int(flight.sent), flight.data) for flight in client.flights)
        secret = client.secrets.get(SERVER_SECRET)
        suite = next((suite for suite in (0x1301, 0x1302, 0x1303) if secret and opened(received, suite, secret)), None)
        if secret is not None and suite is not None:
            content = b"".join(piece(kind, payload) for kind, payload in opened(received, suite, secret))
            yield "sealed", name, bytes([suite - 0x1301]) + content
    yield from answers_to_scans()
    for number in (0, 40, 48, 70, 112):
        yield "handshake", f"alert-{number}", b"\x15\x03\x03\x00\x02\x02" + bytes([number])


def answers_to_scans() -> Iterator[tuple[str, str, bytes]]:
    """Yield what servers answer to hellos of a scan: a retry, key exchanges of both kinds, old and anonymous ones, a refusal."""
    offers = {
        "retry": (V13, Offer(TLS_1_3, SUITES_1_3, GROUPS_1_3, SCHEMES)),
        "elliptic": (V12, Offer(TLS_1_2, OLDER_SUITES, OLDER_GROUPS, SCHEMES)),
        "anonymous": (V12, Offer(TLS_1_2, (0xC018,), OLDER_GROUPS, SCHEMES)),
        "old": (ssl.TLSVersion.TLSv1, Offer(TLS_1_0, OLDER_SUITES, OLDER_GROUPS)),
        "refused": (V13, Offer(TLS_1_2, OLDER_SUITES, OLDER_GROUPS, SCHEMES)),
    }
    for name, (version, offer) in offers.items():
        unused, answers = openssl("ecdsa", version=version, ciphers=EVERYTHING)
        yield "server_hello", name, b"\x40" + answers(client_hello(offer, RANDOMS))


def opened(received: bytes, suite: int, secret: bytes) -> list[tuple[int, bytes]]:
    """Return the contents of the sealed records of a handshake, none with the wrong suite."""
    opener, found = record_opener(suite, secret), []
    assert opener is not None
    for record in RecordStream().feed(received):
        inner = opener(record.payload) if record.kind == 23 else None
        if inner is not None:
            found.append(inner)
    return found


def odd_certificates() -> Iterator[tuple[str, Issued]]:
    """Yield certificates with every kind of key, name and extension."""
    issue, extension = certificates.issue, certificates.extension
    for kind in ("ecdsa", "ecdsa-p384", "rsa1024", "ed25519", "ed448"):
        yield kind, issue("leaf", key=Key.generate(kind), dns_names=["mx.example.com"])
    yield "many-names", issue("x", dns_names=["*.example.com", "a\0b", b"\xff\xfe", "\u202e"], ip_addresses=["192.0.2.1", "::1"])
    yield "no-name", issue(None, ca=None, key_identifiers=False)
    yield "v1", issue("old", version=1)
    yield "bidi", issue("\u202egro.elpmaxe\x1b[2J")
    yield "bmp", issue("mx.example.com".encode("utf-16-be"))
    yield "usages", issue("u", ca=True, path_length=0, key_usage=["key_cert_sign"], extended_key_usage=["1.3.6.1.5.5.7.3.1"])
    yield "unknown-critical", issue("c", extensions=[extension("1.2.3.4", b"\x05\x00", True)] * 2)
    yield "negative", issue("n", serial=-5)
    subject = certificates.name(None, ("2.5.4.10", "Org, \"Inc\" + <x>;"), ("1.2.3.4.5", "#x "), ("2.5.4.3", " x "))
    yield "escapes", issue(subject=subject)
    yield "no-key", issue("k", spki=certificates.sequence(certificates.sequence(certificates.oid("1.2.3")), b"\x03\x01\x00"))


def certificate_bytes() -> Iterator[tuple[str, str, bytes]]:
    """Yield harness, name and bytes of everything about certificates and TLSA records."""
    for name, one in odd_certificates():
        yield "certificate", name, one.der
    inter = certificates.hierarchy()
    leaf, issuer, root = inter.leaf.der, inter.intermediate.der, inter.root.der
    yield "dane", "leaf-3-1-1", piece(0b111, leaf)
    yield "dane", "issuer-2-0-1", piece(0b111, leaf) + piece(0b100, issuer)
    yield "dane", "root-2-1-0", piece(0b1001, leaf) + piece(0b1001, issuer) + piece(0b10, root)
    yield "dane", "nothing", b""
    key = inter.leaf.key.spki
    yield "tlsa", "usual", tlsa_piece(TlsaRecord(3, 1, 1, b"d" * 32)) + tlsa_piece(TlsaRecord(2, 0, 2, b"d" * 64))
    yield "tlsa", "full", tlsa_piece(TlsaRecord(3, 1, 0, key)) + tlsa_piece(TlsaRecord(2, 0, 0, root))
    yield "tlsa", "empty", piece(3, b"") + piece(0, b"x") + piece(7, b"y")
    yield "tlsa", "rsa", tlsa_piece(TlsaRecord(3, 1, 0, Key.generate("rsa1024").spki))


def tlsa_piece(record: TlsaRecord) -> bytes:
    """Return a record as the harness of TLSA records reads it."""
    number = record.usage | record.selector << 3 | record.matching_type << 5
    return piece(number, record.data)


_ANSWERS = [
    ("mx", 0, ["example.com. 300 IN MX 10 mx1.example.com.", "example.com. 300 IN MX 0 mx.example.net."]),
    ("null-mx", 0, ["example.com. 300 IN MX 0 ."]),
    ("alias", 0, ["example.com. 5 IN CNAME a.example.net.", "a.example.net. 9 IN MX 1 b.example.net."]),
    ("loop", 0, ["example.com. 5 IN CNAME a.example.net.", "a.example.net. 5 IN CNAME example.com."]),
    ("tlsa", 1, ["_25._tcp.mx.example.com. 60 IN TLSA 3 1 1 " + "ab" * 32, "_25._tcp.mx.example.com. 60 IN TLSA 2 0 2 " + "cd" * 64]),
    ("a", 2, ["mx.example.com. 60 IN A 192.0.2.1"]),
    ("aaaa", 3, ["mx.example.com. 60 IN AAAA 2001:db8::1"]),
    ("srv", 4, ["_smtp._tcp.example.com. 60 IN SRV 1 2 25 mx.example.com."]),
    ("cname", 5, ["mx.example.com. 60 IN CNAME other.example.com."]),
    ("txt", 6, ['example.com. 60 IN TXT "v=spf1 -all" "\\\\200x"']),
    ("root", 7, [". 60 IN NS a.root-servers.net."]),
]


def dns_bytes() -> Seeds:
    """Yield whole replies, and replies without header and question, as the harness has them."""
    for name, number, lines in _ANSWERS:
        reply = answer(number, lines)
        yield name, bytes([8 | number]) + reply
        rest = reply[12 + QUESTIONS[number].size :]
        yield name + "-rest", bytes([number]) + bytes([reply[7], reply[9], reply[11], 0x20]) + rest
    for rcode in (2, 3, 5):
        yield f"rcode-{rcode}", bytes([8]) + answer(0, [], rcode)


def answer(number: int, lines: Iterable[str], rcode: int = 0) -> bytes:
    """Return the reply to one of the questions."""
    reply = dns.message.make_response(dns.message.from_wire(QUESTIONS[number].encode(0)), recursion_available=True)
    reply.set_rcode(dns.rcode.Rcode(rcode))
    reply.flags |= dns.flags.AD
    reply.use_edns(0, 0, 1232, options=[dns.edns.GenericOption(dns.edns.OptionType.make(15), b"\x00\x06bogus")] if rcode == 2 else [])
    for line in lines:
        owner, ttl, _class, kind, rdata = line.split(None, 4)
        one = dns.rrset.from_text(owner, int(ttl), "IN", kind, rdata)
        reply.find_rrset(reply.answer, one.name, one.rdclass, one.rdtype, create=True).update(one)  # type: ignore[no-untyped-call]
    return reply.to_wire(max_size=65535)


_DIRECT = [
    ("tlsa", 0, ["_25._tcp.mx.example.com. 300 IN TLSA 3 1 1 " + "ab" * 32,
                 "_25._tcp.mx.example.com. 300 IN RRSIG TLSA 13 5 300 20261205000000 20261121000000 4711 example.com. AAAA"], [], []),
    ("alias", 0, ["_25._tcp.mx.example.com. 300 IN CNAME tlsa.example.net."], [], []),
    ("absent", 0, [], ["example.com. 900 IN SOA ns.example.com. h.example.com. 7 3600 600 86400 60"], []),
    ("soa", 1, ["example.com. 900 IN SOA ns.example.com. h.example.com. 7 3600 600 86400 60"], [], []),
    ("ns", 2, ["example.com. 900 IN NS ns.example.com."], [], ["ns.example.com. 60 IN A 192.0.2.1"]),
    ("referral", 2, [], ["example.com. 900 IN NS ns.example.com."], ["ns.example.com. 60 IN AAAA 2001:db8::1"]),
]  # fmt: skip


def authoritative_bytes() -> Seeds:
    """Yield replies of authoritative servers without header and question, as the harness has them."""
    for name, number, *sections in _DIRECT:
        reply = dns.message.make_response(dns.message.from_wire(DIRECT[number].encode(0)))
        for section, lines in zip((reply.answer, reply.authority, reply.additional), sections):
            for line in lines:
                owner, ttl, _class, kind, rdata = line.split(None, 4)
                section.append(dns.rrset.from_text(owner, int(ttl), "IN", kind, rdata))
        wire = reply.to_wire(max_size=65535)
        flags = number if name == "referral" else 4 | number
        yield name, bytes([flags, wire[7], wire[9], wire[11], 0]) + wire[12 + DIRECT[number].size :]


_DESTINATIONS = ["example.org", "example.org:25", "[mx.example.org]:submission", "[192.0.2.1]", "[ipv6:2001:db8::1]:587", "inet:x.org:smtp",
                 "b\u00fccher.example", "unix:/run/lmtp", "x:00025", "[::ffff:192.0.2.1]", "xn--a.org", "a_b.example:lmtp"]  # fmt: skip
_NAMESERVERS = ["192.0.2.1", "192.0.2.1@5353", "::1@53", "[::1]@53", "tls://192.0.2.1@853#dns.example.org", "fe80::1%eth0",
                "https://dns.example.org/dns-query", "https://[2001:db8::1]:8443/q?x=1",
                "nameserver 127.0.0.53\nnameserver ::1\n"]  # fmt: skip


def text_bytes() -> Iterator[tuple[str, str, bytes]]:
    """Yield harness, name and bytes of what people write."""
    for at, text in enumerate(_DESTINATIONS):
        yield "destination", f"{int(at):02}", (b"\xff" if "unix" in text else b"\0") + text.encode()
    for at, text in enumerate(_NAMESERVERS):
        yield "nameserver", f"{int(at):02}", text.encode()
    identity, began = RunIdentity("run", "probe.test"), datetime(2026, 5, 4, tzinfo=timezone.utc)
    header, whole = header_line(identity, began, {}), result_line(identity, began, result("example.org"))
    yield "results_file", "one", header + whole
    yield "results_file", "cut", header + whole + whole[:100]
    yield "results_file", "foreign", header + b'{"destination": 3}\n'
    yield "results_file", "headless", whole
    yield "results_file", "empty", b""


def result(destination: str) -> dict[str, Any]:
    """Return a result of a destination that has no servers."""
    error = {"kind": "dns_not_found", "phase": "dns", "text": "Host not found"}
    route: dict[str, Any] = {"lookup": "mx", "secure": None, "canonical_name": "", "null_mx": False, "exchanges": [], "warnings": []}
    facts = {"destination": destination, "status": "failed", "satisfied": False, "error": error, "route": route, "endpoints": []}
    return {**facts, "lint": []}


def all_seeds() -> Iterator[tuple[str, str, bytes]]:
    """Yield harness, name and bytes of every first input."""
    for name, data in said_by_servers():
        yield "reply", name, b"\x0c" + data
        for setting in (0, 2):
            yield "dialogue", f"{name}-{setting}", bytes([setting | 0xFC]) + data
        yield "capability", name, data
    yield from tls_bytes()
    yield from certificate_bytes()
    for name, data in dns_bytes():
        yield "dns", name, data
    for name, data in authoritative_bytes():
        yield "authoritative", name, data
    yield from text_bytes()
    yield from listener_seeds()
    yield from mail_seeds()
    yield from sender_record_seeds()


def main() -> None:
    """Write the inputs that are not there yet."""
    for harness, name, data in all_seeds():
        folder = CORPUS / harness
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / (f"seed-{name}.bin")
        if not path.exists():
            path.write_bytes(data)


if __name__ == "__main__":
    main()
