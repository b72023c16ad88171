# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rollover network's sender makes of the output of posttls-finger."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.tests.lab.rollover.sender import verdict

CONNECTED = "posttls-finger: Connected to mx.example.org[192.0.2.1]:25\n"
RECORD = "posttls-finger: DNSSEC-signed TLSA record: _25._tcp.mx.example.org: 3 1 1 ABCD\n"
MATCHED = "posttls-finger: mx.example.org[192.0.2.1]:25: Matched DANE EE certificate at depth 0: 3 1 1 ABCD\n"
SUMMARY = "posttls-finger: %s TLS connection established to mx.example.org[192.0.2.1]:25: TLSv1.3 with cipher X (256/256 bits)\n"
MISMATCH = "posttls-finger: certificate verification failed for mx.example.org[192.0.2.1]:25: num=65:no matching DANE TLSA records\n"
LOOKUP = "posttls-finger: warning: DANE TLSA lookup problem: Host not found, try again\n"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (RECORD + CONNECTED + MATCHED + SUMMARY % "Verified", ("verified", "3 1 1 ABCD")),
        (CONNECTED + SUMMARY % "Untrusted", ("opportunistic", "no TLSA records")),
        (RECORD + CONNECTED + MISMATCH + SUMMARY % "Untrusted", ("failed", "untrusted; no matching DANE TLSA records")),
        (LOOKUP, ("failed", "no TLS; Host not found, try again")),
        (LOOKUP + CONNECTED + SUMMARY % "Untrusted", ("failed", "untrusted; Host not found, try again")),
        (CONNECTED + SUMMARY % "Verified", ("opportunistic", "no TLSA records")),
        (RECORD + CONNECTED, ("failed", "no TLS")),
        ("", ("failed", "no TLS")),
    ],
    ids=["matched", "no records", "no match", "no answer", "no answer to one question", "verified by a CA", "no STARTTLS", "nothing"],
)
def test_only_a_match_is_verified_and_only_the_certain_lack_of_records_is_opportunistic(output: str, expected: tuple[str, str]) -> None:
    assert verdict(output, "192.0.2.1") == expected


def test_another_address_than_the_one_that_was_asked_for_is_a_failure() -> None:
    output = RECORD + CONNECTED + MATCHED + SUMMARY % "Verified"
    assert verdict(output, "2001:db8::1") == ("failed", "no connection; it took 192.0.2.1 instead")
    assert verdict(output, "-")[0] == "verified"
