# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is shown of a session: the chat, the chain and fingerprints (-c, -C, -d), by the real program and by ours."""

from __future__ import annotations

import re

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.tests.differential.both_sides import NAME, first, ours, plain
from ansible_collections.mailops.tls.tests.differential.postfix_side import ask

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
