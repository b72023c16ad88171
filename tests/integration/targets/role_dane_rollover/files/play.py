# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a world for stand-ins, run a playbook in it, and print what came of it: all of that by one task, as there are many worlds.

Standard input has, as JSON: `folder`; `scripts` by server, or null to go on in the world that is there; `inventory` and `play`;
`command` and `environment`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any


def make_world(folder: Path, scripts: dict[str, Any]) -> None:
    """Give every server a folder of its own, with the script of its stand-in."""
    world = folder / "world"
    shutil.rmtree(world, ignore_errors=True)
    world.mkdir(mode=0o700)
    for server, script in scripts.items():
        (world / server).mkdir(mode=0o700)
        (world / server / "script.json").write_text(json.dumps(script), encoding="utf-8")


def main() -> None:
    """Do it."""
    given = json.load(sys.stdin)
    folder = Path(given["folder"])
    os.umask(0o077)
    if given["scripts"] is not None:
        make_world(folder, given["scripts"])
    for name in ("inventory", "play"):  # JSON is YAML
        (folder / f"{name}.yml").write_text(json.dumps(given[name]), encoding="utf-8")
    journal = folder / "journal"
    journal.write_text("", encoding="utf-8")
    environment = {**os.environ, **given["environment"], "ROLLOVER_JOURNAL": str(journal)}
    run = subprocess.run(given["command"], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    print(json.dumps({"run": {"rc": run.returncode, "stdout": run.stdout, "stderr": run.stderr}, "journal": lines}))


if __name__ == "__main__":
    main()
