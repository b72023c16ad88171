# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection to the small IMAP server: lines to `imap.ImapSession`, its answers back, and STARTTLS in between."""

from __future__ import annotations

import asyncio
import ssl
from typing import cast

from .imap import LONGEST_LINE, ImapSession
from .world import MailboxHost

IDLE_SECONDS = 30.0


class ImapServer(asyncio.Protocol):
    """The protocol object for one connection; without a TLS context STARTTLS is not offered."""

    def __init__(self, served: MailboxHost) -> None:
        self._session = ImapSession({served.user: served.password}, served.mailbox, offers_tls=served.context is not None)
        self._context = served.context
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._idle: asyncio.TimerHandle | None = None
        self._upgrade: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet the client."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._session.greet())
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer."""
        if self._idle is not None:
            self._idle.cancel()

    def data_received(self, data: bytes) -> None:
        """Answer every command that is complete."""
        self._wait()
        self._received += data
        if self._upgrade is None:
            self._answer()

    def _answer(self) -> None:
        while self._transport is not None and not self._transport.is_closing():
            if self._session.literal:
                if len(self._received) < self._session.literal:
                    return
                literal, self._received = self._received[: self._session.literal], self._received[self._session.literal :]
                self._session.take_literal(literal)
            line, end, rest = self._received.partition(b"\r\n")
            if len(line) > LONGEST_LINE:
                self._transport.close()
            if not end:
                return
            self._received = rest
            self._transport.write(self._session.take(line))
            if self._session.closes:
                self._transport.close()
            if self._session.begins_tls:
                self._received = b""  # what came behind STARTTLS was not said inside TLS
                self._upgrade = asyncio.get_running_loop().create_task(self._begin_tls(self._transport))
                return

    async def _begin_tls(self, transport: asyncio.Transport) -> None:
        """Begin TLS. What the client says inside may be here before this goes on, so it waits."""
        assert self._context is not None
        self._session.begins_tls = False
        try:
            inside = await asyncio.get_running_loop().start_tls(transport, self, self._context, server_side=True)
        except (OSError, ssl.SSLError):
            transport.close()
            return
        self._transport = cast(asyncio.Transport, inside)
        self._session.inside_tls = True
        self._upgrade = None
        self._answer()

    def _wait(self) -> None:
        """Close the connection when the client says nothing for long."""
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._close)

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()
