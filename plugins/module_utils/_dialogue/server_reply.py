# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server's reply in the shape of results, the same for SMTP, LMTP, IMAP, POP3 and ManageSieve."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_response import ImapResponse
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_reply import Pop3Reply
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.reply import Reply
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.sieve_response import SieveLine

_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:\s+|\Z)")


@dataclass(frozen=True)
class ServerReply:
    """What a server replied to one command.

    Attributes:
        code: the three digits of SMTP and LMTP, else None.
        status: the word of the other protocols: ok, no, bad, bye, preauth, err, plus, other; None for SMTP and LMTP.
        enhanced_code: RFC 3463's code at the beginning of an SMTP text, else None.
        response_code: the code in brackets or parentheses of the other protocols, else None.
        text: the rest for people, cleaned.
    """

    code: int | None = None
    status: str | None = None
    enhanced_code: str | None = None
    response_code: str | None = None
    text: str = ""

    def as_facts(self) -> dict[str, object]:
        """Return it in the shape of `reply` in results."""
        return {
            "code": self.code,
            "status": self.status,
            "enhanced_code": self.enhanced_code,
            "response_code": self.response_code,
            "text": self.text,
        }


def of_smtp(reply: Reply) -> ServerReply:
    """Return a reply of SMTP or LMTP; code 0 is none."""
    found = [_ENHANCED.match(line) for line in reply.lines]
    enhanced = found[0].group(1) if found and found[0] else None
    lines = [line[one.end() :] if one else line for line, one in zip(reply.lines, found)]
    return ServerReply(code=reply.code or None, enhanced_code=enhanced, text=" ".join(lines).strip())


def of_imap(response: ImapResponse) -> ServerReply:
    """Return a status response of IMAP."""
    status = response.status.value if response.status else response.kind.value
    return ServerReply(status=status, response_code=response.code, text=response.text)


def of_pop3(reply: Pop3Reply) -> ServerReply:
    """Return a reply of POP3."""
    return ServerReply(status=reply.status.value, response_code=reply.code, text=reply.text)


def of_sieve(line: SieveLine) -> ServerReply:
    """Return the end of a ManageSieve response."""
    return ServerReply(status=line.status.value if line.status else "other", response_code=line.code, text=line.text)
