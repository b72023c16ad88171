# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the inventory plugin's probe as an Ansible argument specification."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments

NOT_IN_INVENTORY = frozenset((
    "destinations", "nameservers", "trust_ad",  # the inventory's own
    "protocol", "lookup", "tls_mode", "exchanges",  # the exchanges of MX records are asked on port 25, all of them
    "results_file", "resume", "expect", "keylog_file", "trace_file", "report_detail", "reconnect_delay", "reconnect_max",
))  # fmt: skip
"""What a probe can do and a task with `smtp_tls_probe` is the place for."""


def probe_arguments() -> ArgumentSpec:
    """Return the argument specification of `probe`: the options of `smtp_tls_probe` that make sense in an inventory."""
    return {name: spec for name, spec in smtp_arguments().items() if name not in NOT_IN_INVENTORY}
