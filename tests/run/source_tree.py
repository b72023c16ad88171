# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files are the collection's source, what they hash to, and copies of them for tools that need their own tree."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {".git", ".venv", ".work", ".ansible", ".nox", "__pycache__", "output"}


def files() -> list[str]:
    """Return the paths of all source files, relative to the checkout: what git tracks or would track.

    Outside a git checkout (an unpacked archive) the tree is walked and the well-known by-products are left out.
    """
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    ) if (ROOT / ".git").exists() and shutil.which("git") else None
    if listing is not None and listing.returncode == 0:
        return sorted(name for name in set(listing.stdout.split("\0")) if name and (ROOT / name).is_file())
    names = []
    for folder, subfolders, entries in os.walk(ROOT):
        subfolders[:] = [name for name in subfolders if name not in LEFT_OUT and not name.endswith("_cache")]
        names += [os.path.relpath(os.path.join(folder, entry), ROOT) for entry in entries]
    return sorted(names)


def digest(names: list[str]) -> str:
    """Return one SHA-256 over the paths and contents of source files."""
    total = hashlib.sha256()
    for name in names:
        total.update(name.encode() + b"\0" + hashlib.sha256((ROOT / name).read_bytes()).digest())
    return total.hexdigest()


def copy(names: list[str], target: Path) -> None:
    """Copy source files into `target`, which is emptied first."""
    shutil.rmtree(target, ignore_errors=True)
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
