# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `mail_diagnosis`: what was found about mail servers as one text, and what is broken now."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mail_diagnosis
short_description: Shows all that probes found about mail servers, and says what is broken
version_added: 1.0.0
author:
  - the mailops.tls authors (@mailops)
description:
  - Turns results of M(mailops.tls.mailbox_tls_probe), M(mailops.tls.mail_auth_probe) and M(mailops.tls.mail_delivery_probe) into one text.
  - It has a table for each address, with a line for each port. The certificates, the logins and the delivery follow. Below are the
    findings, the worst first, each with what to do about it.
  - It also says what does not work now, in a sentence each. So a playbook can fail with them.
  - Text that came from servers and DNS is shown without control characters.
  - What has not the shape of a result is left out, since the host that probed may not be trusted.
options:
  _input:
    description:
      - The RV(mailops.tls.mailbox_tls_probe#module:results) of M(mailops.tls.mailbox_tls_probe), or those of
        M(mailops.tls.mail_auth_probe).
    type: list
    elements: dict
    required: true
  logins:
    description:
      - The C(results) of M(mailops.tls.mail_auth_probe), and of every other look at the same targets.
      - Of a service that several have seen, the look with logins is shown.
    type: list
    elements: dict
    default: []
  delivery:
    description: What M(mailops.tls.mail_delivery_probe) returned.
    type: dict
  width:
    description: No line is longer than this many characters; at least V(80).
    type: int
    default: 100
notes:
  - A finding of severity C(error) is broken now. So is a service that runs and that a client would not use, a login that is refused, and
    a message that does not arrive.
  - On ports 25 and 24 a certificate is told and does not count. Mail servers take any, unless a policy says otherwise.
seealso:
  - plugin: mailops.tls.mailbox_tls_probe
    plugin_type: module
  - plugin: mailops.tls.tls_table
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Look at every mail service of a server
  mailops.tls.mailbox_tls_probe:
    host: mail.example.org
    ports: all
  register: mailbox

- name: Show all of it
  ansible.builtin.debug:
    msg: "{{ (mailbox.results | mailops.tls.mail_diagnosis).lines }}"

- name: Fail for what is broken
  ansible.builtin.assert:
    that: broken == []
    fail_msg: "{{ broken | join('; ') }}"
  vars:
    broken: "{{ (mailbox.results | mailops.tls.mail_diagnosis).broken }}"
"""

RETURN = r"""
_value:
  description:
    - A mapping with two lists of texts.
    - C(lines) is the text for people. C(broken) has a sentence for each thing that does not work now.
  type: dict
  sample:
    lines:
      - 'mail.example.org: verified'
      - ''
      - '  mail.example.org [192.0.2.1]'
      - '  PORT  SERVICE  STATE    VERDICT   TLS      CERT  LOGIN BEFORE TLS  LOGIN INSIDE TLS'
      - '  143   imap     refused'
      - '  993   imaps    open     verified  TLSv1.3  1                       PLAIN IMAP-LOGIN'
    broken: []
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.tls.plugins.module_utils._results.diagnosis import diagnosis
from ansible_collections.mailops.tls.plugins.module_utils._results.table import DEFAULT_WIDTH


def mail_diagnosis(
    results: Sequence[Mapping[str, Any]],
    logins: Sequence[Mapping[str, Any]] = (),
    delivery: Mapping[str, Any] | None = None,
    width: int = DEFAULT_WIDTH,
) -> dict[str, list[str]]:
    """Return the text, and what is broken.

    Raises:
        AnsibleFilterError: when these are no results.
    """
    try:
        return diagnosis(results, logins, delivery, width)
    except ValueError as error:
        raise AnsibleFilterError(f"mailops.tls.mail_diagnosis: {error}") from error


class FilterModule:
    """Tells Ansible which filters this file has."""

    def filters(self) -> dict[str, Callable[..., dict[str, list[str]]]]:
        """Return the filters by name."""
        return {"mail_diagnosis": mail_diagnosis}
