# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A submission server (RFC 6409): mail of whoever logs in, inside TLS, for the one mailbox that there is; aiosmtpd with SCRAM."""

from __future__ import annotations

import asyncio
import base64
import email.utils
import os

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session

from .logins import scram
from .mailserver import IDLE_SECONDS
from .world import MailboxHost


class Submissions:
    """What aiosmtpd asks about logins, recipients and messages. `mailbox` is None where every message is lost."""

    def __init__(self, served: MailboxHost) -> None:
        self._served, self._passwords = served, {served.user: served.password}

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        """Judge a name and a password (called by aiosmtpd for PLAIN and LOGIN)."""
        known = isinstance(data, LoginPassword) and self._passwords.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=known, handled=False, auth_data=data.login if isinstance(data, LoginPassword) else None)

    async def auth_SCRAM__SHA__256(self, server: SMTP, arguments: list[str]) -> AuthResult:
        """Let the client prove its password (called by aiosmtpd)."""
        login = scram(self._passwords)
        challenge = next(login)
        given = arguments[1] if len(arguments) > 1 else None
        try:
            while True:
                response = await server.challenge_auth(challenge) if given is None else _decoded(given)
                given = None
                if response is MISSING:
                    return AuthResult(success=False)
                challenge = login.send(response)
        except StopIteration as end:
            return AuthResult(success=end.value is not None, handled=False, auth_data=end.value)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Take one recipient, if it has the mailbox (called by aiosmtpd)."""
        if not session.authenticated:
            return "530 5.7.0 Log in first"
        if address != self._served.recipient:
            return "550 5.1.1 There is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Put the message into the mailbox, with a trace of its way (called by aiosmtpd; RFC 5321 section 4.4)."""
        queue_id = os.urandom(5).hex().upper()
        client = session.peer[0] if session.peer else "unknown"
        trace = (
            f"Return-Path: <{envelope.mail_from or ''}>\r\n"
            f"Received: from {session.host_name} ([{client}])\r\n"
            f"\tby {self._served.host} (demo) with ESMTPSA id {queue_id}\r\n"
            f"\tfor <{envelope.rcpt_tos[0]}>; {email.utils.formatdate(localtime=True)}\r\n"
        )
        content = envelope.original_content or b""
        if self._served.submitted is not None:
            self._served.submitted.put(trace.encode() + content)
        return f"250 2.0.0 Ok: queued as {queue_id}"


def submission_server(served: MailboxHost) -> asyncio.Protocol:
    """Return the protocol object for one connection; without a TLS context STARTTLS is not offered, and logins are in the clear."""
    handler = Submissions(served)
    return SMTP(
        handler,
        hostname=served.host,
        ident="ESMTP demo",
        tls_context=served.context,
        authenticator=handler.authenticate,
        auth_required=served.context is not None,  # else aiosmtpd warns; the refusal above is for this case
        auth_require_tls=served.context is not None,
        timeout=IDLE_SECONDS,
        loop=asyncio.get_running_loop(),
    )


def _decoded(text: str) -> bytes:
    """Read base64; what is none is a response that no login takes."""
    try:
        return b"" if text == "=" else base64.b64decode(text, validate=True)
    except ValueError:
        return b""
