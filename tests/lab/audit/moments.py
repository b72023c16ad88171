# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments of a run of ansible-playbook: in which task, and how far in it. A run that takes longer than another has the same ones."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

_BEFORE = "the beginning"


@dataclass(frozen=True)
class Task:
    """A task in the course of a run: its name, how often one of that name came before, and how long it took."""

    name: str
    before: int
    seconds: float


class Course:
    """The tasks of a run from its beginning to its end."""

    def __init__(self, path: Path, began: float, ended: float) -> None:
        """Read what the callback `moments` has written of a run."""
        begins = [(began, _BEFORE), *_noted(path)]
        ends = [at for at, unused in begins[1:]] + [ended]
        seen: Counter[str] = Counter()
        tasks = []
        for (at, name), end in zip(begins, ends):
            tasks.append(Task(name, seen[name], end - at))
            seen[name] += 1
        self.tasks: Sequence[Task] = tasks
        self.seconds = ended - began

    def at(self, share: float) -> tuple[Task, float]:
        """Return the task that is done after a share of the run, and how far in it that is."""
        left = share * self.seconds
        for task in self.tasks:
            if left < task.seconds:
                return task, left / task.seconds
            left -= task.seconds
        return self.tasks[-1], 1.0

    def named(self, name: str) -> Task:
        """Return the last task of a name."""
        return next(task for task in reversed(self.tasks) if task.name.endswith(name))


def wait_for(path: Path, task: Task, share: float, ended: Callable[[], bool]) -> bool:
    """Wait until a run has come to a moment; false when it ended before."""
    while task.name != _BEFORE and sum(name == task.name for unused, name in _noted(path)) <= task.before:
        if ended():
            return False
        time.sleep(0.005)
    time.sleep(share * task.seconds)
    return not ended()


def _noted(path: Path) -> Iterator[tuple[float, str]]:
    if path.exists():
        content = path.read_text(encoding="utf-8")
        for line in content[: content.rfind("\n") + 1].splitlines():
            at, unused, name = line.partition(" ")
            yield float(at), name
