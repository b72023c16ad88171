# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options on trust, TLS and who we are that no case of the test network is about, each by the real program and by ours.

`test_guide` knows which test proves which row of the guide.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.tests.differential import postfix_side
from ansible_collections.mailops.tls.tests.differential.both_sides import NAME, agree, first, ours
from ansible_collections.mailops.tls.tests.differential.comparison import compare
from ansible_collections.mailops.tls.tests.differential.postfix_side import ask


@pytest.mark.parametrize("authority", ["root", "other-root"])
def test_ca_path(lab: Mapping[str, Any], authority: str) -> None:
    """-P: a directory of authorities, with their hashes for names."""
    folder = Path(lab["state"]) / "client" / ("ca-path-" + authority)  # posttls-finger reads it as another user
    folder.mkdir(exist_ok=True)
    (folder / "authority.pem").write_bytes(Path(lab["authorities"][authority]["file"]).read_bytes())
    subprocess.run(["openssl", "rehash", str(folder)], check=True)
    said = ask("-l", "secure", "-P", str(folder), "no-tlsa.test")
    agree(said, ours("no-tlsa.test", security_level="secure", ca_path=str(folder)), "secure")
    assert said.report.status == ("verified" if authority == "root" else "untrusted")


def test_ca_file_unreadable() -> None:
    """posttls-finger goes on without TLS (its bug B8), we do not go on."""
    said = ask("-F", "/nonexistent/ca.pem", "dane-ee.test")
    assert said.report.tls_disabled and said.report.status is None and said.report.starttls_offered
    with pytest.raises(OptionError, match="^ca_file: "):
        ours("dane-ee.test", ca_file="/nonexistent/ca.pem")


@pytest.mark.parametrize("level", ["encrypt", "dane"])
@pytest.mark.parametrize("grade", ["high", "medium", "low", "export"])
def test_cipher_grade(grade: str, level: str) -> None:
    """-g: what is negotiated with each grade."""
    for destination in ("dane-ee.test", "tls12-only.test", "rsa.test"):
        agree(ask("-g", grade, "-l", level, destination), ours(destination, cipher_grade=grade, security_level=level), level)


def test_cipher_grade_null() -> None:
    """No encryption wanted: a server of our days refuses; we refuse at once, TLS 1.3 included, which knows no such thing."""
    assert ask("-g", "null", "tls12-only.test").report.tls_errors
    with pytest.raises(OptionError, match="^cipher_grade: "):
        ours("tls12-only.test", cipher_grade="null")
    assert 'invalid cipher grade: "bogus"' in ask("-g", "bogus", "dane-ee.test").output
    with pytest.raises(ValueError, match="cipher_grade"):
        ours("dane-ee.test", cipher_grade="bogus")


PROTOCOLS = [
    ">=TLSv1", ">=TLSv1.2", ">=TLSv1.3", "<=TLSv1.2", ">=TLSv1.2 <=TLSv1.2", ">=TLSv1.1,<=TLSv1.2", "!TLSv1.3", "!TLSv1, !TLSv1.1",
    "TLSv1.2", "TLSv1.3:TLSv1.2", "tlsv1.3", ">=0x0304", ">=0303", "<=0303", ">=", ">=none", ">=TLSv1.3 >=TLSv1.2 <=TLSv1.2",
    "!SSLv2 !SSLv3 !TLSv1.3", ">=SSLv3", "TLSv1.2 !TLSv1.2 TLSv1.3",
]  # fmt: skip


@pytest.mark.parametrize("protocols", PROTOCOLS)
def test_protocols(protocols: str) -> None:
    """-p: every form of the list, with servers of different versions."""
    for destination in ("dane-ee.test", "tls12-only.test", "tls13-only.test"):
        agree(ask("-p", protocols, destination), ours(destination, tls_protocols=protocols))


@pytest.mark.parametrize("protocols", [">=1.2", "TLSv9", ">=SSLv2", "!TLSv1.4", "=TLSv1.2", "TLSv1.2;TLSv1.3"])
def test_protocols_invalid(protocols: str) -> None:
    """posttls-finger does no handshake then, we do nothing at all."""
    assert "Invalid TLS protocol list" in ask("-p", protocols, "dane-ee.test").output
    with pytest.raises(OptionError, match="^tls_protocols: "):
        ours("dane-ee.test", tls_protocols=protocols)


@pytest.mark.parametrize("level", ["encrypt", "secure"])
@pytest.mark.parametrize("name", ["hostname", "nexthop", "alt.sni.test", "sni.test", "mx.sni.test", "elsewhere.test"])
def test_sni(lab: Mapping[str, Any], name: str, level: str) -> None:
    """-s: the server shows another certificate to some names, so that what it saw can be told from what it shows."""
    said = ask("-s", name, "-l", level, "-F", lab["ca_file"], "sni.test")
    result = ours("sni.test", sni=name, security_level=level, ca_file=lab["ca_file"])
    differing = {item.name for item in compare(said.report, result, level) if not item.agrees}
    assert differing <= {"status"}, said.output  # the word for a name mismatch, see `differences`
    sent = {"hostname": "mx.sni.test", "nexthop": "sni.test"}.get(name, name)
    assert result["endpoints"][0]["tls"]["sni"] == sent


def test_raw_public_keys() -> None:
    """-x came with Postfix 3.9; ours says that it cannot be done, and nothing is probed."""
    known = postfix_side.version() >= (3, 9)
    assert ("invalid option" in ask("-x", "dane-ee.test").output) is not known
    with pytest.raises(OptionError, match="^raw_public_keys: "):
        ours("dane-ee.test", raw_public_keys=True)


CLIENTS = [
    ("-H", ["-H", "{client_chain}"], {"client_chain_files": ["{client_chain}"]}),
    (
        "-k -K",
        ["-k", "{client_certificate}", "-K", "{client_key}"],
        {"client_certificate": "{client_certificate}", "client_key": "{client_key}"},
    ),
    ("-k", ["-k", "{client_chain}"], {"client_certificate": "{client_chain}"}),
    ("none", [], {}),
]
SEEN = re.compile(r"subject_CN=(?P<name>[^,]*), issuer(?:_CN)?=(?P<issuer>[^,]*),|No client certificate presented")


def seen_since(log: Path, offset: int) -> list[tuple[str | None, str | None]]:
    """The clients' certificates that servers logged behind an offset, once each connection is closed."""
    until = time.monotonic() + 600
    while True:
        text = log.read_text(encoding="utf-8")[offset:]
        if "disconnect from" in text or time.monotonic() > until:
            return [(found["name"], found["issuer"]) for found in SEEN.finditer(text)]
        time.sleep(0.1)


@pytest.mark.parametrize(("form", "words", "options"), CLIENTS, ids=[one[0] for one in CLIENTS])
def test_client_certificate(lab: Mapping[str, Any], form: str, words: Sequence[str], options: Mapping[str, Any]) -> None:
    """What a server that insists on a certificate saw of ours, by its log."""
    log = Path(lab["logs"]["postfix"])
    filled = {
        name: [one.format(**lab) for one in value] if isinstance(value, list) else value.format(**lab) for name, value in options.items()
    }
    before = len(log.read_text(encoding="utf-8"))
    said = ask(*(word.format(**lab) for word in words), "client-certificate.test")
    theirs = seen_since(log, before)
    between = len(log.read_text(encoding="utf-8"))
    endpoint = first("client-certificate.test", **filled)
    mine = seen_since(log, between)
    assert mine == theirs == [("client", "Inter") if words else (None, None)]
    if words:
        assert (said.report.status, said.report.rejection) == ("verified", None)
        assert (endpoint["status"], endpoint["error"]) == ("verified", None)
    else:
        assert said.report.rejection is not None and said.report.rejection.command == "EHLO"
        assert (endpoint["error"]["kind"], endpoint["error"]["phase"]) == ("rejected", "ehlo_tls")


def test_client_certificate_unusable(lab: Mapping[str, Any]) -> None:
    """posttls-finger goes on without TLS (its bug B8), we do not go on."""
    assert ask("-k", lab["client_certificate"], "-K", "/nonexistent/key.pem", "dane-ee.test").report.tls_disabled
    with pytest.raises(OptionError, match="^client_key: "):
        ours("dane-ee.test", client_certificate=lab["client_certificate"], client_key="/nonexistent/key.pem")


def test_ehlo_name() -> None:
    """-o myhostname: what EHLO says, before and in TLS."""
    chat = ask("-o", "myhostname=" + NAME, "dane-ee.test").report.chat
    lines = first("dane-ee.test", ehlo_name=NAME, transcript=True)["transcript"]
    said = [line["text"] for line in lines if line["text"].startswith("EHLO")]
    assert said == [line[2:] for line in chat if line.startswith("> EHLO")] == ["EHLO " + NAME] * 2


@pytest.mark.parametrize("level", ["halfdane", "half-dane", "bogus"])
def test_level_unknown(level: str) -> None:
    """-l: words that are no level."""
    assert ask("-l", level, "dane-ee.test").report.fatal is not None
    with pytest.raises(ValueError, match="security_level"):
        ours("dane-ee.test", security_level=level)
