# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that strangers may not give to hosts of an inventory."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._inventory.host_names import host_name_problem, spelling

REFUSED = (
    "production", "all", "ungrouped", "mx", "satisfied", "domain_example_org", "localhost", "LOCALHOST", "mail.localhost",
    "localhost.localdomain", "127.0.0.1", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1", "224.0.0.1", "127.1", "0x7f.1",
    "a.0x7f",
    "mail.1", "web[1:9].example.org", "~web.*.example.org", "!web.example.org", "&web.example.org", "web:db.example.org", "a,b.example.org",
    "*.example.org", "{{ x }}.example.org", "web1.example.org.", "a..example", "", ".", "-v.example.org", "web 1.example.org",
    "web\n.example.org", "m\u00fc.example",
)  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    assert host_name_problem(name) is not None


@pytest.mark.parametrize(
    "name", ["mx1.example.org", "xn--m-xka.example", "_dmarc.example.org", "1.2.3.example", "192.0.2.1", "2001:db8::1", "a.example2"]
)
def test_allowed(name: str) -> None:
    assert host_name_problem(name) is None


def test_spellings_of_one_name() -> None:
    assert spelling("WEB1.Example.ORG.") == spelling("web1.example.org")
    assert spelling("M\u00fc.example") == spelling("xn--m-eha.EXAMPLE")
    assert spelling("web_1") != spelling("web-1")
