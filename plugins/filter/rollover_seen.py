# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ``rollover_seen``: what probes saw of a mail server."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rollover_seen
short_description: Takes out of probes what they saw of one mail server
version_added: 1.0.0
author:
  - the mailops.tls authors (@mailops)
description:
  - Takes what concerns one server out of the results of the probes that P(mailops.tls.rollover_looks#filter) has made for several.
  - It is a part of the role P(mailops.tls.dane_rollover#role).
options:
  _input:
    description:
      - The results of the task that probed in a loop over O(asked).
    type: list
    elements: dict
    required: true
  server:
    description: What the inventory says of the server, an item as P(mailops.tls.rollover_looks#filter) takes them.
    type: dict
    required: true
  asked:
    description: What P(mailops.tls.rollover_looks#filter) has returned.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: See whether all vantage hosts could look
  ansible.builtin.debug:
    msg: "{{ (probes.results | mailops.tls.rollover_seen(server, looks)).complete }}"
"""

RETURN = r"""
_value:
  description:
    - C(results) are those of the probes that are about the server, and an item for each place where some could look and another could not.
    - C(complete) says whether every vantage host could look at it. C(lost) is a text that says which could not, and why.
  type: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.mailops.tls.plugins.module_utils._rollover.looks import seen


def rollover_seen(probes: Sequence[Any], server: Mapping[str, Any], asked: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what was seen.

    Raises:
        AnsibleFilterError: for what says nothing of probes or a server.
    """
    try:
        found = seen(probes, server, asked)
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"mailops.tls.rollover_seen: {error!r}") from error
    # The results of the module are marked already, and stay the objects that they are.
    return {"results": list(found.results), "complete": found.complete, "lost": wrap_var(found.lost)}


class FilterModule:
    """Tells Ansible which filters this file has."""

    def filters(self) -> dict[str, Callable[..., dict[str, Any]]]:
        """Return the filters by name."""
        return {"rollover_seen": rollover_seen}
