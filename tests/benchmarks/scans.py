# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scans of a stock Postfix with an RSA key and of one with an ECDSA key, beside sslyze and testssl.sh.

A run counts only when it found TLS 1.2. Connections are those that the kernel opened. sslyze and testssl.sh run once, since they take long;
testssl.sh is stopped when it takes too long, and then that is told.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

from ..differential import own_postfix
from ..lab.authorities import Pki
from ..lab.case import Leaf
from ..lab.keys import key_pem
from . import page
from .measure import Command, Failed, Usage, in_turn, spread
from .page import Section
from .plots import Bar, bars

INTERVAL = 0.5
"""Seconds between connections by default; the measured scans have none."""
OUR_PROGRAM = """
import json, sys
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.arguments import mailbox_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.run import run_mailbox_probe
params = {name: one.get("default") for name, one in mailbox_arguments().items()}
found = run_mailbox_probe({**params, **json.load(sys.stdin)}).facts["results"][0]["endpoints"][0]["scan"]
print(len({suite for item in found["suites"].values() for suite in item["value"] or ()}), len(found["groups"]["value"]))
"""
PATIENCE = 300
"""Seconds for testssl.sh."""
STOPPED = "stopped by the benchmark"
PLOT = "bench-scans"
GRADE, FULL, SSLYZE, TESTSSL = "scan: grade", "scan: full", "sslyze", "testssl.sh"


def ours(port: int, mode: str) -> Command:
    """One process of ours that scans one server."""
    given = {"hosts": [f"{own_postfix.ADDRESS}:{port}"], "services": ["smtp"], "security_level": "encrypt", "system_ca": False,
             "nameservers": ["127.0.0.1"], "scan": mode, "scan_interval": 0}  # fmt: skip
    environment = {"PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"], "PYTHONDONTWRITEBYTECODE": ""}
    return Command([sys.executable, "-c", OUR_PROGRAM], _found, json.dumps(given), environment)


def _found(output: str) -> None:
    if int(output.split()[0]) < 5:
        raise Failed(f"it found {output}")


def sslyze(port: int, results: Path) -> Command:
    """One process of sslyze that asks for versions, suites and curves."""

    def check(_output: str) -> None:
        (found,) = json.loads(results.read_text(encoding="utf-8"))["server_scan_results"]
        if not found["scan_result"]["tls_1_2_cipher_suites"]["result"]["accepted_cipher_suites"]:
            raise Failed("sslyze found no suite of TLS 1.2")

    asked = ("--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--elliptic_curves")
    program = [os.environ["BENCH_SSLYZE"], "--quiet", "--mozilla_config=disable", "--starttls", "smtp", *asked]
    return Command([*program, f"--json_out={results}", f"{own_postfix.ADDRESS}:{port}"], check)


def testssl(port: int) -> Command:
    """One run of testssl.sh for protocols, suites and forward secrecy; its exit status is the number of what it minds."""

    def check(output: str) -> None:
        if "TLS 1.2" not in output:
            raise Failed(f"testssl.sh: {output[-500:]}")

    words = "testssl --quiet --color 0 --warnings off --connect-timeout 10 --openssl-timeout 10 -t smtp -p -E -f"
    words += f" {own_postfix.ADDRESS}:{port}"
    script = f"timeout --kill-after=10 {PATIENCE} {words} || test $? -ne 124 || echo {STOPPED}"
    return Command(["/bin/sh", "-c", script], check, limit=2 * PATIENCE)


def _row(name: str, usages: Sequence[Usage]) -> list[str]:
    wall, cpu, peak = (spread([getattr(one, what) for one in usages]) for what in ("wall", "cpu", "peak"))
    connections = spread([float(one.connections) for one in usages])
    if STOPPED in usages[0].output:
        name = f"{name}, stopped after {PATIENCE} s"
    asks = f"{connections.median * INTERVAL + wall.median:.0f} s" if name in (GRADE, FULL) else ""
    return [name, f"{connections.median:.0f}", wall.show(unit=" s"), cpu.show(unit=" s"), peak.show(0, " MB"), asks]


def _certificates(folder: Path) -> Mapping[str, str]:
    """The file with key and chain by the kind of key."""
    pki = Pki(datetime.now(timezone.utc).replace(tzinfo=None))
    found = {}
    for kind in ("rsa", "ecdsa"):
        leaf = pki.issue(Leaf(names=("mx.example.org",), key=kind), "mx.example.org")
        path = folder / f"{kind}.pem"
        path.write_bytes(key_pem(leaf.key) + leaf.pem + pki.authorities["inter"].pem)
        found[kind] = str(path)
    return found


def _bars(kind: str, found: Mapping[str, Sequence[Usage]]) -> list[Bar]:
    """How many connections each took of a server with this kind of key."""
    most = [(name, spread([float(one.connections) for one in usages]).median) for name, usages in found.items()]
    return [Bar(name, number, f"{number:.0f}", name in (GRADE, FULL), f"{kind.upper()} key") for name, number in most]


def scans(rounds: int) -> Section:
    """Scans of two Postfixes."""
    sections: list[str] = []
    plotted: list[Bar] = []
    folder = Path(tempfile.mkdtemp(prefix="scans.", dir="/run"))  # paths of sockets have to be short
    folder.chmod(0o711)
    try:
        services = {kind: {"smtpd_tls_chain_files": path} for kind, path in _certificates(folder).items()}
        with own_postfix.running(folder / "postfix", services) as ports:
            for kind, port in ports.items():
                found = in_turn({GRADE: ours(port, "grade"), FULL: ours(port, "full")}, rounds, warm_up=[GRADE])
                found.update(in_turn({SSLYZE: sslyze(port, folder / "found.json"), TESTSSL: testssl(port)}, 1))
                suites, groups = found[FULL][0].output.split()[:2]
                sections.append(f"A stock Postfix with an {kind.upper()} key, which accepts {suites} suites and {groups} groups:\n")
                head = ["", "connections", "by the clock", "CPU", "memory", f"with {INTERVAL} s between"]
                sections.append(page.table(head, [_row(name, usages) for name, usages in found.items()]))
                plotted += _bars(kind, found)
    finally:
        shutil.rmtree(folder)
    text = "\n".join([
        "## Scans of what a server accepts\n",
        "Our connections include that of the probe before the scan, and our CPU that of Python and imports. sslyze asks for versions,"
        "\nsuites and curves, testssl.sh for the same (`-p -E -f`); both run once. By default a scan waits between connections.\n",
        *sections,
        page.image(PLOT, "Bars: connections that each scan opens, as in the tables above."),
    ])  # fmt: skip
    return Section(text, {PLOT: bars("Connections of a scan", plotted)})
