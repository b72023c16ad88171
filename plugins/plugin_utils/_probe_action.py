# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action behind modules that probe: runs the module and, while a long run lasts, says how far it is.

One invocation probes all that a task names, so that what they share is asked and probed once. The module writes each second how far it
is, and this plugin reads that wherever the module runs.

Each module has an action plugin of its name, a class that tells which options name what is probed.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any

from ansible import constants as C
from ansible.plugins.action import ActionBase
from ansible.utils.vars import merge_hash
from ansible_collections.mailops.tls.plugins.module_utils._results.progress import SUFFIX
from ansible_collections.mailops.tls.plugins.plugin_utils._progress_watch import ProgressWatch, read_here, read_there


class ProbeAction(ActionBase):
    """The action behind a module.

    `SHOWN` is its name, `OPTIONS` are the options for what it probes, each with its aliases, and `LIST_FILES` those for files of that.
    """

    SHOWN = ""
    OPTIONS: tuple[tuple[str, ...], ...] = ()
    LIST_FILES: tuple[str, ...] = ()
    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module; the result is the module's."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        naming = {name for names in self.OPTIONS for name in names}
        arguments = {name: _written(value) if name in naming else value for name, value in self._task.args.items()}
        background = self._task.async_val and not self._connection.has_native_async
        progress = None if background or self._task.check_mode else self._watch(arguments)
        try:
            ran = self._execute_module(module_args=arguments, task_vars=task_vars, wrap_async=background)
            result = merge_hash(result, ran)
        finally:
            if progress is not None:
                progress.stop()
        if not background:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _watch(self, arguments: dict[str, Any]) -> ProgressWatch | None:
        """Return a running watcher of the file of progress, named in *arguments* if the user did not; None where nothing can be seen.

        Elsewhere than here, or as somebody else, only a file that the task names can be read.
        """
        if not any(arguments.get(name) for name in self.LIST_FILES) and _count(arguments, self.OPTIONS) < 2:
            return None
        given = arguments.get("progress_file") or (f"{arguments['results_file']}{SUFFIX}" if arguments.get("results_file") else None)
        here = self._connection.transport == "local" and not self._play_context.become
        if given is None and not here:
            return None
        if not here:
            known = getattr(self._connection._shell, "SHELL_FAMILY", None) == "sh"
            return ProgressWatch(read_there(self, str(given)), self.SHOWN) if known else None
        if given is not None:
            return ProgressWatch(read_here(os.path.expandvars(os.path.expanduser(str(given)))), self.SHOWN)
        handle, own = tempfile.mkstemp(dir=C.DEFAULT_LOCAL_TMP, prefix=f"{self.SHOWN}-", suffix=SUFFIX)
        os.close(handle)
        arguments["progress_file"] = own
        return ProgressWatch(read_here(own), self.SHOWN, own)


def _written(value: Any) -> Any:
    """Return a list of hosts with nothing in place of null, of which Ansible would make the word None, a good host name."""
    return ["" if one is None else one for one in value] if isinstance(value, list) and None in value else value


def _count(arguments: dict[str, Any], options: tuple[tuple[str, ...], ...]) -> int:
    """How many things the task names, as the module will see them (a string is a list with commas)."""
    total = 0
    for names in options:
        value = next((arguments[name] for name in names if arguments.get(name) is not None), None)
        if value is not None:
            total += len(set(value.split(","))) if isinstance(value, str) else len(set(map(str, value)))
    return total
