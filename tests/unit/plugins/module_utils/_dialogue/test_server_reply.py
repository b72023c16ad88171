# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies of all protocols in one shape."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue import server_reply
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_response import read_response
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import LiteralLine
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_reply import Pop3Reader
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.reply import ReplyReader
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import ServerReply
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.sieve_response import read_line
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        (b"535 5.7.8 Error: authentication failed\r\n", ServerReply(535, None, "5.7.8", None, "Error: authentication failed")),
        (b"250-2.1.0 a\r\n250 2.1.0 b\r\n", ServerReply(250, None, "2.1.0", None, "a b")),
        (b"250 2.1\r\n", ServerReply(250, None, None, None, "2.1")),
        (b"550 9.9.9 no\r\n", ServerReply(550, None, None, None, "9.9.9 no")),
        (b"nonsense\r\n", ServerReply(None, None, None, None, "nonsense")),
    ],
)
def test_smtp(sent: bytes, wanted: ServerReply) -> None:
    reader = ReplyReader()
    reader.feed(sent)
    reply = reader.next_reply(SmtpPhase.GREETING)
    assert reply is not None and server_reply.of_smtp(reply) == wanted


def test_the_others() -> None:
    tagged = read_response(LiteralLine((b"a NO [AUTHENTICATIONFAILED] x",)))
    assert server_reply.of_imap(tagged) == ServerReply(None, "no", None, "AUTHENTICATIONFAILED", "x")
    assert server_reply.of_imap(read_response(LiteralLine((b"+ x",)))).status == "continuation"
    reader = Pop3Reader()
    reader.feed(b"-ERR [AUTH] y\r\n")
    reply = reader.next_reply()
    assert reply is not None and server_reply.of_pop3(reply) == ServerReply(None, "err", None, "AUTH", "y")
    assert server_reply.of_sieve(read_line(LiteralLine((b'NO (TRYLATER) "z"',)))) == ServerReply(None, "no", None, "TRYLATER", "z")
    assert ServerReply(250).as_facts() == {"code": 250, "status": None, "enhanced_code": None, "response_code": None, "text": ""}
