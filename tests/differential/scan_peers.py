# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other scanners of TLS servers: sslyze (AGPL) and cryptolyzer in an environment of their own, testssl.sh (GPL-2) as Debian has it."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.mailops.tls.tests.differential.scanned_servers import Scanned

VERSIONS = {"SSLv3": "ssl_3_0", "TLSv1": "tls_1_0", "TLSv1.1": "tls_1_1", "TLSv1.2": "tls_1_2", "TLSv1.3": "tls_1_3"}
"""Ours and sslyze's names."""
_WITH_OSCRYPTO = r"""
import re, sys
search, narrow, wide = re.search, r"\d\.\d\.\d[a-z]*", r"\d\.\d\.\d+[a-z]*"
re.search = lambda pattern, text, flags=0: search(pattern.replace(narrow, wide) if isinstance(pattern, str) else pattern, text, flags)
sys.argv[0] = "cryptolyze"
from cryptolyzer.__main__ import main
main()
"""
"""Starts cryptolyzer: oscrypto 1.3.0, which it needs, cannot read a version of OpenSSL whose last number has two digits."""


def opened() -> int:
    """Return how many TCP connections servers in this namespace have taken so far."""
    names, numbers = (line.split() for line in Path("/proc/net/snmp").read_text(encoding="ascii").splitlines() if line.startswith("Tcp:"))
    return int(dict(zip(names, numbers))["PassiveOpens"])


def sslyze(server: Scanned) -> Mapping[str, Any]:
    """Return what sslyze finds: `suites` by version, in OpenSSL's names, `groups`, and the number of `connections`."""
    how = [] if server.service in ("imaps", "pop3s") else ["--starttls", server.service]
    asked = [f"--{name.lower().replace('.', '_')}" for name in VERSIONS]
    before = opened()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "found.json"
        _run("sslyze", *how, *asked, "--elliptic_curves", "--json_out", str(path), server.host)
        (found,) = json.loads(path.read_text(encoding="utf-8"))["server_scan_results"]
    result = found["scan_result"]
    assert result is not None, found
    suites = {version: result[f"{name}_cipher_suites"]["result"]["accepted_cipher_suites"] for version, name in VERSIONS.items()}
    curves = (result["elliptic_curves"]["result"] or {}).get("supported_curves") or ()
    return {
        "suites": {version: {_renamed(one["cipher_suite"]["openssl_name"]) for one in found} for version, found in suites.items()},
        "groups": {one["name"].lower() if one["name"].startswith("X") else one["name"] for one in curves},
        "connections": opened() - before,
    }


TESTSSL = {"SSLv3": "ssl3", "TLSv1": "tls1", "TLSv1.1": "tls1_1", "TLSv1.2": "tls1_2", "TLSv1.3": "tls1_3"}
"""Ours and testssl.sh's names."""
_CURVES = {"prime256v1": "secp256r1", "X25519": "x25519", "X448": "x448"}


def testssl(server: Scanned) -> Mapping[str, Any]:
    """Return what testssl.sh finds: `suites` by version, in IANA's names, `groups`, and the number of `connections`.

    It is asked for suites by version (`-E`) and for forward secrecy (`-f`). It asks no name server, and nobody else. The name is for
    SNI: it would send an address there, which tlslite-ng refuses.
    """
    how = [] if server.service in ("imaps", "pop3s") else ["--starttls", server.service]
    quiet = ["--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--ip", server.address]
    before = opened()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "found.json"
        command = ["testssl", *quiet, *how, "-E", "-f", "--jsonfile", str(path), f"mx.example.org:{server.port}"]
        subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # its status counts what it found
        found = {one["id"]: one["finding"] for one in json.loads(path.read_text(encoding="utf-8"))}
    named = {
        version: {words.split()[-1] for key, words in found.items() if key.startswith(f"cipher-{name}_x")}
        for version, name in TESTSSL.items()
    }  # fmt: skip
    seen = f"{found.get('PFS_ECDHE_curves', '')} {found.get('DH_groups', '')}".split()
    return {
        "suites": named,
        "groups": {_CURVES.get(one, one) for one in seen if one in _CURVES or one.startswith(("secp", "brainpool", "ffdhe"))},
        "connections": opened() - before,
    }


def _renamed(name: str) -> str:
    """OpenSSL has had two names for these."""
    return name.replace("EDH-", "DHE-", 1) if name.startswith("EDH-") else name


def cryptolyzer(server: Scanned, version: str, what: str) -> Sequence[str]:
    """Return what cryptolyzer finds, in IANA's names; *version* as `tls1_2`, *what* `ciphers`, `curves` or `sigalgos`."""
    target = f"{server.service}://{server.host}"
    found = json.loads(_run("python", "-c", _WITH_OSCRYPTO, "--output-format", "json", version, what, target))
    named: list[str] = found[{"ciphers": "cipher_suites", "curves": "curves", "sigalgos": "sig_algos"}[what]]
    return named


def _run(program: str, *words: str) -> str:
    folder = os.environ.get("SCANNERS")
    if not folder:
        raise RuntimeError("run by nox -s differential, which has sslyze and cryptolyzer in an environment of their own")
    return subprocess.run([f"{folder}/bin/{program}", *words], check=True, capture_output=True, text=True).stdout
