# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter has the words of the module, and tells mistakes in one line."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.tls.plugins.filter.mail_domain_records import FilterModule, mail_domain_records


def test_it_makes_what_the_module_makes() -> None:
    made = mail_domain_records({"domain": "example.org", "exchanges": [{"exchange": "mx.example.org"}], "spf": {}})
    assert made["zone"] == 'example.org. 3600 IN MX 10 mx.example.org.\nexample.org. 3600 IN TXT "v=spf1 mx -all"\n'
    assert FilterModule().filters() == {"mail_domain_records": mail_domain_records}


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("example.org", "a mapping with a domain is needed, not 'example.org'"),
        ({}, "missing required arguments: domain"),
        ({"domain": "example.org", "colour": "red"}, "colour"),
        ({"domain": "example.org", "spf": {"networks": ["x"]}}, "spf.networks: 'x' is not an address or a network"),
        ({"domain": "example.org", "dkim": [{"selector": "a", "publickey_path": "/etc/passwd"}]}, "cannot be read by a filter"),
    ],
)
def test_a_mistake_is_one_line(wanted: Any, text: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        mail_domain_records(wanted)
    assert text in str(caught.value) and "\n" not in str(caught.value)
