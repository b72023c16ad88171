# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of probes, and clients that look for them in mailboxes in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

from ansible_collections.mailops.tls.plugins.module_utils._delivery.message import TOKEN_FIELD, TOKEN_PREFIX, is_token
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import ImapDialogue, ImapSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_mailbox import LIMITS
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_retrieval import ImapRetrieval
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Dialogue, Pop3Settings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_retrieval import Pop3Retrieval
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import Retrieval, Sought, body_digest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.steps import StepRecorder
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Script
from ansible_collections.mailops.tls.tests.unit.servers.mailbox_servers import Driven, Folders, ImapServer, Pop3Server, drive

NOW = datetime(2026, 11, 29, 1, 0, tzinfo=timezone.utc)
MINE = "mailops-probe-" + "a" * 32
OLD = "mailops-probe-" + "b" * 32
BODY = b"one\r\n.two\r\n"


def message(token: str = MINE, *, age: float = 0, body: bytes = BODY, header: bytes = b"") -> bytes:
    """Return a message of a probe, written *age* seconds ago."""
    date = format_datetime(NOW - timedelta(seconds=age))
    fields = f"{TOKEN_FIELD}: {token}\r\nSubject: Probe {token}\r\nDate: {date}\r\n".encode()
    return header + fields + b"\r\n" + body


def sought(patience: float = 10.0, size: int = 400) -> Sought:
    """Return what `message()` is looked for by; what is older than an hour is left over."""
    return Sought(TOKEN_FIELD, MINE, TOKEN_PREFIX, is_token, size, body_digest([BODY]), NOW - timedelta(hours=1), patience, 2.0)


class _ImapClient(ImapDialogue):
    def __init__(self, wanted: Sought, result: Retrieval, *, clean: bool) -> None:
        super().__init__(ImapSettings(), TlsMode.IMPLICIT, LIMITS)
        self._clean = clean
        self.recorder = StepRecorder(lambda: self.at)
        self._wanted, self._result = wanted, result

    def inside(self) -> Script[None]:
        yield from super().inside()
        retrieval = ImapRetrieval(self, self.log.after_tls or (), self._wanted, self._result, self.recorder)
        yield from retrieval.clean() if self._clean else retrieval.run()


class _Pop3Client(Pop3Dialogue):
    def __init__(self, wanted: Sought, result: Retrieval, seen: set[str], *, clean: bool) -> None:
        super().__init__(Pop3Settings(), TlsMode.IMPLICIT)
        self._clean = clean
        self.recorder = StepRecorder(lambda: self.at)
        self.last = False
        self._wanted, self._result, self._seen = wanted, result, seen

    def inside(self) -> Script[None]:
        yield from super().inside()
        retrieval = Pop3Retrieval(self, self._wanted, self._result, self.recorder, self._seen)
        if self._clean:
            yield from retrieval.clean()
        else:
            self.last = yield from retrieval.run()


class Looked:
    """What a client found: its result with the steps, its failure, and how it was driven."""

    def __init__(self, result: Retrieval, client: _ImapClient | _Pop3Client, driven: Driven) -> None:
        self.result, self.log, self.driven = result, client.log, driven
        self.last = getattr(client, "last", True)
        result.steps += client.recorder.taken

    @property
    def steps(self) -> list[tuple[str, bool]]:
        return [(step.stage.value, step.ok) for step in self.result.steps]


def by_imap(server: ImapServer, wanted: Sought | None = None, *, clean: bool = False, steps: int = 100_000, chunk: int = 65536,
            later: Callable[[float], None] = lambda now: None) -> Looked:  # fmt: skip
    """Look by IMAP; or *clean* up."""
    result = Retrieval()
    client = _ImapClient(wanted or sought(), result, clean=clean)
    return Looked(result, client, drive(client, server, steps=steps, chunk=chunk, later=later))


def by_pop3(world: Folders, wanted: Sought | None = None, *, clean: bool = False, steps: int = 100_000, chunk: int = 65536,
            server: Pop3Server | None = None, seen: set[str] | None = None, result: Retrieval | None = None) -> Looked:  # fmt: skip
    """Take one look by POP3, the last one unless there is more patience; or *clean* up."""
    result = result or Retrieval()
    client = _Pop3Client(wanted or replace(sought(), patience=0.0), result, set() if seen is None else seen, clean=clean)
    return Looked(result, client, drive(client, server or Pop3Server(world), steps=steps, chunk=chunk))


def all_stale() -> Sought:
    """Return what finds every message of a probe left over."""
    return replace(sought(patience=0), token=OLD, stale_before=NOW + timedelta(days=1))
