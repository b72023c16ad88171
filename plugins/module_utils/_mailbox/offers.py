# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server offers: capabilities, mechanisms of login and plain passwords, before and inside TLS, the same for every protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import DialogueLog
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MailboxLog
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol
from ansible_collections.mailops.tls.plugins.module_utils._text import upper

Capabilities = Mapping[str, tuple[str, ...]]
_MECHANISMS = {
    MailProtocol.IMAP: "AUTH",
    MailProtocol.POP3: "SASL",
    MailProtocol.MANAGESIEVE: "SASL",
    MailProtocol.SMTP: "AUTH",
    MailProtocol.LMTP: "AUTH",
}


@dataclass(frozen=True)
class Offer:
    """What is offered at one moment.

    Attributes:
        capabilities: keyword in upper case -> parameters; None when not asked or not answered.
        mechanisms: the mechanisms of SASL, in upper case; None when they could not be learned.
        password_login: whether a command takes the plain password (IMAP LOGIN, POP3 USER); None where there is none, or unknown.
    """

    capabilities: Capabilities | None = None
    mechanisms: tuple[str, ...] | None = None
    password_login: bool | None = None


@dataclass(frozen=True)
class Offers:
    """What is offered at the greeting, before and inside TLS, and whether TLS is among it."""

    at_greeting: Capabilities | None = None
    before_tls: Offer = Offer()
    after_tls: Offer = Offer()
    starttls: bool | None = None

    @classmethod
    def of(cls, protocol: MailProtocol, log: DialogueLog | None) -> Offers:
        """Return what a dialogue of this protocol learned."""
        if log is None:
            return cls()
        before = _offer(protocol, log.before_tls, log, "before_tls")
        after = _offer(protocol, log.after_tls, log, "after_tls")
        if isinstance(log, MailboxLog):
            return cls(log.at_greeting, before, after, log.starttls_offered)
        return cls(None, before, after, None if log.before_tls is None else "STARTTLS" in log.before_tls)

    def capability_facts(self) -> dict[str, object]:
        """Return `capabilities` of results."""
        moments = (self.at_greeting, self.before_tls.capabilities, self.after_tls.capabilities)
        return dict(zip(("greeting", "before_tls", "after_tls"), (_lists(one) for one in moments)))

    def mechanism_facts(self) -> dict[str, object]:
        """Return `auth_mechanisms` of results."""
        moments = {"before_tls": self.before_tls.mechanisms, "after_tls": self.after_tls.mechanisms}
        return {moment: None if names is None else list(names) for moment, names in moments.items()}

    def password_facts(self) -> dict[str, object]:
        """Return `password_login` of results."""
        return {"before_tls": self.before_tls.password_login, "after_tls": self.after_tls.password_login}


def _offer(protocol: MailProtocol, told: Capabilities | None, log: DialogueLog, moment: str) -> Offer:
    if told is None:
        listed = log.listed_mechanisms.get(moment) if isinstance(log, MailboxLog) else None
        return Offer(None, listed, None)
    names = tuple(dict.fromkeys(upper(name) for name in told.get(_MECHANISMS[protocol], ())))
    return Offer(told, names, _password_login(protocol, told))


def _password_login(protocol: MailProtocol, told: Capabilities) -> bool | None:
    if protocol is MailProtocol.IMAP:
        return "LOGINDISABLED" not in told
    return "USER" in told if protocol is MailProtocol.POP3 else None


def _lists(told: Capabilities | None) -> dict[str, list[str]] | None:
    return None if told is None else {keyword: list(words) for keyword, words in told.items()}
