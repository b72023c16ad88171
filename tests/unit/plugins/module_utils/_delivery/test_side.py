# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With which mechanism somebody logs in when no other is named."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._delivery.side import best_mechanism
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.offers import Offer
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials

PASSWORD, TOKEN, NOTHING = Credentials("me", "secret"), Credentials("me", None, "ya29"), Credentials()
IMAP, POP3, SMTP = MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP


@pytest.mark.parametrize(
    ("protocol", "offered", "command", "credentials", "chosen"),
    [
        (SMTP, ("PLAIN", "LOGIN", "SCRAM-SHA-256", "CRAM-MD5"), None, PASSWORD, "SCRAM-SHA-256"),
        (SMTP, ("LOGIN", "PLAIN"), None, PASSWORD, "PLAIN"),
        (SMTP, ("GSSAPI",), None, PASSWORD, None),
        (SMTP, None, None, PASSWORD, None),
        (SMTP, ("PLAIN", "XOAUTH2"), None, TOKEN, "XOAUTH2"),
        (SMTP, ("PLAIN",), None, TOKEN, None),
        (SMTP, ("PLAIN", "EXTERNAL"), None, NOTHING, "EXTERNAL"),
        (IMAP, (), True, PASSWORD, "IMAP-LOGIN"),
        (IMAP, (), False, PASSWORD, None),
        (POP3, ("CRAM-MD5",), True, PASSWORD, "CRAM-MD5"),
        (POP3, None, None, PASSWORD, "USER-PASS"),
        (IMAP, (), True, TOKEN, None),
    ],
)
def test_the_safest_that_is_offered_and_possible(
    protocol: MailProtocol, offered: tuple[str, ...] | None, command: bool | None, credentials: Credentials, chosen: str | None
) -> None:
    assert best_mechanism(protocol, Offer({}, offered, command), credentials) == chosen
