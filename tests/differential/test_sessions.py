# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reconnecting (posttls-finger -r and -m): real balancers in front of two Postfix instances, servers that resume, and one that does not.

posttls-finger tells servers behind one address apart by their names, and so do we. What it says of a server that it knows is not what the
server did: a session that was offered may be refused (its bug B9).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.mailops.tls.tests.differential.engine_side import facts
from ansible_collections.mailops.tls.tests.differential.postfix_side import ask

END = {
    "not_cached": "Server declined session caching. Done reconnecting.",
    "known_server": "Found a previously used server.  Done reconnecting.",
    "maximum": "Maximum reconnect count reached.",
}
GREETING = re.compile(r"^posttls-finger: < 220 (\S+) ESMTP", re.MULTILINE)


def pieces(output: str) -> list[str]:
    """What posttls-finger says after each time that it connected again."""
    return output.split("posttls-finger: Reconnecting after 1 seconds\n")[1:]


def reconnects(lab: Mapping[str, Any], destination: str, maximum: int, **options: Any) -> tuple[Any, Any, list[str]]:
    """Our first endpoint, its reconnects and the report."""
    found = facts({"reconnect_delay": 1, "reconnect_max": maximum, **options}, [destination])
    endpoint = found["results"][0]["endpoints"][0]
    return endpoint, endpoint["reconnects"], found["report"]


@pytest.mark.parametrize(
    ("destination", "maximum", "ended", "reused"),
    [
        ("dane-ee.test", 5, "known_server", [True]),
        ("tls12-only.test", 5, "known_server", [True]),
        ("rsa.test", 1, "known_server", [True]),
        ("no-sessions.test", 5, "not_cached", []),
        ("balanced.test", 5, "known_server", [False, True]),
        ("balanced.test", 2, "known_server", [False, True]),
        ("balanced.test", 1, "maximum", [False]),
        ("balanced-one-name.test", 5, "known_server", [False]),
    ],
)
def test_reconnects(lab: Mapping[str, Any], destination: str, maximum: int, ended: str, reused: list[bool]) -> None:
    """Both sides connect as often, meet new and known servers in the same order, and end for the same reason."""
    output = ask("-r", "1", "-m", str(maximum), destination).output
    endpoint, ours, report = reconnects(lab, destination, maximum)
    again = pieces(output)
    assert output.rstrip().endswith(END[ended]), output
    assert ours["ended"] == ended and END[ended] in report
    theirs = ["Reusing old session" in piece for piece in again]
    assert theirs == [one["session_reused"] for one in ours["attempts"]] == reused, output
    assert ["reloaded session" in piece for piece in again] == [one["session_offered"] for one in ours["attempts"]]
    assert all(one["error"] is None for one in ours["attempts"])
    assert endpoint["status"] == "verified" and endpoint["tls"]["session_reused"] is False


def test_servers_are_told_apart() -> None:
    """Both instances of the balancer answer in turn; their names are in what both sides say."""
    output = ask("-r", "1", "balanced.test").output
    names = GREETING.findall(output)
    assert set(names) == {"one.balanced.test", "two.balanced.test"} and names[0] == names[2] != names[1]
    _endpoint, ours, _report = reconnects({}, "balanced.test", 5)
    first, second = (one["server_name"] for one in ours["attempts"])
    assert {first, second} == set(names)


def test_known_is_not_resumed(lab: Mapping[str, Any]) -> None:
    """B9: two servers of one name and without common keys. posttls-finger "found a previously used server"; nothing was resumed."""
    output = ask("-r", "1", "balanced-one-name.test").output
    assert END["known_server"] in output and "reloaded session" in output and "Reusing old session" not in output
    _endpoint, ours, report = reconnects(lab, "balanced-one-name.test", 5)
    (attempt,) = ours["attempts"]
    assert (attempt["session_offered"], attempt["session_reused"]) == (True, False)
    assert any("session not resumed" in line for line in report)


def test_without_reconnects(lab: Mapping[str, Any]) -> None:
    """Without -r there is one connection, and no item about others."""
    assert "Reconnecting" not in ask("dane-ee.test").output
    assert "reconnects" not in facts({}, ["dane-ee.test"])["results"][0]["endpoints"][0]
