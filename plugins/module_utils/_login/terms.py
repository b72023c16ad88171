# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be done for a login, and what is in the way of one: decided before anything of it is sent. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_login import COMMAND as IMAP_LOGIN
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_login import APOP, USER_PASS
from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import LoginOutcome
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.offers import Offer
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials
from ansible_collections.mailops.tls.plugins.module_utils._sasl.mechanisms import PLUS, USABLE, Exposure, exposure_of

COMMANDS = {IMAP_LOGIN: MailProtocol.IMAP, USER_PASS: MailProtocol.POP3, APOP: MailProtocol.POP3}
"""Logins by a command of the protocol, under the names that results have for them."""
_UNKNOWN = "the server has not been verified, and could be anybody"


class BindingUse(str, Enum):
    """`channel_binding`: AUTO binds where the name of the mechanism says so, REQUIRE uses no other, NEVER none of these."""

    AUTO = "auto"
    REQUIRE = "require"
    NEVER = "never"


@dataclass(frozen=True)
class LoginTerms:
    """Who logs in, and what may be risked for it.

    Attributes:
        credentials: who, and with what; their secrets are in no `repr`.
        channel_binding: whether a login has to be tied to its TLS session.
        only_offered: do not ask for what the server does not offer.
        without_tls: send secrets over connections that everybody on the way can read.
        unverified: send secrets to servers that have not shown who they are.
        seconds: how long the server may take for an answer to a login.
    """

    credentials: Credentials = Credentials()
    channel_binding: BindingUse = BindingUse.AUTO
    only_offered: bool = True
    without_tls: bool = False
    unverified: bool = False
    seconds: float = 30.0


@dataclass(frozen=True)
class Scene:
    """What is known of a connection when a login is to begin.

    Attributes:
        protocol: what is spoken.
        offer: what the server offers on it.
        timestamp: whether its greeting had what APOP needs.
        plaintext: whether there is no TLS.
        vouched: whether the server has shown that it is the one meant.
        doubt: why it could not show that, where more than its certificate is wanting.
    """

    protocol: MailProtocol
    offer: Offer
    timestamp: bool = False
    plaintext: bool = False
    vouched: bool = False
    doubt: str | None = None

    def offers(self, mechanism: str) -> bool:
        """Whether the server offers it; of a command that is not spoken of, yes."""
        if mechanism in COMMANDS:
            if COMMANDS[mechanism] is not self.protocol:
                return False
            return self.timestamp if mechanism == APOP else self.offer.password_login is not False
        return mechanism in (self.offer.mechanisms or ())


class Obstacle(NamedTuple):
    """Why a login is not begun."""

    outcome: LoginOutcome
    text: str


def obstacle(mechanism: str, terms: LoginTerms, scene: Scene) -> Obstacle | None:
    """Return what keeps a login from being begun; None when nothing does."""
    possible = COMMANDS.get(mechanism, scene.protocol) is scene.protocol and (mechanism != APOP or scene.timestamp)
    if not possible or (terms.only_offered and not scene.offers(mechanism)):
        return Obstacle(LoginOutcome.NOT_OFFERED, "the server does not offer it")
    if mechanism not in COMMANDS and mechanism not in USABLE:
        return Obstacle(LoginOutcome.UNSUPPORTED, f"{mechanism} is not known here, so nothing was sent")
    bound = mechanism.endswith(PLUS)
    if terms.channel_binding is BindingUse.REQUIRE and not bound:
        return Obstacle(LoginOutcome.WITHHELD, "it cannot be bound to the TLS session, and the option channel_binding requires that")
    if terms.channel_binding is BindingUse.NEVER and bound:
        return Obstacle(LoginOutcome.WITHHELD, "it binds to the TLS session, and the option channel_binding is never")
    if exposure_of(mechanism) is Exposure.NOTHING:
        return None
    if scene.plaintext:
        why = "there is no TLS, and the password could be read on the way"
        text = f"{why}; the option insecure_expose_password_without_tls sends it all the same"
        return None if terms.without_tls else Obstacle(LoginOutcome.WITHHELD, text)
    text = f"{scene.doubt or _UNKNOWN}; the option insecure_expose_password_to_unverified_server sends the password all the same"
    return None if scene.vouched or terms.unverified else Obstacle(LoginOutcome.WITHHELD, text)
