# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a deployment that is under way: a file beside main.cf, there as long as it is neither finished nor taken back.

Whoever finds it knows that a run was interrupted, and from main.cf how far it came: the parameters change at one moment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._deploy.plan import DEFAULTS
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import KEY_MODE, Access, NewFile, read_file, replace_together
from ansible_collections.mailops.tls.plugins.module_utils._postfix.settings_change import Setting
from ansible_collections.mailops.tls.plugins.module_utils._text import reason_of

FILE = "mailops-tls-deploy.json"
_FORMAT = 1


class JournalUnreadable(Exception):
    """There is a record that makes no sense; the text names the file."""


@dataclass(frozen=True)
class Journal:
    """A deployment: parameters, the absolute names of files made for it, the kind of key, and the leaf, SHA-256 of its DER."""

    settings: tuple[Setting, ...]
    made: tuple[str, ...]
    algorithm: str
    leaf_sha256: str

    def progress(self, explicit: Mapping[str, str]) -> str:
        """Return `before`, `after`, or `other` when main.cf, which sets *explicit*, has been changed by somebody else."""
        if all(_same(explicit.get(one.name), one.before, one.name) for one in self.settings):
            return "before"
        # What main.cf shall no longer set is removed after the moment that counts.
        if all(_same(explicit.get(one.name), one.after, one.name) for one in self.settings if one.after is not None):
            return "after"
        return "other"


def _same(found: str | None, recorded: str | None, name: str) -> bool:
    texts = [DEFAULTS.get(name, "") if one is None else one for one in (found, recorded)]
    return texts[0].split() == texts[1].split()


def write_journal(directory: str, journal: Journal) -> None:
    """Write the record, whole or not at all.

    Raises:
        OSError: when a file cannot be read or written.
    """
    content = {
        "format": _FORMAT,
        "settings": [one.as_dict() for one in journal.settings],
        "made": list(journal.made),
        "algorithm": journal.algorithm,
        "leaf_sha256": journal.leaf_sha256,
    }
    text = json.dumps(content, indent=1).encode() + b"\n"
    replace_together(directory, [NewFile(FILE, text, Access(KEY_MODE))])


def read_journal(directory: str) -> Journal | None:
    """Return the record of an interrupted run, None when there is none.

    It says which files to remove, so one that others could have written is not believed.

    Raises:
        JournalUnreadable: when it cannot be believed.
    """
    path = os.path.join(directory, FILE)
    try:
        found = read_file(path, believed=True)
        if found is None:
            return None
        content = json.loads(found.content)
        settings = tuple(Setting(one["name"], one["before"], one["after"]) for one in content["settings"])
        if content["format"] != _FORMAT or any(one.name not in DEFAULTS for one in settings):
            raise ValueError("unknown format")
        return Journal(settings, _names(content["made"]), str(content["algorithm"]), str(content["leaf_sha256"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as problem:
        raise JournalUnreadable(f"{path} cannot be read: {reason_of(problem)}") from problem


def remove_journal(directory: str) -> None:
    """Remove the record.

    Raises:
        OSError: unless it is gone.
    """
    path = os.path.join(directory, FILE)
    if os.path.lexists(path):
        os.unlink(path)


def _names(values: Sequence[object]) -> tuple[str, ...]:
    return tuple(str(one) for one in values)
