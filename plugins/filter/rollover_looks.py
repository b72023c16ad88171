# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ``rollover_looks``: the probes that look at mail servers from outside."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rollover_looks
short_description: Says which probes look at mail servers from outside
version_added: 1.0.0
author:
  - the mailops.tls authors (@mailops)
description:
  - Makes of what the inventory says of mail servers the probes that M(mailops.tls.dane_rollover) wants as
    O(mailops.tls.dane_rollover#module:verification), for as many servers as possible in one.
  - It is a part of the role P(mailops.tls.dane_rollover#role).
options:
  _input:
    description:
      - An item for each server, with C(exchanges), C(ports), C(key_algorithms), C(vantage_hosts), and with C(become), C(nameservers),
        C(trust_ad) and C(deadline) for the probe, empty where the module's defaults count.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: See where to look
  ansible.builtin.debug:
    msg: "{{ [server] | mailops.tls.rollover_looks }}"
  vars:
    server:
      exchanges: [mx.example.org]
      ports: [25]
      key_algorithms: [any, rsa, ecdsa]
      vantage_hosts: [localhost]
      become: false
      nameservers: []
      trust_ad: ''
      deadline: ''
"""

RETURN = r"""
_value:
  description: The probes, each with C(from) (the host to probe from), C(destinations), C(tls_mode), C(key_algorithms) and the settings.
  type: list
  elements: dict
  sample:
    - from: localhost
      destinations: ['[mx.example.org]:25']
      tls_mode: starttls
      key_algorithms: [any, rsa, ecdsa]
      become: false
      nameservers: []
      trust_ad: ''
      deadline: ''
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.tls.plugins.module_utils._rollover.looks import looks


def rollover_looks(servers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the probes.

    Raises:
        AnsibleFilterError: for what says nothing of servers.
    """
    try:
        return looks(servers)
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"mailops.tls.rollover_looks: {error}") from error


class FilterModule:
    """Tells Ansible which filters this file has."""

    def filters(self) -> dict[str, Callable[..., list[dict[str, Any]]]]:
        """Return the filters by name."""
        return {"rollover_looks": rollover_looks}
