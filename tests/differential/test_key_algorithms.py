# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers with two certificates, asked for one kind of key: the same certificate and verdict as posttls-finger is given.

posttls-finger cannot ask so by itself, but up to TLS 1.2 a cipher list of main.cf does it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.mailops.tls.tests.differential.engine_side import probe
from ansible_collections.mailops.tls.tests.lab import posttls_finger

WITHOUT = {"rsa": "!aECDSA", "ecdsa": "!aRSA"}
CASES: Mapping[str, Mapping[str, str | None]] = {
    "dual": {"rsa": "verified", "ecdsa": "verified"},
    "dual-half-published": {"rsa": "verified", "ecdsa": "untrusted"},
    "dual-hidden-mismatch": {"rsa": "untrusted", "ecdsa": "verified"},
    "rsa": {"rsa": "verified", "ecdsa": None},
    "dane-ee": {"rsa": None, "ecdsa": "verified"},
}
"""Case -> kind of key -> status, None where the server has no such key."""


def by_postfix(destination: str, algorithm: str) -> posttls_finger.Report:
    """Ask a server for one kind of key with posttls-finger."""
    command = ["/usr/sbin/posttls-finger", "-t", "10", "-T", "10", "-l", "dane", "-p", "<=TLSv1.2"]
    command += ["-o", "tls_medium_cipherlist=HIGH:" + WITHOUT[algorithm], destination]
    done = subprocess.run(command, capture_output=True, timeout=600, stdin=subprocess.DEVNULL, check=False)
    return posttls_finger.parse((done.stdout + done.stderr).decode("utf-8", "replace"))


def plain(fingerprint: str | None) -> str | None:
    return fingerprint.replace(":", "").lower() if fingerprint else None


@pytest.mark.parametrize("protocols", ["<=TLSv1.2", ">=TLSv1"])
@pytest.mark.parametrize("name", CASES)
def test_one_kind_of_key_after_the_other(lab: Mapping[str, Any], name: str, protocols: str) -> None:
    destination = next(case["destination"] for case in lab["cases"] if case["name"] == name)
    options = {"security_level": "dane", "key_algorithms": ["rsa", "ecdsa"], "tls_protocols": protocols}
    (endpoint,) = probe(options, [destination])[destination]["endpoints"]
    for item in endpoint["key_algorithms"]:
        report = by_postfix(destination, item["algorithm"])
        expected = CASES[name][item["algorithm"]]
        assert report.status == expected == (item["status"] if item["offered"] else None)
        assert item["offered"] is (expected is not None)
        leaf = item["chain"][0]["fingerprints"]["certificate"]["sha256"] if item["chain"] else None
        assert plain(report.certificate_fingerprint) == leaf
    words = [word for word in CASES[name].values() if word is not None]
    assert endpoint["satisfied"] is (set(words) == {"verified"})
    assert endpoint["status"] == ("untrusted" if "untrusted" in words else "verified")


def test_a_probe_as_mail_servers_do_it_sees_nothing_of_the_other_certificate(lab: Mapping[str, Any]) -> None:
    destination = next(case["destination"] for case in lab["cases"] if case["name"] == "dual-hidden-mismatch")
    (endpoint,) = probe({"security_level": "dane-only"}, [destination])[destination]["endpoints"]
    assert (endpoint["status"], endpoint["satisfied"]) == ("verified", True)
