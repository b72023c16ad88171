# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our reading of SPF and DKIM records against pyspf and dkimpy: the same result for the same zone, or a reason why not."""

from __future__ import annotations

import base64
import random
import socket
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import dkim
import pytest
import spf
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import MxRecord, TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._domain.dkim import look_up_dkim
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_check import SpfSender, check_host
from ansible_collections.mailops.tls.tests.unit.makers.asked_zone import Zone, run
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

HOSTS: Mapping[str, Mapping[str, Any]] = {
    "x.org": {"A": ["192.0.2.4"]},
    "h1.x.org": {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"], "MX": [(10, "h2.x.org"), (20, "h3.x.org")]},
    "h2.x.org": {"A": ["192.0.2.2"]},
    "h3.x.org": {"A": ["192.0.2.3"]},
    "1.2.0.192.in-addr.arpa": {"PTR": ["h1.x.org"]},
}
TERMS = (
    "all -all ~all ?all a mx a:h1.x.org mx:h1.x.org -a:h2.x.org/30 ?ip4:192.0.2.0/25 ip4:192.0.2.2 ip6:2001:db8::/32 ptr ptr:x.org "
    "exists:%{i}.x.org exists:h1.x.org include:r1.x.org -include:r2.x.org ~include:r3.x.org include:none.x.org a:gone1.x.org "
    "mx:gone2.x.org redirect=r1.x.org redirect=r2.x.org exp=e.x.org foo=bar a:h1.x.org//64 a/24"
).split()
ODD = (
    "moo ip4:1.2.3 a:1.2.3.4 exists:%{l}.%{d} %{x}=1 include:%{d2} a:h3.x.org/0 ip4:0.0.0.0/0 mx/31 redirect= A:H1.X.ORG iNclude:r1.x.org "
    "all: ptr/24 ip6:::ffff:192.0.2.1 ip4:192.0.2.1/ exists: x=% include:r1.x.org. exists:%{p}.y.org"
).split()
CLIENTS = ("192.0.2.1", "192.0.2.2", "192.0.2.200", "2001:db8::1", "2001:db9::9")
EXPLAINED = {
    "trivial recursion": "an include of its own domain is an error only when it is reached (RFC 7208 section 4.6.2); pyspf looks before",
    "Void lookup limit": "exchanges without addresses of one family and the names of an address count there; for us only what a term asks "
                         "for itself does (RFC 7208 section 4.6.4)",
    "MUST appear at most once: foo": "only redirect and exp must not stand twice, others are ignored however often (RFC 7208 section 6)",
}  # fmt: skip
"""What pyspf says where it comes to another result, and why ours is right."""


def zones(seed: int, count: int) -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """Zones of four records that are made of common terms, and of some that are odd or broken."""
    chance = random.Random(seed)
    for _number in range(count):
        records = {}
        for name in ("d.x.org", "r1.x.org", "r2.x.org", "r3.x.org"):
            terms = [chance.choice(TERMS if chance.random() < 0.9 else ODD) for _term in range(chance.choice((1, 1, 2, 3, 4, 5)))]
            records[name] = {"TXT": [" ".join(["v=spf1", *terms])], "A": ["192.0.2.77"]}
        yield {**HOSTS, **records}


def their_lookup(zone: Zone) -> Any:
    """DNS as pyspf asks it."""

    def lookup(name: str, rdtype: str, *unused: Any) -> Iterator[Any]:
        for record in run(zone.ask(name, rdtype)).records:
            if isinstance(record, TxtRecord):
                yield (name, rdtype), record.strings
            elif isinstance(record, MxRecord):
                yield (name, rdtype), (record.preference, record.exchange)
            else:
                yield (name, rdtype), socket.inet_pton(socket.AF_INET6, str(record)) if rdtype == "AAAA" else record

    return lookup


@pytest.mark.parametrize("seed", range(4))
def test_spf_has_the_result_that_pyspf_has(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    results, seen = set[str](), set[str]()
    for names in zones(seed, 250):
        zone = Zone(names)
        monkeypatch.setattr(spf, "DNSLookup", their_lookup(zone))
        for client in CLIENTS:
            theirs, unused, reason = spf.query(i=client, s="me@d.x.org", h="helo.x.org", strict=True).check()
            ours = run(check_host(SpfSender(client, "me@d.x.org", "helo.x.org"), "d.x.org", zone.ask))
            why = [words for words in EXPLAINED if words in reason]
            assert ours.result.value == theirs or why, (client, names, theirs, reason, ours)
            seen.update(why if ours.result.value != theirs else ())
            results.add(theirs)
    assert results >= {"pass", "fail", "softfail", "neutral", "permerror"} and seen <= set(EXPLAINED)


@cache
def key(bits: int) -> tuple[bytes, str]:
    """A new key: PEM of the private one, and the public one as a record has it."""
    private = rsa.generate_private_key(65537, bits)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )  # fmt: skip
    public = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem, base64.b64encode(public).decode("ascii")


MESSAGE = b"From: a@example.org\r\nTo: b@example.net\r\nSubject: x\r\nDate: Sun, 29 Nov 2026 01:00:00 +0000\r\n\r\nhello\r\n"
RECORDS = {
    "plain": "v=DKIM1; k=rsa; p={key}",
    "only the key": "p={key}",
    "blanks": " v = DKIM1 ;\tk=rsa ; p = {key} ;",
    "blank in the key": "v=DKIM1; p={head} {tail}",
    "strict, for mail": "v=DKIM1; t=s; s=email; h=sha256; p={key}",
    "revoked": "v=DKIM1; p=",
    "no key": "v=DKIM1; k=rsa",
    "another version": "v=DKIM2; p={key}",
    "lower case": "v=dkim1; p={key}",
    "cut": "v=DKIM1; p={head}",
    "PEM": "v=DKIM1; p=-----BEGIN PUBLIC KEY-----{key}",
    "unknown kind": "v=DKIM1; k=dsa; p={key}",
    "another kind": "v=DKIM1; k=ed25519; p={key}",
    "twice": "v=DKIM1; p={key}; p={key}",
    "no equals sign": "v=DKIM1; rsa; p={key}",
    "other hash": "v=DKIM1; h=sha1; p={key}",
    "quotes": 'v=DKIM1; p="{key}"',
    "other service": "v=DKIM1; s=mail; p={key}",
    "version not first": "k=rsa; v=DKIM1; p={key}",
}
LAX = {
    "quotes": "base64 of Python passes over what is no digit; RFC 6376 section 3.2 has no quotes",
    "other hash": "the hash of the signature must be one of h= (RFC 6376 section 6.1.2); dkimpy does not compare them",
    "version not first": "v= must be the first tag (RFC 6376 section 3.6.1); dkimpy does not look",
}
"""Records that dkimpy verifies with and that we call invalid."""


@pytest.mark.parametrize("name", RECORDS)
def test_dkim_keys_are_usable_exactly_where_dkimpy_verifies(name: str) -> None:
    pem, public = key(2048)
    text = RECORDS[name].format(key=public, head=public[:60], tail=public[60:])
    signed = dkim.sign(MESSAGE, b"s", b"example.org", pem) + MESSAGE
    verified = dkim.verify(signed, dnsfunc=lambda *unused, **_timeout: text.encode("ascii"))
    ours = run(look_up_dkim("example.org", "s", Zone({"s._domainkey.example.org": {"TXT": [text]}}).ask))
    assert (ours.status.value == "valid") is (verified and name not in LAX), (name, verified, ours.findings)
    assert verified or name not in LAX
