# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command and writes what it took into a file: `launch.py FILE SECONDS COMMAND...`; after so many seconds it is killed.

A process inherits the peak memory of the one that starts it, so this one is small: Python without its site packages, 9 MB.
"""

import os
import signal
import sys
import time


def end(_number: int, _frame: object) -> None:
    """Kill the command and what it has started; its exit status tells that."""
    os.killpg(pid, signal.SIGKILL)


report, limit, *command = sys.argv[1:]
begin = time.monotonic()
pid = os.posix_spawnp(command[0], command, os.environ, setpgroup=0)
for one in (signal.SIGALRM, signal.SIGINT, signal.SIGTERM):
    signal.signal(one, end)
signal.alarm(int(limit))
_pid, status, used = os.wait4(pid, 0)
wall = time.monotonic() - begin
with open(report, "w", encoding="ascii") as file:
    file.write(f"{wall} {used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}")
sys.exit(os.waitstatus_to_exitcode(status) & 255)
