# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and certificates in every form they come in, and what cannot be used."""

from __future__ import annotations

import base64
import subprocess
from typing import Callable

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane import key_material
from ansible_collections.mailops.tls.plugins.module_utils._dane.key_material import KeyMaterial, Source
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.private_key_file import block_of_key
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

CHAIN = make.hierarchy()
LEAF, INTER, ROOT = (Certificate(one.der) for one in (CHAIN.leaf, CHAIN.intermediate, CHAIN.root))
OTHER = make.issue("Other CA", ca=True)
PUBLIC_KEY = make.pem("PUBLIC KEY", CHAIN.leaf.key.spki)


def request_of(key: make.Key) -> bytes:
    """A certificate signing request, DER."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(key.private, hashes.SHA256()).public_bytes(serialization.Encoding.DER)  # type: ignore[arg-type]


REQUEST = request_of(CHAIN.leaf.key)


def given(data: bytes) -> Source:
    return Source(data, "some_option", "/the/path", "/the/path")


def read(reader: Callable[[Source], KeyMaterial], data: bytes) -> KeyMaterial:
    return reader(given(data))


def refusal(reader: Callable[[Source], KeyMaterial], data: bytes) -> str:
    """The reason why data is refused; the error names option and path, and nothing of the data."""
    with pytest.raises(OptionError) as refused:
        reader(given(data))
    assert (refused.value.option, refused.value.value) == ("some_option", "/the/path")
    return refused.value.reason


@pytest.mark.parametrize("kind", ["rsa", "ecdsa", "ecdsa-p384", "ed25519", "ed448"])
def test_public_part_of_private_keys(kind: str) -> None:
    key = make.Key.generate(kind)
    for data in (key.pem, CHAIN.leaf.pem + b"text\n" + key.pem + PUBLIC_KEY, key.pem.replace(b"\n", b"\r\n")):
        assert read(key_material.of_private_key, data) == KeyMaterial("/the/path", "some_option", "/the/path", key.spki)


@pytest.mark.parametrize("arguments", [["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"], ["-algorithm", "ED448"]])
def test_public_part_is_that_of_openssl(arguments: list[str]) -> None:
    private = subprocess.run(["openssl", "genpkey", *arguments], capture_output=True, check=True).stdout
    public = subprocess.run(
        ["openssl", "pkey", "-pubout", "-outform", "DER"], input=private, capture_output=True, check=True
    ).stdout
    assert read(key_material.of_private_key, private).spki == public


def test_old_forms_of_private_keys() -> None:
    for kind, form in (("rsa", b"RSA PRIVATE KEY"), ("ecdsa", b"EC PRIVATE KEY")):
        key = make.Key.generate(kind)
        old = key.private.private_bytes(  # type: ignore[attr-defined]
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        assert form in old
        data = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + old
        assert read(key_material.of_private_key, data).spki == key.spki


def test_private_keys_that_cannot_be_read() -> None:
    key = make.Key.generate("ecdsa")
    encrypted = key.private.private_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    )
    assert "is encrypted; a certificate or public key of it will do" in refusal(key_material.of_private_key, encrypted)
    assert refusal(key_material.of_private_key, CHAIN.leaf.pem) == "holds no private key in PEM"
    assert "cannot be read" in refusal(key_material.of_private_key, make.pem("PRIVATE KEY", b"nonsense"))


@pytest.mark.parametrize(
    ("reader", "der", "label"),
    [
        (key_material.of_public_key, CHAIN.leaf.key.spki, "PUBLIC KEY"),
        (key_material.of_certificate, CHAIN.leaf.der, "CERTIFICATE"),
        (key_material.of_certificate, CHAIN.leaf.der, "X509 CERTIFICATE"),
        (key_material.of_chain, CHAIN.leaf.der, "CERTIFICATE"),
        (key_material.of_request, REQUEST, "CERTIFICATE REQUEST"),
        (key_material.of_request, REQUEST, "NEW CERTIFICATE REQUEST"),
    ],
    ids=["public key", "certificate", "old label", "chain", "request", "old label of a request"],
)
def test_pem_der_and_base64_are_the_same(reader: Callable[[Source], KeyMaterial], der: bytes, label: str) -> None:
    pem = make.pem(label, der)
    for data in (pem, b"Subject: someone\n" + pem, der, base64.b64encode(der), base64.encodebytes(der) + b"\n"):
        material = read(reader, data)
        assert material.spki == CHAIN.leaf.key.spki and material.issuers == ()
        assert material.certificate == (LEAF if reader in (key_material.of_certificate, key_material.of_chain) else None)
        assert key_material.of_text(given(data)) == material
    assert read(reader, CHAIN.leaf.key.pem + pem) == material


def test_a_certificate_file_is_read_for_its_first_certificate() -> None:
    assert read(key_material.of_certificate, CHAIN.served_pem).certificate == LEAF
    assert read(key_material.of_certificate, CHAIN.served_pem).issuers == ()


def test_a_chain_has_the_issuers_of_its_first_certificate() -> None:
    whole = CHAIN.served_pem + CHAIN.root.pem
    assert read(key_material.of_chain, whole).issuers == (INTER, ROOT)
    assert read(key_material.of_chain, whole).roots == (ROOT,)
    assert read(key_material.of_chain, whole + CHAIN.intermediate.pem + CHAIN.leaf.pem).issuers == (INTER, ROOT)
    disordered = CHAIN.leaf.pem + CHAIN.root.pem + CHAIN.intermediate.pem
    assert read(key_material.of_chain, disordered).issuers == (ROOT, INTER)


@pytest.mark.parametrize("reader", [key_material.of_certificate, key_material.of_chain, key_material.of_text])
@pytest.mark.parametrize("settings", [b"", make.sequence(make.sequence(make.oid(make.SERVER_AUTH)))])
def test_a_trusted_certificate_is_the_first_one_as_for_postfix(reader: Callable[[Source], KeyMaterial], settings: bytes) -> None:
    trusted = make.pem("TRUSTED CERTIFICATE", CHAIN.leaf.der + settings)
    found = read(reader, trusted + CHAIN.intermediate.pem)
    assert found.spki == CHAIN.leaf.key.spki, "not the key of its issuer"
    assert found.certificate == LEAF


def test_a_key_that_is_encrypted_by_its_label_alone_is_read_as_openssl_does() -> None:
    text = CHAIN.leaf.key.pem.replace(b"PRIVATE KEY", b"ENCRYPTED PRIVATE KEY")
    assert read(key_material.of_private_key, text + OTHER.key.pem).spki == CHAIN.leaf.key.spki
    block = block_of_key(text, CHAIN.leaf.key.spki)
    assert block is not None and block.label == "PRIVATE KEY"


def test_a_trusted_certificate_behind_the_first_is_refused() -> None:
    with pytest.raises(OptionError, match="TRUSTED CERTIFICATE that is not the first"):
        read(key_material.of_chain, CHAIN.leaf.pem + make.pem("TRUSTED CERTIFICATE", CHAIN.intermediate.der))


def test_a_chain_with_a_stranger_in_it_is_refused() -> None:
    for data in (CHAIN.served_pem + OTHER.pem, CHAIN.leaf.pem + OTHER.pem + CHAIN.intermediate.pem):
        assert refusal(key_material.of_chain, data) == "holds CN=Other CA, which has issued none of the certificates before it"
    assert "CN=leaf" in refusal(key_material.of_chain, CHAIN.intermediate.pem + CHAIN.leaf.pem)


def test_an_issuer_is_one_by_its_signature_not_by_its_name() -> None:
    impostor = make.issue("Inter", ca=True, key_identifiers=False)
    bare = make.issue("bare", issuer=make.issue("Inter", ca=True, key_identifiers=False), key_identifiers=False)
    assert "CN=Inter" in refusal(key_material.of_chain, bare.pem + impostor.pem)


def test_an_issuer_that_is_no_ca_is_refused() -> None:
    false_issuer = make.issue("no ca")
    data = make.issue("below", issuer=false_issuer).pem + false_issuer.pem
    assert "CN=no ca, which is not the certificate of an issuer (CA)" in refusal(key_material.of_chain, data)
    assert "CN=leaf, which is not" in refusal(key_material.of_issuers, CHAIN.intermediate.pem + CHAIN.leaf.pem)
    material = read(key_material.of_issuers, CHAIN.intermediate.pem + OTHER.pem)
    assert (material.spki, material.certificate) == (None, None)
    assert material.issuers == (INTER, Certificate(OTHER.der))


def test_nothing_above_an_issuer_that_is_no_ca_counts_for_a_server() -> None:
    """A record of what is above it would let nobody in: senders do not follow the chain to there."""
    between = make.issue("between", issuer=CHAIN.root)
    shown = [Certificate(one.der) for one in (make.issue("below", issuer=between), between, CHAIN.root)]
    assert key_material.of_served(shown, "probe", "mx[192.0.2.1]:25").issuers == ()


def test_what_a_server_shows_besides_its_chain_is_passed_over() -> None:
    shown = [LEAF, Certificate(OTHER.der), INTER]
    assert key_material.of_served(shown, "probe", "mx[192.0.2.1]:25").issuers == (INTER,)
    broken = Certificate(make.issue(spki=make.sequence(b"\x05\0", b"\x05\0")).der)
    with pytest.raises(OptionError, match="cannot be read"):
        key_material.of_served([broken], "probe", "mx")


READERS = [
    key_material.of_private_key, key_material.of_public_key, key_material.of_certificate, key_material.of_chain,
    key_material.of_issuers, key_material.of_request, key_material.of_text,
]  # fmt: skip


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_nothing_is_refused_with_the_digest_it_would_have(reader: Callable[[Source], KeyMaterial]) -> None:
    for data in (b"", b" \n\t"):
        assert "is empty; a record of it, with the digest e3b0c44298fc1c14..., would match nothing" in refusal(reader, data)


@pytest.mark.parametrize("reader", READERS[1:], ids=lambda reader: reader.__name__)
def test_other_things_are_refused(reader: Callable[[Source], KeyMaterial]) -> None:
    for data in (b"nonsense!", make.pem("CERTIFICATE", b""), make.pem("PUBLIC KEY", b"xy"), make.pem("CERTIFICATE REQUEST", b"0"),
                 b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n", b"-----BEGIN CERTIFICATE-----\nAAAA\n",
                 base64.b64encode(b"0\x03\x02\x01\x01"), CHAIN.leaf.der[:-1]):  # fmt: skip
        assert refusal(reader, data).startswith(("holds", "is neither"))


def test_a_request_whose_key_cannot_be_read_is_refused() -> None:
    unreadable = make.sequence(make.sequence(make.oid("1.2.3")), make.bit_string(b"key"))
    request = make.sequence(make.sequence(make.integer(0), make.name(None), unreadable), make.sequence(), make.bit_string(b""))
    assert "public key that cannot be read" in refusal(key_material.of_request, make.pem("CERTIFICATE REQUEST", request))


def test_the_first_block_says_what_a_text_is() -> None:
    of_text = key_material.of_text
    assert of_text(given(CHAIN.served_pem)).issuers == (INTER,)
    assert of_text(given(CHAIN.leaf.key.pem + CHAIN.served_pem)).certificate is None
    assert of_text(given(CHAIN.intermediate.pem), issuers=True).issuers == (INTER,)
    with pytest.raises(OptionError, match="holds no certificate, which issuers need"):
        of_text(given(PUBLIC_KEY), issuers=True)


def test_labels_are_clean() -> None:
    material = key_material.of_public_key(Source(PUBLIC_KEY, "publickey_path", "x", "/a\n_25._tcp.evil. IN TLSA 3 1 1 00"))
    assert material.label == "/a?_25._tcp.evil. IN TLSA 3 1 1 00"


@hypothesis_given(st.sampled_from(READERS), st.binary(max_size=200), st.integers(0, 900), st.sampled_from([CHAIN.leaf.der, REQUEST]))
def test_no_bytes_raise_anything_else(
    reader: Callable[[Source], KeyMaterial], noise: bytes, at: int, der: bytes
) -> None:
    for data in (noise, der[:at] + noise[:3] + der[at + len(noise[:3]) :]):
        try:
            reader(given(data))
        except OptionError:
            pass
