# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `postfix_tls_deploy`: parameters in, what was (or would be) done out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._deploy.deployment import Edges, deploy_pair
from ansible_collections.mailops.tls.plugins.module_utils._deploy.journal import JournalUnreadable
from ansible_collections.mailops.tls.plugins.module_utils._deploy.transaction import DeployFailed
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_deploy.options import deploy_order
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskFailed, TaskResult, failing_with
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import PostfixMissing


@failing_with(PostfixMissing, JournalUnreadable)
def run_deploy(params: Mapping[str, Any], edges: Edges, *, check_mode: bool) -> TaskResult:
    """Deploy the pair that *params*, as the argument specification leaves them, name; with *check_mode* only say what would be done.

    Raises:
        OptionError: before anything is changed, for an option that cannot be used.
        TaskFailed: when it had to be taken back, or was not begun.
    """
    order = deploy_order(params)
    try:
        outcome = deploy_pair(order, edges, check_mode=check_mode)
    except DeployFailed as error:
        raise TaskFailed(str(error), {"rolled_back": error.rolled_back}) from error
    return TaskResult(outcome.facts, outcome.changed, outcome.diff, outcome.warnings)
