# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.lab.audit start|next-day|stop|prove|kill FOLDER`."""

from __future__ import annotations

import argparse
import secrets
import time
from pathlib import Path

from . import namespaces, serving
from .kills import KINDS, Kills
from .proof import Proof
from .world import DOMAINS_PER_EXCHANGE


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="audit", description="A network for audits.")
    parser.add_argument("what", choices=["start", "next-day", "stop", "prove", "kill", "wait"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--domains", type=int, default=300, help="how many stay as they are (default %(default)s)")
    parser.add_argument("--each", type=int, default=DOMAINS_PER_EXCHANGE, help="how many of them are at an exchange (default %(default)s)")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds until a greeting (default %(default)s)")
    parser.add_argument("--kills", type=int, default=50, help="how often something is killed (default %(default)s)")
    parser.add_argument("--seed", default="", help="what decides the moments; a new one by default")
    parser.add_argument("--kinds", default=",".join(KINDS), help="what is killed (default %(default)s)")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if options.what == "start":
        namespaces.start(folder, options.domains, options.each, options.delay)
    elif options.what == "next-day":
        namespaces.next_day(folder)
    elif options.what == "stop":
        namespaces.stop(folder)
    elif options.what == "prove":
        Proof(folder, options.domains).all()
    elif options.what == "kill":
        Kills(folder, options.seed or secrets.token_hex(4)).all(options.kinds.split(","), options.kills)
    else:  # in its own namespace, which is not connected yet
        while not (folder / "connected").exists():
            time.sleep(0.02)
        serving.run(folder, options.domains, options.each, options.delay)


if __name__ == "__main__":
    main()
