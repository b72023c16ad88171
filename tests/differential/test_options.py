# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of posttls-finger that no case of the test network is about, each by the real program and by ours.

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
from ansible_collections.mailops.tls.tests.differential.comparison import compare
from ansible_collections.mailops.tls.tests.differential.engine_side import probe
from ansible_collections.mailops.tls.tests.differential.postfix_side import Said, ask
from ansible_collections.mailops.tls.tests.pace import patient

Result = Mapping[str, Any]
NAME = "probe.lab.test"


def ours(destination: str, **options: Any) -> Any:
    """What the engine says of one destination."""
    return probe(options, [destination])[destination]


def first(destination: str, **options: Any) -> Any:
    """The first endpoint of one destination."""
    return ours(destination, **options)["endpoints"][0]


def agree(said: Said, result: Result, level: str = "dane") -> None:
    """Both sides tell the same, item by item."""
    assert not said.report.tls_disabled, said.output
    items = compare(said.report, result, level)
    assert len(items) > 2
    assert [item for item in items if not item.agrees] == [], said.output


def plain(fingerprint: str | None) -> str | None:
    """A fingerprint as we write it."""
    return fingerprint.replace(":", "").lower() if fingerprint else None


def listener(lab: Mapping[str, Any], case: str, number: int = 0) -> Any:
    """A listener of a case."""
    return next(one for one in lab["cases"] if one["name"] == case)["listeners"][number]


# --- destination, -a, match -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "options"),
    [("[%s]", []), ("[%s]:25", []), ("[%s]:smtp", []), ("%s:25", []), ("%s", []), ("[%s]:00025", []), ("inet:[%s]:25", ["-S"])],
)
def test_destination_forms(lab: Mapping[str, Any], form: str, options: Sequence[str]) -> None:
    """What may be written for one and the same server."""
    destination = form % listener(lab, "dane-ee")["address"]
    protocol = "lmtp" if "-S" in options else "smtp"  # it is no LMTP server, and says so
    agree(ask("-l", "encrypt", *options, destination), ours(destination, protocol=protocol, security_level="encrypt"), "encrypt")


def test_destination_ipv6(lab: Mapping[str, Any]) -> None:
    """Addresses of IPv6, with and without their prefix."""
    for destination in ("[ipv6:%s]", "[IPv6:%s]:25", "[%s]"):
        text = destination % listener(lab, "both-families-ipv6", 1)["address"]
        agree(ask("-l", "encrypt", text), ours(text, security_level="encrypt"), "encrypt")


@pytest.mark.parametrize(
    "destination",
    ["[dane-ee.test", "[dane-ee.test]x", "[ipv6:127.0.0.1]", "dane-ee.test:25x", "dane-ee.test:0", "1.2.3",
     "dane-ee.test:no-such-service", "dane-ee.test:65536", "-dane.test", "dane..test", "[]"],
)  # fmt: skip
def test_destination_errors(destination: str) -> None:
    """What neither side takes; posttls-finger's reason is part of ours, where it has one for the place."""
    fatal = ask("--", destination).report.fatal
    assert fatal is not None
    with pytest.raises(OptionError) as caught:
        ours(destination)
    assert caught.value.option == "destinations"
    assert re.sub(" (?:in server description|for destination): .*", "", fatal) in str(caught.value)


@pytest.mark.parametrize(("destination", "instead"), [("dane-ee.test.", "dane-ee.test"), ("::1", "[::1]")])
def test_destinations_that_are_nearly_right(destination: str, instead: str) -> None:
    """What neither side takes, where we say what to write; posttls-finger takes that too."""
    assert ask("--", destination).report.fatal is not None
    with pytest.raises(OptionError, match=re.escape(f"write {instead} in place of it")):
        ours(destination)
    assert ask("--", instead).report.fatal is None


def test_destination_inet_for_smtp() -> None:
    """The manual page promises it, the program fails (its bug B11); we keep the promise."""
    assert ask("inet:dane-ee.test").report.fatal == "unknown service: dane-ee.test/tcp"
    agree(ask("dane-ee.test"), ours("inet:dane-ee.test"))


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_address_family(family: str) -> None:
    """-a: the family that is connected to first."""
    said = ask("-a", family, "both-families.test")
    assert said.report.connected is not None
    assert said.report.connected[1] == first("both-families.test", address_family=family)["address"]
    assert (":" in said.report.connected[1]) == (family == "ipv6")


MATCHES = ["hostname", "nexthop", "dot-nexthop", "mx.no-tlsa.test", ".no-tlsa.test", "other.test", "NEXTHOP", "*.no-tlsa.test"]


@pytest.mark.parametrize("level", ["verify", "secure"])
def test_match(lab: Mapping[str, Any], level: str) -> None:
    """The words to match, one by one and in pairs."""
    ca = lab["ca_file"]
    for match in [*([one] for one in MATCHES), ["other.test", "hostname"]]:
        said = ask("-l", level, "-F", ca, "no-tlsa.test", *match)
        result = ours("no-tlsa.test", security_level=level, ca_file=ca, match=match)
        differing = [item.values for item in compare(said.report, result, level) if not item.agrees]
        assert differing in ([], [("untrusted", "trusted")]), said.output  # the word for a name mismatch, see `differences`


# --- what is shown: -c, -C, -d ------------------------------------------------------------------------------------------


CHATS = ["dane-ee.test", "no-starttls.test", "starttls-454.test", "greeting-554.test", "inet:lmtp.test", "not-smtp.test"]


@pytest.mark.parametrize("destination", CHATS)
def test_chat(destination: str) -> None:
    """-c: the chat is our transcript, line by line, but for the reply to QUIT, which we do not wait for."""
    lmtp = ["-S"] if "lmtp" in destination else []
    chat = list(ask(*lmtp, "-o", "myhostname=" + NAME, destination).report.chat)
    endpoint = first(destination, transcript=True, ehlo_name=NAME, protocol="lmtp" if lmtp else "smtp")
    if "> QUIT" in chat:
        chat = chat[: chat.index("> QUIT") + 1]
    transcript = [f"{line['direction']} {line['text']}" for line in endpoint["transcript"]]
    assert transcript == chat
    assert ask("-c", *lmtp, destination).report.chat == ()
    assert "transcript" not in first(destination, protocol="lmtp" if lmtp else "smtp")


def test_chat_helo() -> None:
    """A server without ESMTP: posttls-finger gives up, we go on with HELO as smtp(8) does."""
    chat = list(ask("-o", "myhostname=" + NAME, "ehlo-502.test").report.chat)
    endpoint = first("ehlo-502.test", transcript=True, ehlo_name=NAME)
    transcript = [f"{line['direction']} {line['text']}" for line in endpoint["transcript"]]
    assert transcript == [*chat, "> HELO " + NAME, "< 250 scripted.lab.test", "> QUIT"]


DUMPED = re.compile(
    r"(?P<at>[ \d]\d) subject: (?P<subject>.*)\n    issuer: (?P<issuer>.*)\n"
    r"   cert digest=(?P<certificate>.*)\n   pkey digest=(?P<key>.*)\n"
    r"(?P<pem>-----BEGIN CERTIFICATE-----\n(?:.*\n)+?-----END CERTIFICATE-----\n)"
)


@pytest.mark.parametrize("destination", ["dane-ee.test", "dane-ta-deep.test", "dane-ta-surplus.test", "rsa.test", "self-signed.test"])
@pytest.mark.parametrize("digest", ["sha256", "sha1"])
def test_chain_dump(destination: str, digest: str) -> None:
    """-C: every certificate as it was sent, its names, digests and PEM."""
    dumped = list(DUMPED.finditer(ask("-cC", "-L", "none", "-d", digest, destination).output))
    chain = first(destination, include_pem=True, fingerprint_digest=digest)["chain"]
    assert dumped and len(dumped) == len(chain)
    for found, certificate in zip(dumped, chain):
        assert found["pem"].strip() == certificate["pem"].strip()
        assert plain(found["certificate"]) == certificate["fingerprints"]["certificate"][digest]
        assert plain(found["key"]) == certificate["fingerprints"]["public_key"][digest]
        assert found["subject"] == "/" + certificate["subject"]
        assert found["issuer"] == "/" + certificate["issuer"]


@pytest.mark.parametrize("digest", ["sha256", "sha1", "sha512", "sha384", "sha224", "md5", "sha3-256"])
def test_fingerprint_digest(digest: str) -> None:
    """-d: the digest of the fingerprints that are shown, and of those to match."""
    said = ask("-d", digest, "dane-ee.test")
    shown = first("dane-ee.test", fingerprint_digest=digest)["chain"][0]["fingerprints"]
    assert [plain(said.report.certificate_fingerprint)] == list(shown["certificate"].values())
    assert [plain(said.report.public_key_fingerprint)] == list(shown["public_key"].values())
    for match in (said.report.certificate_fingerprint, said.report.public_key_fingerprint):
        assert match is not None
        matched = ask("-l", "fingerprint", "-d", digest, "dane-ee.test", match)
        endpoint = first("dane-ee.test", security_level="fingerprint", fingerprint_digest=digest, match=[match])
        assert (matched.report.status, matched.report.matched_fingerprint) == ("verified", match.replace(":", ""))
        assert (endpoint["status"], endpoint["verification"]["matched"]) == ("verified", True)


def test_fingerprint_digest_unknown() -> None:
    """posttls-finger goes on without TLS (its bug B8), we do not go on."""
    assert ask("-d", "sha257", "dane-ee.test").report.tls_disabled
    with pytest.raises(OptionError, match="^fingerprint_digest: "):
        ours("dane-ee.test", fingerprint_digest="sha257")


# --- what is trusted: -F, -P ----------------------------------------------------------------------------------------------


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


# --- TLS: -g, -p, -s, -x ----------------------------------------------------------------------------------------------------


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


# --- who we are: -H, -k, -K, -o ------------------------------------------------------------------------------------------------


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
    until = time.monotonic() + 10
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


def test_host_lookup_unknown() -> None:
    """-h: words that are no way to look up."""
    assert ask("-h", "nis", "dane-ee.test").report.fatal is not None
    with pytest.raises(ValueError, match="host_lookup"):
        ours("dane-ee.test", host_lookup=["nis"])


# --- LMTP: -S ---------------------------------------------------------------------------------------------------------------------


def test_lmtp_socket(lab: Mapping[str, Any]) -> None:
    """A unix-domain socket of Dovecot. posttls-finger says nothing up to patch levels of mid-2026, or crashes (its bug B2)."""
    destination = "unix:" + lab["lmtp_socket"]
    assert ask("-S", "-l", "secure", destination).report.status is None
    for level, status in (("may", "trusted"), ("encrypt", "trusted"), ("dane", "trusted"), ("secure", "trusted")):
        endpoint = first(destination, protocol="lmtp", security_level=level, ca_file=lab["ca_file"], transcript=True)
        assert (endpoint["status"], endpoint["error"], endpoint["satisfied"]) == (status, None, level in ("may", "encrypt"))
        assert [line["text"].split()[0] for line in endpoint["transcript"] if line["direction"] == ">"] == [
            "LHLO",
            "STARTTLS",
            "LHLO",
            "QUIT",
        ]
        tls = first("inet:lmtp.test", protocol="lmtp", security_level=level)
        assert endpoint["chain"] == tls["chain"] and endpoint["tls"]["protocol"] == tls["tls"]["protocol"]
    named = first(destination, protocol="lmtp", security_level="verify", ca_file=lab["ca_file"], match=["lmtp.test"])
    assert (named["status"], named["satisfied"]) == ("verified", True)


# --- time: -t, -T ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letter", "option", "destination"),
    [
        ("-t", "connect_timeout", "silent.test"),
        ("-t", "connect_timeout", "connect-timeout.test"),
        ("-T", "command_timeout", "starttls-hang.test"),
    ],
)
def test_timeouts(letter: str, option: str, destination: str) -> None:
    """Both wait as long as they are told, and end for the same reason."""
    spent = []
    start = time.monotonic()
    said = ask(letter, "2", destination)
    spent.append(time.monotonic() - start)
    start = time.monotonic()
    result = ours(destination, **{option: 2})
    spent.append(time.monotonic() - start)
    assert all(2 <= seconds < patient(8) for seconds in spent), spent
    differing = [item for item in compare(said.report, result, "dane") if not item.agrees]
    assert differing == [], said.output
