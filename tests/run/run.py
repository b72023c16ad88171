# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the sessions of noxfile.py, two at a time: all of them, or those that are named, by themselves or by group.

Every session prints one line when it ends and keeps its output in `.work/logs`. The last line is the sum, and the exit
status is 1 when a session failed.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import quiet

ROOT = Path(__file__).resolve().parents[2]
LOGS, MADE = ROOT / ".work" / "logs", ROOT / ".work" / "made"
GROUPS = {
    "lab": ["integration", "integration-debian", "rollover", "differential"],
    "sanity": ["sanity-new", "sanity-old"],
    "units": ["units-oldest-libraries", "units-new", "units-debian", "units-old", "hostile", "release", "report", "demo"],
    "lint": ["ansible-lint", "build-import-check", "docs-check", "typing", "yamllint"]
    + ["license-check", "codeqa", "changelog", "extra-checks", "antsibull-nox-config"],
}
"""All sessions of a test run, the longest first, so that the last ones to end are short and both processors stay busy."""
OTHER_NAMES = dict(docs="docs-check", fuzz="hostile", importer="build-import-check", mypy="typing", reuse="license-check", ruff="codeqa")
"""What people call sessions by: tools, and what is a part of one."""
INPUTS = ("noxfile.py", "antsibull-nox.toml", "tests/run/requirements.txt", "tests/unit/requirements.txt")
"""What decides which packages a session has."""
AT_A_TIME = 2
TAIL_LINES = 40
GRACE = {signal.SIGINT: 90.0, signal.SIGTERM: 10.0, signal.SIGKILL: 5.0}
"""Seconds that an interrupted session has after each signal: to take down its networks, to end, to be gone."""


class Session:
    """A session that runs, in a process group of its own; its packages are installed unless it passed with these very ones."""

    def __init__(self, name: str) -> None:
        self.name, self.log, self.began = name, LOGS / f"{name}.log", time.monotonic()
        self._made, self._looked, self._silence = MADE / name, self.began, quiet.Silence()
        ready = self._made.exists() and self._made.read_text(encoding="utf-8") == digest()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command(name, ready), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def outcome(self) -> str:
        """Return `PASS`, `FAIL: WHY` or `SKIP: WHY` when it has ended; it is ended when it has said nothing for too long."""
        status = self.process.poll()
        if status is None:
            return self._stuck()
        lines = [line for line in self.lines() if f"Session {self.name} " in line]
        if status or not lines:
            return f"FAIL: exit status {status}"
        if "skipped: " in lines[-1]:
            return f"SKIP: {lines[-1].partition('skipped: ')[2]}"
        self._made.write_text(digest(), encoding="utf-8")
        return "PASS"

    def _stuck(self) -> str:
        passed = time.monotonic() - self._looked
        if passed >= quiet.LOOK:
            self._looked += passed
            try:
                self._silence.look(self.log.stat().st_size, passed, quiet.load())
            except quiet.Stuck as stuck:
                end([self])
                return f"FAIL: {stuck}"
        return ""

    def lines(self) -> list[str]:
        """Return what it has said."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()


def choose(names: Sequence[str]) -> list[str]:
    """Return the sessions that are named, in the order in which they begin; all without names."""
    everything = [name for group in GROUPS.values() for name in group]
    chosen = [each for name in names for each in GROUPS.get(name, [OTHER_NAMES.get(name, name)])]
    unknown = sorted(set(chosen) - set(everything))
    if unknown:
        sys.exit(f"No session or group is called {' or '.join(unknown)}; there are: {' '.join([*GROUPS, *everything, *OTHER_NAMES])}")
    return [name for name in everything if not names or name in chosen]


def command(name: str, ready: bool) -> list[str]:
    """Return how to run a session; no package is installed when it is *ready*."""
    return [sys.executable, "-m", "nox", "--noxfile", str(ROOT / "noxfile.py"), "--session", name, *(["--no-install"] if ready else [])]


def digest() -> str:
    """Return one hash over what decides which packages sessions have."""
    return hashlib.sha256(b"\0".join((ROOT / name).read_bytes() for name in INPUTS)).hexdigest()


def end(running: Sequence[Session]) -> None:
    """End sessions with all that they started: as Control-C would, then politely, then for good."""
    left = list(running)
    for number, seconds in GRACE.items():
        until = time.monotonic() + seconds
        tell(left, number)
        while left and time.monotonic() < until:
            ended = [each for each in left if each.process.poll() is not None]
            tell(ended, signal.SIGKILL)  # at once, as long as the number of the group is nobody else's
            left = [each for each in left if each not in ended]
            time.sleep(0.1)


def tell(sessions: Sequence[Session], number: signal.Signals) -> None:
    """Send a signal to all processes of sessions."""
    for session in sessions:
        with suppress(ProcessLookupError):
            os.killpg(session.process.pid, number)


def report(session: Session, outcome: str) -> None:
    """Print a session's line, and the end of its log when it failed."""
    word, _colon, reason = outcome.partition(": ")
    seconds = time.monotonic() - session.began
    where = f"; {os.path.relpath(session.log)}" if word == "FAIL" else ""
    print(f"{word}  {session.name:24} {seconds:6.1f} s  {reason}{where}".rstrip())
    if word == "FAIL":
        lines = session.lines()
        earlier = [line for line in lines[:-TAIL_LINES] if line.startswith(("ERROR", "FATAL", "FAILED"))]
        print("".join(f"    | {line}\n" for line in earlier + lines[-TAIL_LINES:]), end="")
    sys.stdout.flush()


@contextmanager
def interruptions_later() -> Iterator[None]:
    """Have an interruption wait for what is begun here to be known, or nobody would end it."""
    came: list[int] = []
    before = {number: signal.signal(number, lambda one, unused: came.append(one)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


def run(names: Sequence[str]) -> list[str]:
    """Run sessions and return how each ended; an interruption ends all of them."""
    waiting, running, outcomes = list(names), list[Session](), list[str]()
    try:
        while waiting or running:
            while waiting and len(running) < AT_A_TIME:
                with interruptions_later():
                    running.append(Session(waiting.pop(0)))
            time.sleep(0.2)
            for session in list(running):
                outcome = session.outcome()
                if outcome:
                    running.remove(session)
                    outcomes.append(outcome)
                    report(session, outcome)
    except KeyboardInterrupt:
        print("interrupted; what is running takes down its networks", file=sys.stderr, flush=True)
        end(running)
        raise
    return outcomes


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for; 0 only when something passed and nothing failed."""
    names, began = choose(arguments), time.monotonic()
    for folder in (LOGS, MADE):
        folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"{len(names)} sessions, {AT_A_TIME} at a time", flush=True)
    try:
        words = [outcome[:4] for outcome in run(names)]
    except KeyboardInterrupt:
        return 130
    print(f"{time.monotonic() - began:.0f} seconds; logs are in {os.path.relpath(LOGS)}")
    print(f"{words.count('PASS')} passed, {words.count('FAIL')} failed" + (f", {words.count('SKIP')} skipped" if "SKIP" in words else ""))
    return 1 if "FAIL" in words or "PASS" not in words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
