# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of probe results: what stands where, that nothing is lost, and that no text breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._results.table import table
from hypothesis import given
from hypothesis import strategies as st


def endpoint(**changes: Any) -> dict[str, Any]:
    """Return one endpoint in the shape of the module's results, verified by DANE unless changed."""
    shape: dict[str, Any] = {
        "host": "mx.example.org",
        "address": "192.0.2.1",
        "port": 25,
        "status": "verified",
        "satisfied": True,
        "error": None,
        "tls": {"protocol": "TLSv1.3"},
        "verification": {"effective_level": "dane", "matched": True, "matched_name": None, "error": None},
        "tlsa": {
            "records": [
                {"usage": 3, "selector": 1, "matching_type": 1, "matched": False, "matched_depth": None},
                {"usage": 2, "selector": 1, "matching_type": 1, "matched": True, "matched_depth": 1},
                {"usage": 3, "selector": 0, "matching_type": 2, "matched": True, "matched_depth": 0},
            ]
        },
    }
    shape.update(changes)
    return shape


def result(*endpoints: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the result of one destination."""
    shape: dict[str, Any] = {
        "destination": "example.org",
        "status": "verified",
        "satisfied": True,
        "error": None,
        "endpoints": list(endpoints),
    }
    shape.update(changes)
    return shape


def failure(kind: str, text: str) -> dict[str, str]:
    return {"kind": kind, "phase": "connect", "text": text}


def test_verified_destination_and_its_endpoint() -> None:
    assert table([result(endpoint())]) == [
        "DESTINATION                     STATUS      SATISFIED  TLS      MATCHED",
        "example.org                     verified    yes",
        "  mx.example.org[192.0.2.1]:25  verified    yes        TLSv1.3  3 0 2 depth 0",
    ]


def test_no_results_is_the_heading_alone() -> None:
    assert [line.split() for line in table([])] == [["DESTINATION", "STATUS", "SATISFIED", "TLS", "MATCHED"]]


def test_dead_exchange_says_why_and_the_backup_stands_below() -> None:
    dead = endpoint(
        status="failed",
        satisfied=False,
        error=failure("connect_refused", "Connection refused"),
        tls=None,
        verification=None,
        tlsa=None,
    )
    lines = table([result(dead, endpoint(host="mx2.example.org"), status="failed")])
    assert [line.split() for line in lines[1:]] == [
        ["example.org", "failed", "yes"],
        ["mx.example.org[192.0.2.1]:25", "failed", "no"],
        ["connect_refused:", "Connection", "refused"],
        ["mx2.example.org[192.0.2.1]:25", "verified", "yes", "TLSv1.3", "3", "0", "2", "depth", "0"],
    ]


def test_destination_without_endpoints_says_its_own_error() -> None:
    lines = table([result(status="failed", satisfied=False, error=failure("null_mx", "takes no mail"))])
    assert lines[1].split() == ["example.org", "failed", "no"]
    assert lines[2] == "    null_mx: takes no mail"


def test_an_error_of_an_endpoint_is_not_said_twice() -> None:
    error = failure("timeout", "no reply")
    text = "\n".join(table([result(endpoint(error=error, status="failed"), error=error, status="failed")]))
    assert text.count("no reply") == 1


def test_verification_error_is_the_note_when_there_is_no_other() -> None:
    refused = {"effective_level": "secure", "matched": False, "error": {"code": 10, "text": "certificate has expired"}}
    lines = table([result(endpoint(status="untrusted", satisfied=False, verification=refused, tlsa=None))])
    assert lines[2].split()[1:] == ["untrusted", "no", "TLSv1.3"]
    assert lines[3] == "      certificate has expired"


def test_exchange_without_address_and_the_reason_of_another_level() -> None:
    error = failure("dns_not_found", "no addresses")
    nowhere = endpoint(address=None, port=None, status="failed", satisfied=False, error=error)
    reason = "the MX RRset is insecure"
    half = endpoint(verification={"effective_level": "half-dane", "matched": True, "reason": reason})
    lines = table([result(nowhere, half)])
    assert lines[2].split()[:3] == ["mx.example.org", "failed", "no"]
    assert lines[-1] == "      the MX RRset is insecure"


@pytest.mark.parametrize(
    ("level", "matched", "expected"),
    [("secure", True, "CA and name"), ("fingerprint", True, "fingerprint"), ("secure", False, "")],
)
def test_what_matched_without_tlsa(level: str, matched: bool, expected: str) -> None:
    found = {"effective_level": level, "matched": matched, "error": None}
    line = table([result(endpoint(verification=found, tlsa=None))])[2]
    assert line.partition("TLSv1.3")[2].strip() == expected


def test_own_notes_stand_below_their_destination() -> None:
    lines = table([result(), result(destination="example.net")], notes={"example.net": "ours since May"})
    assert lines[2:] == ["example.net  verified    yes", "    ours since May"]


def test_long_name_is_kept_whole_above_its_values() -> None:
    host = ".".join(["mail" * 10] * 5)
    lines = table([result(endpoint(host=host))], width=80)
    assert all(len(line) <= 80 for line in lines)
    assert host + "[192.0.2.1]:25" in "".join(line.strip() for line in lines[2:-1])
    assert lines[-1].split() == ["verified", "yes", "TLSv1.3", "3", "0", "2", "depth", "0"]


def test_remote_text_cannot_reach_the_terminal() -> None:
    nasty = failure("rejected", "554 \x1b[2Jgone\r\nexample.org  verified  yes \u202e")
    lines = table([result(endpoint(error=nasty, satisfied=False, status="failed"))])
    assert lines[3] == "      rejected: 554 ?[2Jgone??example.org  verified  yes ?"


def session(algorithm: str, status: str, **changes: Any) -> dict[str, Any]:
    """Return an item of key_algorithms."""
    return {"algorithm": algorithm, "offered": True, "status": status, "error": None, "verification": {"error": None}, **changes}


def test_kinds_of_keys_that_differ_are_told_one_by_one() -> None:
    error = {"code": 65, "depth": 0, "text": "no matching DANE TLSA records"}
    sessions = [
        session("ecdsa", "verified"),
        session("rsa", "untrusted", verification={"error": error}),
        session("ed25519", "failed", offered=False, error=failure("handshake_failed", "alert")),
    ]
    assert table([result(endpoint(status="untrusted", satisfied=False, key_algorithms=sessions))])[2:] == [
        "  mx.example.org[192.0.2.1]:25  untrusted   no         TLSv1.3  3 0 2 depth 0",
        "      ecdsa key: verified",
        "      rsa key: untrusted, no matching DANE TLSA records",
    ]


def test_kinds_of_keys_that_are_alike_are_not() -> None:
    sessions = [session("ecdsa", "verified"), session("rsa", "verified"), session("ed25519", "failed", offered=False)]
    assert table([result(endpoint(key_algorithms=sessions))]) == table([result(endpoint())])


@pytest.mark.parametrize("results", ["example.org", {"results": []}, None, [1], [{"status": "verified"}]])
def test_something_else_is_refused(results: Any) -> None:
    with pytest.raises(ValueError, match="probe result"):
        table(results)


def test_too_narrow_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 60"):
        table([], width=59)


@given(
    host=st.text(max_size=300), error=st.text(max_size=300), status=st.text(max_size=30), width=st.integers(60, 200)
)
def test_no_text_makes_a_line_too_long_or_one_more(host: str, error: str, status: str, width: int) -> None:
    shown = table([result(endpoint(host=host, status=status, error=failure("rejected", error)))], width)
    assert all(len(line) <= width for line in shown)
    assert "\n".join(shown).splitlines() == shown
