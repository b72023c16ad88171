# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be delivered, by whom, and where it has to arrive: the values that a run works by."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.mailops.tls.plugins.module_utils._delivery.message import Letter
from ansible_collections.mailops.tls.plugins.module_utils._login.terms import LoginTerms
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget


@dataclass(frozen=True)
class Party:
    """One of the two servers: the one that takes the message, or the one that has the mailbox.

    Attributes:
        service: what is spoken there.
        target: the host, with its port where that is not the service's own.
        settings: how it is found and judged.
        terms: who logs in, and what may be risked for it; None to log in as nobody.
        mechanism: the one to log in with; None for the best that the server offers.
        opportunistic: take TLS where it is offered, with any certificate, and none where it is not.
    """

    service: MailService
    target: MailTarget
    settings: MailboxProbeSettings
    terms: LoginTerms | None = None
    mechanism: str | None = None
    opportunistic: bool = False


@dataclass(frozen=True)
class DeliverySettings:
    """One delivery.

    Attributes:
        submit: who takes the message.
        letter: the message.
        retrieve: where it has to arrive; None to hand it over only.
        folders: where it may be in the mailbox, besides the folder for junk.
        timeout: seconds from its acceptance until it has to be there.
        poll_interval: seconds between two looks.
        stale_after: seconds after which the message of another probe is left over.
    """

    submit: Party
    letter: Letter
    retrieve: Party | None = None
    folders: tuple[str, ...] = field(default=("INBOX",))
    timeout: float = 60.0
    poll_interval: float = 2.0
    stale_after: float = 3600.0
