# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command at a terminal and answer its question for a password: `answer.py PASSWORD_FILE COMMAND ...`. Prints what was seen there."""

from __future__ import annotations

import os
import pty
import select
import sys
from pathlib import Path

QUESTION = b"Password of"
SILENCE = 2.0
"""Seconds after which it waits for an answer."""


def main(password_file: str, *command: str) -> int:
    """Run it, answer, and return how it ended."""
    password = Path(password_file).read_bytes().rstrip(b"\n") + b"\r"
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    seen = b""
    while True:
        ready = select.select([terminal], [], [], SILENCE)[0]
        if not ready:
            # What is typed before it listens is dropped. So the answer is given again as long as nothing comes after the question.
            if QUESTION in seen and b"TASK" not in seen.partition(QUESTION)[2]:
                os.write(terminal, password)
            continue
        try:
            data = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            break
        if not data:
            break
        seen += data
    sys.stdout.buffer.write(seen)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
