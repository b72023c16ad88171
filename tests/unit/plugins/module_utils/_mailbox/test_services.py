# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of services."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import (
    MAIL_PORTS,
    MailProtocol,
    MailService,
    service_at,
    srv_owner,
)


@pytest.mark.parametrize("service", MailService)
def test_every_service_has_a_port_of_its_own(service: MailService) -> None:
    assert service_at(service.terms.port) is service
    sister = service.terms.sister
    assert sister is None or (sister.terms.protocol, sister.terms.tls_mode) == (service.terms.protocol, TlsMode.IMPLICIT)


def test_ports() -> None:
    assert MAIL_PORTS == (24, 25, 110, 143, 465, 587, 993, 995, 4190)
    assert service_at(2525) is None


def test_names() -> None:
    assert srv_owner(MailService.IMAPS, "example.org") == "_imaps._tcp.example.org"
    assert MailService.SIEVE.terms.protocol is MailProtocol.MANAGESIEVE
