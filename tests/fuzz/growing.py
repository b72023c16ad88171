# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Coverage-guided fuzzing of the checkout itself: `tests/fuzz/run.sh [HARNESS|all [SECONDS]]` and `--keep [HARNESS]`.

The fuzzer's own, growing corpus is `.work/fuzz/HARNESS`; inputs that break something go to `.work/fuzz/found`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

MODULE = "ansible_collections.mailops.tls.tests.fuzz.guided"
CORPUS = Path(__file__).resolve().parent / "corpus"
GROWN = Path(__file__).resolve().parents[2] / ".work" / "fuzz"
FOUND = GROWN / "found"
SECONDS = 60
LIMITS = ["-timeout=10", "-rss_limit_mb=2048", f"-artifact_prefix={FOUND}/"]
KEPT_LENGTH, KEPT_BYTES, KEPT_FILES = 2048, 20 * 1024, 30
"""Longest input that is kept, most bytes of a harness altogether, and most files that are added at a time."""


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for, harness by harness; returns 1 when one of them found something."""
    keep = arguments[:1] == ["--keep"]
    words = list(arguments[1:] if keep else arguments)
    names = [path.name for path in sorted(CORPUS.iterdir())]
    chosen = names if words[:1] in ([], ["all"]) else words[:1]
    seconds = words[1] if len(words) > 1 else str(SECONDS)
    if not set(chosen) <= set(names) or not seconds.isdigit() or len(words) > 2:
        sys.exit(f"usage: tests/fuzz/run.sh [--keep] [all|{'|'.join(names)}] [SECONDS]")
    command = [sys.executable, "-m", MODULE]
    FOUND.mkdir(parents=True, exist_ok=True)
    statuses = []
    for name in chosen:
        (GROWN / name).mkdir(parents=True, exist_ok=True)
        folders = [str(GROWN / name), str(CORPUS / name)]
        options = ["-max_total_time=" + seconds, *LIMITS]
        if keep:
            (GROWN / "kept" / name).mkdir(parents=True, exist_ok=True)
            folders.insert(0, str(GROWN / "kept" / name))
            options = ["-merge=1", *LIMITS]
        print(f"== {name}", flush=True)
        statuses.append(subprocess.run([*command, name, *options, *folders], check=False).returncode)
        if keep:
            copy_kept(name)
    return 1 if any(statuses) else 0


def copy_kept(name: str) -> None:
    """Copy of what the merge chose into the corpus, of every length some, as far as there is room."""
    room = KEPT_BYTES - sum(path.stat().st_size for path in (CORPUS / name).iterdir())
    known = {path.read_bytes() for path in (CORPUS / name).iterdir()}
    found = {path.read_bytes(): path for path in (GROWN / "kept" / name).iterdir()}
    chosen = sorted((data for data in found if data not in known and len(data) <= KEPT_LENGTH), key=len)
    for data in chosen[:: len(chosen) // KEPT_FILES + 1]:
        room -= len(data)
        if room >= 0:
            target(name, found[data]).write_bytes(data)


def target(name: str, path: Path) -> Path:
    """Return where a kept input goes: by the first digits of its hash, which is the name the fuzzer gave it."""
    return CORPUS / name / (f"kept-{path.name[:12]}.bin")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
