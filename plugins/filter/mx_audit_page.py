# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ``mx_audit_page``: the result of an audit as lines for people."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mx_audit_page
short_description: Tells people what an audit found
version_added: 1.0.0
author:
  - the mailops.tls authors (@mailops)
description:
  - Makes lines of the result of the role P(mailops.tls.mx_audit#role). What changed comes first, then how many domains there are with
    each verdict, then what is missing.
options:
  _input:
    description: The fact C(mx_audit_result) of the role.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what the last audit found
  ansible.builtin.debug:
    msg: "{{ mx_audit_result | mailops.tls.mx_audit_page }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
  sample:
    - Audit of 311 domains, run 20261130T021500Z-1a2b3c4d
    - "Changed since 20261129T021500Z-5e6f7a8b: 1 different"
    - "  example.org: mail: delivered -> not delivered (connect_refused)"
    - "Verdicts: 301 verified, 9 untrusted, 1 failed"
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.tls.plugins.module_utils._audit.page import audit_page


def mx_audit_page(result: Any) -> list[str]:
    """Return the lines.

    Raises:
        AnsibleFilterError: when the input is something else.
    """
    if not isinstance(result, Mapping):
        raise AnsibleFilterError("mailops.tls.mx_audit_page: the input is not the result of an audit")
    try:
        return audit_page(result)
    except (KeyError, TypeError, AttributeError) as error:
        raise AnsibleFilterError(f"mailops.tls.mx_audit_page: the input is not the result of an audit: {error}") from error


class FilterModule:
    """Tells Ansible which filters this file has."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        """Return the filters by name."""
        return {"mx_audit_page": mx_audit_page}
