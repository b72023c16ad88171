# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every mistake in an option is an error that names the option and the value, before anything is probed."""

from __future__ import annotations

import math
import platform
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.destinations import read_destination
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.options import ProbeOptions, smtp_options
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.scans import ScanSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import HostLookup
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import Exchanges, ProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._tls.protocols import ProtocolRange
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import ScanMode
from ansible_collections.mailops.tls.tests.unit.makers.certificates import hierarchy

SHA256 = "AB:" * 31 + "cd"


def options(**changes: Any) -> ProbeOptions:
    """Return the options of a task with these parameters, all others as the argument specification leaves them."""
    params: dict[str, Any] = {name: spec.get("default") for name, spec in smtp_arguments().items()}
    assert set(changes) <= set(params)
    return smtp_options({**params, "destinations": ["example.com"], **changes})


def test_the_defaults_are_those_of_posttls_finger_but_for_all_exchanges() -> None:
    made = options()
    assert made.texts == ("example.com",)
    assert (made.settings.security_level, made.settings.exchanges) == (SecurityLevel.DANE, Exchanges.ALL)
    assert made.turns.limits == TimeLimits(30, 30, 120)
    assert made.tls.protocols == ProtocolRange(0x0301, None)
    assert (made.tls.cipher_grade, made.tls.ca_file, made.tls.system_ca) == ("medium", None, False)
    assert (made.settings.match, made.settings.fingerprints, made.settings.fingerprint_digest) == ((), (), "sha256")
    assert (made.settings.dane_digests, made.settings.insecure_mx_policy.value) == (("sha512", "sha256"), "dane")
    assert (made.settings.host_lookup, made.settings.address_family.value, made.settings.lookup.value) == ((HostLookup.DNS,), "any", "mx")
    assert (made.settings.dialogue.lmtp, made.settings.tls_mode) == (False, TlsMode.STARTTLS)
    assert (made.dns.nameservers, made.dns.trust_ad.value, made.expect, made.warnings) == ((), "auto", None, ())
    assert (made.results_file, made.resume, made.turns.reconnect_delay) == (None, False, None)


def test_settings_are_by_themselves_what_they_are_by_default_in_a_task() -> None:
    made = options(ehlo_name="probe.example.net")
    assert made.settings == ProbeSettings(dialogue=SmtpSettings("probe.example.net", transcript=False))
    assert (made.turns, made.detail) == (ProberSettings(), Detail())


def test_what_is_given_arrives() -> None:
    made = options(
        destinations=["a.example", "[mx.b.example]:2525"],
        security_level="fingerprint",
        match=[SHA256, SHA256.replace(":", "").lower()],
        exchanges="first",
        host_lookup=["native", "dns"],
        ehlo_name="probe.example.net",
        connect_timeout=1.5,
        command_timeout=2.5,
        deadline=3.5,
        tls_mode="implicit",
        sni="nexthop",
        nameservers=["127.0.0.1@5353"],
        results_file="out.jsonl",
        resume=True,
        expect={"status": "verified"},
    )
    assert made.texts == ("a.example", "[mx.b.example]:2525")
    assert made.settings.fingerprints == (bytes.fromhex("ab" * 31 + "cd"),) * 2 and made.settings.match == ()
    assert made.settings.host_lookup == (HostLookup.NATIVE, HostLookup.DNS) and made.settings.exchanges is Exchanges.FIRST
    assert made.turns.limits == TimeLimits(1.5, 2.5, 3.5)
    assert (made.settings.dialogue.ehlo_name, made.settings.tls_mode) == ("probe.example.net", TlsMode.IMPLICIT)
    assert made.settings.sni == "nexthop"
    assert made.dns.nameservers[0].port == 5353 and (made.results_file, made.resume) == ("out.jsonl", True)
    assert made.expect is not None and made.expect.wanted == {"status": "verified"}


def test_lmtp() -> None:
    made = options(protocol="lmtp", destinations=["mx.example.com", "unix:/run/lmtp"])
    assert made.settings.dialogue.lmtp
    read = [read_destination(text, made.protocol) for text in made.texts]
    assert [(one.port, one.unix_path) for one in read if isinstance(one, Destination)] == [(24, None), (0, "/run/lmtp")]


@pytest.mark.parametrize("name", ["probe.example.net", "probe", "a_b.example", "[192.0.2.1]", "[IPv6:2001:db8::1]"])
def test_names_for_ehlo(name: str) -> None:
    assert options(ehlo_name=name).settings.dialogue.ehlo_name == name


@pytest.mark.parametrize(
    ("node", "name"),
    [
        ("mx.example.com", "mx.example.com"),
        ("mx", "mx.localdomain"),
        ("", "localhost.localdomain"),
        ("bad name", "localhost.localdomain"),
        ("mx.example.com\n", "localhost.localdomain"),
        ("m\u00e4x.example", "localhost.localdomain"),
    ],
)
def test_without_a_name_for_ehlo_it_is_the_machine_s_own(monkeypatch: pytest.MonkeyPatch, node: str, name: str) -> None:
    monkeypatch.setattr(platform, "node", lambda: node)
    assert options().settings.dialogue.ehlo_name == name


@pytest.mark.parametrize("digest", ["SHA-256", "sha256", "Sha256"])
def test_digests_go_by_any_spelling(digest: str) -> None:
    made = options(security_level="fingerprint", match=[SHA256], fingerprint_digest=digest)
    assert (made.settings.fingerprint_digest, len(made.settings.fingerprints)) == ("sha256", 1)


def test_trust_anchor_files(tmp_path: Path) -> None:
    path = tmp_path / "anchor.pem"
    path.write_bytes(hierarchy().root.pem)
    made = options(security_level="secure", trust_anchor_files=[str(path)])
    assert sorted(one.usage for one in made.settings.trust_anchors) == [2, 3] and made.warnings == ()


def test_kinds_of_keys_are_named_once_in_their_order() -> None:
    assert options().tls.key_algorithms == (KeyRequest.ANY,)
    assert options(key_algorithms=["ecdsa", "rsa", "ecdsa"]).tls.key_algorithms == (KeyRequest.ECDSA, KeyRequest.RSA)


def test_kinds_of_keys_have_no_effect_without_a_handshake() -> None:
    (warning,) = options(security_level="none", key_algorithms=["rsa"]).warnings
    assert "key_algorithms" in warning
    assert options(security_level="none").warnings == ()


def test_scans() -> None:
    assert options().turns.scan is None
    assert options(scan="grade").turns.scan == ScanSettings(ScanMode.GRADE, 0.5, 300)
    assert options(scan="full", scan_interval=0.0, scan_deadline=20.0).turns.scan == ScanSettings(ScanMode.FULL, 0.0, 20.0)
    (warning,) = options(scan="grade", security_level="none").warnings
    assert "scan looks at implicit TLS only" in warning
    assert not options(scan="grade").warnings


@pytest.mark.parametrize("level", ["none", "may", "encrypt"])
def test_match_arguments_without_effect_are_a_warning(level: str) -> None:
    (warning,) = options(security_level=level, match=["mx.example.com"]).warnings
    assert level in warning and "match" in warning


@pytest.mark.parametrize("level", ["dane", "encrypt", "fingerprint"])
def test_trust_anchor_files_without_effect_are_a_warning(tmp_path: Path, level: str) -> None:
    path = tmp_path / "anchor.pem"
    path.write_bytes(hierarchy().root.pem)
    match = [SHA256] if level == "fingerprint" else None
    (warning,) = options(security_level=level, trust_anchor_files=[str(path)], match=match).warnings
    assert "trust_anchor_files" in warning


MISTAKES: list[tuple[dict[str, Any], str, Any]] = [
    ({"key_algorithms": []}, "key_algorithms", []),
    ({"destinations": []}, "destinations", []),
    ({"destinations": ["[mx"]}, "destinations", "[mx"),
    ({"destinations": ["example.com:0"]}, "destinations", "example.com:0"),
    ({"destinations": ["unix:/run/lmtp"]}, "destinations", "unix:/run/lmtp"),
    ({"ehlo_name": ""}, "ehlo_name", ""),
    ({"ehlo_name": "a b"}, "ehlo_name", "a b"),
    ({"ehlo_name": "a.example\r\nRSET"}, "ehlo_name", "a.example\r\nRSET"),
    ({"ehlo_name": "a.example\n"}, "ehlo_name", "a.example\n"),
    ({"ehlo_name": "[192.0.2.1]\n"}, "ehlo_name", "[192.0.2.1]\n"),
    ({"ehlo_name": "m\u00e4x.example"}, "ehlo_name", "m\u00e4x.example"),
    ({"ehlo_name": "a" * 64 + ".example"}, "ehlo_name", "a" * 64 + ".example"),
    ({"ehlo_name": "a." * 127 + "example"}, "ehlo_name", "a." * 127 + "example"),
    ({"sni": ""}, "sni", ""),
    ({"sni": "mx.example.com\n"}, "sni", "mx.example.com\n"),
    ({"sni": "mx..example"}, "sni", "mx..example"),
    ({"connect_timeout": 0}, "connect_timeout", 0),
    ({"connect_timeout": -1.5}, "connect_timeout", -1.5),
    ({"command_timeout": 86401}, "command_timeout", 86401),
    ({"deadline": math.inf}, "deadline", math.inf),
    ({"concurrency": 0}, "concurrency", 0),
    ({"concurrency": 10001}, "concurrency", 10001),
    ({"per_address_limit": 0}, "per_address_limit", 0),
    ({"scan_interval": -1.0}, "scan_interval", -1.0),
    ({"scan_interval": float("inf"), "scan": "full"}, "scan_interval", float("inf")),
    ({"scan_deadline": 0.0}, "scan_deadline", 0.0),
    ({"reconnect_delay": 0}, "reconnect_delay", 0),
    ({"reconnect_delay": -1}, "reconnect_delay", -1),
    ({"reconnect_max": 0}, "reconnect_max", 0),
    ({"resume": True}, "resume", True),
    ({"tls_mode": "implicit", "security_level": "none"}, "tls_mode", "implicit"),
    ({"tls_protocols": "TLSv9"}, "tls_protocols", "TLSv9"),
    ({"tls_protocols": "<=TLSv1.1 >=TLSv1.2"}, "tls_protocols", "<=TLSv1.1 >=TLSv1.2"),
    ({"security_level": "fingerprint"}, "match", []),
    ({"security_level": "fingerprint", "match": ["mx.example.com"]}, "match", "mx.example.com"),
    ({"security_level": "fingerprint", "match": ["ab:cd"]}, "match", "ab:cd"),
    ({"security_level": "fingerprint", "match": [SHA256], "fingerprint_digest": "sha9"}, "fingerprint_digest", "sha9"),
    ({"security_level": "secure", "match": ["."]}, "match", "."),
    ({"security_level": "dane", "match": [""]}, "match", ""),
    ({"fingerprint_digest": "shake_128"}, "fingerprint_digest", "shake_128"),
    ({"dane_digests": ["sha256", "md5"]}, "dane_digests", "md5"),
    ({"dane_digests": ["sha384=1"]}, "dane_digests", "sha384=1"),
    ({"trust_anchor_files": ["/nonexistent/anchor.pem"]}, "trust_anchor_files", "/nonexistent/anchor.pem"),
    ({"nameservers": ["resolver.example"]}, "nameservers", "resolver.example"),
    ({"nameservers": ["127.0.0.1@0"]}, "nameservers", "127.0.0.1@0"),
    ({"expect": {}}, "expect", {}),
    ({"expect": {"statsu": "verified"}}, "expect", "statsu"),
]


@pytest.mark.parametrize(("changes", "option", "value"), MISTAKES, ids=repr)
def test_a_mistake_names_the_option_and_the_value(changes: dict[str, Any], option: str, value: Any) -> None:
    with pytest.raises(OptionError) as caught:
        options(**changes)
    assert (caught.value.option, caught.value.value) == (option, value)
    assert str(caught.value) == f"{option}: {value!r} {caught.value.reason}"


def test_time_that_is_no_number_is_refused() -> None:
    with pytest.raises(OptionError) as caught:
        options(deadline=math.nan)
    assert caught.value.option == "deadline"


def test_a_trust_anchor_file_without_anchors_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.pem"
    path.write_bytes(b"nothing")
    with pytest.raises(OptionError) as caught:
        options(security_level="secure", trust_anchor_files=[str(path)])
    assert (caught.value.option, caught.value.value) == ("trust_anchor_files", str(path))
