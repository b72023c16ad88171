# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`mail_domain_info` beside checkdmarc: DNS alone, from a resolver of our own that counts questions. Prints the table of the page.

By itself, as root in a network namespace whose loopback is up: `python -m ansible_collections.mailops.tls.tests.benchmarks.domains
PYTHON`, with the path of a Python that has checkdmarc. The table of the page was made so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .measure import Command, Failed, Usage, here, run
from .page import table

RESOLVER = "127.0.58.2"
OURS, CHECKDMARC = "mail_domain_info", "checkdmarc"
COUNTS = (200, 1000, 4000)
SEEN_BY_BOTH = "mx spf dmarc mta_sts tlsrpt bimi"
OUR_PROGRAM = """
import sys
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.arguments import domain_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.run import run_domain_look
params = {name: one.get("default") for name, one in domain_arguments().items()}
domains = sys.stdin.read().split()
own = {"nameservers": [sys.argv[1]], "ehlo_name": "probe.example", "domains": domains, "checks": sys.argv[2].split()}
results = run_domain_look({**params, **own, "results_file": sys.argv[3]}).facts["results"]
print(sum(one["spf"]["status"] == one["dmarc"]["status"] == "valid" for one in results))
"""
THEIR_PROGRAM = """
import sys, checkdmarc
domains = sys.stdin.read().split()
results = checkdmarc.check_domains(domains, nameservers=[sys.argv[1]], skip_tls=True, timeout=10.0)
print(sum(one["spf"]["valid"] and one["dmarc"]["valid"] for one in results))
"""


@contextmanager
def resolver(counts: Path) -> Iterator[None]:
    """Have the resolver answer; at the end *counts* has what it was asked."""
    with subprocess.Popen([sys.executable, str(here() / "stub_resolver.py"), RESOLVER, str(counts)]) as process:
        time.sleep(1)
        try:
            yield
        finally:
            process.terminate()


def measured(name: str, number: int, python: str) -> tuple[Usage, dict[str, int]]:
    """Return what a run took, and the questions that it asked."""

    def check(output: str) -> None:
        if output.splitlines()[-1] != str(number):
            raise Failed(f"{name} found {output[-200:]}")

    with tempfile.TemporaryDirectory() as folder:
        kept, counts = Path(folder, "results.jsonl"), Path(folder, "counts")
        domains = "".join(f"d{one}.example\n" for one in range(number))
        own = [sys.executable, "-c", OUR_PROGRAM, RESOLVER, SEEN_BY_BOTH, str(kept)]
        command = own if name == OURS else [python, "-c", THEIR_PROGRAM, RESOLVER]
        with resolver(counts):
            usage = run(Command(command, check, domains, {"PYTHONPATH": os.environ["PYTHONPATH"], "PYTHONDONTWRITEBYTECODE": ""}))
        asked: dict[str, int] = json.loads(counts.read_text(encoding="ascii"))
        return usage, asked


def main(python: str) -> None:
    """Measure, and print the table."""
    rows = []
    for number in COUNTS:
        for name in (OURS, CHECKDMARC) if number == COUNTS[0] else (OURS,):
            usage, asked = measured(name, number, python)
            twice = asked["questions"] - asked["different"]
            numbers = (f"{usage.wall:.2f} s", f"{usage.cpu:.2f} s", f"{usage.peak:.0f} MB", str(asked["questions"]), str(twice))
            rows.append((f"{name}, {number} domains", *numbers))
    print(table(("", "by the clock", "CPU", "memory", "questions", "of them again"), rows))


if __name__ == "__main__":
    main(sys.argv[1])
