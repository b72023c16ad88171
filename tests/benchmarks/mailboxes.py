# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`mailbox_tls_probe` beside what else looks at STARTTLS of IMAP and submission: sslyze, curl and `openssl s_client`.

All but sslyze have to verify name and chain of every server against the one authority of the test network, or the run does not count.
curl and s_client look at one server a process, 16 at a time, as a shell would run them.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..lab.bench_mailboxes import IMAP, SUBMISSION, hosts
from . import page
from .measure import Command, Failed, Usage, in_turn, spread
from .workloads import JOBS, hot_spots, ours, said

OURS, SSLYZE, CURL, S_CLIENT = "mailbox_tls_probe", "sslyze", "curl", "openssl s_client"
SERVICES = {"imap": IMAP, "submission": SUBMISSION}
STARTTLS = {"imap": "imap", "submission": "smtp"}
GOAL = 0.3


def places(names: Sequence[str]) -> list[tuple[str, str, int]]:
    """Each server with each service and its port."""
    return [(name, service, port) for service, port in SERVICES.items() for name in names]


def probe(names: Sequence[str], authority: str, sample: bool = False) -> Command:
    """One process of ours."""
    parameters = {"hosts": list(names), "services": list(SERVICES), "ca_file": authority, "system_ca": False}
    wanted = {f"{service} verified": len(names) for service in SERVICES}
    return ours(OURS, parameters, wanted, sample)


def sslyze(names: Sequence[str], authority: str, results: Path) -> Command:
    """One process of sslyze, which asks for certificates and nothing more."""

    def check(_output: str) -> None:
        # Its verifier also wants an extension that the authority of the test network lacks; the work is the same.
        found = json.loads(results.read_text(encoding="utf-8"))["server_scan_results"]
        scans = [one["scan_result"]["certificate_info"] for one in found if one["scan_status"] == "COMPLETED"]
        _count(SSLYZE, sum(bool(one["result"]["certificate_deployments"]) for one in scans if one["status"] == "COMPLETED"), names)

    arguments = [os.environ["BENCH_SSLYZE"], "--quiet", "--mozilla_config=disable", "--starttls=auto", "--certinfo"]
    arguments += [f"--certinfo_ca_file={authority}", f"--json_out={results}", "--targets_in=/dev/stdin"]
    return Command(arguments, check, "".join(f"{name}:{port}\n" for name, _service, port in places(names)))


def curl(names: Sequence[str], authority: str) -> Command:
    """curl, one process for each server."""

    def check(output: str) -> None:
        _count(CURL, output.count("verified 0\n"), names)

    fixed = ["--silent", "--show-error", "--ssl-reqd", "--cacert", authority, "--output", "/dev/null"]
    fixed += ["--write-out", "verified %{ssl_verify_result}\\n"]
    commands = {"imap": "CAPABILITY", "submission": "NOOP"}
    lines = [f"--request {commands[service]} {STARTTLS[service]}://{name}:{port}/\n" for name, service, port in places(names)]
    return Command(["xargs", "-P", str(JOBS), "-L", "1", CURL, *fixed], check, "".join(lines))


def s_client(names: Sequence[str], authority: str) -> Command:
    """openssl s_client, one process for each server."""

    def check(output: str) -> None:
        _count(S_CLIENT, output.count("Verification: OK\n"), names)

    fixed = [*S_CLIENT.split(), "-brief", "-verify_return_error", "-CAfile", authority]
    lines = [f"-starttls {STARTTLS[service]} -connect {name}:{port} -verify_hostname {name}\n" for name, service, port in places(names)]
    return Command(["xargs", "-P", str(JOBS), "-L", "1", *fixed], check, "".join(lines))


def _count(program: str, done: int, names: Sequence[str]) -> None:
    wanted = len(names) * len(SERVICES)
    if done != wanted:
        raise Failed(f"{program} looked at {done} of {wanted}")


def mailboxes(rounds: int) -> str:
    """200 IMAP and 200 submission servers."""
    names, authority = hosts(), os.environ["LAB_CA_FILE"]
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            OURS: probe(names, authority),
            SSLYZE: sslyze(names, authority, Path(folder, "sslyze.json")),
            CURL: curl(names, authority),
            S_CLIENT: s_client(names, authority),
        }
        found = in_turn(commands, rounds, warm_up=[OURS])
    sampled = in_turn({"sampled": probe(names, authority, sample=True)}, 1)["sampled"][0]
    count = len(names) * len(SERVICES)
    return "\n".join([
        f"## {len(names)} IMAP and {len(names)} submission servers\n",
        "STARTTLS, the chain and the host's name verified at each. curl and s_client are one process for each server,"
        f" {JOBS} at a time;\ntheir memory is that of one process. sslyze asks for certificates only.\n",
        compare(found, count),
        f"Where the CPU time of `{OURS}` goes, per server:\n",
        hot_spots([said(run.output) for run in found[OURS]], said(sampled.output)["areas"], count),
    ])  # fmt: skip


def compare(found: dict[str, list[Usage]], count: int) -> str:
    """What each took, and our CPU time beside that of the one that took least in the same round."""
    rows = []
    for name, usages in found.items():
        shown = [spread([getattr(usage, what) for usage in usages]).show(unit=" s") for what in ("wall", "cpu")]
        shown.append(spread([usage.peak for usage in usages]).show(0, " MB"))
        shown.append(f"{spread([usage.connections / count for usage in usages]).median:.1f}")
        rows.append([name, *shown])
    least = [min(usages[number].cpu for name, usages in found.items() if name != OURS) for number in range(len(found[OURS]))]
    ratio = spread([ours.cpu / peer for ours, peer in zip(found[OURS], least)])
    table = page.table(["", "by the clock", "CPU", "memory", "connections per server"], rows)
    return f"{table}\nCPU of `{OURS}` beside that of the best other: {ratio.show()}; the goal is at most {GOAL:.2f}.\n"
