# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scans of real servers: within their connections, and with the suites, groups and schemes that sslyze, cryptolyzer and testssl.sh find.

testssl.sh takes a minute for a server, so it is asked about one here that no other scanner looks at. With `TESTSSL=all` it is asked about
one of each stack.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Callable

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._grade.suite_names import iana_name
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan import FULL_EXTRA, GRADE_CONNECTIONS
from ansible_collections.mailops.tls.tests.differential import mailbox_world, scan_peers, scanned_servers
from ansible_collections.mailops.tls.tests.differential.scanned_servers import Scanned

Scan = Callable[[str, str], Mapping[str, Any]]
DOVECOT = tuple(f"dovecot, {service}" for service in ("imaps", "imap", "pop3s", "pop3", "sieve"))
SERVERS = ("postfix, RSA", "postfix, ECDSA", "exim, GnuTLS", "OpenSSL of the wheel", "tlslite-ng", *DOVECOT)
NOT_IN_SSLYZE = {f"ADH-CAMELLIA{bits}-SHA256" for bits in (128, 256)} | {
    f"{kind}-CAMELLIA{bits}-SHA256" for kind in ("DHE-RSA", "ECDHE-RSA", "ECDHE-ECDSA") for bits in (128, 256)
}  # fmt: skip
"""Suites that the OpenSSL in sslyze does not offer."""
NOT_ASKED_BY_SSLYZE = {
    *(f"ffdhe{bits}" for bits in (2048, 3072, 4096, 6144, 8192)), "X25519MLKEM768", "SecP256r1MLKEM768", "curveSM2", "curveSM2MLKEM768",
}  # fmt: skip
"""Groups: it asks for elliptic curves only, and for those of its own OpenSSL."""
BY_TESTSSL = ("exim, GnuTLS", "postfix, RSA", "dovecot, imaps", "OpenSSL of the wheel", "tlslite-ng")
NOT_ASKED_BY_TESTSSL = {
    "X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "curveSM2", "curveSM2MLKEM768",
    *(f"brainpoolP{bits}r1tls13" for bits in (256, 384, 512)),
}  # fmt: skip
"""Groups that testssl.sh 3.0 does not know. Nor does it ask for signature schemes."""


@pytest.fixture(scope="module")
def servers() -> Iterator[Mapping[str, Scanned]]:
    with scanned_servers.running() as found:
        yield found


@pytest.fixture(scope="module")
def scan(servers: Mapping[str, Scanned]) -> Scan:
    """Scans by our module, each once; `opened` is how many connections there were besides that of the probe."""

    @cache
    def once(name: str, mode: str) -> Mapping[str, Any]:
        server = servers[name]
        # Exim counts a connection until its process has ended.
        interval = 0.2 if name.startswith("exim") else 0.0
        before = scan_peers.opened()
        found = mailbox_world.probe({
            "hosts": [server.host], "services": [server.service], "security_level": "encrypt", "scan": mode, "scan_interval": interval,
        })  # fmt: skip
        (endpoint,) = found["results"][0]["endpoints"]
        assert endpoint["scan"] is not None, endpoint["error"]
        return {**endpoint["scan"], "opened": scan_peers.opened() - before - 1, "tls": endpoint["tls"]}

    return once


def suites(found: Mapping[str, Any], *versions: str) -> set[str]:
    """Return the suites that a scan saw, by default in all versions."""
    return {suite for version, item in found["suites"].items() if version in (versions or found["suites"]) for suite in item["value"] or ()}


def groups(found: Mapping[str, Any]) -> set[str]:
    return {group["name"] for group in found["groups"]["value"]}


@pytest.mark.parametrize("mode", ["grade", "full"])
@pytest.mark.parametrize("name", SERVERS)
def test_every_server_is_scanned_to_the_end_within_its_connections(scan: Scan, name: str, mode: str) -> None:
    found = scan(name, mode)
    accepted = len(suites(found))
    assert found["opened"] == found["connections"]
    assert found["connections"] <= (GRADE_CONNECTIONS if mode == "grade" else accepted + FULL_EXTRA)
    assert found["error"] is None
    if name == "tlslite-ng" and mode == "full":  # its groups, schemes and versions are more than suites and twelve connections
        assert found["stopped"] == f"after {found['connections']} connections" and not found["groups"]["complete"]
    else:
        assert found["stopped"] is None and found["groups"]["complete"]
    assert found["signature_schemes"]["complete"] == (mode == "full")


@pytest.mark.parametrize("name", ["postfix, RSA", "postfix, ECDSA", "dovecot, imaps", "OpenSSL of the wheel"])
def test_suites_and_groups_are_those_of_sslyze(scan: Scan, servers: Mapping[str, Scanned], name: str) -> None:
    theirs, ours = scan_peers.sslyze(servers[name]), scan(name, "full")
    wheel = name == "OpenSSL of the wheel"  # it takes a prime only if the client names it (RFC 7919), which sslyze never does
    for version, found in theirs["suites"].items():
        assert ours["versions"][version]["value"] == bool(found), version
        if version in ("TLSv1.2", "TLSv1.3"):
            mine = suites(ours, version)
            more = {suite for suite in mine - found - NOT_IN_SSLYZE if not (wheel and suite.startswith("DHE-"))}
            assert ours["suites"][version]["complete"] and found <= mine and not more, (version, found - mine, more)
        else:  # we ask for one suite in each version below the highest
            assert suites(ours, version) <= found
    assert theirs["groups"] <= groups(ours) and groups(ours) - theirs["groups"] <= NOT_ASKED_BY_SSLYZE
    assert theirs["connections"] > 5 * ours["connections"]


def test_a_grade_finds_nothing_that_is_not_there_and_the_worst_there_is(scan: Scan) -> None:
    for name in SERVERS:
        grade, full = scan(name, "grade"), scan(name, "full")
        assert suites(grade) <= suites(full) and groups(grade) >= groups(full) and grade["versions"] == full["versions"], name
        assert grade["preference"]["value"] == full["preference"]["value"], name


def test_suites_and_schemes_are_those_of_cryptolyzer(scan: Scan, servers: Mapping[str, Scanned]) -> None:
    name = "OpenSSL of the wheel"
    ours = scan(name, "full")
    assert {iana_name(one) for one in suites(ours, "TLSv1.2")} == set(scan_peers.cryptolyzer(servers[name], "tls1_2", "ciphers"))
    theirs = {one.replace("_PSS_RSAE", "-PSS").replace("_", "-") for one in scan_peers.cryptolyzer(servers[name], "tls1_2", "sigalgos")}
    assert set(ours["signature_schemes"]["value"]) == theirs


@pytest.mark.parametrize("name", BY_TESTSSL if os.environ.get("TESTSSL") == "all" else BY_TESTSSL[:1])
def test_suites_and_groups_are_those_of_testssl(scan: Scan, servers: Mapping[str, Scanned], name: str) -> None:
    theirs, ours = scan_peers.testssl(servers[name]), scan(name, "full")
    for version, found in theirs["suites"].items():
        mine, item = {iana_name(one) for one in suites(ours, version)}, ours["suites"][version]
        assert bool(mine) == bool(found) == ours["versions"][version]["value"], version
        assert mine == found if item["complete"] else mine <= found, (version, found - mine, mine - found)
        assert item["complete"] or version not in ("TLSv1.2", "TLSv1.3") or name == "tlslite-ng"
    assert groups(ours) - theirs["groups"] <= NOT_ASKED_BY_TESTSSL
    assert theirs["groups"] <= groups(ours) or not ours["groups"]["complete"]
    assert theirs["connections"] > ours["connections"]


def test_what_only_some_servers_have(scan: Scan) -> None:
    wheel, old, exim = scan("OpenSSL of the wheel", "grade"), scan("tlslite-ng", "full"), scan("exim, GnuTLS", "full")
    assert {"X25519MLKEM768", "SecP256r1MLKEM768"} <= groups(wheel)
    assert {version for version, item in old["versions"].items() if item["value"]} == {"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"}
    assert {"RC4-MD5", "RC4-SHA", "DES-CBC3-SHA", "DHE-RSA-DES-CBC3-SHA"} <= suites(old, "TLSv1.2")
    assert [prime["bits"] for prime in old["primes"]["value"]] == [2048] and old["weak_signature"]["value"] == "RSA-SHA224"
    assert "RSA-SHA1" in old["signature_schemes"]["value"]
    assert {f"ffdhe{bits}" for bits in (2048, 3072, 4096, 6144, 8192)} <= groups(exim)
    postfix = scan("postfix, RSA", "full")
    assert "modp2048" in {prime["name"] for prime in postfix["primes"]["value"]} and postfix["preference"]["value"] == "client"
    assert (postfix["tls"]["resumable"], postfix["tls"]["max_early_data"]) == (True, 0)
