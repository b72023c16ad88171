# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits on the controller for a probe that runs by itself on another machine, and says every few seconds how far it is."""

from __future__ import annotations

import base64
import math
import time
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.mailops.tls.plugins.module_utils._results.progress import read_progress
from ansible_collections.mailops.tls.plugins.plugin_utils._audit_wait import AT_WORK_ALREADY, Ending, Outlook, ended, pause

display = Display()
ARGUMENTS = {
    "jid": {"type": "str"},
    "progress_file": {"type": "path", "required": True},
    "interval": {"type": "float", "default": 10.0},
    "patience": {"type": "float", "default": 120.0},
    "longest": {"type": "float"},
    "show": {"type": "bool", "default": True},
}


class ActionModule(ActionBase):
    """The action `mailops.tls.mx_audit_wait`."""

    _requires_connection = True
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Wait; the result says how it ended, which is no failure of the task whatever it is."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        unused, options = self.validate_argument_spec(argument_spec=ARGUMENTS)
        self._task_vars, self._job, self._shown = task_vars or {}, options["jid"], ""
        self._shows = options["show"]
        began = time.monotonic()
        longest = options["longest"]
        outlook = Outlook(options["patience"], began, math.inf if longest is None else longest)
        found: Mapping[str, Any] | None = None
        while found is None:
            try:
                found = self._look(options["progress_file"], outlook)
            except AnsibleConnectionFailure as error:
                # What runs there goes on meanwhile. Only when the machine stays away for long is it given up.
                found = outlook.given_up(time.monotonic(), f"it cannot be reached: {error}")
            if found is None:
                time.sleep(pause(time.monotonic() - began, options["interval"]))
        result.update(found, changed=False, progress=outlook.progress)
        return result

    def _look(self, progress_file: str, outlook: Outlook) -> Mapping[str, Any] | None:
        """Look once; return how it ended, if it has."""
        news = self._see(progress_file, outlook)
        if self._job and (not news or outlook.ended):
            status = self._status("status")
            if status.get("finished"):
                self._status("cleanup")
                self._job = None
                self._see(progress_file, outlook)
                self._show(outlook)
                text = str(status.get("msg") or "it ended without a word") if status.get("failed") else ""
                if AT_WORK_ALREADY not in text:
                    return ended(Ending.FAILED if text else Ending.DONE, text, status.get("summary"))
                outlook.give_way(time.monotonic())
        if not news:
            written = self._remote("ansible.legacy.stat", path=progress_file, get_checksum=False).get("stat") or {}
            outlook.see_written(written.get("mtime"), time.monotonic())
        return outlook.given_up(time.monotonic(), "nothing was seen of it any more")

    def _see(self, progress_file: str, outlook: Outlook) -> bool:
        """Read the file of progress, and return whether it says something new. That of an earlier job is not shown."""
        content = self._remote("ansible.legacy.slurp", src=progress_file).get("content") or ""
        news = outlook.see(read_progress(base64.b64decode(content)), time.monotonic())
        if news and not (outlook.ended and self._job):
            self._show(outlook)
        return news

    def _show(self, outlook: Outlook) -> None:
        line = outlook.line(str(self._task_vars.get("inventory_hostname")))
        if self._shows and outlook.progress and line != self._shown:
            display.display(line)
        self._shown = line

    def _status(self, mode: str) -> dict[str, Any]:
        # Not expanded here: the job, too, took it for the home that modules know there.
        folder = self.get_shell_option("async_dir", default="~/.ansible_async")
        return self._remote("ansible.legacy.async_status", jid=self._job, mode=mode, _async_dir=folder)

    def _remote(self, module: str, **arguments: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._execute_module(module_name=module, module_args=arguments, task_vars=self._task_vars)
        return found
