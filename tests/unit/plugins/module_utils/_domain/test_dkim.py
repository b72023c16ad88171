# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DKIM keys in DNS: every finding once made and once not, what comes out as facts, and that no record raises."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dkim as catalogue
from ansible_collections.mailops.tls.plugins.module_utils._domain.dkim import DkimView, lint_old_policies, look_up_dkim
from ansible_collections.mailops.tls.plugins.module_utils._domain.dkim_key import KeyFlaw, KeyFormat, read_key
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind
from ansible_collections.mailops.tls.tests.unit.makers.asked_zone import FAILS, Zone, run, strings
from hypothesis import given
from hypothesis import strategies as st

OWNER = "s._domainkey.example.org"


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 0x80 else bytes([0x81, size]) if size < 0x100 else bytes([0x82, *size.to_bytes(2, "big")])
    return bytes([tag]) + length + content


def number(value: int) -> bytes:
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def pkcs1(bits: int) -> bytes:
    return der(0x30, number((1 << bits) - 12345) + number(65537))


def spki(bits: int) -> bytes:
    return der(0x30, der(0x30, bytes.fromhex("06092a864886f70d0101010500")) + der(3, b"\0" + pkcs1(bits)))


def text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


RSA = text(spki(2048))
ED25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
ED25519_SPKI = text(bytes.fromhex("302a300506032b6570032100") + base64.b64decode(ED25519))
ECDSA = text(bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + b"\4" + b"\1" * 64)
GOOD = f"v=DKIM1; k=rsa; p={RSA}"


def view(txt: Any, expected: str | None = None) -> DkimView:
    records = txt if isinstance(txt, list) or txt == FAILS else [txt]
    return run(look_up_dkim("example.org", "s", Zone({OWNER: {"TXT": records}}).ask, expected))


def ids(txt: Any) -> list[str]:
    return [one.id for one in view(txt).findings]


CASES = [
    (catalogue.DKIM_RECORD_MISSING, [], GOOD),
    (catalogue.DKIM_MULTIPLE_RECORDS, [GOOD, f"v=DKIM1; p={RSA}"], GOOD),
    (catalogue.DKIM_VERSION_INVALID, f"k=rsa; v=DKIM1; p={RSA}", GOOD),
    (catalogue.DKIM_VERSION_INVALID, f"v=dkim1; p={RSA}", f"p={RSA}"),
    (catalogue.DKIM_TAG_SYNTAX, f"v=DKIM1 k=rsa p={RSA}", f" v = DKIM1 ;k=rsa;p={RSA};"),
    (catalogue.DKIM_TAG_SYNTAX, f"v=DKIM1; rsa; p={RSA}", f"v=DKIM1; n=a b=c; p={RSA}"),
    (catalogue.DKIM_DUPLICATE_TAG, f"v=DKIM1; p={RSA}; p={RSA}", GOOD),
    (catalogue.DKIM_WRONG_RECORD, "sel.dkim.provider.example.", GOOD),
    (catalogue.DKIM_WRONG_RECORD, "v=spf1 -all", GOOD),
    (catalogue.DKIM_PUBLIC_KEY_MISSING, "v=DKIM1; k=rsa", GOOD),
    (catalogue.DKIM_PUBLIC_KEY_MISSING, f"v=DKIM1; P={RSA}", GOOD),
    (catalogue.DKIM_KEY_REVOKED, "v=DKIM1; p=", GOOD),
    (catalogue.DKIM_KEY_MALFORMED, f"v=DKIM1; p=-----BEGIN PUBLIC KEY-----{RSA}", GOOD),
    (catalogue.DKIM_KEY_MALFORMED, "v=DKIM1; p=aGVsbG8=", GOOD),
    (catalogue.DKIM_RECORD_TRUNCATED, GOOD[:255], strings(GOOD[:255], GOOD[255:])),
    (catalogue.DKIM_STRAY_QUOTE, f'v=DKIM1; p="{RSA}"', GOOD),
    (catalogue.DKIM_STRAY_BACKSLASH, f"v=DKIM1\\; k=rsa\\; p={RSA}", GOOD),
    (catalogue.DKIM_WHITESPACE_IN_KEY, f"v=DKIM1; p={RSA[:20]} {RSA[20:]}", GOOD),
    (catalogue.DKIM_KEY_TYPE_UNKNOWN, f"v=DKIM1; k=RSA; p={RSA}", f"v=DKIM1; k=ed25519; p={ED25519}"),
    (catalogue.DKIM_KEY_TYPE_MISMATCH, f"v=DKIM1; p={ED25519}", f"v=DKIM1; k=ed25519; p={ED25519}"),
    (catalogue.DKIM_KEY_TYPE_MISMATCH, f"v=DKIM1; k=ed25519; p={RSA}", GOOD),
    (catalogue.DKIM_KEY_TYPE_MISMATCH, f"v=DKIM1; p={ECDSA}", GOOD),
    (catalogue.DKIM_ED25519_NOT_RAW, f"v=DKIM1; k=ed25519; p={ED25519_SPKI}", f"v=DKIM1; k=ed25519; p={ED25519}"),
    (catalogue.DKIM_RSA_TOO_SHORT, f"v=DKIM1; p={text(spki(768))}", f"v=DKIM1; p={text(spki(1024))}"),
    (catalogue.DKIM_RSA_WEAK, f"v=DKIM1; p={text(spki(1024))}", GOOD),
    (catalogue.DKIM_RSA_TOO_LONG, f"v=DKIM1; p={text(spki(8192))}", f"v=DKIM1; p={text(spki(4096))}"),
    (catalogue.DKIM_KEY_PKCS1, f"v=DKIM1; p={text(pkcs1(2048))}", GOOD),
    (catalogue.DKIM_HASH_UNUSABLE, f"v=DKIM1; h=rsa-sha256; p={RSA}", f"v=DKIM1; h=sha1 : sha256; p={RSA}"),
    (catalogue.DKIM_SERVICE_NOT_EMAIL, f"v=DKIM1; s=mail; p={RSA}", f"v=DKIM1; s=email:tlsrpt; p={RSA}"),
    (catalogue.DKIM_TESTING, f"v=DKIM1; t=y:s; p={RSA}", f"v=DKIM1; t=s; p={RSA}"),
    (catalogue.DKIM_OBSOLETE_TAG, f"g=*; k=rsa; p={RSA}", f"k=rsa; p={RSA}"),
]


@pytest.mark.parametrize(("kind", "bad", "good"), CASES, ids=lambda one: one.id if isinstance(one, FindingKind) else "")
def test_finding(kind: FindingKind, bad: Any, good: Any) -> None:
    assert kind.id in ids(bad)
    assert kind.id not in ids(good)


def test_every_finding_has_a_case() -> None:
    every = {one.id for one in vars(catalogue).values() if isinstance(one, FindingKind)}
    assert every == {kind.id for kind, *rest in CASES} | {"dkim_policy_record_obsolete"}


@pytest.mark.parametrize(
    ("txt", "status", "found"),
    [
        (GOOD, "valid", []),
        (f"v=DKIM1; k=ed25519; p={ED25519}", "valid", []),
        (f"v=DKIM1; t=y; p={RSA}", "valid", ["dkim_testing"]),
        ("v=DKIM1; p=", "revoked", ["dkim_key_revoked"]),
        (f"v=DKIM2; p={RSA}", "invalid", ["dkim_version_invalid"]),
        (GOOD[:255], "invalid", ["dkim_record_truncated"]),
        ([], "missing", ["dkim_record_missing"]),
        ([GOOD, "x"], "multiple", ["dkim_multiple_records"]),
        (FAILS, "error", []),
    ],
)
def test_status(txt: Any, status: str, found: list[str]) -> None:
    seen = view(txt)
    assert (seen.status.value, [one.id for one in seen.findings]) == (status, found)
    assert (seen.failure is None) is (status in ("valid", "revoked", "missing"))
    assert all(one.subject == OWNER for one in seen.findings)
    assert seen.as_facts().keys() == view(GOOD).as_facts().keys()


def test_facts() -> None:
    assert view(strings(f"v=DKIM1; k=rsa; t=s:y; n=note; p={RSA[:100]}", RSA[100:])).as_facts() == {
        "selector": "s",
        "owner": OWNER,
        "canonical_owner": OWNER,
        "status": "valid",
        "record": f"v=DKIM1; k=rsa; t=s:y; n=note; p={RSA}",
        "strings": 2,
        "key_type": "rsa",
        "key_bits": 2048,
        "key_format": "spki",
        "tags": {"v": "DKIM1", "k": "rsa", "t": "s:y", "n": "note", "p": RSA},
        "flags": ["s", "y"],
        "services": ["*"],
        "hashes": ["sha256"],
        "testing": True,
        "differences": None,
        "error": None,
    }


def test_an_alias_is_followed_and_named() -> None:
    zone = Zone({OWNER: {"CNAME": "key.provider.example"}, "key.provider.example": {"TXT": [GOOD]}})
    seen = run(look_up_dkim("example.org", "s", zone.ask))
    assert (seen.owner, seen.canonical_owner, seen.status.value) == (OWNER, "key.provider.example", "valid")
    dangling = run(look_up_dkim("example.org", "s", Zone({OWNER: {"CNAME": "gone.provider.example"}}).ask))
    assert "gone.provider.example" in dangling.findings[0].text


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        (GOOD, ()),
        (f"k=rsa;v=DKIM1;p={RSA[:30]}\t {RSA[30:]};", ()),
        (f"v=DKIM1; p={RSA}; s=email", ('s="email" is missing', 'k="rsa" is not expected')),
        ("v=DKIM1; k=rsa; p=abc", (f'p is "{RSA[:100]}..." and not "abc"',)),
    ],
)
def test_comparison_with_an_expected_record(expected: str, told: tuple[str, ...]) -> None:
    assert view(GOOD, expected).differences == told


def test_old_policies() -> None:
    def found(names: Any) -> list[tuple[str, str]]:
        return [(one.id, one.subject) for one in run(lint_old_policies("example.org", Zone(names).ask))]

    assert found({"_domainkey.example.org": {"TXT": ["t=y; o=~"]}}) == [("dkim_policy_record_obsolete", "_domainkey.example.org")]
    adsp = "_adsp._domainkey.example.org"
    assert found({adsp: {"TXT": ["dkim=all"]}}) == [("dkim_policy_record_obsolete", adsp)]
    assert found({"_domainkey.example.org": {"TXT": ["v=spf1 -all", "x"]}, "_adsp._domainkey.example.org": {"TXT": FAILS}}) == []


def test_keys() -> None:
    assert (read_key(RSA).format, read_key(text(pkcs1(1024))).format, read_key(ED25519).format) == tuple(KeyFormat(one) for one in (
        "spki", "pkcs1", "raw"))  # fmt: skip
    for octets in range(20, len(spki(2048)) - 1):
        assert read_key(text(spki(2048)[:octets])).flaw is KeyFlaw.CUT
    assert read_key(text(spki(2048)[:32]), "ed25519").format is KeyFormat.RAW
    for cut in range(100, len(RSA) - 2):
        assert read_key(RSA[:cut]).flaw is KeyFlaw.CUT
    assert read_key(RSA.rstrip("=")).flaw is (KeyFlaw.NOT_BASE64 if RSA.endswith("=") else None)
    assert read_key(text(spki(2048) + b"\0")).flaw is KeyFlaw.NO_KEY
    assert read_key(text(b"\x30\x84\xff\xff\xff\xff")).flaw is KeyFlaw.NO_KEY


PARTS = st.sampled_from(("v=DKIM1", "v=", "k=rsa", "k=ed25519", "p=", f"p={RSA}", "p=====", "h=", "s=:", "t=y", "n=;", "=", "p", "\0",
                         "\u202e", " "))  # fmt: skip


@given(st.one_of(st.text(), st.binary(), st.lists(st.one_of(PARTS, st.text(max_size=9)), max_size=8).map(";".join)))
def test_no_record_raises(txt: str | bytes) -> None:
    seen = view(txt, GOOD)
    assert seen.status.value in ("valid", "revoked", "invalid")
    assert (seen.status.value == "invalid") is (seen.failure is not None)
    assert "\u202e" not in str(seen.as_facts())


@pytest.mark.parametrize("txt", ["p=" + "A" * 65000, "=" * 65000, ";" * 65000, "a=b;" * 16000, "v=DKIM1" + " " * 65000, "p=" + "M " * 32000,
                                 "s=" + ":" * 65000, "h=" + "a:" * 32000, "x k=" * 16000])  # fmt: skip
def test_huge_records(txt: str) -> None:
    seen = view(txt)
    assert seen.findings and all(len(one.text) < 3000 for one in seen.findings)
