# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The callback ``quiet``: a run prints what people have to read, and nothing else."""

from __future__ import annotations

DOCUMENTATION = r"""
name: quiet
type: stdout
short_description: Prints reports, failures and warnings only
version_added: 1.0.0
author:
  - the mailops.tls authors (@mailops)
description:
  - Prints the messages of M(ansible.builtin.debug), line by line, and what failed or could not be reached. That is what a playbook
    says that a timer runs every hour, such as C(mailops.tls.rollover).
  - The recap is printed when something failed.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
requirements:
  - set as stdout in configuration, C(ANSIBLE_STDOUT_CALLBACK=mailops.tls.quiet)
"""

from collections.abc import Mapping
from typing import Any

from ansible.constants import COLOR_ERROR
from ansible.plugins.callback.default import CallbackModule as Default

_DEBUG = ("debug", "ansible.builtin.debug", "ansible.legacy.debug")
_LONG = ("argument_spec_data", "validate_args_context")
"""Where an argument of a role is refused, Ansible's result has all of the role's documentation. The reason is in its message."""


class CallbackModule(Default):  # type: ignore[misc]  # Ansible has no types
    """Ansible's own callback without what nobody has to read."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "mailops.tls.quiet"

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Say nothing of plays."""
        self._play = play

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Say nothing of tasks, unless they fail."""
        self._last_task_name = task.get_name().strip()

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        """Say nothing of handlers, unless they fail."""
        self._last_task_name = task.get_name().strip()

    def v2_playbook_on_no_hosts_matched(self) -> None:
        """Say that a play has done nothing."""
        self._display.display("skipping: no hosts matched")

    def v2_runner_on_ok(self, result: Any) -> None:
        """Show the messages of debug."""
        task = result.task if hasattr(result, "task") else result._task
        if task.action in _DEBUG:
            found = result.result if hasattr(result, "result") else result._result
            message = found.get("msg", "")
            for line in message if isinstance(message, list) else str(message).splitlines():
                self._display.display(str(line))

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Show what failed, unless the playbook goes on by itself. Where an option is wrong its message is enough."""
        if ignore_errors:
            return
        found = result.result if hasattr(result, "result") else result._result
        if "option" not in found or "msg" not in found:
            super().v2_runner_on_failed(result, ignore_errors)
            return
        task, host = (result.task, result.host) if hasattr(result, "task") else (result._task, result._host)
        self._display.banner(f"TASK [{task.get_name().strip()}]")
        self._display.display(f"fatal: [{host.get_name()}]: {found['msg']}", color=COLOR_ERROR)

    def _dump_results(self, result: Mapping[str, Any], *args: Any, **more: Any) -> str:
        text: str = super()._dump_results({name: value for name, value in result.items() if name not in _LONG}, *args, **more)
        return text

    def v2_runner_item_on_failed(self, result: Any) -> None:
        """Show what failed."""
        task = result.task if hasattr(result, "task") else result._task
        if not task.ignore_errors:
            super().v2_runner_item_on_failed(result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """Say nothing of what went well."""

    def v2_runner_on_skipped(self, result: Any) -> None:
        """Say nothing of what was skipped."""

    def v2_runner_item_on_skipped(self, result: Any) -> None:
        """Say nothing of what was skipped."""

    def v2_on_file_diff(self, result: Any) -> None:
        """Show no differences."""

    def v2_playbook_on_include(self, included_file: Any) -> None:
        """Say nothing of files that are included."""

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Show the recap when something failed."""
        if stats.failures or stats.dark:
            super().v2_playbook_on_stats(stats)
