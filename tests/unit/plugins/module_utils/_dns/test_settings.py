# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How DNS is asked by the options that modules share."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns import settings
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver, parse_authoritative_server
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import TrustAd
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import DnsSettings, dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError


def test_named_nameservers_are_asked_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "system_nameservers", lambda: (Nameserver("192.0.2.53"),))
    named = dns_settings(["::1@5353", "192.0.2.1"], "never", 3.0)
    assert named == DnsSettings((Nameserver("::1", 5353), Nameserver("192.0.2.1")), TrustAd.NEVER, 3.0)
    assert named.asked() == named.nameservers


@pytest.mark.parametrize("given", [None, []])
def test_without_any_those_of_the_system_are_asked(monkeypatch: pytest.MonkeyPatch, given: list[str] | None) -> None:
    monkeypatch.setattr(settings, "system_nameservers", lambda: (Nameserver("192.0.2.53"),))
    assert dns_settings(given, "auto").asked() == (Nameserver("192.0.2.53"),)


def test_a_mistake_is_told_of_the_option() -> None:
    with pytest.raises(OptionError, match="nameservers: 'dns.example' is not an IP address"):
        dns_settings(["dns.example"], "auto")


def test_authoritative_servers_are_addresses() -> None:
    assert parse_authoritative_server("192.0.2.1@5353") == Nameserver("192.0.2.1", 5353)
    for text in ("dns.example", "tls://192.0.2.1", "192.0.2.1@"):
        with pytest.raises(OptionError, match=f"authoritative_servers: '{text}' "):
            parse_authoritative_server(text)
