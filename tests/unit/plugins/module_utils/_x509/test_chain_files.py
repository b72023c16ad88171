# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and chains out of PEM files: Postfix's own rules about order, and what stops it."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._x509.chain_files import Pem, load_pair, load_sequence
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Hierarchy, Key, hierarchy, pem
from cryptography.hazmat.primitives import serialization

ECDSA, RSA = hierarchy(), hierarchy(kind="rsa")
HEADED = b"-----BEGIN X-----\nX-Comment: by hand\n\nAAAA\n-----END X-----\n"


def one_file(chain: Hierarchy) -> bytes:
    return chain.leaf.key.pem + chain.served_pem


def encrypted(key: Key, form: serialization.PrivateFormat) -> bytes:
    encryption = serialization.BestAvailableEncryption(b"x")
    return key.private.private_bytes(serialization.Encoding.PEM, form, encryption)  # type: ignore[attr-defined, no-any-return]


def sequence_of(*parts: bytes) -> list[Pem]:
    return [Pem(f"file {number}", part) for number, part in enumerate(parts, 1)]


def test_two_chains_in_two_files_and_in_one() -> None:
    for files in (sequence_of(one_file(RSA), one_file(ECDSA)), sequence_of(one_file(RSA) + one_file(ECDSA))):
        loaded = load_sequence(files)
        assert loaded.problem is None
        assert [chain.key for chain in loaded.chains] == [RSA.leaf.key.spki, ECDSA.leaf.key.spki]
        assert [[one.der for one in chain.chain] for chain in loaded.chains] == [list(RSA.served), list(ECDSA.served)]
        assert all(chain.agrees for chain in loaded.chains)


def test_a_chain_may_be_spread_over_files() -> None:
    (chain,) = load_sequence(sequence_of(RSA.leaf.key.pem, RSA.leaf.pem, RSA.intermediate.pem)).chains
    assert (chain.key_name, chain.chain_names) == ("file 1", ("file 2", "file 3"))
    assert chain.agrees


def test_text_and_other_objects_between_are_passed_over() -> None:
    text = b"# ours\n" + pem("EC PARAMETERS", b"\x06\x00") + ECDSA.leaf.key.pem + pem("X509 CRL", b"\x30\x00") + ECDSA.leaf.pem
    (chain,) = load_sequence(sequence_of(text)).chains
    assert chain.agrees


@pytest.mark.parametrize(
    ("problem", "parts"),
    [
        ("key_not_first", (RSA.served_pem + RSA.leaf.key.pem,)),
        ("key_without_certificate", (RSA.leaf.key.pem + ECDSA.leaf.key.pem + ECDSA.leaf.pem,)),
        ("key_without_certificate", (one_file(RSA), ECDSA.leaf.key.pem)),
        ("no_private_key", (b"", b"nothing")),
        ("key_encrypted", (encrypted(RSA.leaf.key, serialization.PrivateFormat.PKCS8) + RSA.leaf.pem,)),
        ("key_encrypted", (encrypted(RSA.leaf.key, serialization.PrivateFormat.TraditionalOpenSSL) + RSA.leaf.pem,)),
        ("key_malformed", (pem("PRIVATE KEY", b"\x30\x00") + RSA.leaf.pem,)),
        ("certificate_malformed", (RSA.leaf.key.pem + pem("CERTIFICATE", b"\x30\x00"),)),
        ("certificate_malformed", (RSA.leaf.key.pem + pem("CERTIFICATE", RSA.leaf.der + b"\0"),)),
        ("certificate_malformed", (RSA.leaf.key.pem + b"-----BEGIN CERTIFICATE-----\n***\n-----END CERTIFICATE-----\n",)),
    ],
    ids=range(10),
)
def test_what_stops_a_sequence(problem: str, parts: tuple[bytes, ...]) -> None:
    loaded = load_sequence(sequence_of(*parts))
    assert loaded.problem == problem
    assert "file" in loaded.text


@pytest.mark.parametrize("both", [one_file(ECDSA), ECDSA.served_pem + ECDSA.leaf.key.pem], ids=["key first", "key last"])
def test_a_pair_in_one_file_has_any_order(both: bytes) -> None:
    loaded = load_pair(Pem("both", both), Pem("both", both))
    assert loaded.problem is None
    assert loaded.chains[0].agrees
    assert [one.der for one in loaded.chains[0].chain] == list(ECDSA.served)


def test_a_pair_in_two_files() -> None:
    certificates = Pem("c", b"-----BEGIN TRUSTED CERTIFICATE-----" + ECDSA.leaf.pem[27:-26] + b"-----END TRUSTED CERTIFICATE-----\n")
    loaded = load_pair(certificates, Pem("k", RSA.leaf.key.pem))
    assert loaded.problem is None
    assert loaded.chains[0].agrees is False
    assert loaded.chains[0].spki == ECDSA.leaf.key.spki


@pytest.mark.parametrize(
    ("certificates", "key", "problem", "agrees"),
    [
        (b"", RSA.leaf.key.pem, "no_certificate", None),
        (RSA.leaf.pem, RSA.leaf.pem, "no_private_key", None),
        (RSA.leaf.pem, encrypted(RSA.leaf.key, serialization.PrivateFormat.PKCS8), "key_encrypted", None),
        (RSA.leaf.pem, pem("RSA PRIVATE KEY", b"\x30\x00"), "key_malformed", None),
        (RSA.leaf.pem, HEADED + pem("ANY PRIVATE KEY", b"\x30\x00") + RSA.leaf.key.pem, "key_malformed", None),
        (RSA.leaf.pem + pem("CERTIFICATE", b""), RSA.leaf.key.pem, "certificate_malformed", None),
    ],
    ids=range(6),
)
def test_what_stops_a_pair(certificates: bytes, key: bytes, problem: str, agrees: bool | None) -> None:
    loaded = load_pair(Pem("c", certificates), Pem("k", key))
    assert (loaded.problem, loaded.chains[0].agrees) == (problem, agrees)
    assert loaded.text.startswith(("c:", "k:"))


def test_nothing_of_a_private_key_is_kept() -> None:
    loaded = load_sequence(sequence_of(one_file(RSA)))
    number = RSA.leaf.key.private.private_numbers().d  # type: ignore[attr-defined]
    secret = number.to_bytes((number.bit_length() + 7) // 8, "big")
    assert secret in pem_der(RSA.leaf.key.pem)
    assert secret not in (loaded.chains[0].key or b"")
    assert RSA.leaf.key.pem.splitlines()[2].decode() not in repr(loaded)


def pem_der(text: bytes) -> bytes:
    private = serialization.load_pem_private_key(text, None)
    return private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
