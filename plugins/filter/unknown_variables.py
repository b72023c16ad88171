# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ``unknown_variables``: names of variables that a role or playbook does not read."""

from __future__ import annotations

DOCUMENTATION = r"""
name: unknown_variables
short_description: Finds variables that are misspelt
version_added: 1.0.0
author:
  - the mailops.tls authors (@mailops)
description:
  - A variable with a misspelt name is a default that nobody chose. This filter says which names a role or playbook does not know, and
    which known one may be meant.
options:
  _input:
    description: The names of variables that are set, as P(ansible.builtin.varnames#lookup) lists them.
    type: list
    elements: str
    required: true
  known:
    description: The names that are read.
    type: list
    elements: str
    required: true
  prefix:
    description:
      - Names that begin so have to be known. Others are told only if they are much like a known one.
    type: str
    default: ''
  given:
    description: Names that are set by somebody else on purpose.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Refuse variables that the role does not have
  ansible.builtin.assert:
    that: unknown == []
    fail_msg: "{{ unknown | join('; ') }}"
  vars:
    known: [my_role_name, my_role_port]
    unknown: "{{ query('ansible.builtin.varnames', '^my_role_') | mailops.tls.unknown_variables(known, 'my_role_') }}"
"""

RETURN = r"""
_value:
  description: A line for each unknown name.
  type: list
  elements: str
  sample: ['my_role_prot is not a variable that is known here; is my_role_port meant?']
"""

from collections.abc import Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.tls.plugins.module_utils import _variables


def unknown_variables(names: Any, known: Any, prefix: str = "", given: Any = ()) -> list[str]:
    """Return a line for each unknown name.

    Raises:
        AnsibleFilterError: when there are no lists of names.
    """
    lists = {"the input": names, "known": known, "given": given}
    for what, one in lists.items():
        if not isinstance(one, Sequence) or isinstance(one, (str, bytes)):
            raise AnsibleFilterError(f"mailops.tls.unknown_variables: {what} is not a list of names")
    return _variables.unknown_variables(names, known, prefix, given)


class FilterModule:
    """Tells Ansible which filters this file has."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        """Return the filters by name."""
        return {"unknown_variables": unknown_variables}
