# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The self-check: every case at every level through the real posttls-finger, compared with what the case expects.

Postfix 3.7 (Debian 12) is compared with the 3.7 words. Nothing is skipped silently: a case that this posttls-finger cannot
run says why in its data.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from . import delivery, posttls_finger, summary
from .layout import Layout

PROGRAM = "/usr/sbin/posttls-finger"
LIMIT = 600.0
"""Seconds one run may take at most, all addresses together."""

MATCHING_LEVELS = ("fingerprint", "verify", "secure")


@dataclass(frozen=True)
class Run:
    """One comparison: the case, the level, the complete output and what differs (empty when all is as expected)."""

    case: str
    level: str
    output: str
    differs: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """What to run: a case at a level, the whole destination or (`host`) one of its exchanges, and what is expected."""

    case: Mapping[str, Any]
    level: str
    expected: Mapping[str, Any]
    host: str = ""

    @property
    def name(self) -> str:
        """The case, and the exchange if there is one."""
        return f"{self.case['name']} ({self.host})" if self.host else str(self.case["name"])


def arguments(found: Mapping[str, Any], case: Mapping[str, Any], level: str, destination: str = "") -> list[str]:
    """The command line for a case at a level; `found` is the lab's summary, `destination` takes the place of the case's."""
    options = case["options"]
    command = [PROGRAM, "-t", "5", "-T", "5", "-l", level]
    authority = options.get("ca")
    if authority:
        command += ["-F", found["ca_file"] if authority is True else found["authorities"][authority]["file"]]
    letters = {"insecure_mx_policy": "-M", "sni": "-s", "tls_protocols": "-p", "address_family": "-a", "cipher_grade": "-g"}
    for name, letter in letters.items():
        if name in options:
            command += [letter, options[name]]
    command += ["-h", ", ".join(options["host_lookup"])] if "host_lookup" in options else []
    command += ["-S"] if options.get("protocol") == "lmtp" else []
    command += ["-H", found["client_chain"]] if options.get("client") else []
    command += ["-f"] if options.get("force_tlsa") else []
    command += ["-w"] if options.get("tls_mode") == "implicit" else []
    if "tls_dane_digests" in options:
        command += ["-o", "tls_dane_digests=" + options["tls_dane_digests"]]
    match = options.get("match", []) if level in MATCHING_LEVELS else []
    return [*command, destination or case["destination"], *match]


def differences(expected: Mapping[str, Any], report: posttls_finger.Report, level: str) -> tuple[str, ...]:
    """What is not as expected, each as one line."""
    wanted: list[tuple[str, str | None, str | None]] = [
        ("status", expected["postfix37"] or expected["status"], report.status),
        ("error_kind", expected["error_kind"], posttls_finger.error_kind(report, level)),
        ("matched", expected["matched"], report.dane.parameters if report.dane else None),
    ]
    found = [f"{name} is {got}, expected {want}" for name, want, got in wanted if want != got]
    if report.fatal or report.tls_disabled:
        found.append("no measurement: %s" % (report.fatal or "TLS disabled"))
    return tuple(found)


def questions(case: Mapping[str, Any]) -> list[Question]:
    """All comparisons of a case. An exchange of several is asked alone, in brackets, which makes no difference without names."""
    found = [Question(case, level, expected) for level, expected in case["expected"].items()]
    for host, levels in case["endpoints"].items():
        found += [Question(case, level, expected, host) for level, expected in levels.items()]
    return found


def run(layout: Layout, found: Mapping[str, Any], asked: Question) -> Run:
    """Run posttls-finger for one question and compare."""
    destination = f"[{asked.host}]" if asked.host else ""
    command = layout.net.inside(arguments(found, asked.case, asked.level, destination))
    environment = layout.environment()
    try:
        done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=LIMIT, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return Run(asked.name, asked.level, "", (f"no end within {LIMIT} s",))
    output = (done.stdout + done.stderr).decode("utf-8", "replace")
    differs = differences(asked.expected, posttls_finger.parse(output), asked.level)
    return Run(asked.name, asked.level, output, differs)


def _deliveries(layout: Layout, found: Mapping[str, Any], todo: Sequence[Question]) -> list[Run]:
    """Compare `satisfied` with what the real smtp(8) does."""
    results = delivery.deliver(layout, found, [(asked.case, asked.level) for asked in todo])
    runs = []
    for number, asked in enumerate(todo):
        result = results.get(number)
        wanted = asked.expected["satisfied"] != (asked.level in asked.case["unlike_smtp"])
        if result is None:
            differs: tuple[str, ...] = ("smtp(8) came to no end",)
        else:
            differs = () if result.satisfied == wanted else (f"satisfied is {result.satisfied}, expected {wanted}",)
        runs.append(Run(asked.name + " by smtp(8)", asked.level, result.reason if result else "", differs))
    return runs


def check(layout: Layout, names: Sequence[str], jobs: int, verbose: bool, smtp: bool = False) -> int:
    """Compare all (or the named) cases, print what differs and a total; 0 when nothing does, 1 otherwise, 2 for unknown names."""
    found = summary.load(layout.state)
    unknown = set(names) - {case["name"] for case in found["cases"]}
    if unknown:
        print(f"no such case: {' '.join(sorted(unknown))}")
        return 2
    cases = [case for case in found["cases"] if not names or case["name"] in names]
    todo = [asked for case in cases if not case["unsupported37"] for asked in questions(case)]
    with ThreadPoolExecutor(jobs) as pool:
        runs = list(pool.map(lambda asked: run(layout, found, asked), todo))
    runs += _deliveries(layout, found, [asked for asked in todo if not asked.host]) if smtp else []
    bad = [each for each in runs if each.differs]
    for each in bad:
        print(f"{each.case} at {each.level}: {'; '.join(each.differs)}")
        if verbose:
            print("".join(f"    {line}\n" for line in each.output.splitlines()))
    for case in cases:
        if case["unsupported37"]:
            print(f"{case['name']} not run: {case['unsupported37']}")
    print(f"{len(cases)} cases, {len(runs)} comparisons, {len(bad)} differ")
    return 1 if bad else 0
