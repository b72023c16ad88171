# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sender: once a second, posttls-finger(1) at level dane to the domain, and to every address of every exchange by each key algorithm.

The program of another project judges here, not ours. A key algorithm is chosen by leaving the other out of a TLS 1.2 offer.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from .. import posttls_finger
from .probe_log import FAILED, OPPORTUNISTIC, VERIFIED, Probe
from .settings import ALGORITHMS, DOMAIN, EXCHANGES

PROGRAM = "/usr/sbin/posttls-finger"
WITHOUT = {"rsa": "!aECDSA", "ecdsa": "!aRSA"}
LIMIT = 600.0
AT_ONCE = 24
NO_RECORDS = 'no TLSA records found, resorting to "secure"'
UNDER_WAY = 4
"""Probes of one target that may be under way before the next ones are left out."""


@dataclass(frozen=True)
class Target:
    """What to probe: the domain, or one address of an exchange by one algorithm."""

    host: str
    address: str = "-"
    algorithm: str = "any"

    @property
    def name(self) -> str:
        """As in the log."""
        return f"{self.host} {self.address} {self.algorithm}"

    def arguments(self) -> list[str]:
        """posttls-finger's command line."""
        command = [PROGRAM, "-t", "60", "-T", "60", "-l", "dane", "-L", "routine,certmatch,verbose"]
        if self.address == "-":
            return [*command, self.host]
        command += ["-a", "ipv6" if ":" in self.address else "ipv4", "-p", "!TLSv1.3"]
        return [*command, "-o", "tls_medium_cipherlist=HIGH:" + WITHOUT[self.algorithm], f"[{self.host}]"]


TARGETS: Sequence[Target] = (
    Target(DOMAIN),
    *(Target(each.host, address, algorithm) for each in EXCHANGES for address in each.addresses for algorithm in ALGORITHMS),
)


def verdict(output: str, address: str = "-") -> tuple[str, str]:
    """What posttls-finger's output means for a delivery at level dane to this address, and in short why."""
    report = posttls_finger.parse(output)
    if report.connected is not None and address not in ("-", report.connected[1]):
        return FAILED, f"no connection; it took {report.connected[1]} instead"  # an address family is only preferred
    if report.status == "verified" and report.dane is not None:
        return VERIFIED, f"{report.dane.parameters} {report.dane.data}"
    if report.status is not None and not report.tlsa_records and not report.tlsa_errors and report.policy in (None, NO_RECORDS):
        return OPPORTUNISTIC, "no TLSA records"
    reasons = [*report.tlsa_errors, *report.connect_failures, *(failure.text for failure in report.verify_failures)]
    reasons += [text for text in (report.lookup_failure, report.io_error, report.fatal, report.policy) if text]
    return FAILED, "; ".join([report.status or "no TLS", *reasons, *report.tls_errors])


def probe(target: Target) -> tuple[Probe, str]:
    """Probe once; the output comes with it."""
    began, ticks = time.time(), time.monotonic()
    try:
        done = subprocess.run(target.arguments(), capture_output=True, check=False, timeout=LIMIT, stdin=subprocess.DEVNULL)
        output = (done.stdout + done.stderr).decode("utf-8", "replace")
        word, why = verdict(output, target.address)
    except subprocess.TimeoutExpired:
        output, word, why = "", FAILED, f"no end within {LIMIT} s"
    return Probe(began, time.monotonic() - ticks, target.host, target.address, target.algorithm, word, why), output


class Watch:
    """The loop of `watch`, which ends with SIGTERM."""

    def __init__(self, folder: Path) -> None:
        """`folder` gets the pid file and the logs."""
        self._folder = folder
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._under_way = {target: 0 for target in TARGETS}

    def _once(self, target: Target) -> None:
        found, output = probe(target)
        with self._lock:
            self._under_way[target] -= 1
            if found.verdict == FAILED:
                with (self._folder / "failures").open("a", encoding="utf-8") as file:
                    file.write(f"== {found.line()}\n{output}\n")
            with (self._folder / "log").open("a", encoding="utf-8") as file:
                file.write(found.line() + "\n")

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._end.set()

    def run(self) -> None:
        """Probe every target every second until told to end; the probes that are under way then are waited for."""
        signal.signal(signal.SIGTERM, self._stop)
        (self._folder / "pid").write_text(f"{os.getpid()}\n", encoding="ascii")
        with ThreadPoolExecutor(AT_ONCE) as pool:
            due = time.monotonic()
            while not self._end.wait(max(0.0, due - time.monotonic())):
                due = max(due + 1.0, time.monotonic())
                for target in TARGETS:
                    with self._lock:
                        free = self._under_way[target] < UNDER_WAY
                        self._under_way[target] += free
                    if free:
                        pool.submit(self._once, target)
