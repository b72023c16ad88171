# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of the options of a probe before the module has them, and when somebody looks how far it is."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.action import mail_auth_probe, mail_domain_info, mailbox_tls_probe, smtp_tls_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_auth_probe.arguments import auth_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.arguments import domain_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.arguments import mailbox_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.plugin_utils._probe_action import ProbeAction, _count, _written


def test_null_is_no_host_called_none() -> None:
    assert _written(["a.example", None, 5]) == ["a.example", "", 5]
    assert _written("a.example,b.example") == "a.example,b.example"
    assert _count({"destinations": ["a.example", "a.example", "b.example"]}, (("destinations", "domain"),)) == 2
    options = (("hosts", "host"), ("domains", "domain"))
    assert _count({"host": "a.example,b.example", "domains": ["a.example"], "services": ["imap", "pop3"]}, options) == 3
    assert _count({"services": ["imap"]}, options) == 0


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        (smtp_tls_probe.ActionModule, smtp_arguments()),
        (mailbox_tls_probe.ActionModule, mailbox_arguments()),
        (mail_auth_probe.ActionModule, auth_arguments()),
        (mail_domain_info.ActionModule, domain_arguments()),
    ],
)
def test_the_options_are_those_of_the_module(action: type[ProbeAction], arguments: dict[str, dict[str, Any]]) -> None:
    for name, *aliases in action.OPTIONS:
        assert arguments[name].get("aliases", []) == aliases and arguments[name]["type"] == "list"
    for name in (*action.LIST_FILES, "results_file", "progress_file"):
        assert arguments[name]["type"] == "path"
    assert action.__module__.endswith(f".{action.SHOWN}")
