# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a wait for a probe elsewhere concludes: done, failed, dead, or another run in its way. The machine is a stand-in."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible_collections.mailops.tls.plugins.action import mx_audit_wait as action
from ansible_collections.mailops.tls.plugins.plugin_utils import _audit_wait as audit_wait
from ansible_collections.mailops.tls.plugins.plugin_utils._audit_wait import AT_WORK_ALREADY, Outlook, pause

JSON_LINES = Path(audit_wait.__file__).parents[1] / "module_utils" / "_results" / "json_lines.py"


def progress(done: int, *, ended: bool = False) -> dict[str, Any]:
    return {"done": done, "total": 10, "rate": 1.0, "parked": 0, "seconds_left": None, "by_status": {"verified": done}, "ended": ended}


class Machine:
    """A machine that probes: a file of progress, a job, and a connection that can be lost."""

    def __init__(self) -> None:
        self.progress: dict[str, Any] | None = None
        self.job: dict[str, Any] = {"finished": False}
        self.written = 0.0
        self.away = False
        self.asked: list[str] = []
        self.cleaned = False

    def run(self, module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        if self.away:
            raise AnsibleConnectionFailure("no route to host")
        name = module_name.rpartition(".")[2]
        self.asked.append(name)
        if name == "slurp":
            if self.progress is None:
                return {"failed": True, "msg": "File not found"}
            return {"content": base64.b64encode(json.dumps(self.progress).encode()).decode()}
        if name == "stat":
            return {"stat": {"exists": True, "mtime": self.written}}
        assert module_args["jid"] == "j1" and module_args["_async_dir"] == "~/async"
        self.cleaned = self.cleaned or module_args["mode"] == "cleanup"
        return self.job


class Wait(action.ActionModule):
    """The action on a stand-in for a machine; its clock goes on by its pauses alone, and things happen at times of it."""

    shows = True

    def __init__(self, machine: Machine, monkeypatch: pytest.MonkeyPatch, events: dict[float, Callable[[], None]]) -> None:
        self._machine, self._clock, self._events = machine, 0.0, dict(events)
        self.shown: list[str] = []
        monkeypatch.setattr(f"{action.__name__}.time.monotonic", lambda: self._clock)
        monkeypatch.setattr(f"{action.__name__}.time.sleep", self._pause)
        monkeypatch.setattr(action.display, "display", self.shown.append)
        monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})

    def _pause(self, seconds: float) -> None:
        self._clock += seconds
        for when in sorted(self._events):
            if when <= self._clock:
                self._events.pop(when)()

    def validate_argument_spec(self, argument_spec: dict[str, Any]) -> tuple[None, dict[str, Any]]:
        times = {"interval": 5.0, "patience": 60.0, "longest": None}
        return None, {"jid": "j1", "progress_file": "/srv/audit/progress", **times, "show": self.shows}

    def get_shell_option(self, option: str, default: str) -> str:
        return "~/async"  # as it is: the job, too, expands it by the home that modules know there

    def _execute_module(self, **arguments: Any) -> dict[str, Any]:
        return self._machine.run(**arguments)


@pytest.fixture(name="machine")
def _machine() -> Machine:
    return Machine()


def wait(machine: Machine, monkeypatch: pytest.MonkeyPatch, events: dict[float, Callable[[], None]]) -> tuple[dict[str, Any], Wait]:
    one = Wait(machine, monkeypatch, events)
    return one.run(None, {"inventory_hostname": "ams1"}), one


def setting(machine: Machine, **values: Any) -> Callable[[], None]:
    return lambda: vars(machine).update(values)


def test_a_job_that_ends_well(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.progress = progress(1)
    over = {"finished": True, "summary": {"destinations": 10}, "results": []}
    found, one = wait(machine, monkeypatch, {20: setting(machine, progress=progress(10, ended=True), job=over)})
    assert (found["ending"], found["text"], found["summary"]) == ("done", "", {"destinations": 10})
    assert found["progress"]["done"] == 10 and machine.cleaned and "results" not in found
    assert len(one.shown) == 2 and one.shown[0].startswith("ams1: 1 of 10 (10 %)")


def test_nothing_is_shown_where_nobody_looks(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.progress = progress(10, ended=True)
    machine.job = {"finished": True}
    monkeypatch.setattr(Wait, "shows", False)
    found, one = wait(machine, monkeypatch, {})
    assert found["ending"] == "done" and found["progress"]["done"] == 10 and not one.shown


def test_a_job_that_fails(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    found, one = wait(machine, monkeypatch, {5: setting(machine, job={"finished": True, "failed": True, "msg": "no dnspython"})})
    assert (found["ending"], found["text"]) == ("failed", "no dnspython") and not one.shown


def test_a_dead_job_is_given_up(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.progress = progress(4)
    found, one = wait(machine, monkeypatch, {})
    assert found["ending"] == "lost" and 60 < one._clock < 80 and len(one.shown) == 1


def test_a_file_that_is_written_is_a_sign_of_life(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.progress = progress(4)
    beats: dict[float, Callable[[], None]] = {float(when): setting(machine, written=when) for when in range(30, 300, 30)}
    found, one = wait(machine, monkeypatch, {**beats, 290.5: setting(machine, job={"finished": True})})
    assert found["ending"] == "done" and one._clock > 290


def test_another_run_is_waited_for(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.progress = progress(4)
    machine.job = {"finished": True, "failed": True, "msg": f"results_file: /srv/audit/results.jsonl {AT_WORK_ALREADY} at this moment"}
    found, one = wait(machine, monkeypatch, {
        30: setting(machine, progress=progress(7)), 70: setting(machine, progress=progress(10, ended=True)),
    })  # fmt: skip
    assert found["ending"] == "other_ended" and 70 <= one._clock < 80
    assert machine.asked.count("async_status") == 2, "the job itself is over, and is not asked again"


def test_a_lost_connection_is_waited_for(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.progress = progress(4)
    found, unused = wait(machine, monkeypatch, {
        10: setting(machine, away=True), 50: setting(machine, away=False, progress=progress(10, ended=True), job={"finished": True}),
    })  # fmt: skip
    assert found["ending"] == "done"


def test_a_machine_that_stays_away_is_given_up(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    found, unused = wait(machine, monkeypatch, {10: setting(machine, away=True)})
    assert found["ending"] == "lost" and "cannot be reached" in found["text"]


def test_the_error_of_a_probe_that_gives_way_is_known() -> None:
    assert AT_WORK_ALREADY in JSON_LINES.read_text(encoding="utf-8")


def test_pauses_are_short_at_first() -> None:
    assert pause(0, 10) == 1 and pause(30, 10) == 4 and pause(3600, 10) == 10 and pause(0, 0.5) == 0.5


def test_the_documented_options_are_those_of_the_action() -> None:
    text = (Path(audit_wait.__file__).parents[1] / "modules" / "mx_audit_wait.py").read_text(encoding="utf-8")
    documented = re.findall(r"^  (\w+):\n    description:", text.partition("options:")[2].partition('"""')[0], re.M)
    assert documented == list(action.ARGUMENTS)


def test_progress_that_says_the_same_is_no_news() -> None:
    outlook = Outlook(60, 0)
    assert outlook.see(progress(1), 1) and not outlook.see(progress(1), 2) and not outlook.see(None, 3)
    assert outlook.given_up(61, "nothing") is None and outlook.given_up(62, "nothing") is not None


def test_nobody_has_news_for_ever() -> None:
    outlook = Outlook(60, 0, longest=100)
    for now in range(1, 101):
        assert outlook.see(progress(now), now) and outlook.given_up(now, "nothing") is None
    assert outlook.see(progress(101), 101)
    given_up = outlook.given_up(101, "nothing")
    assert given_up is not None and given_up["ending"] == "lost"
