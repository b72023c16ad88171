# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`mail_domain_info` beside checkdmarc: in the test network with policies over HTTPS, and DNS alone from a resolver that counts.

Both look at MX, SPF, DMARC, MTA-STS, TLSRPT and BIMI; checkdmarc also asks for SOA, NS and DS records, which cannot be switched off.
Neither connects to exchanges. A run counts only when it found all domains valid.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..lab.bench_domains import names
from .measure import Command, Failed, Usage, here, in_turn, run, sized, spread
from .page import table

STUB = "127.0.58.2"
OURS, CHECKDMARC = "mail_domain_info", "checkdmarc"
COUNTS = (sized(1000), sized(10_000))
SEEN_BY_BOTH = ("mx", "spf", "dmarc", "mta_sts", "tlsrpt", "bimi")
GOAL = 0.25
OUR_PROGRAM = """
import json, resource, sys
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.arguments import domain_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.run import run_domain_look
used = resource.getrusage(resource.RUSAGE_SELF)
params = {name: one.get("default") for name, one in domain_arguments().items()}
given = json.load(sys.stdin)
run_domain_look({**params, **given})
print(used.ru_utime + used.ru_stime)
valid = {part: 0 for part in ("spf", "dmarc", "mta_sts")}
with open(given["results_file"], encoding="ascii") as lines:
    next(lines)
    for line in lines:
        result = json.loads(line)
        for part in valid:
            valid[part] += result[part]["status"] == "valid"
print(*valid.values())
"""
THEIR_PROGRAM = """
import json, sys, checkdmarc
given = json.load(sys.stdin)
results = checkdmarc.check_domains(given["domains"], nameservers=given["nameservers"], timeout=10.0)
print(*(sum(one[part]["valid"] is True for one in results) for part in ("spf", "dmarc", "mta_sts")))
"""


@dataclass(frozen=True)
class Scene:
    """Whom both ask about which domains, and whether these have policies that can be fetched."""

    domains: Sequence[str]
    nameserver: str
    authority: str | None = None

    def ours(self, kept: Path) -> Command:
        """One process of ours, which writes its results and returns a summary."""
        listed = kept.with_suffix(".txt")
        listed.write_text("".join(f"{one}\n" for one in self.domains), encoding="ascii")
        given: dict[str, Any] = {
            "domains_file": str(listed), "return": "summary", "nameservers": [self.nameserver], "ehlo_name": "probe.example",
            "checks": SEEN_BY_BOTH, "results_file": str(kept), "allow_private_addresses": True,
        }  # fmt: skip
        if self.authority is not None:
            given.update(ca_file=self.authority, system_ca=False)
        # With bytecode kept, as on any machine where a program runs twice.
        environment = {"PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"], "PYTHONDONTWRITEBYTECODE": ""}
        return self._command([sys.executable, "-c", OUR_PROGRAM], given, environment)

    def checkdmarc(self) -> Command:
        """One process of checkdmarc."""
        given = {"domains": list(self.domains), "nameservers": [self.nameserver]}
        environment = {"PYTHONDONTWRITEBYTECODE": "", **({"REQUESTS_CA_BUNDLE": self.authority} if self.authority is not None else {})}
        return self._command([os.environ["BENCH_CHECKDMARC"], "-c", THEIR_PROGRAM], given, environment)

    def _command(self, program: Sequence[str], given: Mapping[str, Any], environment: Mapping[str, str]) -> Command:
        number = len(self.domains)
        wanted = f"{number} {number} {number if self.authority is not None else 0}"

        def check(output: str) -> None:
            if output.splitlines()[-1] != wanted:
                raise Failed(f"{program[0]} found {output[-500:]}, not {wanted}")

        return Command(program, check, json.dumps(given), environment)


@contextmanager
def stub(counts: Path) -> Iterator[None]:
    """Have the resolver answer; at the end *counts* has what it was asked."""
    with subprocess.Popen([sys.executable, str(here() / "stub_resolver.py"), STUB, str(counts)]) as process:
        time.sleep(1)
        try:
            yield
        finally:
            process.terminate()


def counted(command: Command) -> tuple[Usage, Mapping[str, int]]:
    """Return what a run took, and the questions that it asked."""
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder, "counts")
        with stub(counts):
            usage = run(command)
        asked: Mapping[str, int] = json.loads(counts.read_text(encoding="ascii"))
        return usage, asked


def beside(found: Mapping[str, Sequence[Usage]]) -> str:
    """Both, and how they stand to each other."""
    rows = []
    for what, name in (("wall", "by the clock"), ("cpu", "CPU")):
        mine, theirs = ([getattr(usage, what) for usage in found[one]] for one in (OURS, CHECKDMARC))
        ratio = spread([one / other for one, other in zip(mine, theirs)])
        rows.append([name, spread(mine).show(unit=" s"), spread(theirs).show(unit=" s"), ratio.show(), f"at most {GOAL}"])
    once = spread([float(usage.output.splitlines()[-2]) for usage in found[OURS]])
    rows.append(["of that Python and imports", once.show(unit=" s"), "", "", ""])
    return table(["", OURS, CHECKDMARC, "ratio", "goal"], rows)


def many(folder: Path) -> str:
    """What runs over more and more domains take; checkdmarc is asked for as many as in the test network."""
    rows = []
    for number in (len(names()), *COUNTS):
        scene = Scene([f"d{one}.example" for one in range(number)], STUB)
        commands = {OURS: scene.ours(folder / f"{number}.jsonl"), **({} if number in COUNTS else {CHECKDMARC: scene.checkdmarc()})}
        for name, command in commands.items():
            usage, asked = counted(command)
            twice = asked["questions"] - asked["different"]
            numbers = (f"{usage.wall:.2f} s", f"{usage.cpu:.2f} s", f"{usage.peak:.0f} MB", str(asked["questions"]), str(twice))
            rows.append((f"{name}, {number} domains", *numbers))
    return table(("", "by the clock", "CPU", "memory", "questions", "of them again"), rows)


def domains(rounds: int) -> str:
    """200 domains in the test network, and up to thousands from a resolver that counts."""
    authority = str(Path(os.environ["LAB_STATE"], "nginx", "ca.pem"))
    scene = Scene(names(), "127.0.0.1", authority)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "results.jsonl")
        found = in_turn({OURS: scene.ours(kept), CHECKDMARC: scene.checkdmarc()}, rounds, warm_up=[OURS])
        more = many(Path(folder))
    return "\n".join([
        f"## {len(names())} mail domains\n",
        "MX, SPF with an include, DMARC, MTA-STS with its policy over HTTPS, TLSRPT and BIMI of each domain, by a validating Unbound and an"
        "\nnginx. checkdmarc also asks for SOA, NS and DS records. Neither connects to exchanges.\n",
        beside(found),
        "The same domains without policies, and more of them, from a resolver of our own that counts questions:\n",
        more,
    ])  # fmt: skip
