# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The definition of an execution environment: ansible-builder takes it, with what is on Galaxy and with an archive of this machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def _context(definition: Path, to: Path) -> Path:
    """Have ansible-builder make of a definition what an image is built of, and return the folder."""
    subprocess.run(["ansible-builder", "create", "--file", str(definition), "--context", str(to)], check=True)
    return to / "_build"


def _collections(context: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = yaml.safe_load((context / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    return found


def test_of_galaxy(tmp_path: Path) -> None:
    context = _context(ROOT / "execution-environment.yml", tmp_path / "context")
    assert _collections(context) == [{"name": "mailops.tls"}]
    assert "jmespath" in (context / "requirements.txt").read_text(encoding="utf-8")


def test_of_an_archive(tmp_path: Path) -> None:
    packed = tmp_path / "mailops-tls-1.0.0.tar.gz"
    packed.write_bytes(b"packed")
    command = [sys.executable, str(ROOT / "release/environment.py"), str(packed)]
    definition = tmp_path / "environment.yml"
    definition.write_bytes(subprocess.run(command, capture_output=True, check=True).stdout)
    context = _context(definition, tmp_path / "context")
    (collection,) = _collections(context)
    assert collection == {"name": f"archives/{packed.name}", "type": "file"}
    assert (context / collection["name"]).read_bytes() == b"packed"
