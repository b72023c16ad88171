# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the time of one task goes: Ansible, any task, loading our module and its libraries, DNS, the probe."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from .measure import Command, Failed, Spread, Usage, here, in_turn, run, sized, spread

NOTHING, PING, PROBE, PROBES = "a play without tasks", "one task: ping", "one task: probe of 1", f"one task: probe of {sized(500)}"

PACKAGES = {
    "dns": "dnspython",
    "OpenSSL": "pyOpenSSL and cryptography",
    "cryptography": "pyOpenSSL and cryptography",
    "_cffi_backend": "pyOpenSSL and cryptography",
    "ansible_collections": "the collection's own files",
}
PYTHON = "asyncio and the rest of Python's library"
COMPILING = "compiling the collection's files, which Ansible sends as sources"

_COMPILE = """
import inspect, sys, time
import ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run
sources = [inspect.getsource(module) for name, module in sorted(sys.modules.items())
           if name.startswith("ansible_collections.mailops.tls.") and getattr(module, "__file__", None)]
began = time.perf_counter()
for source in sources:
    compile(source, "", "exec", dont_inherit=True)
print(time.perf_counter() - began)
"""


def measure_tasks(one: Sequence[str], many: Sequence[str], rounds: int) -> tuple[dict[str, list[Usage]], dict[str, Spread]]:
    """Run the playbooks; also the seconds of the single probe by phase, as its results say."""
    timings: dict[str, list[float]] = {"dns": [], "total": []}
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results.jsonl")

        def note(_output: str) -> None:
            facts = json.loads(results.read_text(encoding="utf-8").splitlines()[-1])  # behind the header
            for phase, seconds in timings.items():
                seconds.append(facts["endpoints"][0]["timings"][phase])

        commands = {
            NOTHING: Command(playbook("nothing"), _accept),
            PING: Command(playbook("ping"), _accept),
            PROBE: Command(playbook("probe", _variables(folder, "one", one, results)), note),
            PROBES: Command(playbook("probe", _variables(folder, "many", many, Path(folder, "many.jsonl"))), _accept),
        }
        usages = in_turn(commands, rounds)
    return usages, {phase: spread(seconds) for phase, seconds in timings.items()}


def _accept(_output: str) -> None:
    """The exit status says enough: these playbooks fail when something is not as it should be."""


def _variables(folder: str, name: str, destinations: Sequence[str], results: Path) -> dict[str, str]:
    listing = Path(folder, name)
    listing.write_text("".join(destination + "\n" for destination in destinations), encoding="utf-8")
    return {"destinations_file": str(listing), "results_file": str(results)}


def playbook(name: str, variables: Mapping[str, str] | None = None) -> list[str]:
    """Return the command that runs one of our playbooks."""
    program = shutil.which("ansible-playbook", path=str(Path(sys.executable).parent)) or "ansible-playbook"
    extra = [word for pair in (variables or {}).items() for word in ("-e", "{}={}".format(*pair))]
    return [program, "-i", "localhost,", *extra, str(here() / "playbooks" / (name + ".yml"))]


def measure_imports(rounds: int) -> dict[str, Spread]:
    """Seconds that importing what the module needs takes, by package, and compiling our own files."""
    found: dict[str, list[float]] = {}
    # With bytecode kept (an empty value means that), so that compiling counts once and for our own files alone.
    environment = {"PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"], "PYTHONDONTWRITEBYTECODE": ""}
    engine = "ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run"
    importing = [sys.executable, "-X", "importtime", "-c", f"import {engine}"]
    compiling = [sys.executable, "-c", _COMPILE]
    run(Command(importing, _accept, environment=environment))
    for _number in range(rounds):
        for package, seconds in _by_package(run(Command(importing, _accept, environment=environment)).output).items():
            found.setdefault(package, []).append(seconds)
        found.setdefault(COMPILING, []).append(float(run(Command(compiling, _accept, environment=environment)).output))
    return {package: spread(seconds) for package, seconds in found.items()}


def _by_package(importtime: str) -> dict[str, float]:
    """Sum the self times of `python -X importtime`, microseconds, by package."""
    total: Counter[str] = Counter()
    for line in importtime.splitlines():
        fields = line.removeprefix("import time:").split("|")
        if len(fields) == 3 and fields[0].strip().isdigit():
            package = fields[2].strip().split(".")[0]
            total[PACKAGES.get(package, PYTHON)] += int(fields[0])
    if not total["dnspython"]:
        raise Failed(f"no import times of dnspython in: {importtime[-500:]}")
    return {package: microseconds / 1e6 for package, microseconds in total.items()}
