# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run in the folder of an audit: its files, the machines they came from, and what of it never came.

`header.json` says all that. A folder that somebody else has made may have none. Then the files are those that are named like shares, and
each came from the machine in its name.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._audit.run_directory import CHANGES, LATEST, RUNS, RunDirectory, RunHeader
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._report.material import MissingShare
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import word

_SHARES = (".jsonl", ".jsonl.gz")
_CHANGES = (CHANGES, f"{CHANGES}.gz")


@dataclass(frozen=True)
class KeptRun:
    """Files of results with where each is from, where that is known; files of changes; and what is missing."""

    paths: tuple[str, ...]
    probers: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    missing: tuple[MissingShare, ...] = ()


def kept_run(directory: str, run: str) -> KeptRun:
    """Return a run by its name, by the id in which its name ends, or the latest.

    Raises:
        OptionError: there is no such run, or nothing of it.
    """
    folder = _folder(directory, run)
    changes = tuple(path for path in (os.path.join(folder, name) for name in _CHANGES) if os.path.isfile(path))
    header = _header(folder)
    if header is None:
        paths = _paths(folder)
        return KeptRun(paths, tuple(_named_prober(path) for path in paths), changes)
    there = [(one.prober, os.path.join(folder, one.file)) for one in header.shards if one.file is not None]
    missing = tuple(
        MissingShare(word(one.prober), one.received, one.expected, word(one.reason)) for one in header.shards if not one.is_whole
    )
    return KeptRun(tuple(path for _prober, path in there), tuple(prober for prober, _path in there), changes, missing)


def _folder(directory: str, run: str) -> str:
    runs = os.path.join(directory, RUNS)
    try:
        there = {one.name for one in os.scandir(runs) if one.is_dir(follow_symlinks=False)}
    except OSError as error:
        raise OptionError("directory", directory, f"is no folder of an audit: {error.strerror}") from error
    known = [name for name in RunDirectory(directory).known_runs() if name in there]
    # The link is for people, and somebody can have had it lead elsewhere. It counts where nothing says in what order runs came.
    link = os.path.realpath(os.path.join(directory, LATEST))
    linked = [os.path.basename(link)] if not known and os.path.dirname(link) == os.path.realpath(runs) else []
    names = [name for name in (*sorted(there), *linked, *known) if name in there]
    found = [name for name in names if run in (LATEST, name) or name.endswith("-" + run)]
    if not found:
        raise OptionError("run", run, f"is none of the runs in {runs}")
    return os.path.join(runs, found[-1])


def _header(folder: str) -> RunHeader | None:
    """Return what the folder says of itself; None where nothing does that can be believed."""
    place, name = os.path.split(folder)
    with suppress(OSError, ValueError):
        return RunDirectory(os.path.dirname(place)).header(name)
    return None


def _paths(folder: str) -> tuple[str, ...]:
    names = sorted(name for name in os.listdir(folder) if name.startswith("shard-") and name.endswith(_SHARES))
    if not names:
        raise OptionError("directory", folder, "has no results: no file there begins with shard-")
    # While a share is compressed it can be there twice.
    return tuple(os.path.join(folder, name) for name in names if name + ".gz" not in names)


def _named_prober(path: str) -> str:
    """Return from where a file came: its name says so, whatever is written in it."""
    return os.path.basename(path).partition("-")[2].rpartition(".jsonl")[0]
