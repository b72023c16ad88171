# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends the controller without a word (SIGKILL) before the task with the number in `END_BEFORE_TASK`, counted from 1; all when it is 0.

For tests only. The names of the tasks that began are written to the file in `TASKS_BEGUN`, what the role reports in the end to that in
`ROLE_REPORT`, in JSON.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from ansible.executor.task_result import CallbackTaskResult
from ansible.playbook.task import Task
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: end_before_task
type: aggregate
short_description: End the controller before a task
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Ends the controller before a task, for tests.
"""
REPORT = "What became of the rollovers"


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Counts tasks as they begin."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "end_before_task"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        """Read the number."""
        super().__init__()
        self._last = int(os.environ.get("END_BEFORE_TASK", "0"))
        self._begun = 0

    def v2_playbook_on_task_start(self, task: Task, is_conditional: bool) -> None:
        """Count a task, or end everything."""
        self._begun += 1
        if self._begun == self._last:
            os.kill(os.getpid(), signal.SIGKILL)
        with Path(os.environ["TASKS_BEGUN"]).open("a", encoding="utf-8") as file:
            file.write(task.get_name() + "\n")

    def v2_runner_on_ok(self, result: CallbackTaskResult) -> None:
        """Keep the role's report."""
        if result.task.get_name().endswith(REPORT):
            Path(os.environ["ROLE_REPORT"]).write_text(json.dumps(result.result["msg"]), encoding="utf-8")
