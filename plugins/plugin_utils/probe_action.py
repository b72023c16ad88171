# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action behind modules that probe: runs the module and, while a long run lasts, says how far it is.

One invocation probes all destinations, so that what they share is asked and probed once. A module that knows `progress_file` writes
each second how far it is, and this plugin reads that wherever the module runs. Of other modules it counts the lines of the
`results_file`, which it can do on this machine only.

Each module has an action plugin of its name, a class that tells which options name what is probed.
"""

from __future__ import annotations

import os
import stat
import tempfile
import threading
from typing import Any, BinaryIO

from ansible import constants as C
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.utils.vars import merge_hash
from ansible_collections.mailops.tls.plugins.module_utils._results.progress import SUFFIX
from ansible_collections.mailops.tls.plugins.plugin_utils.progress_watch import INTERVAL, ProgressWatch, read_here, read_there

display = Display()


class ProbeAction(ActionBase):
    """The action behind a module.

    `SHOWN` is its name, `PROBED` what it probes, `OPTIONS` the options for that, each with its aliases. `LIST_FILE` is the option for
    a file with them, of a module that knows `progress_file`.
    """

    SHOWN = ""
    PROBED = ""
    OPTIONS: tuple[tuple[str, ...], ...] = ()
    LIST_FILE: str | None = None
    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module; the result is the module's."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        naming = {name for names in self.OPTIONS for name in names}
        arguments = {name: _written(value) if name in naming else value for name, value in self._task.args.items()}
        background = self._task.async_val and not self._connection.has_native_async
        watch = self._watch if self.LIST_FILE is None else self._watch_progress
        progress = None if background or self._task.check_mode else watch(arguments)
        try:
            ran = self._execute_module(module_args=arguments, task_vars=task_vars, wrap_async=background)
            result = merge_hash(result, ran)
        finally:
            if progress is not None:
                progress.stop()
        if not background:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _watch_progress(self, arguments: dict[str, Any]) -> ProgressWatch | None:
        """Return a running watcher of the file of progress, named in *arguments* if the user did not; None where nothing can be seen.

        Elsewhere than here, or as somebody else, only a file that the task names can be read.
        """
        if not arguments.get(str(self.LIST_FILE)) and _count(arguments, self.OPTIONS) < 2:
            return None
        given = arguments.get("progress_file") or (arguments["results_file"] + SUFFIX if arguments.get("results_file") else None)
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

    def _watch(self, arguments: dict[str, Any]) -> Progress | None:
        """Return a running watcher of the results file, named in *arguments* if the user did not; None where it can't be seen."""
        if self._connection.transport != "local" or self._play_context.become:
            return None
        total = _count(arguments, self.OPTIONS)
        if total < 2 or (arguments.get("resume") and not arguments.get("results_file")):
            return None
        own = None
        if not arguments.get("results_file"):
            handle, own = tempfile.mkstemp(dir=C.DEFAULT_LOCAL_TMP, prefix=f"{self.SHOWN}-", suffix=".jsonl")
            os.close(handle)
            arguments["results_file"] = own
        return Progress(str(arguments["results_file"]), total, own, f"{self.SHOWN}: {{}} of {total} {self.PROBED} probed")


class Progress:
    """Watches a file of results in a thread of its own and shows every few seconds how many there are."""

    def __init__(self, path: str, total: int, own: str | None, line: str) -> None:
        """Watch *path*, to be removed if it is *own*; *line* is what to show, with `{}` for how many of the *total* are done."""
        self._lines, self._total, self._own, self._line = Lines(path), total, own, line
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching, and remove the file if it was made for this."""
        self._over.set()
        self._thread.join()
        if self._own is not None:
            os.unlink(self._own)

    def _run(self) -> None:
        shown = -1
        while not self._over.wait(INTERVAL):
            done = min(self._lines.results(), self._total)
            if done != shown:
                display.display(self._line.format(done))
                shown = done


class Lines:
    """Counts the lines of a file that grows, each only once; whatever else has its name is waited for by nobody."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: tuple[int, int] | None = None
        self._read = self._count = 0

    def results(self) -> int:
        """Return how many results there are by now: the first line is the header."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError):
            return 0
        try:
            status = os.fstat(descriptor)
            if stat.S_ISREG(status.st_mode):
                with os.fdopen(descriptor, "rb", closefd=False) as stream:
                    self._go_on(stream, status)
        finally:
            os.close(descriptor)
        return max(0, self._count - 1)

    def _go_on(self, stream: BinaryIO, status: os.stat_result) -> None:
        """Count what is new, or all when it is another file than before or was emptied."""
        if self._file != (status.st_dev, status.st_ino) or status.st_size < self._read:
            self._file, self._read, self._count = (status.st_dev, status.st_ino), 0, 0
        stream.seek(self._read)
        for chunk in iter(lambda: stream.read(1 << 20), b""):
            self._count += chunk.count(b"\n")
            self._read += len(chunk)


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
