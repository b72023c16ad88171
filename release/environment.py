# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the definition of an execution environment with an archive in place of what is on Galaxy:

    python release/environment.py dist/mailops-tls-1.0.0.tar.gz > environment.yml
    ansible-builder build --file environment.yml --tag mailops-tls
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

DEFINITION = Path(__file__).parents[1] / "execution-environment.yml"
_PLACE = "archives"


def of_archive(definition: dict[str, Any], archive: Path) -> dict[str, Any]:
    """Return a definition of ansible-builder whose collection is an *archive* of this machine."""
    (collection,) = definition["dependencies"]["galaxy"]["collections"]
    installed = {**collection, "name": f"{_PLACE}/{archive.name}", "type": "file"}
    dependencies = {**definition["dependencies"], "galaxy": {"collections": [installed]}}
    files = [{"src": str(archive.resolve()), "dest": _PLACE}]
    return {**definition, "dependencies": dependencies, "additional_build_files": files}


def main() -> None:
    """Do it."""
    parser = argparse.ArgumentParser(description="Make the definition of an execution environment with an archive.")
    parser.add_argument("archive", type=Path)
    definition = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    yaml.safe_dump(of_archive(definition, parser.parse_args().archive), sys.stdout, sort_keys=False)


if __name__ == "__main__":
    main()
