# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `postfix_tls_key`: parameters in, what was made out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_key.options import key_options
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult, failing_with
from ansible_collections.mailops.tls.plugins.module_utils._postfix.configured import Configured
from ansible_collections.mailops.tls.plugins.module_utils._postfix.new_key import Clock, make_key, now
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import PostfixMissing, Run


@failing_with(PostfixMissing, OSError)
def run_new_key(params: Mapping[str, Any], run: Run, *, check_mode: bool, clock: Clock = now) -> TaskResult:
    """Do what the parameters of `postfix_tls_key` ask for, or with *check_mode* only say so.

    Raises:
        OptionError: for an option that cannot be used.
        TaskFailed: when something has to be asked of a Postfix that is not there, or with the files as they were.
    """
    options = key_options(params)
    made = make_key(options.wanted, Configured(run, options.config_directory), check_mode=check_mode, clock=clock)
    return TaskResult(made.facts, made.changed, made.diff, made.warnings)
