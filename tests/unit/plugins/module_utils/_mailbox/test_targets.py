# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users name: hosts, addresses, ports, domains, and what is none of them."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget, parse_domain, parse_host


@pytest.mark.parametrize(
    ("text", "name", "port"),
    [
        ("mail.example.org", "mail.example.org", None),
        (" mail.example.org. ", "mail.example.org", None),
        ("mail.example.org:993", "mail.example.org", 993),
        ("192.0.2.1", "192.0.2.1", None),
        ("192.0.2.1:143", "192.0.2.1", 143),
        ("2001:db8::1", "2001:db8::1", None),
        ("[2001:DB8::1]", "2001:db8::1", None),
        ("[2001:db8::1]:993", "2001:db8::1", 993),
        ("[mail.example.org]:993", "mail.example.org", 993),
        ("bücher.example", "xn--bcher-kva.example", None),
    ],
)
def test_hosts(text: str, name: str, port: int | None) -> None:
    assert parse_host(text) == MailTarget(text, name, port)


@pytest.mark.parametrize(
    "text", ["", ":993", "a b", "mail.example.org:0", "mail.example.org:65536", "[x", "a:b", "imap://mail.example.org", "a..b", "[]"]
)
def test_no_hosts(text: str) -> None:
    with pytest.raises(OptionError) as refused:
        parse_host(text)
    assert refused.value.option == "hosts"


@pytest.mark.parametrize("text", ["example.org", "EXAMPLE.org.", "postmaster@example.org"])
def test_domains(text: str) -> None:
    assert parse_domain(text).name.lower() == "example.org" and parse_domain(text).by_srv


@pytest.mark.parametrize("text", ["", "192.0.2.1", "[192.0.2.1]", "a b", "example.org:25"])
def test_no_domains(text: str) -> None:
    with pytest.raises(OptionError) as refused:
        parse_domain(text)
    assert refused.value.option == "domains"
