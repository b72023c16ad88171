# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies are what their sources say: made anew of small ones here, and written anew of whole ones with POLICY_SOURCES."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._grade.certificate_subjects import CERTIFICATE_SUBJECTS
from ansible_collections.mailops.tls.plugins.module_utils._grade.iana_suites import IANA_SUITES
from ansible_collections.mailops.tls.plugins.module_utils._grade.levels import Level
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import POLICIES, Policy
from ansible_collections.mailops.tls.plugins.module_utils._grade.subjects import TLS_SUBJECTS
from ansible_collections.mailops.tls.plugins.module_utils._grade.suite_names import iana_name
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_offers import LEVELS
from ansible_collections.mailops.tls.plugins.module_utils._tls.suites import SUITES
from ansible_collections.mailops.tls.tests.policies import sources

ROOT = Path(__file__).parents[5]
ROOM = ROOT / "plugins/module_utils/_grade"
CONSTANTS = '''
CERT_SIGALG_SUFFICIENT = [Oid.RSA_WITH_SHA256, Oid.ECDSA_WITH_SHA384, Oid.ED25519]
CERT_SIGALG_PHASE_OUT = [Oid.RSA_WITH_SHA224]
CERT_RSA_MIN_GOOD_KEY_SIZE = 3072
CERT_RSA_MIN_PHASE_OUT_KEY_SIZE = 2048
CERT_CURVES_GOOD = [ed25519.Ed25519PublicKey]
CERT_EC_CURVES_GOOD = [ec.SECP521R1, ec.BrainpoolP512R1]
CERT_EC_CURVES_PHASE_OUT = [ec.SECP224R1]
FS_EC_GOOD = [Nid.SECP256R1, Nid.brainpoolP384r1, Nid.X25519]
FS_EC_PHASE_OUT = [Nid.SECP224R1]
CIPHERS_GOOD = ["TLS_AES_256_GCM_SHA384"]
CIPHERS_SUFFICIENT = ["TLS_AES_128_GCM_SHA256"]
CIPHERS_PHASE_OUT = ["TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"]
PROTOCOLS_GOOD = [Version.TLS_1_3]
PROTOCOLS_SUFFICIENT = [Version.TLS_1_2]
PROTOCOLS_PHASE_OUT = []
FFDHE_PHASE_OUT_PRIMES = [FFDHE4096_PRIME, FFDHE3072_PRIME]
'''
GUIDELINE = {
    "configurations": {
        "intermediate": {
            "certificate_curves": ["prime256v1"], "certificate_signatures": ["ecdsa-with-SHA256"], "certificate_types": ["ecdsa", "rsa"],
            "ciphers": {"iana": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]}, "ciphersuites": ["TLS_AES_128_GCM_SHA256"],
            "maximum_certificate_lifespan": 366, "rsa_key_size": 2048, "tls_curves": ["X25519MLKEM768", "X25519", "prime256v1"],
            "tls_versions": ["TLSv1.2", "TLSv1.3"],
        },
    },
}  # fmt: skip
SUITES_CSV = """Value,Description,DTLS-OK,Recommended,Reference,Comment
"0x00,0x05",TLS_RSA_WITH_RC4_128_SHA,N,D,[RFC5246],
"0x13,0x01",TLS_AES_128_GCM_SHA256,Y,Y,[RFC8446],
"0x00,0x1C-1D",Reserved to avoid conflicts with SSLv3,,,,
"""
GROUPS_CSV = """Value,Description,DTLS-OK,Recommended,Reference,Comment
21,secp224r1,Y,D,,
29,x25519,Y,Y,,
2570,Reserved,Y,N,,
42-255,Unassigned,,,,
"""
SCHEMES_CSV = (
    "Value,Description,Recommended,Reference,Comment\n0x0401,rsa_pkcs1_sha256,Y,,\n0x0804,rsa_pss_rsae_sha256,Y,,\n"
    "0x0807,ed25519,Y,,\n0x0201,rsa_pkcs1_sha1,N,,\n0x0708,sm2sig_sm3,N,,\n0x0202,Reserved,,,\n"
)


def values(policy: dict[str, Any], item: str) -> dict[str, list[str]]:
    """Return the lists of an item of a made policy."""
    found = next(one for one in policy["items"] if one["id"] == item)
    return {level: list(found[level]) for level in ("good", "sufficient", "phase_out", "insufficient") if level in found}


def test_lists_of_internetnl() -> None:
    policy = sources.ncsc(CONSTANTS)
    assert values(policy, "tls_version") == {"good": ["TLSv1.3"], "sufficient": ["TLSv1.2"]}
    assert values(policy, "certificate_key") == {
        "good": ["RSA>=3072", "secp521r1", "brainpoolP512r1", "Ed25519"], "phase_out": ["RSA>=2048", "secp224r1"],
    }  # fmt: skip
    assert values(policy, "certificate_signature") == {
        "sufficient": ["sha256WithRSAEncryption", "ecdsa-with-SHA384", "ED25519"], "phase_out": ["sha224WithRSAEncryption"],
    }  # fmt: skip
    exchange = values(policy, "key_exchange")
    assert exchange["good"][-4:] == ["secp256r1", "brainpoolP384r1", "x25519", "brainpoolP384r1tls13"]
    assert exchange["phase_out"] == ["secp224r1", "ffdhe3072", "ffdhe4096"]


def test_a_configuration_of_mozilla() -> None:
    policy = sources.mozilla(json.dumps(GUIDELINE), "intermediate")
    assert policy["id"] == "mozilla-6.0-intermediate"
    assert values(policy, "cipher_suites") == {"good": ["TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]}
    assert values(policy, "key_exchange") == {"good": ["X25519MLKEM768", "x25519", "secp256r1"]}
    assert values(policy, "certificate_key") == {"good": ["secp256r1", "RSA>=2048"]}
    assert values(policy, "certificate_lifetime") == {"good": ["days<=366"]}


def test_marks_of_iana() -> None:
    assert sources.iana_suites(SUITES_CSV) == {0x0005: ("TLS_RSA_WITH_RC4_128_SHA", "D"), 0x1301: ("TLS_AES_128_GCM_SHA256", "Y")}
    policy = sources.iana(GROUPS_CSV, SCHEMES_CSV)
    assert values(policy, "key_exchange") == {"good": ["x25519"], "insufficient": ["secp224r1"]}
    assert values(policy, "signature_schemes") == {
        "good": ["RSA-SHA256", "RSA-PSS-SHA256", "Ed25519"], "sufficient": ["RSA-SHA1"],
    }  # fmt: skip


def test_files_are_python_that_says_the_same(tmp_path: Path) -> None:
    both = dict.fromkeys(("intermediate", "modern"), GUIDELINE["configurations"]["intermediate"])
    for name, text in {
        "6.0.json": json.dumps({"configurations": both}),
        "tls_constants.py": CONSTANTS, "tls-parameters-4.csv": SUITES_CSV, "tls-parameters-8.csv": GROUPS_CSV,
        "tls-signaturescheme.csv": SCHEMES_CSV,
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text, encoding="utf-8")
    texts = sources.texts(tmp_path)
    assert sorted(texts) == ["iana_suites.py", "policy_iana.py", "policy_mozilla.py", "policy_ncsc.py"]
    for name, text in texts.items():
        found: dict[str, Any] = {}
        exec(compile(text, name, "exec"), found)
        assert max(map(len, text.splitlines())) <= 160
        kept = (ROOM / name).read_text(encoding="utf-8")
        assert kept.split('"""')[:2] == text.split('"""')[:2], "the head of the file was changed by hand"
        if name == "policy_ncsc.py":
            assert found["NCSC_2025"] == sources.ncsc(CONSTANTS)


@pytest.mark.skipif("POLICY_SOURCES" not in os.environ, reason="writes files, of sources that POLICY_SOURCES names")
def test_write() -> None:
    for name, text in sources.texts(Path(os.environ["POLICY_SOURCES"])).items():
        (ROOM / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_policies_say_where_they_are_from(policy: Policy) -> None:
    if policy.items:
        assert policy.title and policy.version and policy.date and policy.source and policy.licence
    for item in policy.items:
        assert item.reference and item.title and item.fixable_by in ("operator", "ca", "provider")
        assert item.applies in TLS_SUBJECTS or item.applies in CERTIFICATE_SUBJECTS or item.applies == "cipher_order"
        assert len(item.listed) + len(item.bounds) > 0
    assert len({item.id for item in policy.items}) == len(policy.items)


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_every_suite_of_a_policy_is_in_the_registry(policy: Policy) -> None:
    names = {name for name, mark in IANA_SUITES.values()}
    for item in policy.items:
        if item.applies == "cipher_suite":
            assert set(item.listed) <= names
            assert all(mark in ("Y", "N", "D") for name, mark in IANA_SUITES.values())


def test_the_scan_has_the_same_levels() -> None:
    """A scan for a grade asks level by level; were its levels others, its answer would be complete about the wrong ones."""
    suites = next(item for item in POLICIES["ncsc-2025"].items if item.applies == "cipher_suite")
    for level in LEVELS:
        for number in level.suites:
            assert suites.level_of(IANA_SUITES[number][0]).value == level.name, SUITES[number]


def test_every_name_of_openssl_has_one_of_iana() -> None:
    for number, name in SUITES.items():
        assert iana_name(name) == iana_name(f"0x{number:04x}") == IANA_SUITES.get(number, (name, ""))[0]
    assert iana_name("0x13ff") == "0x13ff"
    assert iana_name("no such suite") == "no such suite"


def test_names_of_suites_are_those_of_cryptodatahub() -> None:
    """Another project's table of the same registry (MPL-2.0, on PyPI), where it is there. It mends two names that RFC 6655 turned round."""
    cryptodatahub = pytest.importorskip("cryptodatahub")
    table = json.loads((Path(cryptodatahub.__file__).parent / "tls/cipher-suite.json").read_text(encoding="utf-8"))
    theirs = {one["code"]: one["iana_name"] for one in table.values() if one["iana_name"]}
    both = set(theirs) & set(IANA_SUITES)
    assert len(both) > 300
    ours = {number: IANA_SUITES[number][0].replace("TLS_PSK_DHE_", "TLS_DHE_PSK_") for number in both}
    assert ours == {number: theirs[number] for number in both}
    named = {one["openssl_name"]: one["iana_name"] for one in table.values() if one["openssl_name"] and one["iana_name"]}
    differing = {name: (iana_name(name), iana) for name, iana in named.items() if name in SUITES.values() and iana_name(name) != iana}
    assert differing == {}


@pytest.mark.parametrize(
    ("policy", "item", "value", "level"),
    [
        ("ncsc-2025", "certificate_key", "RSA-4096", Level.GOOD),
        ("ncsc-2025", "certificate_key", "RSA-3072", Level.GOOD),
        ("ncsc-2025", "certificate_key", "RSA-3071", Level.PHASE_OUT),
        ("ncsc-2025", "certificate_key", "RSA-2048", Level.PHASE_OUT),
        ("ncsc-2025", "certificate_key", "RSA-2047", Level.INSUFFICIENT),
        ("ncsc-2025", "certificate_key", "DSA-4096", Level.INSUFFICIENT),
        ("ncsc-2025", "certificate_key", "secp256k1", Level.INSUFFICIENT),
        ("ncsc-2025", "certificate_key", "RSA-99999999999999999999", Level.INSUFFICIENT),
        ("ncsc-2025", "key_exchange", "X25519MLKEM768", Level.GOOD),
        ("ncsc-2025", "key_exchange", "ffdhe3072", Level.PHASE_OUT),
        ("ncsc-2025", "key_exchange", "ffdhe2048", Level.INSUFFICIENT),
        ("ncsc-2025", "key_exchange", "DH-4096", Level.INSUFFICIENT),
        ("ncsc-2025", "cipher_suites", "TLS_AES_128_CCM_8_SHA256", Level.INSUFFICIENT),
        ("ncsc-2025", "certificate_signature", "rsassaPss", Level.INSUFFICIENT),
        ("mozilla-6.0-intermediate", "certificate_lifetime", "days-366", Level.GOOD),
        ("mozilla-6.0-intermediate", "certificate_lifetime", "days-367", Level.INSUFFICIENT),
        ("mozilla-6.0-modern", "certificate_lifetime", "days-91", Level.INSUFFICIENT),
        ("mozilla-6.0-modern", "certificate_key", "RSA-4096", Level.INSUFFICIENT),
        ("iana-recommended", "cipher_suites", "TLS_RSA_WITH_AES_128_GCM_SHA256", Level.INSUFFICIENT),
        ("iana-recommended", "cipher_suites", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", Level.SUFFICIENT),
        ("iana-recommended", "cipher_suites", "TLS_AES_128_GCM_SHA256", Level.GOOD),
        ("iana-recommended", "cipher_suites", "TLS_OF_TOMORROW", Level.NOT_TESTED),
    ],
)
def test_levels_of_values(policy: str, item: str, value: str, level: Level) -> None:
    found = next(one for one in POLICIES[policy].items if one.id == item)
    assert found.level_of(value) is level
