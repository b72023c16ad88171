# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `mta_sts_contradictions`: what stands between a domain and an MTA-STS policy."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mta_sts_contradictions
short_description: What stands between a domain's exchanges and an MTA-STS policy
version_added: 1.0.0
author:
  - the mailops.tls authors (@mailops)
description:
  - Compares the exchanges of a domain, as M(mailops.tls.mail_domain_info) has seen them, with a policy that is to be published (RFC 8461).
  - An exchange that the policy does not name gets no mail from senders that go by it. At C(enforce) one without a certificate of a trusted
    authority for its name gets none either.
  - What could not be seen is a contradiction, too. A policy is published on evidence.
options:
  _input:
    description: An item of RV(mailops.tls.mail_domain_info#module:results) with C(mx), for C(enforce) with C(senders) as well.
    type: dict
    required: true
  mx:
    description: The exchanges as the policy names them.
    type: list
    elements: str
    required: true
  mode:
    description: The mode of the policy.
    type: str
    choices: [enforce, testing, none]
    default: enforce
"""

EXAMPLES = r"""
- name: Look at the domain
  mailops.tls.mail_domain_info:
    domain: example.org
    checks: [mx, senders]
  register: mail

- name: May the policy be published?
  ansible.builtin.assert:
    that: contradictions | length == 0
    fail_msg: "{{ contradictions | join('; ') }}"
  vars:
    contradictions: "{{ mail.results[0] | mailops.tls.mta_sts_contradictions(mx=['*.example.org']) }}"
"""

RETURN = r"""
_value:
  description: A text for each contradiction; empty when the policy fits.
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts_text import PolicyMode
from ansible_collections.mailops.tls.plugins.module_utils._domain.policy_fit import contradictions
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import shown
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

NAME = "mailops.tls.mta_sts_contradictions"


def mta_sts_contradictions(result: Any, mx: Any, mode: str = "enforce") -> list[str]:
    """Return what stands between a domain and a policy.

    Raises:
        AnsibleFilterError: for what cannot be compared.
    """
    if not isinstance(result, Mapping) or "mx" not in result:
        raise AnsibleFilterError(f"{NAME}: an item of the results of mail_domain_info is needed, not {shown(result)}")
    if not isinstance(mx, list) or not all(isinstance(one, str) for one in mx):
        raise AnsibleFilterError(f"{NAME}: mx: a list of names is needed, not {shown(mx)}")
    try:
        return contradictions(result, mx, PolicyMode(mode))
    except ValueError:
        raise AnsibleFilterError(clean(f"{NAME}: mode: {mode!r} is not one of enforce, testing, none", 300)) from None


class FilterModule:
    """Tells Ansible which filters this file has."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"mta_sts_contradictions": mta_sts_contradictions}
