# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task shows while a long run lasts, wherever the run is."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._results.progress import LARGEST
from ansible_collections.mailops.tls.plugins.plugin_utils import _progress_watch as progress_watch
from ansible_collections.mailops.tls.plugins.plugin_utils._progress_watch import ProgressWatch, read_here, read_there


def content(done: int, **more: Any) -> bytes:
    found = {"run": "night", "done": done, "total": 4, "rate": 2.0, "seconds_left": 1, "by_status": {"failed": done}, "parked": 0}
    return json.dumps({**found, "active": 1, "ended": False, **more}).encode()


def watched(monkeypatch: pytest.MonkeyPatch, contents: list[bytes | None], own: str | None = None) -> list[str]:
    """Return what is shown of a file that has these contents one after the other."""
    shown: list[str] = []
    there = threading.Event()
    left = iter(contents)

    def read() -> bytes | None:
        try:
            return next(left)
        except StopIteration:
            there.set()
            return None

    monkeypatch.setattr(progress_watch, "INTERVAL", 0.001)
    monkeypatch.setattr(progress_watch.display, "display", shown.append)
    watch = ProgressWatch(read, "x", own)
    assert there.wait(600)
    watch.stop()
    return shown


def test_a_line_is_shown_when_it_is_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = watched(monkeypatch, [None, b"half", content(1), content(1), content(2), content(4, ended=True)])
    assert found == ["x: 1 of 4 (25 %), 2.0/s, 1 s left, 1 failed", "x: 2 of 4 (50 %), 2.0/s, 1 s left, 2 failed"]


def test_what_another_machine_says_is_shown_as_one_clean_line(monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = watched(monkeypatch, [content(1, by_status={"\x1b[31mred\n": 1, "y" * 500: 2})])
    assert line.isprintable() and len(line) < 150


def test_its_own_file_is_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_bytes(b"")
    watched(monkeypatch, [], str(own))
    assert not own.exists()
    watched(monkeypatch, [], str(own))


def test_nothing_else_than_a_file_holds_it_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    before = os.listdir("/proc/self/fd")
    for path in (tmp_path / "pipe", tmp_path / "link", tmp_path, tmp_path / "none"):
        assert read_here(str(path))() is None
    assert read_here("a\0b")() is None
    (tmp_path / "file").write_bytes(b"x" * 100_000)
    assert read_here(str(tmp_path / "file"))() == b"x" * LARGEST
    assert os.listdir("/proc/self/fd") == before


class Become:
    """Stands for a become plugin, which keeps notes on the command that is running."""

    def __init__(self) -> None:
        self.success = "the module's"


class Shell:
    SHELL_FAMILY = "sh"

    @staticmethod
    def quote(text: str) -> str:
        return f"'{text}'"


class Connection:
    def __init__(self) -> None:
        self.become: Become | None = Become()
        self._shell = Shell()

    def set_become_plugin(self, plugin: Become) -> None:
        self.become = plugin


class Action:
    """Stands for an action plugin whose connection is at work."""

    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self._connection, self._answer = Connection(), answer
        self.commands: list[str] = []

    def _remote_expand_user(self, path: str) -> str:
        return path.replace("~", "/home/them")

    def _low_level_execute_command(self, command: str) -> dict[str, Any]:
        self.commands.append(command)
        assert self._connection.become is not None
        self._connection.become.success = "another command's"
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def test_it_is_read_there_beside_the_module() -> None:
    action: Any = Action({"rc": 0, "stdout": "said"})
    assert read_there(action, "~/results.progress")() == b"said"
    assert action.commands == [f"head -c {LARGEST} '/home/them/results.progress'"]
    assert action._connection.become.success == "the module's"


@pytest.mark.parametrize("answer", [{"rc": 1, "stdout": "", "stderr": "no such file"}, OSError("gone"), KeyError("x")])
def test_what_goes_wrong_there_is_no_progress(answer: Any) -> None:
    action: Any = Action(answer)
    assert read_there(action, "x")() is None
