# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `tlsa_rdata` as Ansible sees it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

pytest.importorskip("ansible")

from ansible.errors import AnsibleFilterError  # noqa: E402
from ansible_collections.mailops.tls.plugins.filter.tlsa_rdata import DOCUMENTATION, FilterModule  # noqa: E402
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.sources.text import FORMS  # noqa: E402
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make  # noqa: E402

CHAIN = make.hierarchy()
FULL_CHAIN = CHAIN.served_pem.decode()
DIGEST = hashlib.sha256(CHAIN.leaf.key.spki).hexdigest()
ISSUER = hashlib.sha256(CHAIN.intermediate.key.spki).hexdigest()

tlsa_rdata = FilterModule().filters()["tlsa_rdata"]


@pytest.mark.parametrize(
    "text",
    [
        FULL_CHAIN, CHAIN.leaf.pem.decode(), CHAIN.leaf.key.pem.decode(), base64.b64encode(CHAIN.leaf.der).decode(),
        make.pem("PUBLIC KEY", CHAIN.leaf.key.spki).decode(), base64.b64encode(CHAIN.leaf.key.spki).decode(),
    ],
    ids=["chain", "certificate", "private key", "DER of a certificate", "public key", "DER of a public key"],
)  # fmt: skip
def test_whatever_it_is_the_record_is_the_same(text: str) -> None:
    assert tlsa_rdata(text) == ["3 1 1 " + DIGEST] == tlsa_rdata([text, text])


def test_parameters_and_issuers() -> None:
    both = ["3 1 1 " + DIGEST, "2 1 1 " + ISSUER]
    assert tlsa_rdata(FULL_CHAIN, ["3 1 1", "2 1 1"]) == both
    assert tlsa_rdata(CHAIN.intermediate.pem.decode(), "DANE-TA SPKI SHA2-256", issuers=True) == both[1:]
    pinned = tlsa_rdata(FULL_CHAIN, "3 0 1", allow_certificate_pinning=True)
    assert pinned == ["3 0 1 " + hashlib.sha256(CHAIN.leaf.der).hexdigest()]


def test_forms() -> None:
    def made(form: str, **more: Any) -> Any:
        return tlsa_rdata(FULL_CHAIN, form=form, **more)

    assert made("rfc3597") == ["\\# 35 030101" + DIGEST]
    assert [one["data"] for one in made("fields")] == [DIGEST]
    assert made("zone", host="mx.example.org.") == f"_25._tcp.mx.example.org. IN TLSA 3 1 1 {DIGEST}\n"
    owned = made("record_sets", host=["a.example", "b.example"], port=["853"], protocol="udp", ttl="60")
    assert owned == [
        {"record": f"_853._udp.{host}.example.", "type": "TLSA", "ttl": 60, "value": ["3 1 1 " + DIGEST]} for host in "ab"
    ]
    for form in FORMS[3:]:
        assert made(form, host="mx.example.org")
        with pytest.raises(AnsibleFilterError, match=f"host is needed for the form {form}"):
            made(form)
    assert all(form in DOCUMENTATION for form in FORMS)


@pytest.mark.parametrize(
    ("text", "more", "reason"),
    [
        ("", {}, "is empty; a record of it, with the digest e3b0c442"),
        (FULL_CHAIN, {"parameters": "3 0 1"}, "migrate to 3 1 1"),
        (CHAIN.leaf.pem.decode(), {"parameters": "2 1 1"}, "is the server's own"),
        (FULL_CHAIN, {"parameters": "3 1"}, "parameters: '3 1'"),
        (FULL_CHAIN, {"form": "json"}, "form: 'json' is none of"),
        (FULL_CHAIN, {"form": "zone", "host": "x y"}, "hosts: 'x y' is not a host name"),
        (FULL_CHAIN, {"form": "zone", "host": "x", "port": "smtp"}, "port: 'smtp' is not a number"),
        (FULL_CHAIN, {"form": "zone", "host": "x", "protocol": "icmp"}, "protocol: 'icmp' is none of"),
        (FULL_CHAIN, {"form": "zone", "host": "x", "ttl": -1}, "ttl: -1 is not"),
        ([], {}, "has no text"),
        ({"a": 1}, {}, "a text or a list of texts is needed, not dict"),
        ([1], {}, "a text or a list of texts is needed, not list"),
    ],
    ids=["empty", "pinning", "leaf", "parameters", "form", "host", "port", "protocol", "ttl", "none", "dict", "numbers"],
)  # fmt: skip
def test_refusals(text: Any, more: dict[str, Any], reason: str) -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        tlsa_rdata(text, **more)
    assert str(refused.value).startswith("mailops.tls.tlsa_rdata: ") and reason in str(refused.value)


def test_errors_show_nothing_of_a_key() -> None:
    broken = CHAIN.leaf.key.pem.decode().replace("BEGIN PRIVATE", "BEGIN RSA PRIVATE", 1)
    with pytest.raises(AnsibleFilterError) as refused:
        tlsa_rdata(["x" + broken])
    assert broken.splitlines()[1] not in str(refused.value)


ODD: tuple[Any, ...] = (
    None, 7, -1, 1.5, True, "", "x", "\x1b[31mred", "\ud800", "\u202e", [], [None], [7], [[]], {}, {"a": 1}, b"x", "9" * 5000, {"a"},
    [FULL_CHAIN] * 1001, "-----BEGIN CERTIFICATE-----\n" + "A" * 1_000_001,
)  # fmt: skip
OPTIONS = ("texts", "parameters", "form", "host", "port", "protocol", "ttl", "issuers", "allow_certificate_pinning")


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("option", OPTIONS)
def test_what_a_host_returned_may_be_anything(option: str, value: Any) -> None:
    """Records or one short printable error, never another exception."""
    given: dict[str, Any] = {"texts": FULL_CHAIN, "form": "zone", "host": "mx.example.org", option: value}
    try:
        assert str(tlsa_rdata(**given)).replace("\n", "").isprintable()
    except AnsibleFilterError as error:
        assert len(str(error)) < 700 and str(error).isprintable()
