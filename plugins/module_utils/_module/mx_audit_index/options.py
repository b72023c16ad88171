# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `mx_audit_index` as one checked value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.intake import ShardSource, destination_digest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.list_file import ListFile
from ansible_collections.mailops.tls.plugins.module_utils._module.audit_options import audit_folder, run_name
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

LONGEST_NAME = 255


@dataclass(frozen=True)
class IndexOptions:
    """What to put where.

    Attributes:
        directory: the folder of the store.
        run: the name of the run.
        shards: what came of each prober.
        untold: runs that were interrupted before anybody was told of them.
        keep: how many runs keep their lines; None for all.
        keep_facts: how many runs stay in the index; None for all.
    """

    directory: str
    run: str
    shards: tuple[ShardSource, ...]
    untold: tuple[str, ...]
    keep: int | None
    keep_facts: int | None

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> IndexOptions:
        """Return the options of a task.

        Raises:
            OptionError: one cannot be used.
        """
        shards = _shards(params["shards"])
        keep, facts = (_number(params[name], name) for name in ("keep", "keep_facts"))
        if keep is not None and facts is not None and facts < keep:
            raise OptionError("keep_facts", facts, f"is less than keep, which is {keep}: the facts of runs with lines are kept")
        run, untold = run_name(params["run"], "run"), tuple(run_name(one, "untold") for one in params.get("untold") or ())
        if run in untold:
            raise OptionError("untold", run, "is the run itself")
        return cls(audit_folder(params["directory"]), run, shards, untold, keep, facts)


def _shards(items: Sequence[Mapping[str, Any]]) -> tuple[ShardSource, ...]:
    if not items:
        raise OptionError("shards", None, "names no prober")
    names = [one["prober"] for one in items]
    for name in names:
        if not name or len(name) > LONGEST_NAME or clean(name) != name:
            raise OptionError("shards.prober", name, "is no name of a prober")
        if names.count(name) > 1:
            raise OptionError("shards.prober", name, "is there twice")
    return tuple(_shard(one) for one in items)


def _shard(item: Mapping[str, Any]) -> ShardSource:
    expected, listed = item.get("expected"), item.get("destinations_file")
    if expected is not None and expected < 0:
        raise OptionError("shards.expected", expected, "is no number of destinations")
    given = None if listed is None else _digests("shards.destinations_file", listed)
    return ShardSource(item["prober"], item.get("src"), expected, given)


def _digests(option: str, path: str) -> frozenset[bytes]:
    """Return what the destinations in a file are remembered by; it is read as a probe reads it."""
    items = ListFile(option, path)
    try:
        return frozenset(map(destination_digest, items))
    finally:
        items.close()


def _number(value: int | None, option: str) -> int | None:
    if value is not None and value < 1:
        raise OptionError(option, value, "is no number of runs: leave it out to keep all of them")
    return value
