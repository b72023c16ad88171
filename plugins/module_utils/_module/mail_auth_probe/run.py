# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `mail_auth_probe`: parameters in, the task's result out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._login.concealed import Concealment
from ansible_collections.mailops.tls.plugins.module_utils._login.conductor import LoginRun
from ansible_collections.mailops.tls.plugins.module_utils._login.lint import lint_logins
from ansible_collections.mailops.tls.plugins.module_utils._login.result import LoginResult, summarize
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.lint import lint, worst, worst_first
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_auth_probe.arguments import auth_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_auth_probe.options import auth_options
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_runs import MailboxDoor, MailboxTools, MailboxWork, run_mailboxes
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import LOGINS
from ansible_collections.mailops.tls.plugins.module_utils._results.mailbox_report import login_report

DOOR = MailboxDoor("mail_auth_probe", auth_arguments, LOGINS, summarize, login_report)


def run_auth_probe(params: Mapping[str, Any], *, check_mode: bool = False) -> TaskResult:
    """Probe the hosts and domains in *params*.

    Args:
        params: the parameters of `mail_auth_probe`, as its argument specification leaves them.
        check_mode: probe, but write no file.

    Raises:
        OptionError: an option cannot be used; nothing was probed.
    """
    options = auth_options(params)
    mailboxes, logins = options.mailboxes, options.logins
    concealment = Concealment.of(logins.terms.credentials)

    def conductor(tools: MailboxTools) -> LoginRun:
        return LoginRun(tools.run, mailboxes.settings, logins, tools.prober, tools.now)

    def facts(result: LoginResult, now: datetime) -> Mapping[str, Any]:
        found = worst_first([*lint(result.mailbox, now), *lint_logins(result)])
        told = result.as_facts(concealment, mailboxes.detail)
        return {**told, "worst": worst(found), "lint": [one.as_facts() for one in found]}

    return run_mailboxes(params, mailboxes, DOOR, MailboxWork(conductor, facts), check_mode=check_mode)
