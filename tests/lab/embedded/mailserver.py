# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server that shows its TLS and takes no mail: aiosmtpd with STARTTLS (RFC 5321, RFC 3207)."""

from __future__ import annotations

import asyncio
import ssl

from aiosmtpd.smtp import SMTP, Envelope, Session

IDLE_SECONDS = 30.0


class NoMailbox:
    """Turns every recipient away, so that nothing sent here by mistake is lost without notice."""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Refuse one recipient (called by aiosmtpd)."""
        return "550 5.1.1 This is a demonstration server; it has no mailboxes"


def mail_server(host: str, context: ssl.SSLContext | None) -> asyncio.Protocol:
    """Return the protocol object for one connection to `host`; without `context` STARTTLS is not offered."""
    return SMTP(
        NoMailbox(),
        hostname=host,
        ident="ESMTP demo",
        tls_context=context,
        timeout=IDLE_SECONDS,
        loop=asyncio.get_running_loop(),
    )
