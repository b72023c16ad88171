# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which records come of which sources, and what is refused; digests are those that openssl makes."""

from __future__ import annotations

import subprocess

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.key_material import (
    KeyMaterial,
    Source,
    of_chain,
    of_issuers,
    of_private_key,
    of_served,
)
from ansible_collections.mailops.tls.plugins.module_utils._dane.match import authenticate
from ansible_collections.mailops.tls.plugins.module_utils._dane.parameters import TlsaParameters, parse_parameters
from ansible_collections.mailops.tls.plugins.module_utils._dane.publish import associations, publishing_warnings
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import screen
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import reference_names
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make

CHAIN = make.hierarchy()
NEXT = make.Key.generate("ecdsa")
SERVER = of_chain(Source(CHAIN.served_pem, "chain_path", "/chain", "/chain"))
KEY = of_private_key(Source(CHAIN.leaf.key.pem, "privatekey_path", "/key", "/key"))
NEXT_KEY = of_private_key(Source(NEXT.pem, "privatekey_path", "/next", "/next"))
ISSUERS = of_issuers(Source(CHAIN.intermediate.pem + CHAIN.root.pem, "issuer_path", "/issuers", "/issuers"))


def openssl(*arguments: str, data: bytes) -> bytes:
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


def selected_by_openssl(selector: int, pem: bytes) -> bytes:
    """The DER of a certificate or of its public key."""
    if selector == 0:
        return openssl("x509", "-outform", "DER", data=pem)
    public = openssl("x509", "-pubkey", "-noout", data=pem)
    return openssl("pkey", "-pubin", "-outform", "DER", data=public)


def data_by_openssl(selector: int, matching_type: int, pem: bytes) -> bytes:
    """The association data as a shell script makes it."""
    selected = selected_by_openssl(selector, pem)
    if matching_type == 0:
        return selected
    return openssl("dgst", "-sha256" if matching_type == 1 else "-sha512", "-binary", data=selected)


def records(*texts: str, sources: tuple[KeyMaterial, ...] = (SERVER,), pinning: bool = False) -> list[TlsaRecord]:
    made = associations(sources, parse_parameters(texts), allow_certificate_pinning=pinning)
    return [one.record for one in made]


@pytest.mark.parametrize("matching_type", [0, 1, 2])
@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize("usage", [0, 1, 2, 3])
def test_data_is_what_openssl_makes_of_the_certificate_it_is_about(usage: int, selector: int, matching_type: int) -> None:
    wanted = TlsaParameters(usage, selector, matching_type)
    about = CHAIN.intermediate if wanted.about_issuer else CHAIN.leaf
    (record,) = records(str(wanted), pinning=True)
    assert record == TlsaRecord(usage, selector, matching_type, data_by_openssl(selector, matching_type, about.pem))


@pytest.mark.parametrize("text", ["3 1 0", "3 1 1", "3 1 2", "3 0 0", "3 0 1", "2 0 0", "2 0 1", "2 0 2", "2 1 0", "2 1 1", "2 1 2"])
def test_what_is_published_verifies_the_server(text: str) -> None:
    matched = authenticate(
        screen(records(text, pinning=True)),
        [Certificate(one) for one in CHAIN.served],
        reference_names(["mx.example.com"], nexthop="example.com", hostname="mx.example.com"),
        make.NOW,
    )
    assert matched.error is None and matched.matched is not None


def test_records_follow_sources_then_parameters_and_equal_ones_are_one() -> None:
    made = associations((NEXT_KEY, SERVER, KEY, ISSUERS), parse_parameters(["3 1 2", "2 1 1", "3 1 1", "3 1 2"]))
    assert [(one.record.parameters, one.labels) for one in made] == [
        ("3 1 2", ("/next",)),
        ("3 1 1", ("/next",)),
        ("3 1 2", ("/chain", "/key")),
        ("2 1 1", ("/chain", "/issuers")),
        ("3 1 1", ("/chain", "/key")),
        ("2 1 1", ("/issuers",)),
    ]


def refused(*texts: str, sources: tuple[KeyMaterial, ...], pinning: bool = False) -> OptionError:
    with pytest.raises(OptionError) as error:
        records(*texts, sources=sources, pinning=pinning)
    return error.value


@pytest.mark.parametrize(("text", "better"), [("3 0 1", "3 1 1"), ("3 0 0", "3 1 1"), ("3 0 2", "3 1 2"), ("1 0 1", "1 1 1")])
def test_a_whole_certificate_is_refused_with_the_way_out(text: str, better: str) -> None:
    error = refused("3 1 1", text, sources=(SERVER,))
    assert (error.option, error.value) == ("parameters", text)
    assert f"migrate to {better} of the same key, which survives renewals" in error.reason
    assert "allow_certificate_pinning" in error.reason
    assert [one.parameters for one in records("3 1 1", text, pinning=True)] == ["3 1 1", text]


@pytest.mark.parametrize("text", ["2 0 1", "2 1 1", "0 1 1"])
def test_the_servers_own_certificate_is_no_trust_anchor(text: str) -> None:
    alone = of_served([Certificate(CHAIN.leaf.der)], "certificate_path", "/leaf")
    own_root = make.issue("self-signed with CA:TRUE", ca=True)
    for source in (alone, KEY, of_chain(Source(own_root.pem, "certificate_path", "/leaf", "/leaf"))):
        error = refused(text, sources=(SERVER, source))
        assert (error.option, error.value) == (source.option, source.value)
        assert "is the server's own" in error.reason and f"usage {text[0]}" in error.reason
    error = refused("3 1 1", text, sources=(alone,))
    assert (error.option, error.value) == ("parameters", text) and "give a chain" in error.reason


def test_every_source_must_give_all_that_is_asked_of_the_server() -> None:
    error = refused("3 1 1", "3 0 1", sources=(SERVER, NEXT_KEY), pinning=True)
    assert (error.option, error.value) == ("privatekey_path", "/next") and "is not a certificate" in error.reason
    error = refused("3 1 1", sources=(SERVER, ISSUERS))
    assert (error.option, error.value) == ("issuer_path", "/issuers") and "usage 0 or 2" in error.reason


@pytest.mark.parametrize(("selector", "spki"), [(0, None), (1, None), (1, b"")])
def test_nothing_comes_of_nothing(selector: int, spki: bytes) -> None:
    hollow = KeyMaterial("/x", "certificate_path", "/x", spki or b"", Certificate(b""), (Certificate(b""),))
    for usage in (2, 3):
        error = refused(f"{usage} {selector} 1", sources=(hollow,), pinning=True)
        assert (error.option, error.reason) == (
            "certificate_path", f"holds nothing that a record {usage} {selector} 1 could be made of"
        )  # fmt: skip


def test_warnings() -> None:
    whole = of_chain(Source(CHAIN.served_pem + CHAIN.root.pem, "chain_path", "/chain", "/chain"))

    def warned(source: KeyMaterial, port: int, *texts: str) -> tuple[str, ...]:
        return publishing_warnings([source], parse_parameters(texts), [587, port])

    assert warned(whole, 25, "3 1 1") == () == warned(SERVER, 25, "2 1 1") == warned(SERVER, 443, "0 1 1")
    assert [text.split(":")[0] for text in warned(SERVER, 25, "0 1 1", "1 1 1", "3 1 1")] == ["0 1 1", "1 1 1"]
    assert warned(whole, 25, "2 1 1") == (
        "CN=Root is a root: its records match only while the server sends the root itself too",
    )
    assert warned(whole, 25, "2 0 0") == ()
