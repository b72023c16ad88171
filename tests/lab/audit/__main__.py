# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.lab.audit start|next-day|stop|prove FOLDER`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from . import namespaces, serving
from .proof import Proof


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="audit", description="A network for audits.")
    parser.add_argument("what", choices=["start", "next-day", "stop", "prove", "wait"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--domains", type=int, default=300, help="how many stay as they are (default %(default)s)")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if options.what == "start":
        namespaces.start(folder, options.domains)
    elif options.what == "next-day":
        namespaces.next_day(folder)
    elif options.what == "stop":
        namespaces.stop(folder)
    elif options.what == "prove":
        Proof(folder, options.domains).all()
    else:  # in its own namespace, which is not connected yet
        while not (folder / "connected").exists():
            time.sleep(0.02)
        serving.run(folder, options.domains)


if __name__ == "__main__":
    main()
