# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of `report` against those of posttls-finger -L: each word turns the same lines on, and they say the same.

Compared are the lines that report results; what posttls-finger tells of its work at the higher levels has no counterpart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.mailops.tls.tests.differential.engine_side import facts
from ansible_collections.mailops.tls.tests.differential.postfix_side import ask
from ansible_collections.mailops.tls.tests.lab import posttls_finger as lines

RESULTS = {
    "summary": lines.SUMMARY,
    "certificate": lines.CERT_38,
    "name": lines.PEERNAME,
    "matched": lines.MATCH_DANE,
    "fingerprint": lines.MATCH_FPT,
    "finding": lines.VFY_FAIL,
    "unusable": lines.UNUSABLE,
    "dropped": lines.TLSA_DROP,
    "record": lines.TLSA_RR,
    "anonymous": lines.ANONYMOUS,
}
SITUATIONS = [
    ("dane", "dane-ee.test"),
    ("dane", "dane-ta.test"),
    ("dane", "dane-ta-bare-key.test"),
    ("dane", "dane-ee-mismatch.test"),
    ("dane", "unusable-short-digest.test"),
    ("dane", "usage-1-only.test"),
    ("dane", "tls12-only.test"),
    ("dane", "ed25519.test"),
    ("dane", "rsa.test"),
    ("encrypt", "dane-ta.test"),
    ("may", "anonymous.test"),
    ("secure", "no-tlsa.test"),
    ("secure", "expired-leaf.test"),
    ("secure", "self-signed.test"),
]
WORDS = {
    "none": [],
    "0": [],
    "summary": ["summary"],
    "routine": ["summary"],
    "1": ["summary"],
    "certmatch": ["certmatch"],
    "peercert": ["peercert", "certmatch"],  # which posttls-finger has in it
    "untrusted": ["untrusted"],
    "cache": ["cache"],
    "routine,certmatch": ["summary", "certmatch"],
}
TLS13_ONLY = ("kex", "kexd", "sig", "sigd", "sdig")
UNCONDITIONAL = ("unusable", "dropped")
"""Warnings, which posttls-finger prints whatever -L says; ours are with the matching of certificates."""


def told(texts: Sequence[str]) -> set[tuple[Any, ...]]:
    """The results in lines of either side: their kind and their parts, groups and signatures spelled alike."""
    found = set()
    for text in texts:
        bare = text.replace("issuer=", "issuer_CN=").replace("cert fingerprint=", "fingerprint=")
        bare = bare.replace("pkey fingerprint=", "pkey_fingerprint=")
        for kind, pattern in RESULTS.items():
            match = pattern.match(bare)
            if match:
                parts = {name: value.lower() if name in ("kex", "sig") and value else value for name, value in match.groupdict().items()}
                if kind == "summary" and parts["proto"] != "TLSv1.3":
                    parts.update(dict.fromkeys(TLS13_ONLY))  # we tell them of older versions too
                found.add((kind, *parts.items()))
    return found


def theirs(*words: str) -> set[tuple[Any, ...]]:
    """What posttls-finger tells."""
    output = ask("-c", *words).output
    return told([match["text"] for match in map(lines.PREFIX.match, output.splitlines()) if match])


def ours(destination: str, level: str, detail: Sequence[str]) -> set[tuple[Any, ...]]:
    """What the report tells; it begins with a line of our own."""
    report = facts({"security_level": level, "report_detail": list(detail)}, [destination])["report"]
    assert report[0].startswith(destination + ": ")
    return told(report)


@pytest.mark.parametrize("word", list(WORDS))
def test_detail(word: str) -> None:
    """-L: each word turns the same lines on."""
    for level, destination in SITUATIONS:
        expected = theirs("-L", word, "-l", level, destination)
        found = ours(destination, level, WORDS[word])
        if "certmatch" not in word:
            expected, found = ({one for one in each if one[0] not in UNCONDITIONAL} for each in (expected, found))
        if word in ("none", "0", "cache", "certmatch", "peercert", "untrusted"):
            expected = {one for one in expected if one[0] != "anonymous"}  # told whatever -L says; part of our summary
        assert found == expected, (level, destination)


def test_verbose() -> None:
    """-L verbose: the records and all about certificates; with -v the warnings of DNS too."""
    for level, destination in SITUATIONS:
        expected = {one for one in theirs("-L", "verbose", "-l", level, destination) if one[0] != "anonymous"}
        found = ours(destination, level, ["verbose", "certmatch"])
        dropped = {one[3:6] for one in found if one[0] == "dropped"}
        more = {one for one in found - expected if one[0] == "record" and one[2:5] in dropped}  # we show these as records too
        assert found - more == expected, (level, destination)
    warning = "no MX host for mx-without-address.test has a valid address record"
    assert warning in ask("-v", "mx-without-address.test").output
    assert warning in facts({"report_detail": ["verbose"]}, ["mx-without-address.test"])["report"]


@pytest.mark.parametrize(("words", "detail"), [(["-L", "summary,cache"], ["summary", "cache"])])
def test_resumed(words: Sequence[str], detail: Sequence[str]) -> None:
    """A session that was resumed, in both sides' words."""
    output = ask("-c", "-r", "1", *words, "dane-ee.test").output
    report = facts({"reconnect_delay": 1, "report_detail": list(detail)}, ["dane-ee.test"])["report"]
    assert "Reusing old session" in output and any("session resumed" in line for line in report)
    assert [line for line in report if line == "Found a previously used server.  Done reconnecting."]
    assert re.search(r"Found a previously used server\.  Done reconnecting\.$", output.rstrip())


def test_chain_and_chat(lab: Mapping[str, Any]) -> None:
    """The chat and the dump of -C are lines of the report when they are asked for."""
    output = ask("-C", "-o", "myhostname=probe.lab.test", "dane-ee.test").output
    options = {"include_pem": True, "transcript": True, "ehlo_name": "probe.lab.test"}
    report = facts(options, ["dane-ee.test"])["report"]
    prefix = "posttls-finger: "
    wanted = [line.removeprefix(prefix) for line in output.splitlines()]
    wanted = [line for line in wanted if re.match(r"[<>] |Connected to | *\d subject|   cert digest|   pkey digest|-----BEGIN", line)]
    wanted = [line.replace("/CN=", "CN=") for line in wanted if line != "< 221 2.0.0 Bye"]
    assert [line for line in wanted if line not in report] == []
