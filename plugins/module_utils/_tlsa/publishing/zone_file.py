# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that holds a snippet of a zone: read, changed and written whole, by one task at a time. The edge to the disk."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import (
    PUBLIC_MODE,
    Access,
    NewFile,
    read_file,
    replace_together,
)
from ansible_collections.mailops.tls.plugins.module_utils._files.leftovers import sweep
from ansible_collections.mailops.tls.plugins.module_utils._files.locking import take
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.plan import Change, Order, plan
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.snippet import NotASnippet, Snippet, parse_snippet
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.wanted import Wanted

OPTION = "zone_file"
PATIENCE = 120.0
"""Seconds to wait for others; each needs a moment only, but whoever may read a folder can lock it for ever."""
_PAUSE = 0.05


def publish_to_file(path: str, order: Order, wanted: Sequence[Wanted], *, check_mode: bool = False) -> tuple[Change, ...]:
    """Make a snippet hold what is wanted, and return what that changed.

    A new file gets mode 0644; one that is there keeps its mode and owner.

    Raises:
        OptionError: for what cannot be used.
    """
    folder, name = os.path.split(os.path.abspath(path))
    try:
        with _alone(folder):
            if not check_mode:
                sweep(folder)
            found = read_file(path)
            snippet = Snippet() if found is None else parse_snippet(found.content.decode("utf-8", "surrogateescape"))
            changes = tuple(plan(order, one, snippet.rrset(one.owner), None) for one in wanted)
            for change in changes:
                snippet = snippet.changed(change) if change.is_change else snippet
            if not check_mode and any(change.is_change for change in changes):
                access = Access(PUBLIC_MODE) if found is None else found.access
                replace_together(folder, [NewFile(name, snippet.text().encode("utf-8", "surrogateescape"), access)])
    except NotASnippet as error:
        raise OptionError(OPTION, path, f"holds something else than TLSA records: {error}") from error
    except OSError as error:
        raise OptionError(OPTION, path, "cannot be used: %s" % (error.strerror or error)) from error
    return changes


@contextmanager
def _alone(folder: str) -> Iterator[None]:
    """Keep out others while the file is changed; several hosts may have delegated a task to this machine."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: str) -> None:
    until = time.monotonic() + PATIENCE
    while not take(descriptor):
        if time.monotonic() >= until:
            raise OSError(f"somebody else has locked {folder} for {PATIENCE:.0f} seconds")
        time.sleep(_PAUSE)
