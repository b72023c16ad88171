# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run in several processes: this one hands on, counts and writes, so that the file has one owner; the others probe.

It has no event loop and no thread, so it can fork at any time. It deals out the list little by little, to whoever has little left. A
process that dies is replaced by one that begins with what that had and has not done. A process whose parent dies ends at once: it hears
that on its socket.
"""

from __future__ import annotations

import asyncio
import json
import os
import selectors
import signal
import socket
import time
import traceback
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from ansible_collections.mailops.tls.plugins.module_utils._module.streamed import INTERVAL, Streamed
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_messages import (
    Handed,
    Messages,
    Said,
    message,
    pack_dealt,
    pack_handed,
    unpack_handed,
    unpack_result,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_worker import DEALT, ParentGone, WorkerLink
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskFailed

_PIECE = 1 << 18
_DEATHS = 3
"""So many times a process is replaced. A server that kills whoever looks at it must not do so for ever."""
_WORTH_IT = 50
"""Subjects for which a process of their own is worth its beginning."""


class Work(Protocol):
    """What a worker does."""

    async def __call__(self, link: WorkerLink) -> tuple[str, ...]:
        """Look at what the link gives, say by it what was found, and return warnings."""


def process_count(wanted: int | None, left: int, *limits: int | None) -> int:
    """Return how many processes to probe with: never more than any limit, of which each has to get its part.

    Args:
        wanted: what the user said, `None` for as many as there are cores.
        left: how many subjects there are.
        limits: of the connections at a time.
    """
    most = min(one for one in (left, *limits) if one is not None) if left else 1
    if wanted is not None:
        return max(1, min(wanted, most))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, most, left // _WORTH_IT))


@dataclass
class _Process:
    """One of them: its number, its socket, and what of it is known."""

    index: int
    pid: int
    socket: socket.socket
    messages: Messages = field(default_factory=Messages)
    unsaid: bytearray = field(default_factory=bytearray)
    looked: tuple[int, int] = (0, 0)
    listed: bool = True
    through: bool = False
    ended: bool = False


class Workers:
    """The processes of one run."""

    def __init__(self, run: Streamed, count: int, work: Work) -> None:
        """Take the run, how many processes are to work on it, and what each does."""
        self._run, self._count, self._work = run, count, work
        self._processes: dict[int, _Process] = {}
        self._left = run.left()
        self._dealt: dict[str, int] = {}
        self._given: dict[str, int] = {}
        self._warnings: dict[str, None] = {}
        self._deaths = 0
        self._selector = selectors.DefaultSelector()

    def run(self) -> tuple[str, ...]:
        """Work until all is done; return what users have to be told.

        Raises:
            TaskFailed: processes died again and again.
            OptionError: the list cannot be read to its end, or the results cannot be written any more.
        """
        try:
            for index in range(self._count):
                self._start(index)
            for process in self._processes.values():
                self._deal(process, 2 * DEALT)
            self._send()
            looked = time.monotonic()
            while self._processes:
                ready = self._selector.select(max(0.0, looked + INTERVAL - time.monotonic()))
                for process in [key.data for key, unused in ready]:
                    self._hear(process)
                    self._send()
                if time.monotonic() >= looked + INTERVAL:
                    looked = time.monotonic()
                    now = [one.looked for one in self._processes.values()]
                    self._run.look(sum(active for active, unused in now), sum(parked for unused, parked in now))
        finally:
            self._stop()
        return tuple(self._warnings)

    def _start(self, index: int) -> None:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if not pid:
            _become_worker([ours, *(one.socket for one in self._processes.values())], theirs, self._run, index, self._count, self._work)
        theirs.close()
        process = _Process(index, pid, ours)
        self._processes[index] = process
        self._selector.register(ours, selectors.EVENT_READ, process)

    def _deal(self, process: _Process, number: int) -> None:
        """Give a process so many subjects of the list; fewer of them are the last ones."""
        texts = list(islice(self._left, number))
        self._dealt.update(dict.fromkeys(texts, process.index))
        if texts:
            self._tell(process, Said.DEALT, pack_dealt(texts))
        if len(texts) < number:
            process.listed = False
            self._tell(process, Said.DEALT, pack_dealt(()))

    def _relieve(self, idle: _Process) -> None:
        """Have the process with the most that others gave to it give some of that to one that has few subjects left."""
        waiting = Counter(self._given.values())
        waiting[idle.index] = 0
        for index, number in waiting.most_common(1):
            if number >= 2 * DEALT:
                self._tell(self._processes[index], Said.MORE, b"%d" % idle.index)

    def _hear(self, process: _Process) -> None:
        try:
            data = process.socket.recv(_PIECE)
        except ConnectionResetError:
            data = b""
        if not data:
            self._gone(process)
            return
        kept = 0
        for said, content in process.messages.take(data):
            self._understand(process, said, content)
            kept += said is Said.RESULT
        if kept:
            self._tell(process, Said.KEPT, b"%d" % kept)

    def _understand(self, process: _Process, said: Said, content: bytes) -> None:
        if said is Said.RESULT:
            key, line, share = unpack_result(content)
            self._given.pop(key, None)
            self._dealt.pop(key, None)
            self._run.take_line(key, line, share)
        elif said is Said.HANDED:
            handed = unpack_handed(content)
            self._dealt.pop(handed.text, None)
            self._given[handed.text] = handed.owner
            self._tell(self._processes[handed.owner], Said.HANDED, content)
        elif said is Said.MORE and process.listed:
            self._deal(process, DEALT)
        elif said is Said.MORE:
            self._relieve(process)
        elif said is Said.LOOK:
            active, parked = content.split()
            process.looked = int(active), int(parked)
        elif said is Said.THROUGH:
            process.through = True
        elif said is Said.END:
            process.ended = True
            self._warnings.update(dict.fromkeys(json.loads(content)))
        else:
            raise RuntimeError(content.decode("utf-8", "replace"))
        if said in (Said.RESULT, Said.THROUGH) and not self._given and all(one.through for one in self._processes.values()):
            for one in self._processes.values():
                self._tell(one, Said.END)

    def _tell(self, process: _Process, said: Said, content: bytes = b"") -> None:
        process.unsaid += message(said, content)

    def _send(self) -> None:
        """Say all there is to be said to each: one waking of a process is for several results and subjects."""
        for process in self._processes.values():
            if process.unsaid:
                with suppress(BrokenPipeError, ConnectionResetError):  # it is dead, which is heard next
                    process.socket.sendall(process.unsaid)
                process.unsaid.clear()

    def _gone(self, process: _Process) -> None:
        """Note that a process is gone; one that had more to say is replaced."""
        self._selector.unregister(process.socket)
        process.socket.close()
        status = os.waitpid(process.pid, 0)[1]
        del self._processes[process.index]
        if process.ended:
            return
        how = f"by {signal.Signals(os.WTERMSIG(status)).name}" if os.WIFSIGNALED(status) else "by itself"
        self._deaths += 1
        if self._deaths > _DEATHS:
            raise TaskFailed(
                f"processes that probe ended {self._deaths} times, the last one {how}. Results in results_file are whole: go on with "
                "resume: true, and with workers: 1 to see what happens"
            )
        self._warnings[f"A process that probes ended {how}. What it had begun was probed again"] = None
        self._start(process.index)
        self._give_again(self._processes[process.index])

    def _give_again(self, process: _Process) -> None:
        """Give a process what the one before it had and has not done."""
        dealt = [text for text, owner in self._dealt.items() if owner == process.index and not self._run.is_done(text)]
        if dealt:
            self._tell(process, Said.DEALT, pack_dealt(dealt))
        for text, owner in self._given.items():
            if owner == process.index:
                self._tell(process, Said.HANDED, pack_handed(Handed(owner, text)))
        self._deal(process, 2 * DEALT)

    def _stop(self) -> None:
        """End what is left after an error."""
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            process.socket.close()
            with suppress(ChildProcessError):
                os.waitpid(process.pid, 0)
        self._processes.clear()
        self._selector.close()


def _become_worker(others: list[socket.socket], own: socket.socket, run: Streamed, index: int, count: int, work: Work) -> None:
    """Be a worker to the end of this process: nothing of what the other one has open is touched."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        for one in others:
            one.close()
        run.leave()
        asyncio.run(_live(own, run, index, count, work))
        status = 0
    except ParentGone:
        pass
    finally:
        os._exit(status)


async def _live(own: socket.socket, run: Streamed, index: int, count: int, work: Work) -> None:
    link = WorkerLink(run, own, index, count)
    try:
        warnings = await work(link)
    except (ParentGone, ConnectionError):
        raise
    except Exception:
        await link.end(Said.BUG, traceback.format_exc().encode("utf-8", "replace"))
        raise
    await link.end(Said.END, json.dumps(warnings).encode("ascii"))
