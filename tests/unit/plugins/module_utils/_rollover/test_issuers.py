# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rollovers with certificates of an issuer: requests, chains handed in, wrong ones, renewals, and the scheme with `2 1 1`."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._rollover.certificates import CertificateNeeds, chain_problem
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import ReferenceKind, ReferenceName
from ansible_collections.mailops.tls.tests.unit.makers.certificates import NOW, Issued, Key, issue
from ansible_collections.mailops.tls.tests.unit.worlds.rolling import HOST, HOUR, START, World, long_ago
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

DAY = 24 * HOUR


class Authority:
    """An issuer that signs requests into a file, with a copy of what an intermediate needs."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "acme.pem"
        self.root = issue("Root", ca=True, key=Key.generate(), **long_ago())
        self.intermediate = issue("Inter", issuer=self.root, ca=True, key=Key.generate(), **long_ago())

    def chain(self, key: Key, *, names: tuple[str, ...] = (HOST,), until: int | None = None) -> tuple[Issued, Issued]:
        """Issue a certificate for a key, with its issuer."""
        dates = long_ago() if until is None else {**long_ago(), "not_after": datetime.fromtimestamp(until, timezone.utc)}
        return issue(HOST, issuer=self.intermediate, key=key, dns_names=names, **dates), self.intermediate

    def sign(self, request: dict[str, Any], **given: Any) -> None:
        """Do what a request asks for."""
        self.write(*self.chain(_Requested(request["csr"]), **given))

    def write(self, *chain: Issued) -> None:
        """Hand in a chain."""
        self.path.write_bytes(b"".join(one.pem for one in chain))


class _Requested(Key):
    """The public key of a request."""

    def __init__(self, csr: str) -> None:
        super().__init__(x509.load_pem_x509_csr(csr.encode()))

    @property
    def spki(self) -> bytes:
        key: bytes = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
        return key


@pytest.fixture(name="authority")
def _authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def started(folder: Path, authority: Authority, **given: Any) -> World:
    """A server whose first certificate is of the authority."""
    world = World(folder)
    leaf, issuer = authority.chain(Key.generate("ecdsa"), **given)
    directory = world.instances[0].directory
    Path(directory, "first.pem").write_bytes(leaf.key.pem + leaf.pem + issuer.pem)
    world.instances[0].main["smtpd_tls_chain_files"] = directory + "/first.pem"
    world.instances[0].reload()
    return world


def options(authority: Authority, **given: Any) -> dict[str, Any]:
    """The options of a rollover with this authority."""
    return {"certificate": "csr", "certificate_files": [str(authority.path), "/nowhere/else.pem"], **given}


def asked(world: World, **given: Any) -> list[dict[str, Any]]:
    """Have the key replaced, and return the requests as soon as there are some."""
    for number in range(12):
        run = world.round(roll=number == 0, **given)
        if run.facts["csrs"]:
            break
    found: list[dict[str, Any]] = run.facts["csrs"]
    return found


@pytest.mark.parametrize("scheme", ["next", "issuer"])
def test_a_certificate_is_asked_for_waited_for_and_deployed(tmp_path: Path, authority: Authority, scheme: str) -> None:
    world = started(tmp_path, authority)
    given = options(authority, scheme=scheme)
    old = world.digests()
    world.until("steady", **given)
    (request,) = asked(world, **given)
    assert Path(request["path"]).read_text() == request["csr"] and request["algorithm"] == "ecdsa"
    run = world.round(**given)
    assert [one["id"] for one in run.facts["blockers"]] == ["certificate_missing"] and not run.changed and world.digests() == old
    assert run.facts["action"]["kind"] == "none" and run.facts["message"].startswith("ready: blocked by waiting for a certificate")
    authority.sign(request)
    world.until("verified", **given)
    assert not old & world.digests() and not world.runs[-1].facts["csrs"]
    world.until("steady", **given)
    usages = sorted({(one.usage, one.selector) for one in world.records})
    assert usages == ([(2, 1), (3, 1)] if scheme == "issuer" else [(3, 1)])
    authority.path.unlink()
    assert world.run(**given).facts["action"]["kind"] in ("stage", "none")


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ("key", "is for another key, with the SHA-256 "),
        ("name", "mx.example.com is not a name of the certificate, which has other.example.com"),
        ("date", "is not valid now"),
        ("order", "CN=Root follows CN=Inter, which it has not issued"),
        ("garbage", "holds no certificate that can be read"),
        ("folder", "is not a regular file"),
    ],
)
def test_a_wrong_chain_holds_and_is_named(tmp_path: Path, authority: Authority, wrong: str, text: str) -> None:
    world = started(tmp_path, authority)
    given = options(authority)
    old = world.digests()
    world.until("steady", **given)
    (request,) = asked(world, **given)
    _hand_in(authority, wrong, request)
    for _number in range(3):
        run = world.round(**given)
    assert [one["id"] for one in run.facts["blockers"]] == ["certificate_mismatch"] and world.digests() == old
    assert str(authority.path) in run.facts["message"] and text in run.facts["message"]
    if wrong == "folder":
        authority.path.rmdir()
    authority.sign(request)
    world.until("deployed", **given)
    assert not old & world.digests()


def _hand_in(authority: Authority, wrong: str, request: dict[str, Any]) -> None:
    if wrong == "key":
        authority.write(*authority.chain(Key.generate("ecdsa")))
    elif wrong == "name":
        authority.sign(request, names=("other.example.com",))
    elif wrong == "date":
        authority.sign(request, until=START)
    elif wrong == "order":
        authority.write(*authority.chain(_Requested(request["csr"])), Authority(authority.path.parent).root)
    elif wrong == "garbage":
        authority.path.write_text("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n")
    else:
        authority.path.mkdir()


def test_a_certificate_is_renewed_with_the_same_key(tmp_path: Path, authority: Authority) -> None:
    world = started(tmp_path, authority)
    end = int(time.time()) + 20 * DAY
    given = options(authority, renew_days=(end - START) / DAY - 15)
    world.until("steady", **given)
    (request,) = asked(world, **given)
    authority.sign(request, until=end)
    world.until("verified", **given)
    world.until("steady", **given)
    key, records = world.digests(), world.records
    assert not world.runs[-1].facts["csrs"]
    world.wait(16 * DAY)
    for _number in range(8):
        run = world.round(**given)
    (renewal,) = run.facts["csrs"]
    assert renewal["public_key_sha256"] in key and [one["id"] for one in run.facts["blockers"]] == ["certificate_missing"]
    authority.sign(renewal, until=end + 400 * DAY)
    run = world.round(**given)
    assert (run.facts["action"]["kind"], run.facts["action"]["done"]) == ("renew", True) and not run.facts["csrs"]
    assert world.digests() == key and records <= world.records
    assert [one.not_after for one in world.served] == [end + 400 * DAY]
    assert world.round(**given).facts["action"]["kind"] == "none"


def test_a_self_signed_certificate_is_renewed_once(tmp_path: Path) -> None:
    world = World(tmp_path, "ecdsa")
    end = int(time.time()) + 20 * DAY
    longer = (end - START) / DAY - 15
    world.until("steady", renew_days=longer)
    world.until("issued", roll=True, renew_days=longer)
    (path,) = [tmp_path / "state/default/keys" / one for one in world.keys if ".cert-" in one]
    key = load_pem_private_key(path.with_name(path.name.partition(".")[0] + ".key.pem").read_bytes(), None)
    dates = {**long_ago(), "not_after": datetime.fromtimestamp(end, timezone.utc)}
    path.write_bytes(issue(HOST, key=Key(key), dns_names=(HOST,), **dates).pem)
    world.until("verified", renew_days=longer)
    world.until("steady", renew_days=longer)
    (before,) = world.served
    assert before.not_after == end
    world.wait(16 * DAY)
    would = world.run(check_mode=True, renew_days=longer)
    assert (would.facts["action"]["kind"], would.changed, world.served) == ("renew", True, {before})
    kinds = [world.round(renew_days=longer).facts["action"]["kind"] for _number in range(6)]
    (after,) = world.served
    assert kinds.count("renew") == 1 and after.key == before.key and after.not_after > end
    assert len([one for one in world.keys if ".cert-" in one]) == 3  # the one put in, under two names, and the new one


def test_a_new_issuer_is_announced_before_it_is_used(tmp_path: Path, authority: Authority) -> None:
    world = started(tmp_path, authority)
    given = options(authority, scheme="issuer")
    world.until("steady", **given)
    (request,) = asked(world, **given)
    other = Authority(tmp_path)
    other.sign(request)
    kinds = [world.round(**given).facts["action"]["kind"] for _number in range(6)]
    assert kinds[0] == "publish" and "deploy" in kinds and kinds.index("deploy") > 2
    assert {one.issuers[0] for one in world.served} == {other.intermediate.key.spki}


def test_the_scheme_issuer_needs_certificates_of_one(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="needs certificates of an issuer"):
        World(tmp_path, "ecdsa").run(scheme="issuer")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"dns_names": ()}, "mx.example.org is not a name of the certificate, which has no DNS name"),
        ({"dns_names": ("a.example", "b.example")}, "mx.example.org is not a name of the certificate, which has a.example, b.example"),
        ({"subject": b"\x30\x00", "not_after": NOW - timedelta(hours=1)}, "a certificate without subject is not valid now: it is from 20"),
    ],
)
def test_what_is_wrong_is_said_in_whole_sentences(changes: dict[str, Any], text: str) -> None:
    chain = [Certificate(issue("mx", **changes).der)]
    needs = CertificateNeeds((ReferenceName(ReferenceKind.DNS, "mx.example.org"),), False)
    found = chain_problem(chain, needs, NOW)
    assert found is not None and found.startswith(text) and "None" not in found
