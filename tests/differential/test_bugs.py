# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bugs of posttls-finger that users know, each seen in the real program and shown to be none here.

They are numbered in docs/postfix-semantics.md, section 10.
Not seen but by what the program would do: B2, which needs a newer version to crash, and B3, which needs `-R` of Postfix 3.8.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.tests.differential import differences
from ansible_collections.mailops.tls.tests.differential.engine_side import probe
from ansible_collections.mailops.tls.tests.differential.postfix_side import ask

HERE = Path(__file__).parent
SHOWN = {
    "B1": ("test_bugs", "test_b1_fingerprint_without_fingerprints"),
    "B2": ("test_destinations", "test_lmtp_socket"),
    "B3": ("test_bugs", "test_b3_port_of_the_service_record"),
    "B4": ("test_bugs", "test_b4_dane_only_behind_an_insecure_mx"),
    "B5": ("test_bugs", "test_b5_names_of_another_exchange"),
    "B6": ("test_bugs", "test_b6_original_name_of_an_alias"),
    "B7": ("test_bugs", "test_b7_address_at_secure"),
    "B8": ("test_bugs", "test_b8_no_plaintext_in_place_of_tls"),
    "B9": ("test_sessions", "test_known_is_not_resumed"),
    "B10": ("test_bugs", "test_b10_long_reply_to_ehlo"),
    "B11": ("test_destinations", "test_destination_inet_for_smtp"),
}
"""The bug, and the module and test that show it."""


def ours(destination: str, **options: Any) -> Any:
    """The first endpoint of a destination."""
    return probe(options, [destination])[destination]["endpoints"][0]


@pytest.mark.parametrize("bug", list(SHOWN))
def test_shown(bug: str) -> None:
    """The test is there."""
    module, name = SHOWN[bug]
    tree = ast.parse((HERE / (module + ".py")).read_text(encoding="utf-8"))
    assert name in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("match", [[], ["zz"]])
def test_b1_fingerprint_without_fingerprints(lab: Mapping[str, Any], match: list[str]) -> None:
    """A certificate of the given CA, of any name, is verified by no fingerprint at all."""
    said = ask("-l", "fingerprint", "-F", lab["ca_file"], "no-tlsa.test", *match)
    assert (said.report.status, said.report.matched_fingerprint) == ("verified", None)
    with pytest.raises(OptionError, match="^match: "):
        ours("no-tlsa.test", security_level="fingerprint", ca_file=lab["ca_file"], match=match)


def test_b3_port_of_the_service_record() -> None:
    """TLSA records are those of the port that is connected to."""
    endpoint = ours("srv.test:submission", lookup="srv")
    assert (endpoint["port"], endpoint["tlsa"]["owner"], endpoint["status"]) == (2525, "_2525._tcp.mx.srv.test", "verified")


def test_b4_dane_only_behind_an_insecure_mx() -> None:
    """The program accepts, smtp(8) would not deliver: the word is the program's, the verdict is smtp(8)'s."""
    assert ask("-l", "dane-only", "insecure-mx.test").report.matched
    endpoint = ours("insecure-mx.test", security_level="dane-only")
    assert (endpoint["status"], endpoint["verification"]["effective_level"], endpoint["satisfied"]) == ("trusted", "half-dane", False)


def test_b5_names_of_another_exchange(lab: Mapping[str, Any]) -> None:
    """The names of an exchange that could not be connected are used for the next one."""
    said = ask("-F", lab["ca_file"], "names-of-others.test")
    assert said.report.status in ("untrusted", "trusted") and said.report.verify_failures[0].number == 62
    second = probe({"ca_file": lab["ca_file"]}, ["names-of-others.test"])["names-of-others.test"]["endpoints"][1]
    assert (second["status"], second["verification"]["matched_name"]) == ("verified", "mx.names-of-others.test")


def test_b6_original_name_of_an_alias(lab: Mapping[str, Any]) -> None:
    """RFC 7672 accepts the name that was asked for; Postfix does not. Our verdict is Postfix's, and the difference is told."""
    (case,) = [case for case in lab["cases"] if case["name"] == "host-alias-bracket"]
    assert [one.number for one in ask(case["destination"]).report.verify_failures] == [62]
    endpoint = ours(case["destination"])
    assert (endpoint["satisfied"], endpoint["rfc"]["satisfied"]) == (False, True)
    assert endpoint["rfc"]["differences"]


def test_b7_address_at_secure(lab: Mapping[str, Any]) -> None:
    """An address literal can never be verified at secure, whatever the certificate says; told as a difference, too."""
    (case,) = [case for case in lab["cases"] if case["name"] == "address-certificate"]
    assert ask("-l", "secure", "-F", lab["ca_file"], case["destination"]).report.verify_failures
    endpoint = ours(case["destination"], security_level="secure", ca_file=lab["ca_file"])
    assert (endpoint["satisfied"], endpoint["rfc"]["satisfied"]) == (False, True)


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (("-F", "/nonexistent"), {"ca_file": "/nonexistent"}),
        (("-d", "sha257"), {"fingerprint_digest": "sha257"}),
        (("-k", "/nonexistent"), {"client_certificate": "/nonexistent"}),
    ],
)
def test_b8_no_plaintext_in_place_of_tls(words: tuple[str, ...], options: Mapping[str, Any]) -> None:
    """The program warns and goes on in plaintext, where there are TLSA records; we do not begin."""
    said = ask(*words, "dane-ee.test")
    assert said.report.starttls_offered and said.report.status is None
    assert "> STARTTLS" not in said.report.chat and "> QUIT" in said.report.chat
    with pytest.raises(OptionError, match=f"^{next(iter(options))}: "):
        ours("dane-ee.test", **options)


def test_b8_no_probe_without_the_client_certificate() -> None:
    """With -H the program goes on in TLS, without the certificate that it was to show; we do not begin."""
    assert ask("-H", "/nonexistent", "dane-ee.test").report.status == "verified"
    with pytest.raises(OptionError, match="^client_chain_files: "):
        ours("dane-ee.test", client_chain_files=["/nonexistent"])


def test_b10_long_reply_to_ehlo() -> None:
    """STARTTLS is offered behind the first 2 kB."""
    said = ask("ehlo-long.test")
    assert said.report.starttls_offered and "> STARTTLS" not in said.report.chat
    assert ours("ehlo-long.test")["status"] == "verified"
    assert ("ehlo-long", "dane") in differences.DELIBERATE
