# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Would a chain break DANE: what is asked of DNS, and the verdict."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import TlsaOwner
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._deploy.tlsa_guard import Published, judge, published_records
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.tests.unit.makers.certificates import NOW, hierarchy
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns

HOST = "mx.example.com"
OWNER = TlsaOwner(HOST, 25)
NAME = "_25._tcp." + HOST
MADE = hierarchy()
CHAIN = (Certificate(MADE.leaf.der), Certificate(MADE.intermediate.der))


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


LEAF_KEY = TlsaRecord(3, 1, 1, digest(MADE.leaf.key.spki))
LEAF = TlsaRecord(3, 0, 1, digest(MADE.leaf.der))
ISSUER = TlsaRecord(2, 1, 1, digest(MADE.intermediate.key.spki))
ROOT = TlsaRecord(2, 1, 1, digest(MADE.root.key.spki))
OTHER_KEY = TlsaRecord(3, 1, 1, digest(b"another key"))
OTHER = TlsaRecord(3, 0, 1, digest(b"another certificate"))
OTHER_512 = TlsaRecord(3, 1, 2, hashlib.sha512(b"another key").digest())
PKIX = TlsaRecord(1, 1, 1, digest(b"not for SMTP"))


def verdict(*records: TlsaRecord, base: str = HOST, unsigned: bool = False) -> str | None:
    return judge(Published(OWNER, base, records, secure=not unsigned, unsigned=unsigned), CHAIN, NOW).blocked


@pytest.mark.parametrize(
    "records",
    [(), (LEAF_KEY,), (LEAF_KEY, OTHER_KEY), (LEAF_KEY, LEAF), (ISSUER,), (LEAF_KEY, ISSUER), (PKIX,), (LEAF_KEY, PKIX)],
    ids=["none", "key", "current-and-next", "key-and-certificate", "issuer", "both-usages", "unusable", "beside-unusable"],
)
def test_fits(records: tuple[TlsaRecord, ...]) -> None:
    assert verdict(*records) is None


@pytest.mark.parametrize(
    ("records", "parameters"),
    [
        ((OTHER_KEY,), "3 1 1"),
        ((LEAF_KEY, OTHER), "3 0 1"),
        ((LEAF_KEY, OTHER_512), "3 1 2"),
        ((LEAF_KEY, ROOT), "2 1 1"),
        ((OTHER, OTHER_KEY), "3 0 1 and 3 1 1"),
    ],
    ids=["other-key", "other-certificate", "other-digest", "anchor-not-served", "nothing"],
)
def test_every_combination_has_to_match(records: tuple[TlsaRecord, ...], parameters: str) -> None:
    assert verdict(*records) == f"no TLSA record with the parameters {parameters} matches the new chain"


def test_records_that_nobody_believes() -> None:
    assert verdict(OTHER_KEY, unsigned=True) is None


def test_an_anchor_needs_a_name() -> None:
    published = Published(TlsaOwner("mx2.example.com", 25), "mx2.example.com", (ISSUER,), secure=True)
    assert "do not authenticate the new chain" in str(judge(published, CHAIN, NOW).blocked)


def published(dns: FakeDns) -> Published:
    """One nameserver has all the answers; it validates when its root is secure."""

    async def ask(name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
        answer = await dns.ask(name, rdtype, want_dnssec)
        return answer if answer.secure else replace(answer, without_ad=frozenset(["192.0.2.53"]))

    async def validates(nameserver: str) -> bool:
        root = await dns.ask("", "NS", True)
        return nameserver == "192.0.2.53" and root.found and root.secure

    return asyncio.run(published_records(ask, OWNER, validates))


def with_address(secure: bool = True, canonical_name: str = "") -> FakeDns:
    return FakeDns().found(HOST, "A", ["192.0.2.1"], secure=secure, canonical_name=canonical_name)


def test_found() -> None:
    found = published(with_address().found(NAME, "TLSA", [LEAF_KEY]))
    assert (found.base_domain, found.records, found.secure, found.error) == (HOST, (LEAF_KEY,), True, None)


def test_absent_for_certain() -> None:
    """Validated, or not signed as a resolver says that validates."""
    assert published(with_address().found("", "NS", ["a.root-servers.net"])) == Published(OWNER)
    assert published(FakeDns().found("", "NS", ["a.root-servers.net"])) == Published(OWNER)
    dns = with_address()
    dns.answers[NAME, "TLSA"] = Answer(NAME, "TLSA", Outcome.NXDOMAIN, canonical_name=NAME, secure=True)
    assert published(dns) == Published(OWNER)


def stripped(*, root_secure: bool = False, **changes: object) -> FakeDns:
    """A resolver's answers after somebody has taken the records out."""
    dns = with_address(secure=False).found("", "NS", ["a.root-servers.net"], secure=root_secure)
    dns.answers[NAME, "TLSA"] = replace(Answer(NAME, "TLSA", Outcome.NODATA, canonical_name=NAME), **changes)  # type: ignore[arg-type]
    return dns


@pytest.mark.parametrize(
    ("dns", "text"),
    [
        (stripped(), "was not validated"),
        (stripped().error("", "NS"), "was not validated"),
        (stripped(outcome=Outcome.NXDOMAIN), "was not validated"),
        (with_address(), "was not validated"),
        (FakeDns(), "was not validated"),
        (stripped(ad_untrusted=True, root_secure=True), "set trust_ad=always"),
        (stripped(secure=True, root_secure=True, warning="more than 10 aliases, or a loop, at x"), "or a loop"),
        (stripped(records=(LEAF_KEY,), outcome=Outcome.FOUND), "was not validated"),
        (with_address(canonical_name="real.example.net").found(NAME, "TLSA", [LEAF_KEY]), "_25._tcp.real.example.net TLSA"),
    ],
    ids=[
        "no-data",
        "no-root",
        "no-name",
        "address-alone-validated",
        "no-host",
        "untrusted",
        "loop",
        "found-unvalidated",
        "at-the-end-of-aliases",
    ],
)
def test_what_nobody_validated_proves_nothing(dns: FakeDns, text: str) -> None:
    blocked = str(judge(published(dns), CHAIN, NOW).blocked)
    assert "it is not certain which TLSA records there are" in blocked and text in blocked


def test_no_address_without_proof_may_hide_an_alias() -> None:
    dns = FakeDns().found("", "NS", ["a.root-servers.net"], secure=False).found(HOST, "A", ["192.0.2.1"], secure=False)
    dns.answers[NAME, "TLSA"] = Answer(NAME, "TLSA", Outcome.NODATA, canonical_name=NAME, secure=True)
    assert f"{HOST} A: the answer" in str(published(dns).error)


@pytest.mark.parametrize(("name", "rdtype"), [(HOST, "A"), (HOST, "AAAA"), (NAME, "TLSA")], ids=["a", "aaaa", "tlsa"])
def test_uncertain_means_hold(name: str, rdtype: str) -> None:
    found = published(with_address().error(name, rdtype))
    assert found.error is not None
    assert "not certain" in str(judge(found, CHAIN, NOW).blocked)


def test_alias_comes_first_and_a_validated_rrset_ends_the_search() -> None:
    dns = with_address(canonical_name="real.example.net").found(NAME, "TLSA", [OTHER_KEY])
    assert published(dns).base_domain == HOST
    dns.found("_25._tcp.real.example.net", "TLSA", [LEAF_KEY])
    assert published(dns).base_domain == "real.example.net"


def test_not_validated() -> None:
    """An unsigned zone is told from a resolver that does not validate, whose records still have to match."""
    dns = with_address().found(NAME, "TLSA", [OTHER_KEY], secure=False)
    assert published(dns).unsigned is False
    assert judge(published(dns), CHAIN, NOW).blocked is not None
    dns.found("", "NS", ["a.root-servers.net"])
    assert published(dns).unsigned is True
    dns.found(NAME, "TLSA", [OTHER_KEY], secure=False, ad_untrusted=True)
    assert published(dns).unsigned is False
