# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what `/proc` says of sockets and their holders: the edge of this room. What is gone or forbidden is passed over and counted."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, TypeVar

from ansible_collections.mailops.tls.plugins.module_utils._sockets.processes import Process, in_order, program_of, read_status
from ansible_collections.mailops.tls.plugins.module_utils._sockets.tables import (
    ListeningSocket,
    UnixSocket,
    has_ipv6_loopback,
    socket_inode,
    tcp_sockets,
    unix_sockets,
)
from ansible_collections.mailops.tls.plugins.module_utils._text import reason_of

_T = TypeVar("_T")
_MOST_BYTES = 64 * 1024
"""Most that is read of one process."""


@dataclass(frozen=True)
class Listening:
    """What listens on this machine, as far as the reader may know.

    Attributes:
        sockets: of TCP, in the order of their ports and addresses, one for each.
        unix: of the file system.
        holders: inode -> the processes that hold it, the first being the one that all others have it from.
        users: user ID -> name.
        hidden: how many processes may not be looked into.
        ipv6_loopback: whether `::1` is there.
        failure: why there is nothing.
    """

    sockets: tuple[ListeningSocket, ...] = ()
    unix: tuple[UnixSocket, ...] = ()
    holders: dict[int, tuple[Process, ...]] = field(default_factory=dict)
    users: dict[int, str] = field(default_factory=dict)
    hidden: int = 0
    ipv6_loopback: bool = True
    failure: str | None = None


def listening_here(proc: str = "/proc", user_name: Callable[[int], str] | None = None) -> Listening:
    """Look at this machine, or at what a folder *proc* says in its place."""
    root, name_of = Path(proc), user_name or _user_name
    found: dict[tuple[int, str], list[ListeningSocket]] = {}
    failures = []
    for table in ("tcp", "tcp6"):
        try:
            for one in _lines(root / "net" / table, tcp_sockets):
                found.setdefault((one.port, one.address), []).append(one)
        except OSError as error:
            failures.append(f"{root / 'net' / table}: {reason_of(error)}")
    if len(failures) == 2:
        return Listening(failure="; ".join(failures))
    unix = tuple(unix_sockets(_if_there(root / "net/unix", lambda path: _lines(path, list), [])))
    wanted = {one.inode: one.inode for same in found.values() for one in same} | {one.inode: one.inode for one in unix}
    for same in found.values():  # sockets that share a port are one, held by whoever holds any of them
        wanted.update((one.inode, same[0].inode) for one in same)
    holders, hidden = _holders(root, wanted, name_of)
    sockets = tuple(found[key][0] for key in sorted(found))
    loopback = has_ipv6_loopback(_if_there(root / "net/if_inet6", lambda path: _lines(path, list), []))
    return Listening(sockets, unix, holders, {one.uid: name_of(one.uid) for one in sockets}, hidden, loopback)


def _lines(path: Path, read: Callable[[Iterable[str]], Iterable[_T]]) -> list[_T]:
    with open(path, encoding="utf-8", errors="replace") as stream:
        return list(read(stream))


def _if_there(path: Path, read: Callable[[Path], _T], otherwise: _T) -> _T:
    """Read one thing that may be gone by now, or be hidden."""
    try:
        return read(path)
    except OSError:
        return otherwise


def _holders(root: Path, wanted: dict[int, int], name_of: Callable[[int], str]) -> tuple[dict[int, tuple[Process, ...]], int]:
    """Look into every process; *wanted* has inode -> the inode it is told under. Also returned: how many could not be looked into."""
    held: dict[int, list[Process]] = {}
    hidden = 0
    names: Sequence[str] = _if_there(root, _names, ())
    for entry in names:
        if not entry.isdecimal():
            continue
        try:
            inodes = {wanted[inode] for inode in _inodes(root / entry / "fd") if inode in wanted}
        except PermissionError:
            hidden += 1
            continue
        except OSError:
            continue  # it has ended by now
        process = _process(root / entry, name_of) if inodes else None
        if process is not None:
            for inode in inodes:
                held.setdefault(inode, []).append(process)
    return {inode: in_order(processes) for inode, processes in held.items()}, hidden


def _inodes(folder: Path) -> Iterator[int]:
    """The numbers of the sockets that a process has open."""
    for name in _names(folder):
        inode = socket_inode(_if_there(folder / name, os.readlink, ""))
        if inode is not None:
            yield inode


def _process(folder: Path, name_of: Callable[[int], str]) -> Process | None:
    status = read_status(_if_there(folder / "status", _text, ""))
    if status is None:
        return None
    name, parent, uid = status
    return Process(int(folder.name), name, parent, name_of(uid), program_of(_if_there(folder / "cmdline", _bytes, b"")))


def _names(folder: Path) -> Sequence[str]:
    return os.listdir(folder)


def _text(path: Path) -> str:
    return _bytes(path).decode("utf-8", "replace")


def _bytes(path: Path) -> bytes:
    with open(path, "rb") as stream:
        return stream.read(_MOST_BYTES)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
