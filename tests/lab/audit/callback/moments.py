# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes down when each task of a run begins, so that others can meet a moment of it."""

from __future__ import annotations

import os
import time

from ansible.playbook.task import Task
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: moments
type: notification
short_description: When each task of a run begins
description: Adds a line to the file that MAILOPS_AUDIT_MOMENTS names, with the time and the name of the task.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]  # Ansible has no types
    """One line a task."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "moments"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_task_start(self, task: Task, is_conditional: bool) -> None:
        """Note a task."""
        self._note(task)

    def v2_playbook_on_handler_task_start(self, task: Task) -> None:
        """Note a task of a handler."""
        self._note(task)

    @staticmethod
    def _note(task: Task) -> None:
        with open(os.environ["MAILOPS_AUDIT_MOMENTS"], "a", encoding="utf-8") as stream:
            stream.write(f"{time.monotonic()} {task.get_name()}\n")
