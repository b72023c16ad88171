# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to the files of a store while a run writes them, seen from outside by inotify, so that a kill can meet each step of it."""

from __future__ import annotations

import ctypes
import os
import re
import select
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

_MODIFY, _CLOSE_WRITE, _MOVED_TO, _CREATE, _DELETE, _ONLYDIR = 0x2, 0x8, 0x80, 0x100, 0x200, 0x01000000
_WORDS = {_MODIFY: "written", _CLOSE_WRITE: "closed", _MOVED_TO: "named", _CREATE: "made", _DELETE: "removed"}
_EVENT = struct.Struct("iIII")
_CHANCE = (
    (re.compile(r"\.mailops-(new|old)-[0-9a-f]{16}$"), r" (\1)"),
    (re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}"), "RUN"),
    (re.compile(r"\.ansible_tmp.*|ansible-tmp.*"), "ansible"),
)
"""Parts of names that are others in each run."""
_PAUSE = 0.5


class Steps:
    """A watch on a folder, and on those in it."""

    def __init__(self, folder: Path) -> None:
        """Begin to watch.

        Raises:
            OSError: it cannot be watched.
        """
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._watch = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._watch < 0:
            raise OSError(ctypes.get_errno(), "inotify")
        self._root, self._folders = folder, dict[int, Path]()
        for path in (folder, *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())):
            self._add(path)

    def __enter__(self) -> Steps:
        return self

    def __exit__(self, *unused: object) -> None:
        os.close(self._watch)

    def until(self, ended: Callable[[], bool]) -> Iterator[str]:
        """Yield what happens, in words that are the same in each run, until that has ended; once what happens again at once."""
        last = ""
        while True:
            over = ended()
            if not select.select([self._watch], [], [], 0 if over else _PAUSE)[0]:
                if over:
                    return
                continue
            for step in self._read():
                if step != last:
                    yield step
                last = step

    def _read(self) -> Iterator[str]:
        content, at = os.read(self._watch, 1 << 16), 0
        while at < len(content):
            watch, mask, unused, size = _EVENT.unpack_from(content, at)
            name = os.fsdecode(content[at + _EVENT.size : at + _EVENT.size + size].rstrip(b"\0"))
            at += _EVENT.size + size
            words = [word for bit, word in _WORDS.items() if mask & bit]
            if words and name:
                path = self._folders[watch] / name
                if mask & _CREATE:
                    self._add(path)
                yield f"{words[0]} {self._name(path)}"

    def _add(self, path: Path) -> None:
        """Watch a folder; whatever else it is, is left alone."""
        watch = self._libc.inotify_add_watch(self._watch, os.fsencode(path), sum(_WORDS) | _ONLYDIR)
        if watch >= 0:
            self._folders[watch] = path

    def _name(self, path: Path) -> str:
        name = str(path.relative_to(self._root))
        for pattern, instead in _CHANCE:
            name = pattern.sub(instead, name)
        return name


def holder(lock: Path) -> int | None:
    """Return the process that holds a lock on a file."""
    try:
        inode = lock.stat().st_ino
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        words = line.split()
        if words[1] == "FLOCK" and words[5].rpartition(":")[2] == str(inode):
            return int(words[4])
    return None
