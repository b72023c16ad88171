# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers whose TLS is right and whose certificates are not: too many, too large, broken, with names made to fool."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind
from ansible_collections.mailops.tls.tests.hostile.dialogue_servers import NASTY
from ansible_collections.mailops.tls.tests.hostile.hostile import Hostile, ends, succeeds
from ansible_collections.mailops.tls.tests.unit.makers import certificates
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Issued, Key, bit_string, extension, integer, issue, oid
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer

ANY_KEY = "DEFAULT:@SECLEVEL=0"
"""Ciphers of a server whose library would otherwise refuse to serve such keys."""
Chain = Sequence[Issued]
"""What a server sends, its own certificate first."""


def serving(make: Callable[[], Chain]) -> Script:
    """Serve a chain, made when it is first asked for."""
    made: list[Chain] = []

    async def script(peer: Peer) -> None:
        if not made:
            made.append(make())
        chain = made[0]
        await peer.offer_tls()
        await peer.start_tls(MemoryServer(b"".join(one.pem for one in chain), chain[0].key.pem, ciphers=ANY_KEY))
        await peer.finish()

    return script


def one(common_name: object = "mx.example.com", **how: object) -> Callable[[], Chain]:
    """A chain of one self-signed certificate, made like this."""
    return lambda: [issue(common_name, **how)]  # type: ignore[arg-type]


def hundred() -> Chain:
    """A long way up, each the issuer of the one before."""
    root = issue("Root", ca=True)
    chain = [root]
    for number in range(99):
        chain.append(issue(f"CA {number}", issuer=chain[-1], ca=True, key=root.key))
    return chain[::-1]


def copies() -> Chain:
    """The same issuer again and again, and it is not even the issuer."""
    stranger = issue("Stranger", ca=True)
    return [issue("leaf"), *[stranger] * 99]


def circle() -> Chain:
    """Two that have issued each other."""
    first_key, second_key = Key.generate(), Key.generate()
    first = issue("First", ca=True, key=first_key)
    second = issue("Second", issuer=first, ca=True, key=second_key)
    first = issue("First", issuer=second, ca=True, key=first_key)
    return [issue("leaf", issuer=first, dns_names=["mx.example.com"]), first, second, first, second]


def below(spki: bytes) -> Callable[[], Chain]:
    """A leaf whose issuer has another key than the one that signed, of any form."""

    def make() -> Chain:
        issuer = issue("Issuer", ca=True)
        return [issue("leaf", issuer=issuer, key_identifiers=False), issue("Issuer", ca=True, spki=spki, key_identifiers=False)]

    return make


def rsa_spki(bits: int, exponent_bits: int) -> bytes:
    """A public key as slow to use as its sizes make it; nobody has the private one."""
    source = random.Random(bits)
    modulus = source.getrandbits(bits) | 1 << (bits - 1) | 1
    exponent = source.getrandbits(exponent_bits) | 1 << (exponent_bits - 1) | 1
    algorithm = certificates.sequence(oid("1.2.840.113549.1.1.1"), b"\x05\x00")
    return certificates.sequence(algorithm, bit_string(certificates.sequence(integer(modulus), integer(exponent))))


def curve_spki() -> bytes:
    """An EC key with explicit parameters that make no sense."""
    parameters = certificates.sequence(*(integer(number) for number in range(1, 7)))
    algorithm = certificates.sequence(oid("1.2.840.10045.2.1"), parameters)
    return certificates.sequence(algorithm, bit_string(b"\x04" + bytes(64)))


def unknown_spki() -> bytes:
    """A key of an algorithm that nobody knows."""
    return certificates.sequence(certificates.sequence(oid("1.2.3.4.5.6.7.8.9")), bit_string(bytes(2000)))


def forged() -> Chain:
    """A leaf with a wrong signature."""
    root = issue("Root", ca=True)
    leaf = issue("leaf", issuer=root, dns_names=["mx.example.com"])
    return [replace(leaf, der=leaf.der[:-1] + bytes([leaf.der[-1] ^ 1])), root]


def names_that_break_out() -> Chain:
    """ANSI, JSON, templates and overrides of direction in every name there is, of leaf and issuer."""
    text = NASTY.decode("utf-8", "replace")
    organization = ("2.5.4.10", text)
    root = issue(subject=certificates.name(text, organization), ca=True)
    names = [NASTY, b"*", b"*.*", b".", b"", b"mx.example.com\0.evil.example", "\u202eelpmaxe".encode()]
    return [issue(issuer=root, subject=certificates.name(text, organization, organization), dns_names=names), root]


_MANY_NAMES = [f"host-{number}.example.com" for number in range(2500)]
_MANY_EXTENSIONS = [extension(f"1.2.3.{number}", bytes(8)) for number in range(1500)]
_TOO_LARGE = [extension("1.2.3.4", b"\x04\x83\x03\x00\x00" + bytes(196608))]

SERVERS: tuple[Hostile, ...] = (
    succeeds("a chain of a hundred", serving(hundred)),
    succeeds("a hundred that do not belong", serving(copies)),
    succeeds("issuers in a circle", serving(circle)),
    succeeds("names that break out", serving(names_that_break_out)),
    succeeds("2500 names", serving(one(dns_names=_MANY_NAMES))),
    succeeds("1500 extensions", serving(one(extensions=_MANY_EXTENSIONS))),
    succeeds("the same extension twice", serving(one(extensions=[_MANY_EXTENSIONS[0]] * 2))),
    succeeds("a name of 30 KB", serving(one(b"x" * 30000))),
    succeeds("a serial number of 2 KB", serving(one(serial=1 << 16000))),
    succeeds("a serial number below zero", serving(one(serial=-1))),
    succeeds("no name at all", serving(one(None, ca=None, key_identifiers=False))),
    succeeds("a critical extension of no use", serving(one(extensions=[extension("1.2.3.4", b"\x05\x00", True)]))),
    succeeds("an issuer with an RSA key of 16384 bits", serving(below(rsa_spki(16384, 64)))),
    succeeds("an issuer with a large RSA exponent", serving(below(rsa_spki(3072, 3072)))),
    succeeds("an issuer with an RSA key of 100000 bits", serving(below(rsa_spki(100000, 100000)))),
    succeeds("an issuer on a curve of its own", serving(below(curve_spki()))),
    succeeds("an issuer with an unknown key", serving(below(unknown_spki()))),
    succeeds("a forged signature", serving(forged)),
    ends("a certificate of 200 KB", serving(one(extensions=_TOO_LARGE)), ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE),
)
