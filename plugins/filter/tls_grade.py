# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `tls_grade`: results of a probe beside what guidelines ask for."""

from __future__ import annotations

DOCUMENTATION = r"""
name: tls_grade
short_description: Grades the TLS of mail servers by a guideline, or by rules of your own
version_added: 1.0.0
author:
  - the mailops.tls authors (@mailops)
description:
  - Compares results of M(mailops.tls.smtp_tls_probe) or M(mailops.tls.mailbox_tls_probe) with a policy. Each item has a level, what was
    seen, where, and who can fix it.
  - With O(mailops.tls.smtp_tls_probe#module:scan) all that a server accepts is known. Without a scan only the session of the probe is, and
    the rest is V(not_tested).
  - V(not_tested) is neither good nor bad. A server that is busy or does not answer is never one without STARTTLS.
  - With V(ncsc-2025) results of M(mailops.tls.smtp_tls_probe) also have the percentages that Internet.nl would show. Where something is
    unknown, they are a range.
options:
  _input:
    description: The C(results) of a probe, or one of them.
    type: raw
    required: true
  policy:
    description:
      - The policy, or a list of them. A list gives a grade for each.
      - V(ncsc-2025) is the guideline of NCSC-NL of May 2025, as Internet.nl counts it.
      - V(mozilla-6.0-intermediate) and V(mozilla-6.0-modern) are Mozilla's, as far as they hold for mail.
      - V(iana-recommended) is the column Recommended of IANA's registries. What it recommends is good, what it discourages is insufficient,
        and all else is sufficient.
      - V(rules) has no items of its own, for grades by O(rules) alone.
    type: raw
    default: ncsc-2025
  rules:
    description:
      - Rules of your own, which become items of each grade. At most 64, with expressions of at most 4096 characters.
      - A rule has an C(id), a C(level) and C(when), a JMESPath expression over one result. When that finds something, the grade has an item
        of this level.
      - It can have a C(text), a C(ref), C(fixable_by) and C(mandatory), which is V(true) by default.
      - A rule that cannot be read fails before anything is graded. One that cannot be applied to some result is V(not_tested) there.
    type: list
    elements: dict
    default: []
  domain_facts:
    description:
      - What you know of Internet.nl's other categories, by domain. C(mail_ipv6), C(mail_dnssec) and C(mail_auth) are scores from 0 to 100.
      - C(mail_rpki) is a score too, or has C(mx), C(ns) and C(mx_ns). Each is what C(routinator validate --json) says of the routes to the
        exchanges, to the name servers of the domain, and to those of the exchanges.
    type: dict
    default: {}
  attach:
    description: Return the results with the grade of each as C(grade), as M(mailops.tls.mx_audit_report) takes them.
    type: bool
    default: false
requirements:
  - jmespath >= 0.10, for O(rules)
notes:
  - What Internet.nl does not ask of mail servers, or no probe of this collection asks for, does not count for the level. The same holds
    for TLSA records, trust and names, which are no part of the guideline. They are there with C(mandatory) false.
seealso:
  - plugin: mailops.tls.tls_grade
    plugin_type: module
  - plugin: mailops.tls.smtp_tls_probe
    plugin_type: module
"""

EXAMPLES = r"""
- name: Ask the exchanges of a domain for all that they accept
  mailops.tls.smtp_tls_probe:
    destinations: [example.org]
    scan: grade
  register: probe

- name: Show the level, and what it is worth on Internet.nl
  ansible.builtin.debug:
    msg: "{{ grade.level }}, {{ grade.internetnl.ranges.mail_starttls | join('-') }} %"
  vars:
    grade: "{{ probe.results | first | mailops.tls.tls_grade }}"

- name: Show what has to be fixed by whom
  ansible.builtin.debug:
    msg: "{{ item.title }}: {{ item.text }} ({{ item.fixable_by }}, {{ item.ref }})"
  loop: "{{ (probe.results | first | mailops.tls.tls_grade('mozilla-6.0-intermediate')).checks }}"
  when: item.level in ['phase_out', 'insufficient']

- name: Grade by two policies and a rule of the house
  ansible.builtin.set_fact:
    grades: "{{ probe.results | mailops.tls.tls_grade(['ncsc-2025', 'iana-recommended'], rules=house_rules) }}"
  vars:
    house_rules:
      - id: long_certificates
        level: phase_out
        when: "endpoints[?length(chain) > `4`]"
        text: Send fewer certificates.
"""

RETURN = r"""
_value:
  description:
    - The grade of one result by one policy, a list of grades for more, or the results with O(attach=true).
    - C(level) is the worst level of what is mandatory, V(not_tested) when something of it is not known and nothing is bad.
      C(tested_level) is the worst of what was seen.
    - Each of C(checks) has C(id), C(title), C(level), C(tested_level), C(complete), C(text), C(observed), C(evidence) with value, level,
      endpoint and field of the result, C(not_tested) with endpoint and reason, C(connections), C(mandatory), C(fixable_by) and C(ref).
    - C(internetnl) has C(categories) with exact scores, C(ranges), C(total), what is C(untested), and all C(tests). None for other
      policies.
  type: raw
  sample:
    subject: example.org
    policy: ncsc-2025
    level: phase_out
    tested_level: phase_out
    not_tested: [client_renegotiation]
    checks:
      - id: certificate_key
        title: Keys of certificates
        level: phase_out
        text: 'To phase out: RSA-2048.'
        mandatory: true
        fixable_by: operator
        ref: NCSC 3.3.2.1
    internetnl:
      categories: {mail_ipv6: null, mail_dnssec: 100, mail_auth: null, mail_starttls: 100, mail_rpki: null}
      total: [40, 100]
      untested: [mail_ipv6, mail_auth, mail_rpki]
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._grade.grade import (
    NotGradable,
    check_domain_facts,
    grades,
    named_policies,
    subject_of,
)
from ansible_collections.mailops.tls.plugins.module_utils._grade.rules import read_rules
from ansible_collections.mailops.tls.plugins.module_utils._text import clean


def tls_grade(results: Any, policy: Any = "ncsc-2025", rules: Any = None, domain_facts: Any = None, attach: bool = False) -> Any:
    """Return grades of results.

    Raises:
        AnsibleFilterError: for what cannot be used; nothing has been graded then.
    """
    try:
        policies, checked, known = named_policies(policy), read_rules(rules), check_domain_facts(domain_facts)
        given = [results] if isinstance(results, Mapping) else results
        if not isinstance(given, (list, tuple)):
            raise NotGradable("the input is no result and no list of results")
        for one in given:
            subject_of(one)
        found = [list(grades([one], policies, checked, known)) for one in given]
    except (OptionError, NotGradable) as error:
        raise AnsibleFilterError(clean(f"mailops.tls.tls_grade: {error}", 1000)) from None
    single = isinstance(policy, str)
    if attach:
        graded = [{**one, "grade": its[0] if single else its} for one, its in zip(given, found)]
        return graded[0] if isinstance(results, Mapping) else graded
    if isinstance(results, Mapping):
        return found[0][0] if single else found[0]
    return [one for its in found for one in its]


class FilterModule:
    """Tells Ansible which filters this file has."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"tls_grade": tls_grade}
