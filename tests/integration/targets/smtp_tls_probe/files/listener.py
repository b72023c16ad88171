# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server without TLS that notes every connection: for tests that nothing, or just this, was probed.

Usage: listener.py FOLDER SECONDS [REFUSALS]. Listens on a free port of 127.0.0.1, which it writes to FOLDER/port; each connection adds a
line to FOLDER/connections. The first REFUSALS of them are turned away with 421. Ends after SECONDS, or when FOLDER/port is gone.
"""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path

SESSION = (b"220 listener.test ESMTP\r\n", b"250 listener.test\r\n", b"221 2.0.0 Bye\r\n")
"""A greeting, EHLO without any capability, QUIT."""
REFUSAL = (b"421 4.3.2 listener.test: not yet\r\n",)


def answer(connection: socket.socket, replies: tuple[bytes, ...]) -> None:
    """One SMTP session."""
    connection.settimeout(60)
    with connection, connection.makefile("rwb") as stream:
        for reply in replies:
            stream.write(reply)
            stream.flush()
            if not stream.readline():
                return


def main(folder: Path, seconds: float, refusals: int) -> None:
    """Listen until the time is over."""
    end = time.monotonic() + seconds
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = folder / "port"
        port.write_text(f"{listener.getsockname()[1]}\n")
        listener.settimeout(0.2)
        while time.monotonic() < end and port.exists():
            try:
                connection = listener.accept()[0]
            except TimeoutError:
                continue
            with (folder / "connections").open("a") as notes:
                notes.write(f"{time.time():f}\n")
            try:
                answer(connection, REFUSAL if refusals > 0 else SESSION)
            except OSError:
                pass
            refusals -= 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
