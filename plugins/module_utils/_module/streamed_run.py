# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From its first file opened to its last one closed: the frame of a run over many subjects, the same for every probe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._module.streamed import INTERVAL, Compared, Streamed, Subjects
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_options import StreamOptions
from ansible_collections.mailops.tls.plugins.module_utils._probe.collector import seldom_collecting
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import ResultKind
from ansible_collections.mailops.tls.plugins.module_utils._results.json_lines import OnResult, ResultsFile
from ansible_collections.mailops.tls.plugins.module_utils._results.tally import Telling


@dataclass(frozen=True)
class Written:
    """A file of results that a task wants: `deciding` are the options that decide what is in it."""

    path: str
    resume: bool
    deciding: Mapping[str, Any]


@contextmanager
def streamed_run(
    subjects: Subjects,
    kind: ResultKind,
    telling: Telling,
    options: StreamOptions,
    written: Written | None,
    *,
    check_mode: bool,
    compared: Compared | None = None,
) -> Iterator[Streamed]:
    """Have a run with its files open. Its result can be had when they are closed.

    Args:
        subjects: what it is about.
        kind: whose results there will be.
        telling: what is made of them.
        options: where they go.
        written: the file of results, if there is to be one.
        check_mode: write no file.
        compared: earlier results, where only what differs from them is returned.

    Raises:
        OptionError: the list or a file cannot be used.
    """
    file = None if check_mode or written is None else _opening(written, options, kind)
    run = Streamed(subjects, kind, telling, options, writes=file is not None, compared=compared)
    if not run.total and not options.planned:
        run.warnings += (f"the list names no {subjects.name}: there was nothing to do",)
    try:
        with seldom_collecting():
            run.open(file, progress=not check_mode)
            yield run
    finally:
        run.close()


@asynccontextmanager
async def looked_after(run: Streamed, look: Callable[[], tuple[int, int]]) -> AsyncIterator[None]:
    """Say each second how far a run is; *look* tells how many subjects are looked at, and how many wait for their turn."""
    telling = asyncio.ensure_future(_tell(run, look))
    try:
        yield
    finally:
        telling.cancel()


async def _tell(run: Streamed, look: Callable[[], tuple[int, int]]) -> None:
    while True:
        await asyncio.sleep(INTERVAL)
        run.look(*look())


def _opening(written: Written, options: StreamOptions, kind: ResultKind) -> Callable[[OnResult], ResultsFile]:
    def opened(on_result: OnResult) -> ResultsFile:
        return ResultsFile(
            written.path,
            resume=written.resume,
            options=written.deciding,
            identity=options.identity,
            kind=kind,
            on_result=on_result,
        )

    return opened
