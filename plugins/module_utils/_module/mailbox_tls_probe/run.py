# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `mailbox_tls_probe`: parameters in, the task's result out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._mailbox.lint import lint, worst
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import MailboxResult, summarize
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_runs import MailboxDoor, MailboxWork, run_mailboxes
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.arguments import mailbox_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.options import mailbox_options
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import MAILBOXES
from ansible_collections.mailops.tls.plugins.module_utils._results.mailbox_report import mailbox_report

DOOR = MailboxDoor("mailbox_tls_probe", mailbox_arguments, MAILBOXES, summarize, mailbox_report)


def run_mailbox_probe(params: Mapping[str, Any], *, check_mode: bool = False) -> TaskResult:
    """Probe the hosts and domains in *params*.

    Args:
        params: the parameters of `mailbox_tls_probe`, as its argument specification leaves them.
        check_mode: probe, but write no file.

    Raises:
        OptionError: an option cannot be used; nothing was probed.
    """
    options = mailbox_options(params)

    def facts(result: MailboxResult, now: datetime) -> Mapping[str, Any]:
        found = lint(result, now)
        return {**result.as_facts(options.detail), "worst": worst(found), "lint": [one.as_facts() for one in found]}

    return run_mailboxes(params, options, DOOR, MailboxWork(lambda tools: tools.run, facts), check_mode=check_mode)
