# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that TLS sessions are written to while a run lasts: `keylog_file` and `trace_file`."""

from __future__ import annotations

from datetime import datetime, timezone
from types import TracebackType
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._files.secret import SecretFile
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace import OnTrace, TracedSession, session_lines


class SessionFiles:
    """A context manager. `on_secret` and `on_trace` take what is to be written; None without such a file.

    `warnings` names the files that could not be written to the end; complete once they are closed.
    """

    def __init__(self, keylog_file: str | None, trace_file: str | None) -> None:
        """Open the files.

        Raises:
            OptionError: for one that cannot be written, or that others could read.
        """
        self._open: list[SecretFile] = []
        self.warnings: tuple[str, ...] = ()
        self.on_secret: Callable[[bytes], None] | None = None
        self.on_trace: OnTrace | None = None
        try:
            if keylog_file is not None:
                self.on_secret = self._file("keylog_file", keylog_file).write
            if trace_file is not None:
                self._trace = self._file("trace_file", trace_file)
                self.on_trace = self._write_trace
        except BaseException:
            self.close()
            raise

    def _file(self, option: str, path: str) -> SecretFile:
        self._open.append(SecretFile(option, path))
        return self._open[-1]

    def _write_trace(self, session: TracedSession) -> None:
        lines = session_lines(session, datetime.now(timezone.utc))
        self._trace.write("\n".join([*lines, ""]).encode("utf-8", "replace"))

    def __enter__(self) -> SessionFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        while self._open:
            file = self._open.pop()
            file.close()
            self.warnings += (file.problem,) if file.problem is not None else ()
