# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs modules one after the other, each in a process of its own that is forked when everything is imported already.

A module spends most of its time on imports, which would make rollovers of many runs slow. A line of standard input is a request in JSON,
with `name` and `arguments` of a module and `kill_after`, seconds or null; a line of standard output is what came of it, with `stdout`,
`stderr` and `status` (as of subprocess: negative for a signal). It ends with its input.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import tempfile
import traceback
from contextlib import suppress
from typing import IO, Any, NoReturn

MODULES = "ansible_collections.mailops.tls.plugins.modules."
AGAIN = 0.05
PRELOADED = ("dane_rollover", "postfix_tls_deploy", "smtp_tls_probe", "tlsa_info", "tlsa_publish")


def become(name: str, arguments: dict[str, Any], out: IO[bytes], err: IO[bytes]) -> NoReturn:
    """In the new process: be the module, with its arguments on standard input as Ansible gives them, and end."""
    os.setsid()
    with tempfile.TemporaryFile() as given:
        given.write(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
        given.seek(0)
        for number, file in enumerate((given, out, err)):
            os.dup2(file.fileno(), number)
    sys.argv = [name]
    status = 0
    try:
        importlib.import_module(MODULES + name).main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def ended(pid: int, kill_after: float | None) -> int:
    """Wait for a process, kill it and all that it runs when its time is over, and return its status."""

    def kill(number: int, frame: object) -> None:
        # It may have ended at this moment, or not yet have begun its own group: then the next signal finds it.
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)

    if kill_after is not None:
        signal.signal(signal.SIGALRM, kill)
        signal.setitimer(signal.ITIMER_REAL, kill_after, AGAIN)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    signal.setitimer(signal.ITIMER_REAL, 0)
    return status


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Run a module as a request says."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if not pid:
            become(request["name"], request["arguments"], out, err)
        status = ended(pid, request["kill_after"])
        texts = {}
        for name, file in (("stdout", out), ("stderr", err)):
            file.seek(0)
            texts[name] = file.read().decode("utf-8", "replace")
    return {"status": status, **texts}


def main() -> None:
    """Answer requests until there are no more."""
    for name in PRELOADED:
        importlib.import_module(MODULES + name)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
