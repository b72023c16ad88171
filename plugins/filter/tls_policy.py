# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `tls_policy`: results as lines of Postfix's `smtp_tls_policy_maps`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: tls_policy
short_description: The strongest TLS policy for each partner domain that would not have lost mail
version_added: 1.0.0
author:
  - the mailops.tls authors (@mailops)
description:
  - Makes lines for C(smtp_tls_policy_maps) of Postfix out of results. Each has the evidence in a comment above it.
  - A level counts only when every address of every exchange satisfied it. A domain that reaches no level of O(minimum) gets a comment that
    says why, and no line. The default level of Postfix then applies.
  - From strongest to weakest the levels are C(dane-only), C(secure), C(verify) and C(encrypt). C(secure) takes the patterns of an MTA-STS
    policy that enforces.
notes:
  - A policy is a promise of the past. Look again from time to time, as partners change exchanges and certificates.
options:
  _input:
    description:
      - RV(mailops.tls.mail_domain_info#module:results) with C(senders), or RV(mailops.tls.smtp_tls_probe#module:results), also of several
        runs at several levels together.
    type: list
    elements: dict
    required: true
  minimum:
    description: The weakest level that is worth a line.
    type: str
    choices: [encrypt, verify, secure, dane-only]
    default: encrypt
  match:
    description:
      - The O(mailops.tls.smtp_tls_probe#module:match) of probes at level C(secure), as it has to stand in the table. The default is that of
        Postfix.
    type: str
  form:
    description: V(text) is the table as one text. V(lines) is a list of its lines, V(items) a list of dictionaries.
    type: str
    choices: [text, lines, items]
    default: text
"""

EXAMPLES = r"""
- name: Look at the domains that we write to most
  mailops.tls.mail_domain_info:
    domains: [example.org, example.net]
    checks: [mx, mta_sts, senders]
  register: partners

- name: Write the table
  ansible.builtin.copy:
    content: "{{ partners.results | mailops.tls.tls_policy }}"
    dest: /etc/postfix/tls_policy
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The table, its lines, or a list of dictionaries with C(domain), C(level), C(policy) and C(evidence), by O(form).
  type: raw
"""

from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.tls.plugins.module_utils._results.policy_lines import policy_lines
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

FORMS = ("text", "lines", "items")
_MATCH_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_")


def tls_policy(results: Any, minimum: str = "encrypt", match: str | None = None, form: str = "text") -> Any:
    """Return the policy table that results allow.

    Raises:
        AnsibleFilterError: for what cannot be used.
    """
    if form not in FORMS:
        raise AnsibleFilterError(clean(f"mailops.tls.tls_policy: form: {form!r} is not one of {', '.join(FORMS)}", 500))
    if match is not None and not (isinstance(match, str) and match and _MATCH_CHARACTERS.issuperset(match)):
        raise AnsibleFilterError(clean(f"mailops.tls.tls_policy: match: {match!r} is not a list of names with colons between", 500))
    try:
        found = policy_lines(results, minimum, match)
    except ValueError as error:
        raise AnsibleFilterError(clean(f"mailops.tls.tls_policy: {error}", 500)) from None
    if form == "items":
        return [one.as_facts() for one in found]
    lines = [line for one in found for line in one.lines()]
    return lines if form == "lines" else "".join(line + "\n" for line in lines)


class FilterModule:
    """Tells Ansible which filters this file has."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"tls_policy": tls_policy}
