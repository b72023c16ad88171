# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: right on good ones, and never a traceback on bad ones."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

CHAIN = make.hierarchy()
SAMPLES = (
    CHAIN.leaf.der,
    make.issue("rich", ca=True, path_length=3, dns_names=["a.example"], ip_addresses=["::1"], key_usage=["key_cert_sign"],
               extended_key_usage=[make.SERVER_AUTH]).der,
    make.issue("old", version=1, key=make.Key.generate("rsa768")).der,
)  # fmt: skip


def test_agrees_with_cryptography() -> None:
    issued = make.issue("mx", issuer=CHAIN.root, key=make.Key.generate("rsa"), dns_names=["mx.example.com", "*.example.org"],
                        ip_addresses=["192.0.2.1", "2001:db8::1"], extended_key_usage=[make.SERVER_AUTH],
                        key_usage=["digital_signature", "key_encipherment"], ca=True, path_length=1)  # fmt: skip
    ours, theirs = Certificate(issued.der), x509.load_der_x509_certificate(issued.der)
    assert ours.serial == theirs.serial_number
    assert ours.subject_der == theirs.subject.public_bytes() and ours.issuer_der == theirs.issuer.public_bytes()
    assert (ours.subject, ours.issuer) == ("CN=mx", "CN=Root")
    names = theirs.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert ours.dns_names == tuple(names.get_values_for_type(x509.DNSName))
    assert ours.ip_addresses == tuple(names.get_values_for_type(x509.IPAddress))
    assert ours.spki == theirs.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert (
        ours.not_after is not None
        and ours.not_after.tzinfo is timezone.utc
        and ours.not_after == make.NOW + 365 * make.DAY
    )
    assert ours.basic_constraints is not None
    assert (ours.basic_constraints.ca, ours.basic_constraints.path_length) == (True, 1)
    assert ours.key_usage == frozenset(("digitalSignature", "keyEncipherment"))
    assert ours.extended_key_usage == (make.SERVER_AUTH,)
    assert ours.subject_key_identifier == hashlib.sha1(issued.key.spki).digest()
    assert ours.authority_key_identifier is not None
    assert ours.authority_key_identifier.key_identifier == CHAIN.root.key_identifier
    assert ours.pem.encode() == theirs.public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("rsa", ("rsa", 2048, None)), ("rsa768", ("rsa", 768, None)), ("ecdsa", ("ecdsa", 256, "secp256r1")),
        ("ecdsa-p384", ("ecdsa", 384, "secp384r1")), ("ed25519", ("ed25519", 256, None)), ("ed448", ("ed448", 448, None)),
        ("dsa", ("dsa", 2048, None)),
    ],
)  # fmt: skip
def test_public_keys(kind: str, expected: tuple[str, int, object]) -> None:
    key = Certificate(make.issue(key=make.Key.generate(kind)).der).public_key
    assert key is not None and (key.type, key.bits, key.curve) == expected


@pytest.mark.parametrize(
    ("key", "digest", "expected"),
    [
        ("rsa", "sha256", "sha256WithRSAEncryption"), ("rsa", "md5", "md5WithRSAEncryption"), ("ecdsa", "sha1", "ecdsa-with-SHA1"),
        ("ed25519", "sha256", "ED25519"), ("dsa", "sha256", "dsa_with_SHA256"),
    ],
)  # fmt: skip
def test_signature_algorithms(key: str, digest: str, expected: str) -> None:
    assert Certificate(make.issue(key=make.Key.generate(key), digest=digest).der).signature_algorithm == expected


def test_pss_digest_is_read_from_the_parameters() -> None:
    certificate = Certificate(make.issue(key=make.PssKey(make.Key.generate("rsa").private), digest="sha384").der)
    assert certificate.signature is not None
    assert (certificate.signature_algorithm, certificate.signature.digest, certificate.signature.salt_length) == (
        "rsassaPss",
        "sha384",
        48,
    )


def test_facts_have_the_promised_shape() -> None:
    issued = make.issue("leaf", dns_names=["mx.example.com"], ip_addresses=["192.0.2.1"], serial=0xABC,
                        not_before=datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone.utc))  # fmt: skip
    facts = Certificate(issued.der).as_facts(include_pem=True)
    json.dumps(facts)
    assert facts == {
        "subject": "CN=leaf", "issuer": "CN=leaf", "serial": "0ABC", "not_before": "2020-01-02T03:04:05Z",
        "not_after": (make.NOW + 365 * make.DAY).strftime("%Y-%m-%dT%H:%M:%SZ"), "dns_names": ["mx.example.com"],
        "ip_addresses": ["192.0.2.1"], "public_key": {"type": "ecdsa", "bits": 256, "curve": "secp256r1"},
        "signature_algorithm": "ecdsa-with-SHA256", "pem": issued.pem.decode(),
        "fingerprints": {"certificate": {"sha256": hashlib.sha256(issued.der).hexdigest()},
                         "public_key": {"sha256": hashlib.sha256(issued.key.spki).hexdigest()}},
    }  # fmt: skip
    other = Certificate(issued.der).as_facts(digest="sha512")
    assert other["pem"] is None
    assert other["fingerprints"]["certificate"] == {"sha512": hashlib.sha512(issued.der).hexdigest()}  # type: ignore[index]


def test_text_in_facts_is_clean() -> None:
    certificate = Certificate(make.issue(b"a\x1b[31m\x00,b ", dns_names=[b"x\x00\xe2\x80\xaey"]).der)
    facts = certificate.as_facts()
    assert facts["subject"] == "CN=a?[31m\\00\\,b\\ "
    assert facts["dns_names"] == ["x??y"]
    assert certificate.subject_common_names == ("a\x1b[31m\x00,b ",)


def test_subject_in_several_parts_and_unknown_attributes() -> None:
    subject = make.name("x", ("2.5.4.6", "DE"), ("2.5.4.10", "Mail, Inc."), ("1.2.3.4", "odd"))
    certificate = Certificate(make.issue(subject=subject).der)
    assert certificate.subject == "CN=x,1.2.3.4=odd,O=Mail\\, Inc.,C=DE"
    assert certificate.is_self_issued


@pytest.mark.parametrize(
    ("subject", "expected"),
    [(make.name("ca"), "ca"), (make.name(None, ("2.5.4.10", "Org")), "Org"), (make.name(None), None)],
)
def test_issuer_common_name_falls_back_to_the_organization(subject: bytes, expected: object) -> None:
    assert Certificate(make.issue(subject=subject).der).issuer_common_name == expected


def test_names_are_compared_without_case_and_runs_of_space() -> None:
    one, other = make.issue(subject=make.name("Mail  CA ")), make.issue(subject=make.name("mail ca", tag=0x13))
    assert Certificate(one.der).canonical_subject == Certificate(other.der).canonical_subject
    assert Certificate(make.issue("mail cb").der).canonical_subject != Certificate(other.der).canonical_subject


def test_what_cannot_be_read_is_none_and_the_rest_stays() -> None:
    broken = make.issue(
        "x",
        extensions=[make.extension("2.5.29.17", b"\x30\x05junk")],
        dns_names=[],
        spki=make.sequence(b"\x05\x00", b"\x05\x00"),
    )
    certificate = Certificate(broken.der)
    facts = certificate.as_facts()
    assert facts["dns_names"] is None and facts["ip_addresses"] is None and facts["public_key"] is None
    assert facts["subject"] == "CN=x" and not certificate.names_are_readable
    assert (
        certificate.public_key_digest("sha256") == hashlib.sha256(make.sequence(b"\x05\x00", b"\x05\x00")).hexdigest()
    )


def test_an_extension_that_occurs_twice_is_not_believed() -> None:
    twice = [make.extension("2.5.29.17", make.subject_alternative_name([name])) for name in ("a.example", "b.example")]
    certificate = Certificate(make.issue(extensions=twice).der)
    assert certificate.dns_names == () and not certificate.names_are_readable


def test_no_certificate_at_all() -> None:
    certificate = Certificate(b"not DER")
    facts = certificate.as_facts()
    fingerprints = facts.pop("fingerprints")
    assert set(facts.values()) == {None}
    assert fingerprints == {
        "certificate": {"sha256": hashlib.sha256(b"not DER").hexdigest()},
        "public_key": {"sha256": None},
    }
    assert not certificate.is_exact and certificate.spki is None


def test_trailing_bytes_are_noticed_but_do_not_hide_the_key() -> None:
    certificate = Certificate(CHAIN.leaf.der + b"\x00")
    assert not certificate.is_exact and certificate.spki == CHAIN.leaf.key.spki
    assert Certificate(CHAIN.leaf.der).is_exact


def test_equality_is_that_of_the_bytes() -> None:
    assert Certificate(CHAIN.leaf.der) == Certificate(CHAIN.leaf.der)
    assert len({Certificate(CHAIN.leaf.der), Certificate(CHAIN.leaf.der), Certificate(CHAIN.root.der)}) == 2
    assert Certificate(CHAIN.leaf.der) != CHAIN.leaf.der


def _everything(certificate: Certificate) -> None:
    json.dumps(certificate.as_facts(include_pem=True))
    repr(certificate)
    for name in dir(Certificate):
        if not name.startswith("__") and not callable(getattr(Certificate, name)):
            getattr(certificate, name)


@settings(deadline=None)
@given(st.data())
def test_mutated_certificates_never_raise(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(SAMPLES)))
    for _count in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    _everything(Certificate(bytes(raw[: data.draw(st.integers(0, len(raw))) or None])))


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_garbage_never_raises(data: bytes) -> None:
    _everything(Certificate(data))
    _everything(Certificate(make.sequence(make.sequence(data), make.sequence(), make.bit_string(data))))
