# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The heartbeat of the role dane_rollover: cron's command says something only when the last run was too long ago."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("ansible")

TASKS = Path(__file__).resolve().parents[3] / "roles/dane_rollover/tasks/heartbeat.yml"


def write(folder: Path, hours: float) -> None:
    """Do the tasks with a file of cron in the folder."""
    tasks = [{"name": "Heartbeat", "ansible.builtin.include_tasks": str(TASKS)}]
    (folder / "play.yml").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    variables = {
        "ansible_python_interpreter": sys.executable,
        "dane_rollover_heartbeat_hours": hours,
        "dane_rollover_heartbeat_mailto": "postmaster",
        "__dane_rollover_heartbeat_file": str(folder / "cron"),
        "__dane_rollover_folder": str(folder / "it's here"),
        "__dane_rollover_label": "mx1 (100% ours)",
    }
    command = [sys.executable, "-m", "ansible.cli.playbook", "-i", "localhost,", "-c", "local", "-e", json.dumps(variables)]
    environment = {**os.environ, "ANSIBLE_HOME": str(folder / "home"), "LC_ALL": "C.UTF-8"}
    done = subprocess.run([*command, str(folder / "play.yml")], env=environment, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr


def said(folder: Path) -> str:
    """What the command of cron says, which takes a percent sign for a new line unless it is escaped (crontab(5))."""
    mail, line = (folder / "cron").read_text(encoding="utf-8").splitlines()[1:]
    assert mail == "MAILTO=postmaster"
    *_when, user, command = line.split(" ", 6)
    assert user == "root" and "%" not in command.replace("\\%", "")
    return subprocess.run(["sh", "-c", command.replace("\\%", "%")], capture_output=True, text=True, check=False).stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files of root")
def test_cron_says_something_only_when_no_run_came(tmp_path: Path) -> None:
    state = tmp_path / "it's here" / "state.json"
    state.parent.mkdir()
    write(tmp_path, 3)
    assert "mx1 (100% ours): no run of the DANE rollover for 3" in said(tmp_path), "there was never a run"
    state.write_text("{}", encoding="utf-8")
    assert said(tmp_path) == ""
    os.utime(state, (0, time.time() - 4 * 3600))
    assert said(tmp_path).startswith("mx1 (100% ours): no run")
    write(tmp_path, 0)
    assert not (tmp_path / "cron").exists()
