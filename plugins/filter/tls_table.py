# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `tls_table`: probe results as a plain-text table."""

from __future__ import annotations

DOCUMENTATION = r"""
name: tls_table
short_description: Shows the results of a probe as a plain-text table
version_added: 1.0.0
author:
  - the mailops.tls authors (@mailops)
description:
  - Turns the RV(mailops.tls.smtp_tls_probe#module:results) of M(mailops.tls.smtp_tls_probe) into the lines of a table
    for people.
  - It takes the RV(mailops.tls.mailbox_tls_probe#module:results) of M(mailops.tls.mailbox_tls_probe) as well. The
    service stands before each of their endpoints. The RV(mailops.tls.mail_auth_probe#module:results) have the same table.
  - A destination has one line with the verdict on all of it. Below is one line for each endpoint that was probed for it. That has its
    error, why it was judged at another level, or why its certificate was not accepted.
  - Text that came from servers and DNS is shown without control characters.
  - What has not the shape of a result is left out, since the host that probed may not be trusted. At most 100 endpoints of a destination
    are shown.
options:
  _input:
    description: The results, or some of them.
    type: list
    elements: dict
    required: true
  width:
    description: No line is longer than this many characters; at least V(60).
    type: int
    default: 100
  notes:
    description: Words of your own to show below a destination, by destination as it is written in the results.
    type: dict
    default: {}
seealso:
  - plugin: mailops.tls.smtp_tls_probe
    plugin_type: module
"""

EXAMPLES = r"""
- name: Probe two domains
  mailops.tls.smtp_tls_probe:
    destinations:
      - example.org
      - example.net
  register: probe

- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ probe.results | mailops.tls.tls_table }}"

- name: Keep it in a file
  ansible.builtin.copy:
    content: "{{ probe.results | mailops.tls.tls_table(width=160) | join('\n') }}\n"
    dest: /var/lib/mail-audit/latest.txt
    mode: '0644'
"""

RETURN = r"""
_value:
  description: The lines of the table, without trailing blanks.
  type: list
  elements: str
  sample:
    - DESTINATION                     STATUS      SATISFIED  TLS      MATCHED
    - example.org                     verified    yes
    - '  mx.example.org[192.0.2.1]:25  verified    yes        TLSv1.3  3 1 1 depth 0'
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.tls.plugins.module_utils._results.table import DEFAULT_WIDTH, table


def tls_table(
    results: Sequence[Mapping[str, Any]],
    width: int = DEFAULT_WIDTH,
    notes: Mapping[str, str] | None = None,
) -> list[str]:
    """Return the lines of a table of `results`.

    Raises:
        AnsibleFilterError: when they are no probe results.
    """
    try:
        return table(results, width, notes)
    except ValueError as error:
        raise AnsibleFilterError(f"mailops.tls.tls_table: {error}") from error


class FilterModule:
    """Tells Ansible which filters this file has."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        """Return the filters by name."""
        return {"tls_table": tls_table}
