# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every suite, group, key, signature and version there is, through a whole grade: its level is that of the publisher's list.

tests/policies/ncsc_2025.json was written down by another hand than the policy, out of the same source. Certificates are real ones.
"""

from __future__ import annotations

import json
import ssl
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._grade.grade import grade
from ansible_collections.mailops.tls.plugins.module_utils._grade.iana_suites import IANA_SUITES
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import POLICIES, Policy
from ansible_collections.mailops.tls.plugins.module_utils._tls.code_points import GROUPS
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import ScanMode
from ansible_collections.mailops.tls.plugins.module_utils._tls.suites import SUITES
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.tests.unit.makers.graded import (
    GOOD_1_3,
    TLS,
    certificate,
    endpoint,
    error,
    groups,
    prime,
    result,
    scan,
    seen,
)
from ansible_collections.mailops.tls.tests.unit.servers.scanned import EVERYTHING, openssl
from ansible_collections.mailops.tls.tests.unit.servers.scanned import scan as scan_by
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

TABLE = json.loads((Path(__file__).parents[5] / "tests/policies/ncsc_2025.json").read_text(encoding="utf-8"))
LISTED = {code: level for level, rows in TABLE["cipher_suites"].items() for code, unused, unused_name in rows}
SUITES_1_3 = {number for number, name in SUITES.items() if name.startswith("TLS_AES") or name.startswith("TLS_CHACHA")}
SERVERS: dict[str, dict[str, Any]] = {
    "usual, RSA": {"kind": "rsa"},
    "usual, ECDSA": {"kind": "ecdsa"},
    "everything": {"kind": "rsa", "ciphers": EVERYTHING},
    "TLS 1.2, good suites": {"kind": "ecdsa", "version": ssl.TLSVersion.TLSv1_2, "ciphers": "ECDHE-ECDSA-AES256-CCM"},
    "TLS 1.2, to phase out": {"kind": "rsa", "version": ssl.TLSVersion.TLSv1_2, "ciphers": "ECDHE-RSA-AES128-SHA256:DHE-RSA-AES128-SHA256"},
    "TLS 1.0": {"kind": "rsa", "version": ssl.TLSVersion.TLSv1, "ciphers": EVERYTHING},
    "TLS 1.3": {"kind": "ed25519", "version": ssl.TLSVersion.TLSv1_3},
}
SIGNALS = (0x0000, 0x00FF, 0x5600)


def level(item: str, **parts: Any) -> str:
    """Return the level of an item of a grade by NCSC-NL."""
    return checked("ncsc-2025", item, **parts)


def checked(policy: str, item: str, **parts: Any) -> str:
    """Return the level of the worst that was seen of an item."""
    found = grade(result(endpoint(**parts)), POLICIES[policy])
    (one,) = (one for one in found["checks"] if one["id"] == item)
    assert one["level"] == (one["tested_level"] or "not_tested")
    return str(one["level"])


def accepted(name: str, *, modern: bool) -> dict[str, Any]:
    """Return what a server has that accepts one suite, and without a scan the session that it had with it."""
    version = "TLSv1.3" if modern else "TLSv1.2"
    best = "TLS_AES_256_GCM_SHA384"
    return {"scan": scan({version: [name]}), "tls": {**TLS, "protocol": version, "cipher": name if modern else best}}


@pytest.mark.parametrize("number", [one for one in sorted({*IANA_SUITES, *SUITES}) if one not in SIGNALS], ids=hex)
def test_every_suite_of_the_registry(number: int) -> None:
    code = f"0x{number:04x}"
    expected = LISTED.get(code, "insufficient")
    for name in dict.fromkeys((SUITES.get(number, code), code)):  # results have OpenSSL's name, and a number where it has none
        assert level("cipher_suites", **accepted(name, modern=number in SUITES_1_3)) == expected
    mark = IANA_SUITES[number][1] if number in IANA_SUITES else None
    by_mark = {"Y": "good", "N": "sufficient", "D": "insufficient", None: "not_tested"}[mark]
    assert checked("iana-recommended", "cipher_suites", **accepted(SUITES.get(number, code), modern=number in SUITES_1_3)) == by_mark


def test_names_of_suites_are_those_of_the_table() -> None:
    rows = [row for rows in TABLE["cipher_suites"].values() for row in rows]
    assert len(rows) == len(LISTED) == 47
    for code, iana, theirs in rows:
        assert IANA_SUITES[int(code, 16)][0] == iana
        assert theirs == "-" or SUITES.get(int(code, 16)) == theirs


@pytest.mark.parametrize("name", [*GROUPS.values(), "0x1234"])
def test_every_group(name: str) -> None:
    listed = {one.lower(): level for level, names in TABLE["key_exchange"].items() for one in names}
    expected = listed.get(name.lower().replace("tls13", ""), "insufficient")
    if name.startswith("ffdhe"):
        assert level("key_exchange", scan=scan(primes=seen([prime(name, int(name[5:]))]))) == expected
    assert level("key_exchange", scan=scan(groups=seen(groups(name)))) == expected


@pytest.mark.parametrize("bits", [512, 1024, 2048, 3072, 4096, 8192])
def test_a_prime_of_ones_own_is_insufficient_whatever_its_size(bits: int) -> None:
    assert level("key_exchange", scan=scan(primes=seen([prime(None, bits)]))) == "insufficient"


@pytest.mark.parametrize("name", ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"])
def test_every_version(name: str) -> None:
    expected = next(level for level, names in TABLE["tls_version"].items() if name in names)
    modern = name == "TLSv1.3"
    cipher = GOOD_1_3[0] if modern else "ECDHE-RSA-AES256-GCM-SHA384"
    assert level("tls_version", scan=scan({name: [cipher]}), tls={**TLS, "protocol": name, "cipher": cipher}) == expected


@pytest.mark.parametrize("digest", ["MD5", "SHA1", "SHA224"])
def test_every_weak_digest_of_a_key_exchange(digest: str) -> None:
    listed = {one: level for level, names in TABLE["key_exchange_hash"].items() for one in names}
    for algorithm in ("RSA", "ECDSA", "DSA"):
        assert level("key_exchange_hash", scan=scan(weak_signature=seen(f"{algorithm}-{digest}"))) == listed.get(digest, "insufficient")


def issued(key: Any, digest: Any, **more: Any) -> dict[str, Any]:
    """Return the facts of a real certificate, signed by its own key and not a root by its names."""
    now = datetime(2026, 1, 1)
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, one)]) for one in ("mx.example.org", "CA")]
    builder = x509.CertificateBuilder(names[1], names[0], key.public_key(), 1, now, now + timedelta(90))
    der = builder.sign(key, digest, **more).public_bytes(serialization.Encoding.DER)
    facts = Certificate(der).as_facts()
    return certificate(public_key=facts["public_key"], signature_algorithm=facts["signature_algorithm"])


CURVES: list[ec.EllipticCurve] = [
    ec.SECP192R1(), ec.SECP224R1(), ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1(), ec.SECP256K1(), ec.BrainpoolP256R1(),
    ec.BrainpoolP384R1(), ec.BrainpoolP512R1(),
]  # fmt: skip


@pytest.mark.parametrize("curve", CURVES, ids=lambda one: str(one.name))
def test_every_curve_of_a_key(curve: Any) -> None:
    try:
        key = ec.generate_private_key(curve)
    except Exception as problem:  # pylint: disable=broad-exception-caught  # which curves there are depends on OpenSSL and on Python's library
        pytest.skip(f"not here: {problem}")
    listed = {one: level for level, names in TABLE["certificate_key"].items() if level != "RSA" for one in names}
    assert level("certificate_key", chain=[issued(key, hashes.SHA256())]) == listed.get(curve.name, "insufficient")


@pytest.mark.parametrize("bits", [1024, 2047, 2048, 3071, 3072])
def test_every_size_of_an_rsa_key(bits: int) -> None:
    limits = TABLE["certificate_key"]["RSA"]
    expected = "good" if bits >= limits["good"] else "phase_out" if bits >= limits["phase_out"] else "insufficient"
    key = rsa.generate_private_key(65537, bits) if bits in (1024, 2048) else None
    facts = certificate(public_key={"type": "rsa", "bits": bits, "curve": None}) if key is None else issued(key, hashes.SHA256())
    assert level("certificate_key", chain=[facts]) == expected


RSA, P256 = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
DIGESTS = (hashes.SHA1(), hashes.SHA224(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
SIGNED: dict[str, tuple[Any, Any]] = {
    **{f"RSA_WITH_{one.name.upper()}": (RSA, one) for one in DIGESTS},
    **{f"ECDSA_WITH_{one.name.upper()}": (P256, one) for one in DIGESTS},
    "ED25519": (ed25519.Ed25519PrivateKey.generate(), None),
    "ED448": (ed448.Ed448PrivateKey.generate(), None),
}


@pytest.mark.parametrize("name", SIGNED)
def test_every_signature_of_a_certificate(name: str) -> None:
    listed = {one: level for level, names in TABLE["certificate_signature"].items() for one in names}
    try:
        facts = issued(*SIGNED[name])
    except Exception as problem:  # pylint: disable=broad-exception-caught  # newer libraries sign nothing with SHA-1
        pytest.skip(f"not here: {problem}")
    expected = listed.get(name, "insufficient")
    assert level("certificate_signature", chain=[facts]) == expected
    assert level("certificate_signature", chain=[certificate(), facts]) == expected
    if name.startswith("ED"):
        assert level("certificate_key", chain=[facts]) == "good"


def test_a_server_with_one_suite() -> None:
    name = "ECDHE-ECDSA-AES256-CCM"
    one = endpoint(scan=scan({"TLSv1.2": [name]}), tls={**TLS, "protocol": "TLSv1.2", "cipher": name})
    found = {one["id"]: one["level"] for one in grade(result(one), POLICIES["ncsc-2025"])["checks"]}
    assert (found["cipher_suites"], found["tls_version"], found["cipher_order"]) == ("sufficient", "sufficient", "good")


WORST_FIRST = ("insufficient", "phase_out", "sufficient", "good")


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("policy", [one for one in POLICIES.values() if one.items], ids=lambda one: one.id)
def test_what_few_questions_prove_all_questions_prove(policy: Policy, name: str) -> None:
    """A grade by a scan for grades is that by a full scan, or not as bad as more would have shown, and then it is not complete."""
    unused, answers = openssl(**SERVERS[name])
    few, many = (
        grade(result(endpoint(scan=scan_by(mode, answers).as_facts(), tls={**TLS, "protocol": None})), policy)["checks"]
        for mode in (ScanMode.GRADE, ScanMode.FULL)
    )
    for some, whole in zip(few, many):
        if some["level"] == "not_tested" or whole["level"] == "not_tested":
            assert not (some["complete"] and whole["complete"]), some["id"]
        elif some["complete"]:
            assert some["level"] == whole["level"], some["id"]
        else:
            assert WORST_FIRST.index(some["level"]) >= WORST_FIRST.index(whole["level"]), some["id"]


def test_a_server_that_refused_everything_has_no_level() -> None:
    """It has shown nothing. That is not the same as having nothing that is bad."""
    nothing = endpoint(status="failed", error=error("handshake_failed"), tls=None, chain=[], scan=scan({}))
    for policy in POLICIES.values():
        found = grade(result(nothing), policy)
        assert found["level"] in ("not_tested", "good") and (found["level"] == "not_tested" or not policy.items)
        about_tls = [one for one in found["checks"] if one["id"] in ("tls_version", "cipher_suites", "key_exchange")]
        assert all(one["level"] == "not_tested" and one["not_tested"][0]["why"] for one in about_tls)


def test_what_was_seen_once_of_an_unsteady_server_is_no_promise() -> None:
    why = "the same question was answered in two ways"
    shown = {"compression": False, "extended_master_secret": True, "secure_renegotiation": True}
    doubted = {name: seen(value, why) for name, value in shown.items()}
    checks = {one["id"]: one for one in grade(result(endpoint(scan=scan(**doubted))), POLICIES["ncsc-2025"])["checks"]}
    for name in doubted:
        assert checks[name]["level"] == "not_tested" and checks[name]["not_tested"][0]["why"] == why and checks[name]["observed"]
    assert level("extended_master_secret", scan=scan(extended_master_secret=seen(False, why))) == "insufficient"
