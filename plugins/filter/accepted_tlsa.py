# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ``accepted_tlsa``: TLSA records that a server may have, in all forms."""

from __future__ import annotations

DOCUMENTATION = r"""
name: accepted_tlsa
short_description: Takes from TLSA records that a server has made those that it may have
version_added: 1.0.0
author:
  - the mailops.tls authors (@mailops)
description:
  - Records that M(mailops.tls.tlsa_records) has made on a mail server were said by that server, which may have been taken over. This
    filter runs on the controller. It gives back those at the names of O(hosts) and O(ports). They have to be well formed, of the kinds in
    O(parameters), and not too many. Their forms are made anew.
options:
  _input:
    description: The RV(mailops.tls.tlsa_records#module:records).
    type: list
    elements: dict
    required: true
  hosts:
    description: The hosts that the server is, by the controller's own inventory.
    type: list
    elements: str
    required: true
  ports:
    description: The ports with records.
    type: list
    elements: int
    default: [25]
  parameters:
    description: Usage, selector and matching type of the records.
    type: list
    elements: str
    default: ['3 1 1']
  ttl:
    description: The longest TTL, if more than a week.
    type: int
    default: 0
seealso:
  - plugin: mailops.tls.tlsa_records
    plugin_type: module
"""

EXAMPLES = r"""
- name: Make the records of the keys
  mailops.tls.tlsa_records:
    postfix: {}
    hosts: [mx.example.org]
  register: made

- name: Keep them for the zone file
  ansible.builtin.copy:
    content: "{{ (made.records | mailops.tls.accepted_tlsa(['mx.example.org'])).zone }}"
    dest: /etc/nsd/tlsa.include
    mode: '0644'
  delegate_to: ns.example.org
"""

RETURN = r"""
_value:
  description:
    - The records in all forms of M(mailops.tls.tlsa_records), by the names of its return values, and C(refused), a line for each thing that
      was not taken.
  type: dict
"""

from collections.abc import Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.mailops.tls.plugins.module_utils._dane.parameters import parse_parameters
from ansible_collections.mailops.tls.plugins.module_utils._dane.record_forms import all_forms
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.acceptance import MAX_TTL, Terms, acceptance, owner_names
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.accepted_forms import accepted_rrsets


def accepted_tlsa(
    records: Any, hosts: Sequence[str], ports: Sequence[int] = (25,), parameters: Sequence[str] = ("3 1 1",), ttl: int = 0
) -> dict[str, Any]:
    """Return the records that are taken.

    Raises:
        AnsibleFilterError: when what the inventory says cannot be used.
    """
    try:
        kinds = frozenset((one.usage, one.selector, one.matching_type) for one in parse_parameters(parameters))
        found = acceptance(records, Terms(owner_names(hosts, [int(one) for one in ports]), kinds, max_ttl=max(MAX_TTL, int(ttl or 0))))
    except (TypeError, ValueError) as error:
        raise AnsibleFilterError(f"mailops.tls.accepted_tlsa: {error}") from error
    taken: dict[str, Any] = wrap_var({**all_forms(accepted_rrsets(found.records)), "refused": list(found.refused)})
    return taken


class FilterModule:
    """Tells Ansible which filters this file has."""

    def filters(self) -> dict[str, Callable[..., dict[str, Any]]]:
        """Return the filters by name."""
        return {"accepted_tlsa": accepted_tlsa}
