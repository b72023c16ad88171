# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No session of a postmaster is lost: each is in the guide with its words, and proven by a test against real servers or out of scope."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs/docsite/rst/guide_diagnosis.rst").read_text(encoding="utf-8")
TARGETS = ROOT / "tests/integration/targets"
_ROW = re.compile(r"^   \* - (?P<number>\d+)\n     - (?P<hand>.+)\n     - (?P<here>(?:.+\n(?:       .+\n)*))", re.MULTILINE)
ROWS = {int(row["number"]): (row["hand"], " ".join(row["here"].split())) for row in _ROW.finditer(GUIDE)}

PORTS, OFFERS, CERTIFICATE, DNS, CAPTURE = (
    "Which ports are open", "What a service offers", "The certificate and the session", "DNS", "Capture and decrypt",
)  # fmt: skip
LOGINS, DELIVERY = "Logins", "A message on its way"
OUT, NOT_NEEDED = "out of scope", "Not needed"
SESSIONS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: (PORTS, ("465", "995", "143")),
    2: (PORTS, ("nmap",)),
    3: (PORTS, ("netstat -lnpvut", "-anpvut")),
    4: (PORTS, ("ss -lntp",)),
    5: (NOT_NEEDED, ("telnet", "libdigest-hmac-perl")),
    6: (OUT, ("smtp-cli", "imtest", "smtp-sink")),
    7: (DELIVERY, ("MAIL FROM:<>", "queue id")),
    8: (LOGINS, ("LOGIN", "CAPABILITY")),
    9: (DELIVERY, ("SELECT", "UIDVALIDITY", "UNSEEN")),
    10: (DELIVERY, ("FETCH", "LOGOUT")),
    11: (DELIVERY, ("Return-Path", "Received")),
    12: (DELIVERY, ("USER", "TOP", "DELE")),
    13: (LOGINS, ("DIGEST-MD5", "GSSAPI", "NTLM", "EXTERNAL")),
    14: (LOGINS, ("250-AUTH=",)),
    15: (OFFERS, ("greeting",)),
    16: (OFFERS, ("CAPA", "LOGIN-DELAY", "IMPLEMENTATION")),
    17: (LOGINS, ("AUTH LOGIN",)),
    18: (LOGINS, ("AUTH PLAIN", "authorisation identity")),
    19: (LOGINS, ("CRAM-MD5",)),
    20: (NOT_NEEDED, ("base64", "uuencode", "mmencode")),
    21: (CERTIFICATE, ("s_client", "-starttls", "-crlf")),
    22: (CERTIFICATE, ("-ssl3", "RC4-MD5")),
    23: (OFFERS, ("printf", "s_client")),
    24: (CAPTURE, ("tshark -f",)),
    25: (CAPTURE, ("tcpdump", "dumpcap")),
    26: (CAPTURE, ("ssl.keys_list",)),
    27: (CAPTURE, ("key_file", "ssl.debug_file")),
    28: (DNS, ("dig D mx",)),
    29: (DNS, ("backup",)),
    30: (DNS, ("dig D any",)),
    31: (DNS, ("DKIM", "awk")),
    32: (DNS, ("255", "p=")),
    33: (DNS, ("DMARC",)),
    34: (DNS, ("_domainkey", "o=-")),
    35: (DNS, ("DKIM key",)),
    36: (DELIVERY, ("validator",)),
    37: (DELIVERY, ("DKIM-Filter", "DKIM-Signature")),
    38: (OUT, ("mxtoolbox", "blacklist", "whois", "arin", "ping", "trace", "soa", "ptr", "cname")),
    39: (DNS, ("config-v1.1.xml",)),
    40: (CERTIFICATE, ("993", "995", "587", "renegotiation", "ticket")),
    41: (CERTIFICATE, ("-state -nbio",)),
    42: (NOT_NEEDED, ("quit", "tag")),
    43: (DELIVERY, ("block list",)),
    44: (DNS, ("registrar",)),
    45: (DNS, ("TTL",)),
}
"""For each session: the section of the guide whose examples are run against real servers, or why there is none; and its words."""


def test_every_session_is_there_once() -> None:
    assert [int(row["number"]) for row in _ROW.finditer(GUIDE)] == list(range(1, 46)) == sorted(SESSIONS)


@pytest.mark.parametrize("number", sorted(SESSIONS))
def test_a_session_is_told_with_its_words_and_answered(number: int) -> None:
    answered, words = SESSIONS[number]
    hand, here = ROWS[number]
    assert all(word in hand for word in words)
    if answered in (OUT, NOT_NEEDED):
        assert answered.lower() in here.lower()
        return
    named = re.search(r":ans(?:plugin|opt|retval):|sasl_|[Tt]he same|tshark|mechanism", here)
    assert named, here


def test_sections_that_answer_have_examples_that_are_run() -> None:
    run = (TARGETS / "guide_diagnosis/vars/main.yml").read_text(encoding="utf-8")
    for section in {answered for answered, _words in SESSIONS.values()} - {OUT, NOT_NEEDED}:
        text = re.split(rf"^{re.escape(section)}\n-+$", GUIDE, flags=re.MULTILINE)[1].split("\n---", 1)[0]
        assert ".. code-block:: yaml" in text and f"- section: {section}\n" in run


def test_findings_that_are_named_are_made() -> None:
    page = (ROOT / "docs/docsite/rst/findings.rst").read_text(encoding="utf-8")
    named = set(re.findall(r"finding ``(\w+)``", GUIDE))
    assert {"sasl_equals_syntax", "dkim_policy_record_obsolete"} <= named
    assert all(f"\n{one}\n^" in page for one in named)
