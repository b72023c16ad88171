# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the project's checks: all of them, or those that are named by step or group.

    run.py [NAME ...]          run steps, two at a time
    run.py --list              what steps there are
    run.py --fuzz [ARG ...]    coverage-guided fuzzing of the checkout itself; see tests/fuzz/run.sh
    run.py --pytest [ARG ...]  the edit loop: pytest on the checkout itself, with the newest libraries

Every step prints one line when it ends and keeps its output in `.work/logs`. The last line is the sum, and the exit
status is 1 when a step failed.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

import debian
import fuzzing
import source_tree
import toolboxes
import venvs
from steps import ansible_test, hostile, lab, static, units
from steps.step import Step
from workshop import IN_ROOT, WORK, Failed, Machine, Skipped, Workshop

STEPS = [*lab.STEPS, *ansible_test.STEPS, *units.STEPS, *hostile.STEPS, *static.STEPS]
LOGS = WORK / "logs"
AT_A_TIME = 2
TAIL_LINES = 40


@dataclass(frozen=True)
class Outcome:
    """How a step ended: `PASS`, `FAIL` or `SKIP`, with a reason unless it passed."""

    word: str
    reason: str
    seconds: float


class Run:
    """One run over chosen steps: hands them to workers, keeps the lanes apart, and prints what comes out."""

    def __init__(self, machine: Machine, chosen: Sequence[Step]) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self._machine = machine
        self._waiting = list(chosen)
        self._busy: set[str] = set()
        self._turn = threading.Condition()

    def to_the_end(self) -> None:
        """Run every step; returns when the last one has ended."""
        workers = [threading.Thread(target=self._work, daemon=True) for worker in range(AT_A_TIME)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def _work(self) -> None:
        while True:
            step = self._next()
            if step is None:
                return
            outcome = perform(self._machine, step)
            with self._turn:
                self._busy.discard(step.lane)
                self.outcomes[step.name] = outcome
                report(step, outcome)
                self._turn.notify_all()

    def _next(self) -> Step | None:
        with self._turn:
            while self._waiting:
                step = next((step for step in self._waiting if step.lane not in self._busy), None)
                if step is not None:
                    self._waiting.remove(step)
                    if step.lane:
                        self._busy.add(step.lane)
                    return step
                self._turn.wait()
        return None


def perform(machine: Machine, step: Step) -> Outcome:
    """Run one step to its end; whatever it raises becomes its outcome."""
    started = time.monotonic()
    with open(LOGS / (step.name + ".log"), "wb") as log:
        try:
            if step.needs_root and os.geteuid() != 0:
                raise Skipped("needs root")
            step.run(Workshop(machine, step.name, log))
            word, reason = "PASS", ""
        except Skipped as skipped:
            word, reason = "SKIP", str(skipped)
        except (Failed, venvs.CannotPrepare, debian.CannotInstall) as failed:
            word, reason = "FAIL", str(failed)
        except Exception:  # a fault of this runner must not hide the other steps' outcomes
            word, reason = "FAIL", traceback.format_exc()
        if reason:
            log.write(f"# {word}: {reason}\n".encode())
    return Outcome(word, reason, time.monotonic() - started)


def report(step: Step, outcome: Outcome) -> None:
    """Print a step's line, and the end of its log when it failed."""
    log = LOGS / (step.name + ".log")
    after = {"PASS": "", "SKIP": f"  skipped: {outcome.reason}"}.get(outcome.word, f"  {os.path.relpath(log)}")
    print(f"{outcome.word}  {step.name:24} {outcome.seconds:6.1f} s{after}", flush=True)
    if outcome.word == "FAIL":
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        earlier = [line for line in lines[:-TAIL_LINES] if line.startswith(("ERROR", "FATAL", "FAILED"))]
        print("".join(f"    | {line}\n" for line in earlier + lines[-TAIL_LINES:]), end="", flush=True)


def choose(names: Sequence[str]) -> list[Step]:
    """Return the steps that are named, by their own name or their group's; all without names."""
    known = {name for step in STEPS for name in (step.name, step.group)}
    for name in names:
        if name not in known:
            sys.exit(f"No step or group is called {name}; there are: {' '.join(sorted(known))}")
    return [step for step in STEPS if not names or step.name in names or step.group in names]


def test(machine: Machine, chosen: Sequence[Step]) -> int:
    """Run steps, print the sum and return the exit status: 0 only when something passed and nothing failed."""
    started = time.monotonic()
    print(f"{len(chosen)} steps, Python {' '.join(found.version for found in machine.interpreters.values())}", flush=True)
    run = Run(machine, chosen)
    try:
        run.to_the_end()
    except KeyboardInterrupt:
        machine.end_all()
        print("interrupted", file=sys.stderr)
        return 130
    finally:
        if machine.networks:
            perform(machine, Step("lab-down", "lab", lab.lab_down))
    words = [outcome.word for outcome in run.outcomes.values()]
    print(f"{time.monotonic() - started:.0f} seconds; logs are in {os.path.relpath(LOGS)}")
    skipped = f", {words.count('SKIP')} skipped" if "SKIP" in words else ""
    print(f"{words.count('PASS')} passed, {words.count('FAIL')} failed{skipped}", flush=True)
    return 1 if "FAIL" in words or "PASS" not in words else 0


def live(machine: Machine, *first_on_path: Path) -> dict[str, str]:
    """Return the environment in which the checkout itself has its full name, through a link."""
    link = WORK / "live" / IN_ROOT
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(source_tree.ROOT)
    return dict(machine.environment(first_on_path), PYTHONPATH=str(WORK / "live"))


def edit_loop(machine: Machine, arguments: Sequence[str]) -> NoReturn:
    """Become pytest on the checkout itself."""
    with open(LOGS / "pytest.log", "wb") as log:
        programs = toolboxes.core_new(Workshop(machine, "pytest", log))
    environment = live(machine, programs)
    python = str(programs / "python")
    command = [python, *units.PYTEST, *(arguments or ["tests/unit"])]
    os.execve(python, command, environment)


def interrupted(number: int, frame: FrameType | None) -> NoReturn:
    """Turn a request to stop into the way out that ends what is running."""
    raise KeyboardInterrupt


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for."""
    if arguments[:1] == ["--list"]:
        for step in STEPS:
            print(f"{step.group:8} {step.name:24} {(step.run.__doc__ or '').splitlines()[0]}")
        return 0
    os.chdir(source_tree.ROOT)
    LOGS.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, interrupted)
    if arguments[:1] == ["--pytest"]:
        edit_loop(Machine(), arguments[1:])
    if arguments[:1] == ["--fuzz"]:
        machine = Machine()
        with open(LOGS / "fuzz.log", "wb") as log:
            return fuzzing.fuzz(Workshop(machine, "fuzz", log), live(machine), arguments[1:])
    return test(Machine(), choose(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
