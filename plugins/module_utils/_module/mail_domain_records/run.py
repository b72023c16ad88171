# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `mail_domain_records`: wishes in, records in all their forms and the order of publishing out. Reads key files only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._domain.publishing_steps import (
    final_policy,
    final_rrsets,
    publishing_steps,
    steps_done,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.wished_records import elsewhere
from ansible_collections.mailops.tls.plugins.module_utils._files.given import read_given
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_records.options import ReadFile, wishes_options
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult


def run_mail_domain_records(params: Mapping[str, Any]) -> TaskResult:
    """Make the records that *params* ask for.

    Args:
        params: the parameters of `mail_domain_records`, as its argument specification leaves them.

    Raises:
        OptionError: for an option that cannot be used.
    """
    return TaskResult(wished_facts(params, read_given))


def wished_facts(params: Mapping[str, Any], read: ReadFile) -> dict[str, Any]:
    """Return the return values of `mail_domain_records`; *read* reads files that options name."""
    options = wishes_options(params, read)
    steps = publishing_steps(options.wishes)
    rrsets = final_rrsets(steps)
    policy = final_policy(steps)
    done = steps_done(steps, options.published)
    numbered = [step.as_facts(number, there) for number, (step, there) in enumerate(zip(steps, done), 1)]
    return {
        "records": [record for rrset in rrsets for record in rrset.as_records()],
        "record_sets": [rrset.as_set() for rrset in rrsets],
        "single_records": [record for rrset in rrsets for record in rrset.as_singles()],
        "zone": "".join(line + "\n" for rrset in rrsets for line in rrset.lines()),
        "elsewhere": [rrset.as_set() for rrset in elsewhere(options.wishes)],
        "policy": policy.as_facts() if policy is not None else None,
        "steps": numbered,
        "next_step": next((step["name"] for step in numbered if step["done"] is not True), None) if options.published else None,
    }
